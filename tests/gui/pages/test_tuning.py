"""A tuning by gradient in the window, through the real engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from engine.archive import Archive
from engine.data.open import open_table
from engine.plan import DataPlan
from engine.records import FoldResult, RunResult, TrialState
from engine.runs import folder as files
from engine.runs import library, planning
from engine.tuners.base import Proposal
from engine.tuners.hyper import stored
from gui.canvas import Canvas
from gui.pages.run import RunPage
from gui.tuning import TuningFeed
from gui.widgets.suspects import Suspects
from gui.widgets.trial_browser import TrialBrowser
from gui.widgets.tuning_pictures import HyperStepPictures, TuningPictures

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
    with Archive(folder, plan.space, maximise=True) as archive:
        for number in range(3):
            archive.begin(Proposal(number, number, {"hyper_step": number}, origin="hypergradient"))
            figures = {"outer_loss": 1.0 / (number + 1), "norm": 0.5, "stored_bytes": 1e3}
            for fold in range(2):
                score = {measure: 0.5 + 0.1 * number}
                archive.add_fold(FoldResult(number, fold, score, figures=figures))
            archive.finish(number, TrialState.COMPLETE, value=0.5 + 0.1 * number)
            free = {name: random.normal(size=shape) for name, shape in SHAPES.items()}
            if number:
                arrays = {f"{stored.FREE}{name}": values for name, values in free.items()}
                stored.write_arrays(stored.state_path(folder, number), arrays)
        archive.note(library.STATE, "finished")
    files.save_result(
        folder,
        RunResult(
            learner="network",
            measure=measure,
            maximise=True,
            trial=2,
            configuration={"hyper_step": 2},
            validation_best=0.7,
            validation_default=0.5,
            default_configuration={"hyper_step": 0},
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


def test_a_tuning_shows_its_own_pictures(page, until):
    assert {"Outer loss", "Norm of the hypergradient", "Schedules"} <= seen(page)
    assert "Slice" not in seen(page)
    steps = page.findChild(HyperStepPictures)
    until(lambda: "hyper-step" in steps.loss.summary and bool(steps.norm.summary))
    pictures = page.findChild(TuningPictures)
    assert pictures.offered == ("schedules", "scale", "l2", "examples", "memory", "timeline")
    for key in pictures.offered:
        pictures.look_at(key)
        canvas = next(c for c in pictures.findChildren(Canvas) if c.isVisible())
        until(lambda canvas=canvas: bool(canvas.summary) and not canvas.redraws_pending)
        assert pictures.shown == key
    # A hyper-step's number is the trial's: no column for it.
    model = page.findChild(TrialBrowser)._model
    across = Qt.Orientation.Horizontal
    heads = [model.headerData(n, across) for n in range(model.columnCount())]
    assert "hyper_step" not in heads


def test_rows_that_count_least_are_listed(page, until):
    pictures, feed = page.findChild(TuningPictures), page.findChild(TuningFeed)
    pictures.look_at("examples")
    model = pictures.findChild(Suspects)._model
    rows = [[model.index(n, c).data() for c in range(3)] for n in range(model.rowCount())]
    assert rows
    assert [int(row[0].replace(",", "")) for row in rows] == [s.row for s in feed.tuning.suspects]
    assert {row[2] for row in rows} <= {"class_0", "class_1", "class_2"}


def test_a_click_on_the_loss_selects_the_hyper_step(page, context, until):
    loss = page.findChild(HyperStepPictures).loss
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
        with qtbot.waitSignal(feed.changed, timeout=60_000):
            feed.want()
            feed.want()  # while it is asking: once more, later
        assert len(asked) == 1
        assert feed._soon.isActive()
        now[0] = 1.0
        with qtbot.waitSignal(feed.changed, timeout=60_000):
            pass
        assert len(asked) == 2
    finally:
        context.client.request = request
        feed.deleteLater()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_pause_go_on_kill_and_stop_as_with_trials(show, plan_for, context, until):
    plan = plan_for(
        "network",
        "builtin:wine",
        fixed={"width": 4},
        method__id="hypergradient",
        method__options={"steps": 2000, "engine": "unrolled"},
        evaluation__resampling__folds=2,
        budget__evaluations=200,
    )
    page, run = show(RunPage), context.run
    run.start(plan)
    until(lambda: run.state.phase == "running")
    feed = page.findChild(TuningFeed)
    until(lambda: feed.tuning is not None and len(feed.tuning.steps) >= 2)
    run.pause()
    until(lambda: run.state.phase == "paused")
    until(lambda: run.state.progress.busy == 0)
    before = len(run.store)
    run.go_on()
    until(lambda: run.state.phase == "running" and len(run.store) > before)
    running = run.store.row(len(run.store) - 1).number
    run.kill(running)
    until(lambda: run.store.row(run.store.find(running)).state in ("failed", "complete"))
    until(lambda: len(feed.tuning.steps) > running)  # it went on
    run.stop()
    until(lambda: run.state.results is not None)
    assert run.state.phase == "finished"
    path, spent = run.state.path, run.state.results.result.trials
    run.resume(path, plan.budget)
    until(lambda: run.state.phase == "running" and len(run.store) > spent)
