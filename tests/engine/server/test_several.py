"""Several measures at once through the protocol."""

from __future__ import annotations

from pathlib import Path

from engine.protocol import requests
from engine.protocol.events import RunChanged, Trials


def test_a_trial_of_the_front_is_taken(engines, plan, tmp_path: Path) -> None:
    engine, run = engines(), tmp_path / "run"
    asked = plan(12, evaluation__further_measures=["log_loss", "fit_seconds"], method__id="auto")
    assert asked.method.resolved_id == "nsga2"
    assert engine.ask(requests.Start, plan=asked, out=str(run)).path == str(run)
    ended = engine.wait(RunChanged, state="finished")
    rows = {
        row.number: row
        for event in engine.events
        if isinstance(event, Trials)
        for row in event.trials
    }
    assert all(len(row.further_values) == 2 for row in rows.values())
    first = engine.ask(requests.Results, path=str(run)).result
    assert first.further_measures == ("log_loss", "fit_seconds")
    for member in first.front:
        assert member.values == (rows[member.trial].value, *rows[member.trial].further_values)

    refused = engine.ask(requests.SelectTrial, path=str(run), trial=len(rows))
    assert refused.code == "run.not_complete"
    engine.wait(RunChanged, state="finished")
    other = first.front[-1].trial
    used = engine.ask(requests.SelectTrial, path=str(run), trial=other)
    assert (used.result.trial, used.result.selected_by_user) == (other, True)
    assert used.result.looks == 2
    assert {pair.name: pair.best for pair in used.pairs} == {
        **dict.fromkeys(pair.name for pair in used.pairs),
        **rows[other].configuration,
    }
    engine.wait(RunChanged, state="finishing")
    assert engine.wait(RunChanged, state="finished").sentence == ended.sentence
    assert engine.ask(requests.Results, path=str(run)).result == used.result
    assert not engine.ask(requests.Surrogate, path=str(run)).slices
    missing = engine.ask(requests.SelectTrial, path=str(tmp_path / "none"), trial=0)
    assert missing.code == "run.none"
