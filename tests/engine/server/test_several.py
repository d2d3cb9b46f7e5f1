"""Several measures at once through the protocol."""

from __future__ import annotations

from pathlib import Path

from engine.protocol import requests
from engine.protocol.events import RunChanged, Trials


def test_a_trial_of_the_front_is_taken(served, plan, tmp_path: Path) -> None:
    run = tmp_path / "run"
    asked = plan(12, evaluation__further_measures=["log_loss", "fit_seconds"], method__id="auto")
    assert asked.method.resolved_id == "nsga2"
    assert served.ask(requests.Start, plan=asked, out=str(run)).path == str(run)
    ended = served.wait(RunChanged, state="finished")
    rows = {
        row.number: row
        for event in served.events
        if isinstance(event, Trials)
        for row in event.trials
    }
    assert all(len(row.further_values) == 2 for row in rows.values())
    first = served.ask(requests.Results, path=str(run)).result
    assert first.further_measures == ("log_loss", "fit_seconds")
    for member in first.front:
        assert member.values == (rows[member.trial].value, *rows[member.trial].further_values)

    refused = served.ask(requests.SelectTrial, path=str(run), trial=len(rows))
    assert refused.code == "run.not_complete"
    served.wait(RunChanged, state="finished")
    other = first.front[-1].trial
    selected = served.ask(requests.SelectTrial, path=str(run), trial=other)
    assert (selected.result.trial, selected.result.selected_by_user) == (other, True)
    assert selected.result.looks == 2
    assert {pair.name: pair.best for pair in selected.pairs} == {
        **dict.fromkeys(pair.name for pair in selected.pairs),
        **rows[other].configuration,
    }
    served.wait(RunChanged, state="finishing")
    assert served.wait(RunChanged, state="finished").sentence == ended.sentence
    assert served.ask(requests.Results, path=str(run)).result == selected.result
    assert not served.ask(requests.Surrogate, path=str(run)).slices
    missing = served.ask(requests.SelectTrial, path=str(tmp_path / "none"), trial=0)
    assert missing.code == "run.none"
