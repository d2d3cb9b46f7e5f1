"""Watching the outer scores of incumbents beside a search: complete, counted, and heard by nothing
that decides."""

from __future__ import annotations

from types import SimpleNamespace

import msgspec
import pytest

from engine.domain.trials import TrialState
from engine.plan import Budget
from engine.runs.watch import FUNCTION, LOOKS, OUTER, Watch, watched
from engine.search import Ending

DRAWS = tuple(0.01 * i for i in range(20))


def outer(folder, configuration, seed):
    return SimpleNamespace(score=1 - configuration["depth"] / 100, draws=DRAWS, seconds=0.0)


@pytest.fixture
def run(bed):
    return bed(budget=Budget(evaluations=10))


def watching(run, **options):
    """A search that is watched, and its `Watch`."""
    made = []

    def aside(plan, archive):
        made.append(Watch(run.folder, plan, archive))
        return made[0]

    search = run.search(functions={FUNCTION: outer}, aside=aside, **options)
    return search, made[0]


def incumbents(trials):
    """The default and each that was better than all before, in the order in which they ended."""
    best, found = -1e9, []
    for trial in sorted(trials, key=lambda t: t.ended):
        if trial.value is not None and (trial.value > best or trial.number == 0):
            found.append(trial.number)
            best = max(best, trial.value)
    return found


def story(archive):
    return [
        (t.number, t.configuration, t.value, {f: r.scores for f, r in t.folds.items()})
        for t in archive.trials.values()
    ]


@pytest.mark.parametrize("workers", [1, 3])
def test_each_incumbent_is_scored_outside_and_each_look_counted(run, workers):
    search, watch = watching(run, workers=workers)
    search.run()
    while (call := watch.next(None)) is not None:  # what `Conduct` does at the end
        watch.heard(SimpleNamespace(cause=None, value=outer(*call.args), seconds=0.0))
        watch.record()
    notes = run.archive.study
    assert {entry["trial"] for entry in notes[OUTER]} == set(
        incumbents(run.archive.trials.values())
    )
    assert len(notes[LOOKS]) == len(notes[OUTER]) > 1
    path = watched(list(run.archive.trials.values()), notes)
    assert path[0].trial == 0
    assert [w.validation for w in path[1:]] == sorted(w.validation for w in path[1:])
    assert all(len(w.draws) == len(DRAWS) for w in path)


@pytest.mark.parametrize("method", ["random", "tpe", "gp", "racing"])
def test_the_search_is_the_same_with_and_without_it(bed, method):
    beds = [bed("watched"), bed("not")]
    for bed in beds:
        bed.plan = msgspec.structs.replace(
            bed.plan, method=msgspec.structs.replace(bed.plan.method, id=method)
        )
    watching(beds[0])[0].run()
    beds[1].search().run()
    assert OUTER in beds[0].archive.study
    assert OUTER not in beds[1].archive.study
    assert story(beds[0].archive) == story(beds[1].archive)


def test_it_takes_up_where_it_stopped(run):
    search, _ = watching(run)
    search.run()
    before = run.archive.study[OUTER]
    search, watch = watching(run)
    assert {e["trial"] for e in before} | {t.number for t in watch._waiting} == set(
        incumbents(run.archive.trials.values())
    )
    assert search.run() is Ending.FINISHED
    assert run.archive.study[OUTER][: len(before)] == before


def test_workers_that_are_needed_are_lent_for_a_tenth_of_the_time(run):
    _, watch = watching(run)
    trial = SimpleNamespace(
        number=0, state=TrialState.COMPLETE, value=0.5, configuration={"depth": 1}, ended=1.0
    )
    watch.observe(trial)
    assert watch.next(0.0) is not None
    watch.heard(SimpleNamespace(cause=None, value=outer("", {"depth": 1}, 0), seconds=2.0))
    trial.number, trial.value = 1, 0.6
    watch.observe(trial)
    assert watch.next(10.0) is None
    assert watch.next(20.0) is not None


def test_a_fit_that_fails_is_recorded_and_not_repeated(run):
    def broken(*_):
        raise ValueError("no")

    made = []

    def aside(plan, archive):
        made.append(Watch(run.folder, plan, archive))
        return made[0]

    assert run.run(functions={FUNCTION: broken}, aside=aside) is Ending.FINISHED
    entries = run.archive.study[OUTER]
    assert all(e["score"] is None and e["message"] for e in entries)
    assert LOOKS not in run.archive.study
    assert len({e["trial"] for e in entries}) == len(entries)
    assert watched(list(run.archive.trials.values()), run.archive.study) == []
