"""Steering over the protocol: while a search is at work, and after it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.protocol import events, replies, requests
from engine.testing.recorded import record_run


def test_a_configuration_is_evaluated_while_the_search_goes_on(
    served, plan, tmp_path: Path
) -> None:
    run = str(tmp_path / "run")
    served.ask(requests.Start, plan=plan(400), out=run)
    served.wait(events.Trials)
    put = served.ask(requests.Enqueue, path=run, configuration={"C": 3.0, "gamma": 0.02})
    assert put.configuration == {"C": 3.0, "gamma": 0.02}

    def own():
        return [
            row
            for event in served.events
            if isinstance(event, events.Trials)
            for row in event.trials
            if row.number == put.trial and row.state == "complete"
        ]

    while not own():
        served.wait(events.Progress)
    (row, *_) = own()
    assert (row.origin, row.configuration) == ("person", put.configuration)
    served.ask(requests.Stop)
    served.wait(events.RunChanged, state="finished")
    tried = served.ask(requests.Enqueue, path=run, configuration=put.configuration)
    assert tried.code == "run.tried"


def test_a_run_goes_on_in_a_narrower_space(served, plan, tmp_path: Path) -> None:
    asked = plan(14)
    run = record_run(tmp_path / "run", asked, lambda u, fold: 0.8 + 0.1 * u[0] - 0.01 * fold, 12)
    parts = (
        msgspec.structs.replace(p, low=0.1, high=1000.0) if p.name == "C" else p
        for p in asked.space.parameters
    )
    space = msgspec.structs.replace(asked.space, parameters=tuple(parts))
    made = served.ask(
        requests.Narrow, path=str(run), space=space, out=str(tmp_path / "narrow"), evaluations=None
    )
    assert isinstance(made, replies.Narrowed)
    assert 0 < made.kept < 12
    budget = msgspec.structs.replace(made.plan.budget, evaluations=float(made.kept + 2))
    started = served.ask(requests.ResumeRun, path=made.path, budget=budget)
    assert started.plan.parent_run == str(run.resolve())
    served.wait(events.RunChanged, state="finished")
    rows = {
        row.number: row
        for event in served.events
        if isinstance(event, events.Trials)
        for row in event.trials
    }
    assert len(rows) == made.kept + 2
    assert all(0.1 <= row.configuration["C"] <= 1000 for row in rows.values())
    assert rows[made.kept].note == {}
