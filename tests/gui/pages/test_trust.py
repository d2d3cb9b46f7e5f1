"""Overtuning watched and the final configuration chosen in the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from engine.runs import folder as files
from engine.runs.incumbent_watch import OUTER
from engine.runs.run_executor import open_archive
from gui import words
from gui.pages.evaluation.evaluation_forms import WATCH, ScoringForm
from gui.pages.evaluation.page import EvaluationPage
from gui.pages.results.final_choices import FinalChoices
from gui.pages.results.page import ResultsPage
from gui.pages.results.trust_card import CLEAN, TrustCard
from gui.pages.run.page import RunPage
from gui.pages.run.score_pictures import ScorePictures

DRAWS = 200


@pytest.fixture(scope="session")
def looked(tuned) -> Path:
    """A finished, watched search on diabetes with a holdout, that has found something better."""
    return tuned(
        "looked",
        "builtin:diabetes",
        learner__id="svm",
        method__id="random",
        budget__evaluations=12,
        evaluation__resampling__kind="holdout",
        evaluation__watch_outer=True,
    )


@pytest.fixture
def overtuned(looked, copy_of) -> str:
    """The same, but as if every later best were worse on the test rows than the default."""
    path = copy_of(looked)
    folder = Path(path)
    noise = np.random.default_rng(0).normal(0, 2, DRAWS)
    with open_archive(folder, files.load_plan(folder)) as archive:
        planted = []
        for entry in archive.study[OUTER]:
            error = 50.0 if entry["trial"] == 0 else 60.0
            planted.append({**entry, "score": error, "draws": (error + noise).tolist()})
        assert len(planted) > 1
        archive.note(OUTER, planted)
    return path


@pytest.fixture
def quiet(context, monkeypatch) -> None:
    """Without measuring, whose end would ask the guide once more."""
    monkeypatch.setattr(context.session, "ensure_probe", lambda: None)


def said(widget: QWidget) -> list[str]:
    return [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]


def buttons(widget: QWidget) -> list[QPushButton]:
    return [b for b in widget.findChildren(QPushButton) if b.isVisibleTo(widget)]


# --- choosing to watch ----------------------------------------------------------------------------


def test_the_switch_says_what_it_costs_and_can_be_undone(quiet, show, choose, context, until):
    choose("builtin:wine")
    page, session = show(EvaluationPage), context.session
    switch = page.findChild(ScoringForm).field(WATCH)
    assert any("watched, optimistic" in text for text in said(page))
    assert switch.isEnabled() and not switch.isChecked()
    switch.click()
    until(lambda: session.state.fresh and session.state.plan.evaluation.watch_outer)
    session.undo_stack.undo()
    until(lambda: session.state.fresh and not session.state.plan.evaluation.watch_outer)
    assert not switch.isChecked()


def test_without_test_rows_it_is_off_and_what_is_on_can_be_switched_off(
    quiet, show, choose, context, until
):
    choose("builtin:wine")
    page, session = show(EvaluationPage), context.session
    switch = page.findChild(ScoringForm).field(WATCH)
    session.change("No test rows", {"evaluation.test_share": 0.0})
    until(lambda: session.state.fresh)
    assert not switch.isEnabled()
    assert any("no test rows to watch" in text for text in said(page))
    session.change("Watch all the same", {WATCH: True})
    until(lambda: session.state.fresh and page.primary().why_not != "")
    assert any("set a test share" in text for text in said(page))
    switch.click()
    until(lambda: session.state.fresh and page.primary().why_not == "")


# --- what was watched -----------------------------------------------------------------------------


def test_a_watched_run_shows_both_scores_of_its_best(show, opened, looked, context, until):
    page = show(ResultsPage)
    opened(looked)
    card = page.findChild(TrustCard)
    until(lambda: card.isVisible() and card.canvas.summary != "")
    result, shown = context.run.state.results.result, said(card)
    # The last incumbent is the result, scored on the same test rows.
    assert words.score(result.test.score) in shown
    assert words.score(result.validation_best) in shown
    assert any(f"looked at {result.looks} times" in text for text in shown)
    assert CLEAN in shown
    assert buttons(card) == []


def test_the_run_page_shows_the_test_score_beside_the_best(show, opened, looked, until):
    page = show(RunPage)
    opened(looked)
    pictures = page.findChild(ScorePictures)
    switch = {button.text(): button for button in pictures.findChildren(QPushButton)}
    switch["Test score"].click()
    until(lambda: "Outer score" in pictures.shown.summary)
    assert page.messages.texts == ()


def test_the_run_page_rings_the_alarm(show, opened, overtuned, looked, until):
    page = show(RunPage)
    opened(overtuned)
    until(lambda: any("scores better on the test rows" in text for text in page.messages.texts))
    opened(looked)
    until(lambda: page.messages.texts == ())


def test_the_test_score_is_watched_while_the_search_goes_on(show, plan_for, gate, context, until):
    page = show(RunPage)
    plan = plan_for("svm", "builtin:wine", evaluation__watch_outer=True, budget__evaluations=10.0)
    gate.hold()
    context.run.start(plan)
    until(lambda: page._watching.reply is not None)
    gate.let(20)  # of the 30 fits of the search
    until(lambda: bool(page._watching.reply.overtuning.path))
    assert context.run.state.active
    gate.let()
    until(lambda: context.run.state.results is not None)


def test_an_unwatched_run_shows_nothing_of_it(show, opened, classified):
    page = show(ResultsPage)
    opened(classified)
    assert not page.findChild(TrustCard).isVisible()


def test_the_alarm_says_what_to_do_and_plans_it_with_the_table_at_hand(
    show, opened, overtuned, plan_for, context, until
):
    plan_for("svm", "builtin:diabetes", evaluation__resampling__kind="holdout")
    page, session = show(ResultsPage), context.session
    before = session.state.plan
    went: list[str] = []
    page.went.connect(went.append)
    opened(overtuned)
    card = page.findChild(TrustCard)
    until(lambda: len(buttons(card)) == 3)
    assert any("default configuration scores better on the test rows" in t for t in said(card))
    next(b for b in buttons(card) if b.text() == "Plan 10-fold cross-validation").click()
    assert went == ["evaluation"]
    until(lambda: session.state.fresh)
    after = session.state.plan
    assert (after.evaluation.resampling.kind, after.evaluation.resampling.folds) == ("kfold", 10)
    assert after.seed == context.run.state.plan.seed + 1
    assert after.method == before.method
    session.undo_stack.undo()
    until(lambda: session.state.fresh)
    assert session.state.plan == before


def test_where_another_table_is_at_hand_the_runs_own_plan_is_opened_changed(
    show, opened, overtuned, choose, context, until
):
    choose("builtin:iris")
    page, session = show(ResultsPage), context.session
    went: list[str] = []
    page.went.connect(went.append)
    opened(overtuned)
    card, ours = page.findChild(TrustCard), context.run.state.plan
    until(lambda: len(buttons(card)) == 3)
    buttons(card)[0].click()
    assert "Opening diabetes ..." in " ".join(page.messages.texts)
    until(lambda: went == ["evaluation"])
    plan = session.state.plan
    assert (plan.data.source, plan.learner.id) == ("builtin:diabetes", "svm")
    assert plan.evaluation.resampling.kind == "kfold"
    assert plan.evaluation.watch_outer
    assert (plan.space, plan.budget) == (ours.space, ours.budget)
    session.undo_stack.undo()
    until(lambda: session.state.fresh and session.state.plan.data.source == "builtin:iris")


# --- which configuration to take ------------------------------------------------------------------


def test_the_ways_to_choose_stand_with_what_they_give_up_and_one_is_taken(
    show, opened, classified, copy_of, context, until
):
    page = show(ResultsPage)
    opened(copy_of(classified))
    card = page.findChild(FinalChoices)
    until(lambda: "Best mean" in said(card))
    before, shown = context.run.state.results.result, said(card)
    assert {"Best mean", "Best by the model of all scores", "this result", "nothing"} <= set(shown)
    assert words.score(before.validation_best) in shown
    assert any("looks at the outer test rows again" in text for text in shown)
    take = buttons(card)[0]
    trial, reason = take.accessibleName().removeprefix("Take trial ").split(": ", 1)
    assert int(trial) != before.trial
    take.click()
    assert f"Fitting trial {trial} ..." in " ".join(page.messages.texts)
    assert not any(b.isEnabled() for b in buttons(card))
    until(lambda: context.run.state.results.result.trial == int(trial))
    after = context.run.state.results.result
    assert (after.selected_by_user, after.selection_reason) == (True, reason)
    assert after.looks == before.looks + 1
    until(lambda: context.run.state.phase == "finished")
    # The best mean can be taken again.
    back = f"Take trial {before.trial}: Best mean"
    until(lambda: any(b.accessibleName() == back and b.isEnabled() for b in buttons(card)))
    assert any(f"You took this one as {reason[0].lower()}" in text for text in said(page))
    assert any("2 times: watched, optimistic" in text for text in said(page))


def test_one_holdout_has_no_standard_error_and_says_so(show, opened, looked, until):
    page = show(ResultsPage)
    opened(looked)
    card = page.findChild(FinalChoices)
    until(lambda: "Best mean" in said(card))
    assert sum("One fold gives no standard error" in text for text in said(card)) == 2
