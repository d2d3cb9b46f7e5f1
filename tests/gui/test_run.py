"""The run being shown, before a real engine process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.domain.trials import TrialState
from engine.plan import Plan
from gui.engine_client import EngineClient
from gui.run import Run


@pytest.fixture
def run(client: EngineClient) -> Iterator[Run]:
    run = Run(client)
    yield run
    run.deleteLater()


def test_a_search_fills_the_store_with_its_own_trials(run: Run, plan: Plan, qtbot) -> None:
    run.start(plan)
    assert run.state.phase == "starting"
    qtbot.waitUntil(lambda: run.state.progress is not None)
    assert run.state.phase == "running"
    assert run.state.active
    assert list(run.snapshot().number) == [0, 1, 2]
    assert run.snapshot().measure_label == "accuracy"
    assert run.snapshot().planned == 40


def test_stopping_keeps_what_was_found(run: Run, plan: Plan, qtbot) -> None:
    run.start(plan)
    qtbot.waitUntil(lambda: run.state.progress is not None)
    with qtbot.waitSignal(run.failed) as said:
        run.stop()
    assert said.args[0].code == "run.no_result"
    assert (run.state.phase, run.state.sentence) == ("stopped", "Stopped by you.")
    assert run.snapshot().is_state(TrialState.FAILED).sum() == 1


def test_a_run_from_disk_is_shown_and_resumed(run: Run, qtbot) -> None:
    run.resume_run("/runs/one")
    qtbot.waitUntil(lambda: run.state.phase == "running")
    qtbot.waitUntil(lambda: len(run.store) == 3)


def test_opening_shows_how_it_stands(run: Run, qtbot) -> None:
    opened: list[str] = []
    run.open("/runs/old", lambda: opened.append(run.state.phase))
    qtbot.waitUntil(lambda: bool(opened))
    assert opened == ["interrupted"]
    assert run.state.summary is not None
    qtbot.waitUntil(lambda: len(run.store) == 3)


def test_a_crash_interrupts_the_search(run: Run, plan: Plan, client: EngineClient, qtbot) -> None:
    run.start(plan)
    qtbot.waitUntil(lambda: run.state.phase == "running")
    with qtbot.waitSignal(client.ready):
        client.restart()
    assert run.state.phase == "interrupted"
    assert "resume" in run.state.sentence
    assert not run.state.active


def test_a_start_without_an_engine_leaves_no_run_behind(
    run: Run, plan: Plan, client: EngineClient, qtbot
) -> None:
    client.shutdown()
    with qtbot.waitSignal(run.failed):
        run.start(plan)
    assert run.state.phase == "none"
