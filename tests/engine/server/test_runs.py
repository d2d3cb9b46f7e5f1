"""Searches through the protocol, from start to take-home, and how the engine ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.archive import JOURNAL, is_locked, read
from engine.domain.trials import Cause, TrialState
from engine.plan import Budget
from engine.protocol import events, replies, requests
from engine.protocol.events import RunChanged, Trials


def test_a_search_from_start_to_take_home(engines, plan, tmp_path: Path) -> None:
    engine, run = engines(), tmp_path / "run"
    started = engine.ask(requests.Start, plan=plan(4), out=str(run))
    assert started.path == str(run)
    engine.wait(RunChanged, state="running")
    engine.wait(RunChanged, state="finishing")
    ended = engine.wait(RunChanged, state="finished")
    assert ended.sentence == "The budget of 4 evaluations is spent."
    batches = [event for event in engine.events if isinstance(event, Trials)]
    last = {row.number: row for batch in batches for row in batch.trials}
    assert {row.state for row in last.values()} == {TrialState.COMPLETE}
    folds = [(fold.trial, fold.fold) for batch in batches for fold in batch.folds]
    assert sorted(folds) == [(trial, fold) for trial in range(4) for fold in range(3)]
    numbers = [json.loads(line)["seq"] for line in engine.lines if b'"seq"' in line]
    assert numbers == list(range(1, len(numbers) + 1))

    result = engine.ask(requests.Results, path=str(run))
    assert result.result.test_rows == 36
    assert sum(map(sum, result.confusion.counts)) == 36
    assert {pair.name for pair in result.pairs} == {"C", "gamma"}
    importances = engine.ask(requests.Importances, path=str(run))
    assert importances.trials == 4
    summary = engine.ask(requests.OpenRun, path=str(run)).summary
    assert summary.state == "finished"
    assert engine.ask(requests.ResumeRun, path=str(run)).code == "run.finished"

    for what in ("config", "script", "trials"):
        to = tmp_path / what
        exported = engine.ask(requests.Export, path=str(run), what=what, to=str(to))
        assert exported.to == str(to)
        assert to.stat().st_size
    rows = tmp_path / "new.csv"
    rows.write_text("alcohol\n1\n")
    to = str(tmp_path / "p.csv")
    failed = engine.ask(requests.Predict, path=str(run), source=str(rows), to=to)
    assert failed.code == "columns.missing"
    assert not Path(to).exists()

    budget = Budget(evaluations=6)
    assert engine.ask(requests.ResumeRun, path=str(run), budget=budget).plan.budget == budget
    engine.wait(RunChanged, state="finished")
    assert len(read(run)[0]) == 6
    assert engine.ask(requests.ListRuns).runs[0].trials == 6
    assert isinstance(engine.ask(requests.DeleteRun, path=str(run)), replies.Done)
    assert engine.ask(requests.ListRuns).runs == ()
    assert not run.exists()
    assert engine.hang_up() == 0


def test_pause_go_on_kill_and_stop(engines, plan, tmp_path: Path) -> None:
    engine, run = engines(), tmp_path / "run"
    engine.ask(requests.Start, plan=plan(100_000), out=str(run))
    while not any(row.state is TrialState.COMPLETE for row in engine.wait(Trials).trials):
        pass
    assert engine.ask(requests.Start, plan=plan(), out=str(tmp_path / "b")).code == "run.busy"
    assert not (tmp_path / "b").exists()
    assert engine.ask(requests.Probe, plan=plan()).code == "run.busy"
    assert engine.ask(requests.DeleteRun, path=str(run)).code == "run.locked"
    assert engine.ask(requests.Discard, path=str(run)).code == "run.locked"
    assert engine.ask(requests.KillTrial, number=99_999).code == "run.no_trial"
    assert isinstance(engine.ask(requests.Importances, path=str(run)), replies.ImportancesReady)

    engine.ask(requests.Pause)
    engine.wait(RunChanged, state="paused")
    engine.wait(events.Progress, busy=0)
    paused_at = (run / JOURNAL).stat().st_size
    assert engine.ask(requests.OpenRun, path=str(run)).summary.state == "running"
    engine.wait(events.Heartbeat)
    engine.wait(events.Heartbeat)
    assert (run / JOURNAL).stat().st_size == paused_at
    running = [trial for trial in read(run)[0] if trial.state is TrialState.RUNNING]
    for trial in running:
        engine.ask(requests.KillTrial, number=trial.number)
    engine.ask(requests.Resume)
    engine.wait(RunChanged, state="running", sentence="")
    while (run / JOURNAL).stat().st_size == paused_at:
        engine.wait(Trials)

    engine.ask(requests.Stop)
    ended = engine.wait(RunChanged, state="finished")
    assert ended.sentence == "You stopped the search."
    trials = read(run)[0]
    for trial in running:
        assert trials[trial.number].cause is Cause.KILLED
    assert engine.ask(requests.Results, path=str(run)).result.stopped_by == ended.sentence


@pytest.mark.parametrize(
    "ending", ["hang up", pytest.param("shut down", marks=pytest.mark.slow), "kill"]
)
def test_the_engine_and_its_workers_end_in_the_middle_of_a_search(
    engines, plan, assert_gone, tmp_path: Path, ending: str
) -> None:
    engine, run = engines(), tmp_path / "run"
    engine.ask(requests.Start, plan=plan(100_000, workers=2), out=str(run))
    while not any(trial.state is TrialState.COMPLETE for trial in read(run)[0]):
        engine.wait(Trials)
    family = engine.family()
    assert len(family) >= 2
    if ending == "hang up":
        engine.process.stdin.close()
    elif ending == "shut down":
        engine.send(requests.Shutdown)
    else:
        engine.process.kill()
    assert_gone(family)
    assert engine.process.wait(60) == (-9 if ending == "kill" else 0)
    assert not is_locked(run)
    assert "Traceback" not in engine.logged()
    assert any(trial.state is TrialState.COMPLETE for trial in read(run)[0])

    again = engines()
    summary = again.ask(requests.OpenRun, path=str(run)).summary
    assert summary.state == "interrupted"
    budget = Budget(evaluations=len(read(run)[0]) + 1)
    if ending == "kill":  # discarded: nothing is left to resume
        assert isinstance(again.ask(requests.Discard, path=str(run)), replies.Done)
        assert again.ask(requests.OpenRun, path=str(run)).summary.state == "finished"
        assert all(trial.state is not TrialState.RUNNING for trial in read(run)[0])
    elif ending == "hang up":
        assert isinstance(
            again.ask(requests.ResumeRun, path=str(run), budget=budget), replies.Started
        )
        again.wait(RunChanged, state="finished")
        assert {trial.state for trial in read(run)[0]} == {TrialState.COMPLETE}
    else:
        looked = again.ask(requests.Results, path=str(run)).result
        assert "unfinished" in looked.stopped_by


def test_an_idle_engine_ends_with_its_front_end(engines) -> None:
    engine = engines()
    engine.ask(requests.Hello)
    assert engine.hang_up() == 0


def test_shutdown_is_answered(engines) -> None:
    engine = engines()
    assert isinstance(engine.ask(requests.Shutdown), replies.Done)
    assert engine.process.wait(60) == 0


def test_faults_pause_the_search_and_say_why(served, plan, tmp_path: Path) -> None:
    run = tmp_path / "run"
    failing = plan(50, limits__seconds=0.000001)
    served.ask(requests.Start, plan=failing, out=str(run))
    paused = served.wait(RunChanged, state="paused")
    assert paused.code == "run.failing"
    assert "Five trials in a row" in paused.sentence
    rows = {}
    while len(rows) < 5 or any(row.state is not TrialState.FAILED for row in rows.values()):
        rows.update({row.number: row for row in served.wait(Trials).trials})
    assert {row.cause for row in rows.values()} == {Cause.TIMEOUT}
    served.ask(requests.Stop)
    served.wait(RunChanged, state="finished")
    failed = served.ask(requests.Results, path=str(run))
    assert failed.code == "run.no_result"
