"""``kill -9`` at any moment: nothing is lost, and a resumed search ends as if nothing had been."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.archive import JOURNAL, is_locked, read

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

FOLDS = 3
COMMON = ["builtin:wine", "--target", "target", "--learner", "svm", "--folds", FOLDS, "--seed", 3]
WAYS: dict[str, list[object]] = {
    "one worker": ["--method", "tpe", "--workers", 1, "--trials", 16],
    "reproducible": [
        *("--method", "tpe", "--workers", 2, "--trials", 16),
        *("--set", "reproducible=true", "--set", "max_pending=2"),
    ],
}
WAYS = {name: [*options, "--set", "method.n_startup_trials=4"] for name, options in WAYS.items()}

_whole: dict[str, Any] = {}


def outline(run: Path) -> Any:
    """The archive but for times and workers."""
    trials = msgspec.to_builtins(read(run)[0], str_keys=True)
    for trial in trials:
        for key in ("started", "ended"):
            trial.pop(key, None)
        trial["folds"] = dict(sorted(trial["folds"].items()))
        for fold in trial["folds"].values():
            for key in ("started", "seconds", "fit_seconds", "predict_seconds", "worker"):
                fold.pop(key, None)
    return trials


def findings(run: Path) -> Any:
    """The result but for times."""
    result = msgspec.json.decode((run / "result.json").read_bytes())
    return {key: value for key, value in result.items() if key != "seconds"}


def folds_done(run: Path) -> int:
    journal = run / JOURNAL
    return journal.read_bytes().count(b'"fold:') if journal.exists() else 0


def wait_until(process, reached) -> None:
    while not reached():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.002)


@pytest.fixture
def whole(tunesmith, tmp_path_factory):
    """A search that nobody interrupts, by its name; made once."""

    def make(way: str) -> tuple[Any, Any]:
        if way not in _whole:
            run = tmp_path_factory.mktemp("whole") / "run"
            tunesmith("tune", *COMMON, *WAYS[way], "--out", run)
            _whole[way] = outline(run), findings(run)
        return _whole[way]

    return make


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_killed_again_and_again_it_ends_with_the_same_archive(
    start, tunesmith, family, assert_gone, whole, tmp_path: Path, way: str
) -> None:
    run = tmp_path / "run"
    moments = [0, 7, 20]
    arguments = ["tune", *COMMON, *WAYS[way], "--out", run]
    for moment in moments:
        process = start(*arguments)
        wait_until(process, lambda: (run / JOURNAL).exists())
        wait_until(process, lambda m=moment: folds_done(run) >= m)
        children = family(process.pid)
        before = outline(run)
        process.kill()
        assert_gone(children)
        process.wait()
        assert not is_locked(run)
        left = outline(run)
        for old, new in zip(before, left, strict=False):
            assert old["folds"].items() <= new["folds"].items()
        arguments = ["resume", run]
    tunesmith("resume", run)
    assert outline(run) == whole(way)[0]
    assert findings(run) == whole(way)[1]


def test_a_kill_loses_nothing_and_ends_the_workers(
    start, family, assert_gone, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    options = ["--method", "random", "--workers", 2, "--trials", 5000]
    process = start("tune", *COMMON, *options, "--out", run)
    wait_until(process, lambda: folds_done(run) >= 5)
    children = family(process.pid)
    assert len(children) >= 2
    before = outline(run)
    process.kill()
    assert_gone(children)
    process.wait()
    after = outline(run)
    assert sum(len(t["folds"]) for t in after) >= 5
    for old, new in zip(before, after, strict=False):
        assert old["folds"].items() <= new["folds"].items()


@pytest.mark.slow
def test_torn_line_stale_lock_and_half_a_cache_do_not_keep_a_run_from_going_on(
    start, tunesmith, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    options = ["--method", "random", "--workers", 1, "--trials", 5000]
    process = start("tune", *COMMON, *options, "--out", run)
    wait_until(process, lambda: folds_done(run) >= 7)
    process.kill()
    process.wait()
    begun = len(read(run)[0])
    with (run / JOURNAL).open("ab") as journal:
        journal.write(b'{"op_code": 8, "trial_')
    (run / "lock").write_text("12345\n")
    (run / "cache.msgpack").write_bytes((run / "cache.msgpack").read_bytes()[:100])
    tunesmith("resume", run, "--trials", begun + 1)
    trials = outline(run)
    assert len(trials) == begun + 1
    assert all(t["state"] == "complete" and len(t["folds"]) == FOLDS for t in trials)


@pytest.mark.slow
def test_a_comparison_killed_again_and_again_ends_with_the_same_scores(
    start, tunesmith, family, assert_gone, tmp_path: Path
) -> None:
    """Whatever member is under way: what is done is kept, and the whole is as if uninterrupted."""
    common = ["builtin:wine", "--target", "target", "--learner", "svm", "--folds", FOLDS]
    common += ["--methods", "tpe", "--repeats", 2, "--trials", 5, "--workers", 1, "--seed", 3]
    common += ["--set", "tpe.n_startup_trials=3", "--json"]

    def done(folder: Path) -> int:
        return sum(folds_done(run) for run in (folder / "runs").glob("*"))

    def scores(out: str) -> Any:
        found = msgspec.json.decode(out)
        return {key: found[key] for key in ("scores", "validation", "ranks", "sentences")}

    whole = tmp_path / "whole"
    expected = scores(tunesmith("compare", *common, "--out", whole))
    folder = tmp_path / "broken"
    arguments = ["compare", *common, "--out", folder]
    kept: dict[str, Any] = {}
    for moment in (2, 20, 34):
        process = start(*arguments)
        wait_until(process, lambda m=moment: done(folder) >= m)
        children = family(process.pid)
        process.kill()
        assert_gone(children)
        process.wait()
        assert not is_locked(folder)
        for name, journal in kept.items():
            assert (folder / "runs" / name / JOURNAL).read_bytes() == journal
        ended = [run for run in (folder / "runs").iterdir() if (run / "result.json").exists()]
        kept = {run.name: (run / JOURNAL).read_bytes() for run in ended}
        arguments = ["resume", folder, "--json"]
    assert len(kept) >= 2
    assert scores(tunesmith(*arguments)) == expected
    for run in (whole / "runs").iterdir():
        assert outline(folder / "runs" / run.name) == outline(run)
        assert findings(folder / "runs" / run.name) == findings(run)
