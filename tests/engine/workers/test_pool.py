"""The local pool: the common suite, and what only processes on this machine promise."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import engine
from engine.domain.trials import Cause
from engine.errors import InputError, RunError
from engine.testing.workers_suite import (
    LIMIT,
    WorkersSuite,
    alive,
    alive_pid,
    collect,
    do,
    job,
    until,
)
from engine.workers import LocalPool
from engine.workers.child import MOST_LOGGED, NICENESS, first_line

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class TestLocalPool(WorkersSuite):
    factory = "engine.workers:LocalPool"


@pytest.fixture
def pool() -> Iterator[LocalPool]:
    with LocalPool(1) as pool:
        yield pool


def descendants() -> set[psutil.Process]:
    return set(alive(psutil.Process().children(recursive=True)))


# --- what a worker finds --------------------------------------------------------------------------


def test_a_worker_is_quiet_polite_and_single_threaded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ONE_THREAD:
        monkeypatch.setenv(name, "7")
    monkeypatch.delenv("MKL_NUM_THREADS")
    monkeypatch.delenv(NICENESS)
    environment = dict(os.environ)
    with LocalPool(1) as pool:
        found = do(pool, "surroundings").value
    assert os.environ == environment
    assert {found["environment"][name] for name in ONE_THREAD} == {"1"}
    assert found["folder"] == str(Path.cwd())
    assert found["path"] == sys.path
    assert found["faulthandler"]
    assert found["interrupt_ignored"]
    assert found["niceness"] is None or found["niceness"] >= min(19, os.nice(0) + 10)


def test_preloaded_modules_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "heavy_module.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    with LocalPool(1, ["heavy_module"]) as pool:
        assert "heavy_module" in do(pool, "surroundings").value["modules"]


@posix_only
def test_the_fork_server_imports_once_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "counting_module.py").write_text(
        f"with open({str(tmp_path / 'imports')!r}, 'a') as file: file.write('x')"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with LocalPool(3, ["counting_module"]) as pool:
        for number in range(3):
            pool.submit(job(number, "echo", number))
        collect(pool, 3)
    assert (tmp_path / "imports").read_text() == "x"


def test_modules_in_the_current_folder_do_not_get_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit('the wrong random')")
    monkeypatch.setattr(sys, "path", [str(Path(entry).resolve()) for entry in sys.path])
    monkeypatch.chdir(tmp_path)
    with LocalPool(1) as pool:
        assert do(pool, "surroundings").value["folder"] == str(tmp_path)


# --- memory ---------------------------------------------------------------------------------------


def test_a_jobs_own_processes_count_and_go_with_it(pool: LocalPool, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    outcome = do(pool, "hog_in_child", 400, str(file), memory_mb=150.0, seconds=300.0)
    assert outcome.cause is Cause.MEMORY
    assert until(lambda: not alive_pid(int(file.read_text())))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such bound")
def test_what_takes_far_more_than_its_limit_at_once_gets_none(pool: LocalPool) -> None:
    refused = do(pool, "take_at_once", 2_000, memory_mb=150.0)
    assert refused.cause is Cause.MEMORY
    assert "150 MB" in refused.message
    assert "take_at_once" in refused.details
    # The worker lives on, and the bound was for that job alone.
    free, wide = do(pool, "take_at_once", 2_000), do(pool, "take_at_once", 2_000, memory_mb=3_000.0)
    assert free.value == wide.value == 2_000_000_000
    assert free.pid == wide.pid == refused.pid


def test_a_worker_that_has_grown_is_replaced_after_its_job() -> None:
    with LocalPool(1, recycle_mb=100.0) as pool:
        first = do(pool, "keep", 60)
        second = do(pool, "keep", 60)
        third = do(pool, "echo", 1)
    assert first.cause is None
    assert second.pid == first.pid
    assert third.pid != second.pid


# --- coming and going -----------------------------------------------------------------------------


def test_a_job_can_be_killed_before_its_worker_is_up() -> None:
    with LocalPool(1) as pool:
        pool.submit(job(1, "echo", 1))
        pool.kill(1)
        assert collect(pool, 1)[1].cause is Cause.KILLED
        assert do(pool, "echo", 2).value == 2


def test_a_job_waits_for_a_worker_that_dies_before_it_is_up() -> None:
    with LocalPool(1) as pool:
        psutil.Process(pool.pids[0]).kill()
        assert do(pool, "echo", 1).value == 1


@pytest.mark.parametrize("error", ["ImportError", "RuntimeError", "SystemExit"])
def test_a_module_that_does_not_load_stops_the_pool_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    before = descendants()
    (tmp_path / "broken_module.py").write_text(f"raise {error}('the reason')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RunError, match="the reason"), LocalPool(2, ["broken_module"]) as pool:
        pool.submit(job(1, "echo", 1))
        pool.poll(LIMIT)
    assert until(lambda: descendants() <= before)


def test_a_module_that_crashes_stops_the_pool_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "crashing_module.py").write_text("import os, signal; os.abort()")
    monkeypatch.syspath_prepend(tmp_path)
    with (
        pytest.raises(RunError, match=r"(?i)abort|exit status"),
        LocalPool(1, ["crashing_module"]) as pool,
    ):
        pool.poll(LIMIT)


def test_a_fault_lasts() -> None:
    with LocalPool(1, ["no_such_module"]) as pool:
        for _ in range(2):
            with pytest.raises(RunError):
                pool.poll(LIMIT)
        with pytest.raises(RunError):
            pool.submit(job(1, "echo", 1))


def test_a_pool_has_at_least_one_worker() -> None:
    with pytest.raises(ValueError, match="at least one"):
        LocalPool(0)


@posix_only
def test_the_last_pool_leaves_no_process_and_no_file_open() -> None:
    def open_files() -> int:
        return psutil.Process().num_fds()

    with LocalPool(1):
        pass  # multiprocessing opens a few things for good, once
    processes, files = descendants(), open_files()
    one, other = LocalPool(2), LocalPool(1)
    do(one, "raise_error", "x")
    do(one, "leave_rudely", 1)
    one.close()
    assert do(other, "echo", 1).value == 1
    other.close()
    assert until(lambda: descendants() <= processes)
    assert open_files() <= files


BESIDE_JOBLIB = """
from joblib import Parallel, delayed
from engine.workers import LocalPool

