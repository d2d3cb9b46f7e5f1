"""Outer scores of incumbents, as background tasks of a search: complete, counted, and never seen by
what decides."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine import plan as plans
from engine.errors import RunError
from engine.plan import Budget
from engine.runs.incumbent_watch import FUNCTION, LOOKS, OUTER, IncumbentWatch, watched
from engine.search import Ending

DRAWS = tuple(0.01 * i for i in range(20))


def outer(folder, configuration, seed):
    return SimpleNamespace(score=1 - configuration["depth"] / 100, draws=DRAWS, seconds=0.0)


@pytest.fixture
def run(bed):
    return bed(budget=Budget(evaluations=10))


def watching(run, **options):
    """A search whose incumbents are watched, and the numbers of those that it was given."""
    submitted = []

    def background(plan, archive, submit):
        def note(task):
            submitted.append(task)
            submit(task)

        return IncumbentWatch(run.folder, plan, archive, note)

    search = run.search(functions={FUNCTION: outer}, background=background, **options)
    return search, submitted


def incumbents(trials):
    """The default and each that was better than all before, in the order in which they ended."""
    best, found = -1e9, []
    for trial in sorted((t for t in trials if t.ended), key=lambda t: t.ended):
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
    search, _ = watching(run, workers=workers)
    search.run()
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
        bed.plan = plans.replace(bed.plan, {"method.id": method})
    watching(beds[0])[0].run()
    beds[1].search().run()
    assert OUTER in beds[0].archive.study
    assert OUTER not in beds[1].archive.study
    assert story(beds[0].archive) == story(beds[1].archive)


def test_it_resumes_where_it_stopped(run):
    def stopped(configuration, fold):
        if len(run.trials) == 8:
            search.control.abandon()
        return configuration["depth"] / 10 + fold / 100

    search, _ = watching(run, evaluate=stopped)
    assert search.run() is Ending.ABANDONED
    before = run.archive.study[OUTER]
    search, submitted = watching(run)
    done = {entry["trial"] for entry in before}
    assert len(done) + len(submitted) == len(incumbents(run.archive.trials.values()))
    assert search.run() is Ending.FINISHED
    notes = run.archive.study
    assert notes[OUTER][: len(before)] == before
    scored = [entry["trial"] for entry in notes[OUTER]]
    assert sorted(scored) == sorted(incumbents(run.archive.trials.values()))


def test_a_full_disk_pauses_and_the_score_is_kept(run, listener, monkeypatch):
    full = [2]

    def background(plan, archive, submit):
        note = archive.note

        def fails(key, value):
            if key == OUTER and full[0]:
                full[0] -= 1
                raise RunError("run.disk_full", path="journal")
            note(key, value)

        monkeypatch.setattr(archive, "note", fails)
        return IncumbentWatch(run.folder, plan, archive, submit)

    listener.paused = lambda error: search.control.resume()
    search = run.search(
        functions={FUNCTION: outer}, background=background, listener=listener, faults_pause=True
    )
    assert search.run() is Ending.FINISHED
    assert full == [0]
    scored = [entry["trial"] for entry in run.archive.study[OUTER]]
    assert sorted(scored) == sorted(incumbents(run.archive.trials.values()))


def test_a_fit_that_fails_is_recorded_and_not_repeated(run):
    def broken(*_):
        raise ValueError("no")

    def background(plan, archive, submit):
        return IncumbentWatch(run.folder, plan, archive, submit)

    assert run.run(functions={FUNCTION: broken}, background=background) is Ending.FINISHED
    entries = run.archive.study[OUTER]
    assert all(e["score"] is None and e["message"] for e in entries)
    assert LOOKS not in run.archive.study
    assert len({e["trial"] for e in entries}) == len(entries)
    assert watched(list(run.archive.trials.values()), run.archive.study) == []
