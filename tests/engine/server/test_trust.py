"""A watched search, and the choice of the final configuration, over the protocol."""

from __future__ import annotations

from pathlib import Path

from engine.protocol import events, requests
from engine.testing.recorded import record_run


def test_a_watched_search_counts_its_looks(served, plan, tmp_path: Path) -> None:
    run = str(tmp_path / "run")
    asked = plan(6, evaluation__watch_outer=True)
    served.ask(requests.Start, plan=asked, out=run)
    served.wait(events.RunChanged, state="finished")
    trust = served.ask(requests.Trust, path=run)
    assert trust.watched
    assert trust.overtuning.path[0].trial == 0
    assert all(0 < w.outer <= 1 and w.noise >= 0 for w in trust.overtuning.path)
    result = served.ask(requests.Results, path=run).result
    # The final model's score is one more look.
    assert trust.looks == result.looks == len(trust.overtuning.path) + 1 >= 2
    # Once more, the same model on the same rows: the watched score was the true one.
    last = trust.overtuning.path[-1]
    assert (last.trial, last.outer) == (result.trial, result.test.score)


def test_without_test_rows_there_is_nothing_to_watch(served, plan) -> None:
    asked = plan(evaluation__watch_outer=True, evaluation__test_share=0.0)
    (problem,) = served.ask(requests.Check, plan=asked).problems
    assert problem.field == "evaluation.watch_outer"
    assert "no test rows" in problem.sentence


def test_an_unwatched_run_says_so(served, plan, tmp_path: Path) -> None:
    run = record_run(tmp_path / "run", plan(4), lambda unit, fold: 0.5 + 0.1 * unit[0], 4)
    trust = served.ask(requests.Trust, path=str(run))
    assert not trust.watched
    assert trust.overtuning.path == ()
    assert trust.overtuning.alarm is None
    assert trust.remedies == ()


def test_choices_are_listed_and_one_is_taken_with_its_reason(served, plan, tmp_path: Path) -> None:
    run = record_run(
        tmp_path / "run", plan(30), lambda u, fold: 0.9 - 0.1 * (u[0] - 0.6) ** 2 + 0.01 * fold, 30
    )
    choices = {c.kind: c for c in served.ask(requests.FinalChoices, path=str(run)).choices}
    assert list(choices) == ["best", "one_se", "cheapest", "surrogate"]
    assert choices["best"].gives_up == 0
    assert choices["one_se"].distance <= choices["best"].distance
    one = choices["one_se"]
    selected = served.ask(requests.SelectTrial, path=str(run), trial=one.trial, reason=one.label)
    assert selected.result.trial == one.trial
    assert selected.result.selected_by_user == (one.trial != choices["best"].trial)
    assert selected.result.selected_by_user
    assert selected.result.selection_reason == one.label
    refused = served.ask(requests.SelectTrial, path=str(run), trial=99)
    assert refused.code == "run.not_complete"
