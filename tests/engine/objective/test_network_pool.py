"""Networks in real workers: with limits, on one thread, with compiled code kept."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.learners import LEARNERS
from engine.runs.run_executor import WORKER_MODULES
from engine.workers import Job, JobResult, LocalPool

MakeRun = Callable[..., Path]
Columns = dict[str, list[object]]

CONFIGURATION = {"epochs": 20, "width": 32, "layers": 2, "batch_size": 16}
MODULES = (*WORKER_MODULES, *LEARNERS["network"].modules)


def outcomes(pool: LocalPool, n_folds: list[Job]) -> list[JobResult]:
    done: list[JobResult] = []
    for job in n_folds:
        pool.submit(job)
    while len(done) < len(n_folds):
        done += pool.poll()
    return sorted(done, key=lambda outcome: outcome.job_id)


def test_workers_fit_networks_within_limits_on_one_thread(
    make_run: MakeRun, flowers: Columns, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR")  # the tests' own
    folder = str(make_run(flowers, learner="network"))
    with LocalPool(2, MODULES) as pool:

        def fold(number: int, memory_mb: float) -> Job:
            args = (folder, CONFIGURATION, 0, 3)
            name = "engine.objective.fold_job:evaluate_fold"
            return Job(number, name, args, seconds=100, memory_mb=memory_mb)

        first = outcomes(pool, [fold(0, 400.0), fold(1, 400.0)])
        for outcome in first:
            assert outcome.cause is None, outcome.message + outcome.details
            assert not outcome.value.warnings
            assert outcome.memory_mb < 400
        assert first[0].value.scores == first[1].value.scores
        if sys.platform == "linux":
            tasks = Path(f"/proc/{first[0].pid}/task").iterdir()
            names = [(task / "comm").read_text().strip() for task in tasks]
            assert names.count("tf_XLAEigen") == 1
        kept = list((tmp_path / "home" / "cache").glob("xla-*/*"))
        assert kept
        (limited,) = outcomes(pool, [fold(2, 0.001)])
        assert limited.cause is None or limited.cause.value == "memory"
    # Other workers, which find what these have compiled, score the same.
    with LocalPool(1, MODULES) as pool:
        (again,) = outcomes(pool, [fold(3, 400.0)])
        assert again.value.scores == first[0].value.scores
    assert sorted((tmp_path / "home" / "cache").glob("xla-*/*-cache")) == sorted(
        path for path in kept if path.name.endswith("-cache")
    )


def test_importing_what_workers_import_starts_no_thread() -> None:
    """The fork server has it before it forks."""
    code = (
        "import importlib, os, sys, threading\n"
        "def count(): return len(os.listdir('/proc/self/task')) if sys.platform == 'linux' else 0\n"
        f"for name in {WORKER_MODULES!r}: importlib.import_module(name)\n"
        "before = count()\n"
        f"for name in {MODULES!r}: importlib.import_module(name)\n"
        "import jax._src.xla_bridge as bridge\n"
        "assert not bridge.backends_are_initialized()\n"
        "assert threading.active_count() == 1\n"
        "assert count() == before\n"
    )
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NPROC": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **one},
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
