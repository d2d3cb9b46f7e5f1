"""The run page in front of true searches."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHeaderView, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from engine.archive import Archive
from engine.domain.trials import Cause, FoldResult, TrialState
from engine.runs import folder as files
from engine.tuners.base import Proposal
from gui import words
from gui.canvas import Canvas
from gui.pages.run.page import RunPage
from gui.pages.run.score_pictures import ScorePictures
from gui.pages.run.slice_pictures import SlicePictures
from gui.tables.view import TableView
from gui.widgets.fields import Choice, Segments

TRACEBACK = "Traceback (most recent call last):\nValueError: gamma is too small"


@pytest.fixture
def page(show) -> RunPage:
    return show(RunPage)


@pytest.fixture
def running(page, plan_for, gate, context, until) -> RunPage:
    """The page of a search with a fit at work, which the gate holds."""
    gate.hold()
    context.run.start(plan_for())
    until(lambda: context.run.state.phase == "running" and len(context.run.store) > 0)
    return page


@pytest.fixture
def odd_run(classified: Path, tmp_path: Path) -> Path:
    """An interrupted run with trials of every state: complete, failed, pruned, running."""
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in (files.PLAN, files.DATA):
        shutil.copy(classified / name, folder)
    plan = files.load_plan(folder)
    measure, maximise = plan.evaluation.measure, files.load_result(classified).maximise
    with Archive(folder, plan.space, maximise=maximise) as archive:
        for number in range(8):
            values = dict.fromkeys(plan.space.names, 0.1 * (number + 1))
            archive.begin(Proposal(number, number, values, origin="random"))
            failed = number == 3
            archive.add_fold(
                FoldResult(
                    trial=number,
                    fold=0,
                    scores={} if failed else {measure: 0.5 + 0.01 * (number * 5 % 8)},
                    started=1000.0 + number,
                    seconds=1.0 + number,
                    cause=Cause.ERROR if failed else None,
                    message="gamma is too small" if failed else "",
                    details=TRACEBACK if failed else "",
                )
            )
            if failed:
                archive.finish(
                    number, TrialState.FAILED, cause=Cause.ERROR, message="gamma is too small"
                )
            elif number == 5:
                archive.finish(number, TrialState.PRUNED)
            elif number < 7:
                archive.finish(number, TrialState.COMPLETE, value=0.5 + 0.01 * (number * 5 % 8))
    return folder


def said(widget: QWidget) -> list[str]:
    return [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]


def texts(page: RunPage) -> list[str]:
    return [action.text for action in page.secondary()]


def do(page: RunPage, text: str) -> None:
    """Press one of the buttons at the foot."""
    actions = [*page.secondary(), page.primary()]
    next(a for a in actions if a is not None and a.text == text).run()


def table(page: RunPage) -> TableView:
    return page.findChild(TableView)


def cells(page: RunPage, column: int) -> list[str]:
    model = table(page).model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def select(page: RunPage, number: int) -> None:
    view = table(page)
    view.selectRow(cells(page, 0).index(str(number)))


def named(page: RunPage, kind: type, name: str):
    return next(w for w in page.findChildren(kind) if w.accessibleName() == name)


def test_without_a_run_it_says_how_to_get_one(page):
    assert "No search yet" in said(page)
    assert page.primary() is None


def test_a_search_runs_pauses_goes_on_and_is_stopped(running, gate, context, until):
    page, run = running, context.run
    assert page.heading()[0] == "Searching"
    assert texts(page) == ["Pause", "Stop and keep results"]
    until(lambda: "of 1 worker busy" in page.cost())
    do(page, "Pause")
    until(lambda: run.state.phase == "paused")
    assert page.heading()[0] == "Paused"
    assert page.messages.texts == ()
    assert texts(page) == ["Stop and keep results"]
    do(page, "Go on")
    until(lambda: run.state.phase == "running")
    gate.let(3)  # the folds of a trial
    until(lambda: any(run.store.row(i).state is TrialState.COMPLETE for i in range(len(run.store))))
    do(page, "Stop and keep results")
    until(lambda: run.state.phase == "finishing")
    gate.let()  # the fit of the final model
    until(lambda: run.state.results is not None)
    assert run.state.results.result.evaluations == 1
    assert not run.state.active
    assert page.primary().text == "See results"
    assert page.heading()[0] == "The search is finished"


def test_a_finished_search_shows_its_best_score_and_every_trial(page, plan_for, context, until):
    context.run.start(plan_for())
    until(lambda: context.run.state.results is not None)
    result = context.run.state.results.result
    assert words.score(result.validation_best) in said(page)
    assert words.score(result.validation_default) in said(page)
    assert len(cells(page, 0)) == result.trials == 6
    assert set(cells(page, 1)) == {"complete"}
    until(lambda: page._scores._shown["history"].summary != "")
    slices = page.findChild(SlicePictures).findChildren(Canvas)
    until(lambda: all(canvas.summary for canvas in slices if canvas.isVisible()))


def test_one_trial_is_ended_and_the_search_goes_on(running, context, until):
    page, store = running, context.run.store
    until(lambda: any(store.row(i).state is TrialState.RUNNING for i in range(len(store))))
    rows = [store.row(i) for i in range(len(store))]
    number = next(row.number for row in rows if row.state is TrialState.RUNNING)
    select(page, number)
    end = next(b for b in page.findChildren(QPushButton) if b.text() == "End this trial")
    end.click()
    until(lambda: store.row(store.find(number)).cause is Cause.KILLED)
    assert "stopped by you" in cells(page, 1)
    until(lambda: len(store) > number + 1)
    assert context.run.state.phase == "running"


def test_failures_alike_pause_the_search_with_their_reason(page, plan_for, context, until):
    context.run.start(plan_for(limits__seconds=1e-6, budget__evaluations=40))
    until(lambda: context.run.state.phase == "paused")
    sentence = context.run.state.sentence
    assert sentence
    assert page.messages.texts == (sentence,)
    assert page.primary().text == "Go on"
    assert "timed out" in cells(page, 1)
    assert "failed" in page.cost()


def test_leaving_and_coming_back_catches_up(page, plan_for, context, until):
    page.leave()
    context.run.start(plan_for())
    until(lambda: context.run.state.results is not None)
    assert cells(page, 0) == []
    page.enter()
    assert len(cells(page, 0)) == 6


def test_the_timeline_is_beside_the_hyperparameters(page, classified, opened, until):
    opened(classified)
    view = page.findChild(Segments)
    view.set_value("timeline")
    view.changed.emit("timeline")
    assert page._timeline.isVisible()
    until(lambda: page._timeline.summary != "")
    assert not page.findChild(SlicePictures).isVisible()


@pytest.mark.parametrize(
    ("method", "options", "seen", "said_of_it"),
    [
        ("gp", {"n_initial": 4}, "model", "Proposed by a model of "),
        ("halving", {"fidelity": "folds", "configurations": 9}, "folds", "Begun in a bracket of "),
        ("racing", {}, "race", "Entered race "),
        ("evolution", {"population": 4}, "generation", ""),
    ],
)
def test_the_picture_of_a_method_lives_beside_the_score(
    page, plan_for, gate, context, until, method, options, seen, said_of_it
):
    changes = {f"method__options__{name}": value for name, value in options.items()}
    plan = plan_for(method__id=method, budget__evaluations=9, **changes)
    gate.hold()
    context.run.start(plan)
    pictures = page.findChild(ScorePictures)
    until(lambda: context.run.state.phase == "running")
    pictures.look_at_method()  # while it runs, as a person does
    gate.let()
    canvas = pictures.shown
    until(lambda: context.run.state.phase == "finished" and context.run.state.results is not None)
    until(lambda: seen in canvas.summary.lower() and not canvas.redraws_pending)
    last = max(context.run.store.row(i).number for i in range(len(context.run.store)))
    select(page, last)
    assert any(text.startswith(said_of_it) for text in said(page._browser))


def test_an_interrupted_run_can_be_resumed_or_its_results_opened(page, odd_run, opened):
    opened(odd_run)
    assert page.heading()[0] == "The search was interrupted"
    assert page.primary().text == "Resume"
    assert texts(page) == ["Open results", "Change the space"]


def test_trials_that_end_differently_read_differently(page, odd_run, opened):
    opened(odd_run)
    assert cells(page, 0) == [str(n) for n in reversed(range(8))]
    by_number = dict(zip(cells(page, 0), cells(page, 1), strict=True))
    assert by_number["0"] == "complete"
    assert by_number["3"] == "failed"
    assert by_number["5"] == "dropped, 1 fold"
    assert by_number["7"] == "paused, 1 fold"


def test_trials_are_filtered_by_state_and_by_words(page, odd_run, opened):
    opened(odd_run)
    states = named(page, Choice, "Which trials to show")
    states.set_value(TrialState.FAILED)
    states.changed.emit(TrialState.FAILED)
    assert cells(page, 0) == ["3"]
    states.set_value(None)
    states.changed.emit(None)
    named(page, QLineEdit, "Filter trials").setText("too small")
    assert cells(page, 0) == ["3"]
    named(page, QLineEdit, "Filter trials").clear()
    assert len(cells(page, 0)) == 8


def test_trials_are_sorted_by_a_click_and_those_without_a_score_come_last(page, odd_run, opened):
    opened(odd_run)
    header: QHeaderView = table(page).horizontalHeader()
    header.setSortIndicator(2, Qt.SortOrder.DescendingOrder)
    scores = cells(page, 2)
    found = [float(score) for score in scores if score != words.NOTHING]
    assert found == sorted(found, reverse=True)
    assert scores[-1] == words.NOTHING
    select(page, 4)
    header.setSortIndicator(2, Qt.SortOrder.AscendingOrder)
    assert page._browser.number == 4
    assert cells(page, 0)[table(page).currentIndex().row()] == "4"


def test_a_failed_trial_shows_its_reason_and_on_demand_its_traceback(page, odd_run, opened):
    opened(odd_run)
    select(page, 3)
    assert "gamma is too small" in said(page._browser)
    trace = next(t for t in page.findChildren(QPlainTextEdit) if t.accessibleName() == "Traceback")
    assert trace.toPlainText() == TRACEBACK
    copy: Callable[[], None] = next(
        b for b in page._browser.findChildren(QPushButton) if b.text() == "Copy"
    ).click
    copy()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("Trial 3: failed")
    assert copied.endswith(TRACEBACK)


def test_nothing_can_be_ended_where_nothing_runs(page, odd_run, opened):
    opened(odd_run)
    select(page, 7)
    assert "End this trial" not in [b.text() for b in page.findChildren(QPushButton)]
