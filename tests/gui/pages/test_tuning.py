"""A tuning by gradient in the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

import resources
from engine import plan as plans
from engine.archive import Archive
from engine.data.open import open_table
from engine.domain.hypergradients import HypergradientFigures
from engine.domain.results import RunResult
from engine.domain.trials import FoldResult, HyperStepRecord, TrialState
from engine.gradient.spec import state_files
from engine.plan import DataPlan
from engine.runs import folder as files
from engine.runs import planning, run_library
from engine.tuners.base import Proposal
from gui.canvas import Canvas
from gui.pages.gallery import GalleryPage
from gui.pages.method.page import MethodPage
from gui.pages.method.tuning_form import EngineTable, GroupTable
from gui.pages.model.page import BY_GRADIENT, ModelPage
from gui.pages.results.page import ResultsPage
from gui.pages.results.pair_table import PairTable
from gui.pages.results.tuned_table import TunedTable
from gui.pages.run.page import RunPage
from gui.tuning_feed import TuningFeed
from gui.widgets.search_picture import SearchPicture
from gui.widgets.suspects import Suspects
from gui.widgets.trial_browser import TrialBrowser
from gui.widgets.tuning_pictures import TuningPictures

CHANGES = {
    "learner.id": "network",
    "learner.fixed.width": 4,
    "method.id": "hypergradient",
    "method.options.steps": 12,
    "method.options.l2": "weights",
    "method.options.examples": True,
    "evaluation.resampling.kind": "kfold",
    "evaluation.resampling.folds": 2,
    "budget.evaluations": 3,
    "workers": 1,
}
SHAPES = {"step_size": (12, 4), "momentum": (12, 4), "scale": (4,), "l2": (71,), "examples": (142,)}


@pytest.fixture(scope="session")
def by_gradient(home: Path) -> Path:
    """A finished tuning of a small network on wine, as its files tell of it; nothing is trained."""
    folder = home / "runs" / "by_gradient"
    data = open_table(DataPlan("builtin:wine", target="target")).data
    plan = planning.checked(planning.draft(data, workers_available=1, changes=CHANGES).plan)
    files.create(folder, plan, planning.load_data(plan.data))
    measure, random = plan.evaluation.measure, np.random.default_rng(0)
    with Archive(folder, plan.space, maximise=True, record=HyperStepRecord) as archive:
        for number in range(3):
            archive.begin(Proposal(number, number, {}, origin="hypergradient"))
            figures = HypergradientFigures(loss=1.0 / (number + 1), norm=0.5, stored_bytes=1e3)
            for fold in range(2):
                score = {measure: 0.5 + 0.1 * number}
                archive.add_fold(FoldResult(number, fold, score, hypergradient=figures))
            archive.finish(number, TrialState.COMPLETE, value=0.5 + 0.1 * number)
            free = {name: random.normal(size=shape) for name, shape in SHAPES.items()}
            if number:
                arrays = {f"{state_files.FREE}{name}": values for name, values in free.items()}
                state_files.write_arrays(state_files.state_path(folder, number), arrays)
        archive.note(run_library.STATE, "finished")
    files.save_result(
        folder,
        RunResult(
            learner="network",
            measure=measure,
            maximise=True,
            trial=2,
            configuration={},
            validation_best=0.7,
            validation_default=0.5,
            default_configuration={},
            trials=3,
            evaluations=3.0,
            seconds=1.0,
            seed=0,
            model_seed=1,
            folds=2,
        ),
    )
    truth = pd.DataFrame({"truth": [0.0, 1.0], "prediction": [0.1, 0.9]})
    truth.to_parquet(folder / files.PREDICTIONS)
    return folder


def said(widget: QWidget) -> list[str]:
    return [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]


def seen(page: QWidget) -> set[str]:
    """The pictures that can be seen, by name."""
    return {c._name for c in page.findChildren(Canvas) if c.isVisible()}


@pytest.fixture
def page(show, opened, by_gradient, until) -> RunPage:
    """The run page of the finished tuning, everything drawn."""
    page = show(RunPage)
    opened(by_gradient)
    feed = page.findChild(TuningFeed)
    until(lambda: feed.tuning is not None)
    return page


def loss_of(page: RunPage) -> SearchPicture:
    """The picture of the outer loss, with the norm of the hypergradient below it."""
    return next(p for p in page.findChildren(SearchPicture) if p.picture.id == "outer_loss")


def test_a_tuning_shows_its_own_pictures(page, until):
    assert {"Outer loss", "Norm of the hypergradient", "Schedules"} <= seen(page)
    assert "Slice" not in seen(page)
    steps = loss_of(page)
    until(lambda: "hyper-step" in steps.summary and bool(steps.below.summary))
    pictures = page.findChild(TuningPictures)
    assert pictures.offered == (
        "schedules",
        "scale",
        "l2",
        "examples",
        "convergence",
        "memory",
        "timeline",
    )
    for key in pictures.offered:
        pictures.look_at(key)
        canvas = next(c for c in pictures.findChildren(Canvas) if c.isVisible())
        until(lambda canvas=canvas: bool(canvas.summary) and not canvas.redraws_pending)
        assert pictures.shown == key
    # A hyper-step's number is the trial's: no column for it.
    model = page.findChild(TrialBrowser)._model
    across = Qt.Orientation.Horizontal
    headers = [model.headerData(n, across) for n in range(model.columnCount())]
    assert "hyper_step" not in headers


def test_rows_that_count_least_are_listed(page, until):
    pictures, feed = page.findChild(TuningPictures), page.findChild(TuningFeed)
    pictures.look_at("examples")
    model = pictures.findChild(Suspects)._model
    rows = [[model.index(n, c).data() for c in range(3)] for n in range(model.rowCount())]
    assert rows
    assert [int(row[0].replace(",", "")) for row in rows] == [s.row for s in feed.tuning.suspects]
    assert {row[2] for row in rows} <= {"class_0", "class_1", "class_2"}


def test_a_click_on_the_loss_selects_the_hyper_step(page, context, until):
    loss = loss_of(page).canvas
    until(lambda: bool(loss.summary) and not loss.redraws_pending)
    loss.pointed.emit(2)
    assert page.findChild(TrialBrowser).number == 2


def test_another_run_brings_the_slices_back(page, opened, classified, until):
    opened(classified)
    until(lambda: "Slice" in seen(page))
    assert "Outer loss" not in seen(page)
    assert page.findChild(TuningFeed).tuning is None


def test_the_feed_asks_once_a_second_and_once_more_when_wanted(qtbot, context, by_gradient, opened):
    opened(by_gradient)
    now = [0.0]
    feed = TuningFeed(context.client, context.run, clock=lambda: now[0])
    asked: list[int] = []
    request = context.client.request

    def count(message, *args, **options):
        asked.append(1)
        return request(message, *args, **options)

    context.client.request = count
    try:
        with qtbot.waitSignal(feed.changed):
            feed.want()
            feed.want()  # while it is asking: once more, later
        assert len(asked) == 1
        assert feed._soon.isActive()
        now[0] = 1.0
        with qtbot.waitSignal(feed.changed):
            pass
        assert len(asked) == 2
    finally:
        context.client.request = request
        feed.deleteLater()


def test_results_sum_up_what_was_tuned(show, opened, by_gradient, classified, context, until):
    page = show(ResultsPage)
    opened(by_gradient)
    table = page.findChild(TunedTable)
    until(lambda: "Weights of examples" in said(table))
    texts = said(table)
    at = texts.index("L2 penalty")
    assert texts[at + 1 : at + 3] == ["71", "0.0001"]
    assert not page.findChild(PairTable).isVisibleTo(page)
    titles = said(page)
    assert {"What was tuned", "Tuned values"} <= {*titles}
    assert "What mattered" not in titles
    assert page.findChild(TuningFeed).tuning.number == 2
    opened(classified)
    until(lambda: "What mattered" in said(page))
    assert "Tuned values" not in said(page)
    assert page.findChild(PairTable).isVisibleTo(page)


@pytest.fixture
def method(show, plan_for, context, until, monkeypatch) -> MethodPage:
    """The method page with hypergradients chosen for a small network."""
    monkeypatch.setattr(context.session, "ensure_probe", lambda: None)
    plan_for("network", "builtin:wine", fixed={"width": 4}, method__id="hypergradient")
    return show(MethodPage)


def test_what_may_be_tuned_is_a_table_of_groups(method, context, until):
    tuning, table = context.session.state.tuning, method.findChild(GroupTable)
    assert [*table.fields] == [group.option for group in tuning.groups]
    penalty = table.fields["l2"]
    assert penalty.value() == "layers"
    penalty.changed.emit("weights")
    until(lambda: context.session.state.fresh and context.session.state.tuning != tuning)
    assert context.session.state.plan.method.options["l2"] == "weights"
    assert penalty.value() == "weights"
    assert {"71", "for each weight"} <= {*said(table), penalty.currentText()}
    context.session.undo_stack.undo()
    until(lambda: context.session.state.fresh and penalty.value() == "layers")
    assert "l2" not in method._form.fields  # the form holds the other options
    assert "steps" in method._form.fields


def test_the_advised_engine_can_be_taken_and_what_it_can_not_tune_is_said(method, context, until):
    session, engines = context.session, method.findChild(EngineTable)
    advised = session.state.tuning.advice[0]
    assert any(advised.reason in text for text in said(method))
    take = next(b for b in method.findChildren(QPushButton) if b.text().startswith("Take "))
    take.click()
    until(lambda: session.state.fresh and session.state.plan.method.options["engine"] == "unrolled")
    assert engines.buttons["unrolled"].isChecked()
    until(lambda: not take.isVisible())
    table = method.findChild(GroupTable)
    table.fields["step_size"].changed.emit("layers")
    engines.buttons["implicit_cg"].click()
    until(lambda: session.state.fresh and engines.buttons["implicit_cg"].isChecked())
    group = next(g for g in session.state.tuning.groups if g.option == "step_size")
    assert group.hindrance in said(table)
    method._start()
    until(lambda: bool(table.fields["step_size"].toolTip()))
    assert context.run.state.phase == "none"
    back = next(b for b in method.findChildren(QPushButton) if "Leave it" in b.text())
    back.click()
    until(lambda: session.state.fresh and not session.is_set("method.options.step_size"))


def test_other_methods_show_no_groups(method, context, until):
    assert method.findChild(GroupTable).isVisibleTo(method)
    context.session.change("Choose random search", {"method.id": "random"})
    until(lambda: context.session.state.fresh and context.session.state.tuning is None)
    assert not method.findChild(GroupTable).isVisibleTo(method)


def test_the_model_page_says_that_the_gradient_tunes_on_another_page(method, show, context):
    page = show(ModelPage)
    assert BY_GRADIENT in said(page)
    assert page.cost().endswith("hyperparameters to tune by gradient")


def test_a_ready_plan_opens_as_any_other(show, choose, context, until, monkeypatch):
    session = context.session
    monkeypatch.setattr(session, "ensure_probe", lambda: None)
    choose("builtin:iris")
    page, went = show(GalleryPage), []
    page.went.connect(went.append)
    assert len(page.cards.cards) == len(resources.gallery())
    card = next(c for c in page.cards.cards if c.accessibleName() == "Reverse mode")
    card.chosen.emit()
    until(lambda: went == ["method"])
    recipe = next(r for r in resources.gallery() if r.id == "reverse")
    wanted, plan = plans.load(recipe.plan), session.state.plan
    assert plan.data.source == wanted.data.source
    assert plan.evaluation == wanted.evaluation
    assert plan.budget == wanted.budget
    assert plan.learner == wanted.learner
    assert wanted.method.options.items() <= plan.method.options.items()
    assert session.state.tuning.size == 3
    session.undo_stack.undo()
    until(lambda: session.state.fresh)
    assert session.state.plan.data.source == "builtin:iris"
