"""Comparisons in the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QWidget

from gui.canvas import Canvas
from gui.pages.compare.compare_setup import CompareSetup
from gui.pages.compare.comparison_list import ComparisonList
from gui.pages.compare.contender_table import ContenderTable
from gui.pages.compare.extend_comparison import NOTHING, ExtendComparison
from gui.pages.compare.member_list import MemberList
from gui.pages.compare.more_cases import MoreCases
from gui.pages.compare.page import ComparePage
from gui.pages.library import LibraryPage


def said(widget: QWidget) -> list[str]:
    return [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]


@pytest.fixture
def page(show, plan_for, context, monkeypatch) -> ComparePage:
    """The page with a quick plan, and without measuring."""
    monkeypatch.setattr(context.session, "ensure_probe", lambda: None)
    plan_for("svm", budget__evaluations=3, evaluation__resampling__folds=2)
    return show(ComparePage)


def tick(page: ComparePage, *wanted: str) -> None:
    """Compare exactly these methods, by label."""
    setup = page.findChild(CompareSetup)
    for box in setup.findChildren(QCheckBox):
        if box.isChecked() != (box.text() in wanted):
            box.click()
    setup._repetitions.set_value(2)
    setup.changed.emit()


def test_it_needs_a_table_first(show):
    page = show(ComparePage)
    assert "Nothing to compare on yet" in said(page)
    assert page.primary().why_not


def test_the_cost_is_told_and_no_method_is_refused(page, context, until):
    labels = {c.id: c.label for c in context.client.catalog.methods}
    tick(page, labels["random"], labels["sobol"])
    until(lambda: page._checked is not None)
    assert not page.primary().why_not
    assert any("4 searches" in text for text in said(page)), said(page)
    tick(page)
    assert page.primary().why_not == "Tick at least one method."


def test_methods_are_compared_in_the_models_own_space_where_the_plan_tunes_by_gradient(
    page, plan_for, context, until
):
    labels = {c.id: c.label for c in context.client.catalog.methods}
    plan = plan_for("network", method__id="hypergradient", budget__evaluations=3)
    assert plan.by_gradient and not plan.space.parameters
    tick(page, labels["random"], labels["sobol"])
    until(lambda: page._checked is not None and not page._checked.problems)
    (case,) = page.findChild(CompareSetup).plans()
    assert case.space == context.session.state.space
    assert not page.primary().why_not


def test_a_comparison_runs_is_shown_and_listed(page, gate, context, until):
    labels = {c.id: c.label for c in context.client.catalog.methods}
    tick(page, labels["random"], labels["sobol"])
    gate.hold()
    page.primary().run()
    comparing = context.comparing
    until(lambda: comparing.state.phase == "running")
    assert [a.text for a in page.secondary()] == ["Pause", "Stop and keep what is done"]
    gate.let()
    until(lambda: comparing.state.phase == "finished" and bool(comparing.state.findings.sentences))
    table = said(page.findChild(ContenderTable))
    assert any(labels["sobol"] in text for text in table)
    assert "2 of 2" in table
    # Two repetitions say nothing, and it says so.
    assert any("repetitions" in f.text for f in comparing.state.findings.sentences)
    canvas = next(c for c in page.findChildren(Canvas) if c.isVisible())
    until(lambda: bool(canvas.summary) and not canvas.redraws_pending)
    page._forget()
    until(lambda: any("4 of 4 searches" in text for text in said(page.findChild(ComparisonList))))


def test_a_member_opens_like_any_run(page, context, until):
    labels = {c.id: c.label for c in context.client.catalog.methods}
    tick(page, labels["random"])
    page.primary().run()
    until(lambda: context.comparing.state.phase == "finished")
    went = []
    page.went.connect(went.append)
    members = page.findChild(MemberList)
    members._open(members._model.index(0, 0))
    assert went == ["results"]
    until(lambda: context.run.state.phase == "finished" and context.run.state.results is not None)
    assert context.run.state.plan.method.id == "random"


def test_methods_and_repetitions_are_added_with_the_cost_first(page, gate, context, until):
    labels = {c.id: c.label for c in context.client.catalog.methods}
    tick(page, labels["random"])
    page.findChild(CompareSetup)._repetitions.set_value(1)
    page.primary().run()
    comparing = context.comparing
    until(lambda: comparing.state.phase == "finished")
    before = comparing.state.comparison
    asked = ExtendComparison(context.client, before, page)
    offered = {box.text(): box for box in asked.findChildren(QCheckBox)}
    assert labels["random"] not in offered
    asked.answer()
    assert asked.said == NOTHING
    offered[labels["sobol"]].click()
    until(lambda: "1 more search of 3 evaluations" in asked.cost)
    edit = asked._repetitions.edit
    edit.setText("2")
    edit.editingFinished.emit()
    until(lambda: "3 more searches" in asked.cost)
    asked.answer()
    assert asked.said == ""
    gate.hold()
    comparing.resume_comparison(comparing.state.path, asked.contenders, asked.repetitions)
    until(lambda: comparing.state.phase == "running")
    gate.let()
    until(lambda: comparing.state.phase == "finished")
    after = comparing.state.comparison
    assert after.repetitions == 2
    assert [c.name for c in after.contenders] == ["random", "sobol", "default"]
    assert {m.state for m in after.members} == {"finished"}


def test_it_is_about_several_models_and_tables(page, regressed, classified, context, until):
    labels = {c.id: c.label for c in context.client.catalog.methods}
    tick(page, labels["random"])
    setup, cases = page.findChild(CompareSetup), page.findChild(MoreCases)
    setup._repetitions.set_value(1)
    cases.add_models(["elastic_net"])
    until(lambda: len(setup.plans()) == 2)
    cases.add_runs([str(classified), str(classified)])  # wine, beside iris
    until(lambda: len(setup.plans()) == 3)
    base, model, table = setup.plans()
    assert (model.data, model.evaluation, model.learner.id) == (
        base.data,
        base.evaluation,
        "elastic_net",
    )
    assert table.data.source == "builtin:wine"
    assert {plan.budget for plan in setup.plans()} == {base.budget}
    until(lambda: any(text.startswith("3 cases: 3 searches") for text in said(page)))
    # A regression can't be judged by the measure of a classification, and it says so.
    cases.add_runs([str(regressed)])
    until(lambda: bool(page.primary().why_not))
    assert "diabetes" in page.primary().why_not or "accuracy" in page.primary().why_not.lower()
    remove = next(b for b in cases.findChildren(QPushButton) if "diabetes" in b.accessibleName())
    remove.click()
    until(lambda: page._checked is not None and not page.primary().why_not)
    page.primary().run()
    until(lambda: context.comparing.state.phase == "finished")
    found = context.comparing.state.comparison
    assert [case.learner for case in found.cases] == ["svm", "elastic_net", "svm"]
    assert {m.state for m in found.members} == {"finished"}


def test_nested_resampling_gives_an_estimate(page, context, until):
    setup = page.findChild(CompareSetup)
    setup._kind.set_value("nested")
    setup._turn()
    setup._folds.set_value(2)
    page.primary().run()
    until(
        lambda: context.comparing.state.phase == "finished" and bool(context.comparing.state.nested)
    )
    estimate = context.comparing.state.nested[0].estimate
    assert estimate is not None
    until(lambda: any("on rows no search has seen" in text for text in said(page)))


def test_runs_of_the_library_are_put_side_by_side_or_refused_in_words(
    show, classified, regressed, tuned, context, until
):
    other = tuned(
        "sobol",
        "builtin:wine",
        learner__id="svm",
        method__id="sobol",
        budget__evaluations=6,
        evaluation__resampling__kind="kfold",
        evaluation__resampling__folds=3,
    )
    page = show(LibraryPage)
    until(lambda: page._model.row_of(str(other)) >= 0)

    def mark(*folders):
        selection = page._view.selectionModel()
        selection.clearSelection()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for folder in folders:
            selection.select(page._model.index(page._model.row_of(str(folder)), 0), flags)

    def compare():
        next(a for a in page.secondary() if a.text == "Compare these runs").run()

    mark(classified, regressed)
    compare()
    until(lambda: any("can't be compared" in text for text in said(page)))
    assert context.comparing.state.comparison is None
    mark(classified, other)
    compare()
    until(lambda: context.comparing.state.comparison is not None)
    names = [c.label for c in context.comparing.state.comparison.contenders]
    assert any("Sobol" in name for name in names)
