"""Several measures at once in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QWidget

from engine.plots import pareto
from gui import words
from gui.pages.evaluation.evaluation_forms import ScoringForm
from gui.pages.evaluation.page import EvaluationPage, further_of
from gui.pages.method.page import MethodPage
from gui.pages.results.front_card import FrontCard
from gui.pages.results.page import ResultsPage
from gui.pages.run.page import RunPage
from gui.pages.run.score_pictures import ScorePictures
from gui.widgets.card import ChoiceCard
from gui.widgets.search_picture import SearchPicture

FURTHER = "evaluation.further_measures"


@pytest.fixture(scope="session")
def weighed(tuned) -> Path:
    """A finished search for the front of accuracy, log loss and fit time on wine."""
    return tuned(
        "weighed",
        "builtin:wine",
        learner__id="svm",
        budget__evaluations=24,
        evaluation__resampling__kind="kfold",
        evaluation__resampling__folds=3,
        evaluation__further_measures=["log_loss", "fit_seconds"],
    )


@pytest.fixture
def quiet(context, monkeypatch) -> None:
    """Without measuring, whose end would ask the guide once more."""
    monkeypatch.setattr(context.session, "ensure_probe", lambda: None)


def said(widget: QWidget) -> list[str]:
    return [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]


def boxes(page: EvaluationPage) -> dict[str, QCheckBox]:
    choices = page.findChild(ScoringForm).field(FURTHER)
    return {box.text(): box for box in choices.findChildren(QCheckBox)}


# --- choosing -------------------------------------------------------------------------------------


def test_costs_and_other_measures_of_the_task_are_offered(quiet, show, choose, context):
    choose("builtin:wine")
    page = show(EvaluationPage)
    plan = context.session.state.plan
    offered = [card.id for card in further_of(context.client.catalog, plan)]
    assert {"fit_seconds", "predict_seconds", "log_loss"} < set(offered)
    assert {plan.evaluation.measure, "rmse"}.isdisjoint(offered)
    assert len(boxes(page)) == len(offered)
    assert not any(box.isChecked() for box in boxes(page).values())


def test_ticking_one_changes_the_recommended_method_and_unticking_takes_it_back(
    quiet, show, choose, context, until
):
    choose("builtin:wine")
    page, session = show(EvaluationPage), context.session
    alone = session.state.plan.method.id
    boxes(page)["Fit time"].click()
    until(lambda: session.state.fresh and session.state.plan.method.id == "nsga2")
    assert session.state.plan.evaluation.further_measures == ("fit_seconds",)
    assert any("front of trade-offs" in text for text in said(page))
    boxes(page)["Fit time"].click()
    until(lambda: session.state.fresh and session.state.plan.method.id == alone)
    assert session.state.plan.evaluation.further_measures == ()
    assert not session.is_set(FURTHER)


def test_what_no_longer_fits_can_still_be_unticked(quiet, show, choose, context, until):
    choose("builtin:wine")
    page, session = show(EvaluationPage), context.session
    session.change("Two", {FURTHER: ("log_loss",)})
    until(lambda: session.state.fresh and "Log loss" in boxes(page))
    session.change("The same", {"evaluation.measure": "log_loss"})
    until(lambda: session.state.fresh and page.primary().why_not != "")
    assert "each measure can be optimised once only" in page.primary().why_not
    boxes(page)["Log loss"].click()
    until(lambda: session.state.fresh and page.primary().why_not == "")


def test_only_nsga2_fits_and_the_others_say_why(quiet, show, choose, context, until):
    choose("builtin:wine")
    session = context.session
    page = show(MethodPage)
    reasons = {
        card.accessibleName(): " ".join(said(card)) for card in page.findChildren(ChoiceCard)
    }
    assert "one is optimised" in reasons["NSGA-II"]
    session.change("Two", {FURTHER: ("fit_seconds",)})
    until(lambda: session.state.fresh and session.state.plan.method.id == "nsga2")
    assert "RECOMMENDED FOR THIS SEARCH" in said(page)
    cards = page.findChildren(ChoiceCard)
    until(lambda: any("Fit time is optimised as well" in " ".join(said(c)) for c in cards))
    fitting = [r.choice for r in session.state.advice.method if r.fits]
    assert fitting == ["nsga2", "auto"]


def test_another_method_than_nsga2_says_what_to_do(quiet, show, choose, context, until):
    choose("builtin:wine")
    session = context.session
    page = show(MethodPage)
    session.change("Odd", {FURTHER: ("fit_seconds",), "method.id": "random"})
    until(lambda: session.state.fresh)
    page.primary().run()
    until(lambda: "Choose NSGA-II" in " ".join(page.messages.texts))


# --- watching -------------------------------------------------------------------------------------


def test_the_run_shows_the_front_weighed_against_any_of_the_others(
    show, opened, weighed, context, until
):
    page = show(RunPage)
    opened(weighed)
    pictures = page.findChild(ScorePictures)
    pictures.look_at_method()
    picture = pictures.shown
    assert isinstance(picture, SearchPicture)
    snapshot = context.run.snapshot()
    until(lambda: picture.canvas.summary == pareto.prepare(snapshot).summary)
    assert [other.id for other in snapshot.others] == ["log_loss", "fit_seconds"]
    picture.findChildren(QPushButton)[1].click()
    until(lambda: picture.canvas.summary.startswith("Accuracy against Fit time"))


def test_the_table_of_trials_has_a_column_for_each(show, opened, weighed, context):
    page = show(RunPage)
    opened(weighed)
    model = page._browser._model
    across = Qt.Orientation.Horizontal
    titles = [model.headerData(i, across) for i in range(model.columnCount())]
    assert titles[2:5] == ["Accuracy", "Log loss", "mean fit time"]
    row = context.run.store.row(0)
    texts = [model.index(model.row_of(0), column).data() for column in (3, 4)]
    assert texts == [
        words.score(row.further_values[0]),
        f"{words.number(row.further_values[1], 3)} s",
    ]


# --- results --------------------------------------------------------------------------------------


def test_the_front_is_listed_and_another_trial_can_be_taken(
    show, opened, weighed, copy_of, context, until
):
    page = show(ResultsPage)
    opened(copy_of(weighed))
    card = page.findChild(FrontCard)
    before = context.run.state.results.result
    assert card.isVisible() and len(before.front) > 1
    shown = said(card)
    for member in before.front:
        assert words.score(member.values[0]) in shown
    buttons = [b for b in card.findChildren(QPushButton) if b.text() == "Take"]
    assert len(buttons) == len(before.front) - 1
    other = before.front[-1].trial
    next(b for b in buttons if b.accessibleName() == f"Take trial {other}").click()
    assert f"Fitting trial {other} ..." in " ".join(page.messages.texts)
    until(lambda: context.run.state.results.result.trial == other)
    after = context.run.state.results.result
    assert after.selected_by_user and after.looks == before.looks + 1
    assert (after.front, after.stopped_by) == (before.front, before.stopped_by)
    assert (after.evaluations, after.trials) == (before.evaluations, before.trials)
    until(lambda: context.run.state.phase == "finished")
    assert any("looked at 2 times: watched" in text for text in said(page))
    until(lambda: "taken" in said(page._pairs))
    assert not any("Fitting trial" in text for text in page.messages.texts)


def test_a_run_of_one_measure_shows_no_front(show, opened, classified):
    page = show(ResultsPage)
    opened(classified)
    assert not page.findChild(FrontCard).isVisible()