if __name__ == "__main__":
    with LocalPool(1):
        print(*Parallel(n_jobs=2)(delayed(abs)(x) for x in (-1, -2)))
    print("closed", flush=True)
"""


def test_a_pool_closes_beside_joblibs_processes(tmp_path: Path) -> None:
    """They share multiprocessing's resource tracker, and live on when the pool closes."""
    script = tmp_path / "beside_joblib.py"
    script.write_text(BESIDE_JOBLIB)
    environment = os.environ | {"PYTHONPATH": str(Path(engine.__file__).parents[1])}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1", "2", "closed"]


@posix_only
def test_ctrl_c_reaches_the_engine_only(pool: LocalPool) -> None:
    import signal

    pid = do(pool, "echo", 1).pid
    os.kill(pid, signal.SIGINT)
    outcome = do(pool, "echo", 2)
    assert (outcome.value, outcome.pid) == (2, pid)


def test_waiting_costs_no_time(pool: LocalPool, tmp_path: Path) -> None:
    pool.submit(job(1, "hang", "sleep", str(tmp_path / "started"), seconds=60.0))
    assert until((tmp_path / "started").exists, pool)
    begin = time.process_time()
    assert pool.poll(1.0) == []
    assert time.process_time() - begin < 0.1


# --- what is logged in a worker -------------------------------------------------------------------


def test_what_a_job_logs_is_logged_by_the_engine_and_never_a_flood(
    pool: LocalPool, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        caplog.clear()
        assert do(pool, "log", 1000).cause is None
        assert len(caplog.records) == MOST_LOGGED
    said = [(record.name, record.levelname) for record in caplog.records]
    assert said[:2] == [("somebody.else", "WARNING"), ("somebody.else", "ERROR")]
    texts = [record.getMessage() for record in caplog.records]
    assert texts[0] == "worker 0: in a thread"
    assert texts[1].startswith("worker 0: It happened\nTraceback")
    assert "ValueError: worn out" in texts[1]
    assert texts[2] == "worker 0: again 0"


def test_what_a_job_warns_of_is_logged(pool: LocalPool, caplog: pytest.LogCaptureFixture) -> None:
    do(pool, "log", 0)
    assert any("older than it looks" in text for text in caplog.messages)


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("one\ntwo"), "one"),
        (ValueError("\n  one  \ntwo"), "one"),
        (ValueError(), "ValueError"),
        (KeyError("C"), "KeyError: 'C'"),
        (SystemExit(2), "SystemExit: 2"),
        (
            InputError("space.name", name="C"),
            "Two hyperparameters are called “C”. Give each its own name.",
        ),
    ],
)
def test_the_first_line_of_an_error_says_enough(error: BaseException, words: str) -> None:
    assert first_line(error) == words
