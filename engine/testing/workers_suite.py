"""What every kind of `engine.workers.Workers` must hold to, as a test class to inherit.

class TestMyWorkers(WorkersSuite):
    factory = "my.module:MyWorkers"  # called with the number of workers
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import psutil
import pytest

from engine.domain.trials import Cause
from engine.workers import Job, JobResult, Workers

JOBS = "engine.testing.worker_jobs"
LIMIT = 60.0
"""Seconds that nothing here takes, on a machine that is busy with other things too."""

ENGINE = """
import importlib, sys
from engine.workers import Job
module, _, name = "{factory}".partition(":")
workers = getattr(importlib.import_module(module), name)(2)
def run(function, *args):
    workers.submit(Job(0, "{jobs}:" + function, args))
    return workers.poll(60.0)
"""
"""How a script begins that plays the engine."""


def job(number: int, function: str, *args: Any, **limits: float) -> Job:
    """A job of `engine.testing.worker_jobs`."""
    return Job(number, f"{JOBS}:{function}", args, **limits)


def collect(workers: Workers, count: int, seconds: float = LIMIT) -> dict[int, JobResult]:
    """The next ``count`` results by job id."""
    results: dict[int, JobResult] = {}
    end = time.monotonic() + seconds
    while len(results) < count:
        left = end - time.monotonic()
        assert left > 0, f"only {sorted(results)} came back"
        results |= {result.job_id: result for result in workers.poll(left)}
    return results


def do(workers: Workers, function: str, *args: Any, **limits: float) -> JobResult:
    """The result of one job."""
    workers.submit(job(0, function, *args, **limits))
    return collect(workers, 1)[0]


def until(condition: Callable[[], bool], workers: Workers | None = None) -> bool:
    """Whether ``condition`` comes true in time; ``workers`` are polled meanwhile."""
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            return False
        if workers is None:
            time.sleep(0.01)
        else:
            assert workers.poll(0.01) == []
    return True


def alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; what only waits to be reaped has ended."""

    def runs(process: psutil.Process) -> bool:
        try:
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return [process for process in processes if runs(process)]


class WorkersSuite:
    """Inherit and name the factory; see the module's docstring."""

    factory: ClassVar[str]
    """``module:callable`` that takes the number of workers."""

    @classmethod
    def make(cls, size: int) -> Workers:
        """New workers."""
        module, _, name = cls.factory.partition(":")
        return getattr(importlib.import_module(module), name)(size)

    @pytest.fixture(scope="class")
    @classmethod
    def shared(cls) -> Iterator[Workers]:
        workers = cls.make(2)
        yield workers
        workers.close()

    @pytest.fixture
    def workers(self, shared: Workers) -> Iterator[Workers]:
        """Two workers, the same for all tests: each test must leave them fit for the next."""
        yield shared
        assert shared.idle == shared.size
        result = do(shared, "echo", "still well")
        assert result.value == "still well"

    # --- values and errors --------------------------------------------------------------------

    def test_a_job_returns_its_value_and_where_and_when_it_ran(self, workers: Workers) -> None:
        before = time.time()
        result = do(workers, "echo", {"a": (1, 2.5, None)}, 0.05)
        assert result.value == {"a": (1, 2.5, None)}
        assert result.cause is None
        assert result.message == ""
        assert 0.05 <= result.seconds < 5.0
        assert before - 0.1 <= result.started <= time.time()
        assert result.worker in (0, 1)
        assert psutil.pid_exists(result.pid)

    def test_large_arrays_pass_both_ways(self, workers: Workers) -> None:
        values = np.arange(1_000_000.0)
        assert np.array_equal(do(workers, "double_of_array", values).value, values * 2)

    def test_results_come_in_the_order_in_which_jobs_end(self, workers: Workers) -> None:
        workers.submit(job(1, "echo", "slow", 0.4))
        workers.submit(job(2, "echo", "quick"))
        first = workers.poll(LIMIT)
        assert [(o.job_id, o.value) for o in first] == [(2, "quick")]
        assert collect(workers, 1)[1].value == "slow"

    def test_many_jobs_each_get_their_own_result(self, workers: Workers) -> None:
        results: dict[int, Any] = {}
        for number in range(100):
            while workers.idle == 0:
                results |= {o.job_id: o.value for o in workers.poll(LIMIT)}
            workers.submit(job(number, "echo", number * number))
        while len(results) < 100:
            results |= {o.job_id: o.value for o in workers.poll(LIMIT)}
        assert results == {number: number * number for number in range(100)}

    def test_an_exception_is_one_line_and_its_traceback(self, workers: Workers) -> None:
        result = do(workers, "raise_error", "Input contains NaN.\nMore about it.")
        assert result.cause is Cause.ERROR
        assert result.message == "Input contains NaN."
        assert "ValueError" in result.details
        assert "raise_error" in result.details

    def test_a_long_message_is_cut(self, workers: Workers) -> None:
        assert len(do(workers, "raise_error", "x" * 10_000).message) == 300

    def test_an_exception_without_words_has_its_name(self, workers: Workers) -> None:
        assert do(workers, "raise_error", "").message == "ValueError"

    def test_a_memory_error_is_its_own_cause(self, workers: Workers) -> None:
        result = do(workers, "raise_memory_error")
        assert result.cause is Cause.MEMORY
        assert "memory" in result.message

    @pytest.mark.parametrize("function", ["unpicklable", "unloadable"])
    def test_a_result_that_can_not_travel_is_an_error(
        self, workers: Workers, function: str
    ) -> None:
        result = do(workers, function)
        assert result.cause is Cause.ERROR
        assert result.value is None
        assert result.message

    def test_unknown_functions_are_errors(self, workers: Workers) -> None:
        assert do(workers, "no_such_function").cause is Cause.ERROR
        workers.submit(Job(0, "no.such.module:f"))
        assert collect(workers, 1)[0].cause is Cause.ERROR

    def test_arguments_that_can_not_travel_are_refused_at_once(self, workers: Workers) -> None:
        with pytest.raises(Exception, match=r"(?i)pickle|local object"):
            workers.submit(job(0, "echo", lambda: None))

    # --- workers that die ---------------------------------------------------------------------

    def test_sys_exit_does_not_end_the_worker(self, workers: Workers) -> None:
        result = do(workers, "leave_politely")
        assert result.cause is Cause.ERROR
        assert psutil.pid_exists(result.pid)

    def test_a_crash_loses_the_job_and_says_how(self, workers: Workers) -> None:
        result = do(workers, "crash")
        assert result.cause is Cause.LOST
        if sys.platform != "win32":
            assert "egmentation fault" in result.message

    def test_an_exit_loses_the_job_and_says_how(self, workers: Workers) -> None:
        result = do(workers, "leave_rudely", 7)
        assert result.cause is Cause.LOST
        assert "exit status 7" in result.message

    def test_a_worker_killed_from_outside_is_replaced(
        self, workers: Workers, tmp_path: Path
    ) -> None:
        pid = do(workers, "echo", 1).pid
        psutil.Process(pid).kill()
        assert until(lambda: not alive_pid(pid), workers)
        assert workers.poll(0.2) == []  # its pipe may close a moment after its main thread ended
        assert {do(workers, "echo", n).value for n in range(4)} == {0, 1, 2, 3}

    # --- limits -------------------------------------------------------------------------------

    @pytest.mark.parametrize("how", ["sleep", "loop", "native"])
    def test_a_hung_job_is_stopped_at_its_limit(
        self, workers: Workers, tmp_path: Path, how: str
    ) -> None:
        workers.submit(job(1, "hang", how, str(tmp_path / "started"), seconds=0.2))
        workers.submit(job(2, "echo", "undisturbed", 0.4))
        results = collect(workers, 2)
        assert results[1].cause is Cause.TIMEOUT
        assert 0.2 <= results[1].seconds < LIMIT
        assert "0.2 s" in results[1].message
        assert until(lambda: not alive_pid(results[1].pid))
        assert results[2].value == "undisturbed"

    def test_a_job_within_its_limits_is_left_alone(self, workers: Workers) -> None:
        result = do(workers, "echo", 1, 0.3, seconds=30.0, memory_mb=1000.0)
        assert result.value == 1

    def test_a_memory_hog_is_stopped_alone(self, workers: Workers) -> None:
        workers.submit(job(1, "hog", 400, memory_mb=150.0))
        workers.submit(job(2, "echo", "undisturbed", 0.5))
        results = collect(workers, 2)
        assert results[1].cause is Cause.MEMORY
        assert "150 MB" in results[1].message
        assert 150.0 < results[1].memory_mb < 500.0
        assert results[1].seconds < LIMIT
        assert until(lambda: not alive_pid(results[1].pid))
        assert results[2].value == "undisturbed"

    def test_memory_that_was_used_is_reported(self, workers: Workers) -> None:
        assert 80.0 < do(workers, "use_and_free", 100).memory_mb < 400.0

    # --- kill ---------------------------------------------------------------------------------

    @pytest.mark.parametrize("how", ["sleep", "native"])
    def test_one_job_is_killed_while_others_go_on(
        self, workers: Workers, tmp_path: Path, how: str
    ) -> None:
        started = tmp_path / "started"
        workers.submit(job(1, "hang", how, str(started)))
        workers.submit(job(2, "hang", "sleep", str(tmp_path / "other")))
        assert until(lambda: started.exists() and (tmp_path / "other").exists(), workers)
        begin = time.monotonic()
        workers.kill(1)
        result = collect(workers, 1)[1]
        assert time.monotonic() - begin < LIMIT
        assert result.cause is Cause.KILLED
        assert result.message == "Stopped by you."
        assert until(lambda: not alive_pid(result.pid))
        assert workers.idle == 1
        assert do(workers, "echo", "new worker").value == "new worker"
        workers.kill(2)
        assert collect(workers, 1)[2].cause is Cause.KILLED

    def test_killing_what_does_not_run_changes_nothing(self, workers: Workers) -> None:
        workers.kill(12345)
        assert workers.poll(0.0) == []

    # --- the owner's side ---------------------------------------------------------------------

    def test_poll_without_outcomes_keeps_to_its_timeout(self, workers: Workers) -> None:
        begin = time.monotonic()
        assert workers.poll(0.0) == []
        assert workers.poll(0.1) == []
        assert 0.09 <= time.monotonic() - begin < LIMIT

    def test_wake_makes_poll_return(self, workers: Workers) -> None:
        thread = threading.Thread(target=lambda: [workers.wake() for _ in range(1000)])
        begin = time.monotonic()
        thread.start()
        assert workers.poll(LIMIT) == []
        thread.join()
        workers.wake()
        assert workers.poll(LIMIT) == []
        assert time.monotonic() - begin < LIMIT

    def test_a_busy_pool_and_a_job_twice_are_programming_errors(self, workers: Workers) -> None:
        workers.submit(job(1, "echo", 1, 0.2))
        with pytest.raises(RuntimeError):
            workers.submit(job(1, "echo", 1))
        workers.submit(job(2, "echo", 2, 0.2))
        assert workers.idle == 0
        with pytest.raises(RuntimeError):
            workers.submit(job(3, "echo", 3))
        assert collect(workers, 2).keys() == {1, 2}

    # --- the end ------------------------------------------------------------------------------

    def test_close_ends_everything_and_may_be_repeated(self, tmp_path: Path) -> None:
        before = set(psutil.Process().children(recursive=True))
        workers = self.make(2)
        workers.submit(job(1, "hang", "native", str(tmp_path / "started")))
        assert until((tmp_path / "started").exists, workers)
        mine = set(psutil.Process().children(recursive=True)) - before
        assert mine
        begin = time.monotonic()
        workers.close()
        workers.close()
        workers.wake()
        assert time.monotonic() - begin < LIMIT
        assert until(lambda: not alive(mine))
        with pytest.raises(RuntimeError):
            workers.submit(job(2, "echo", 1))

    def test_nothing_outlives_a_killed_engine(self, tmp_path: Path) -> None:
        script = self._script(f"""
            for number, how in enumerate(("native", "loop")):
                workers.submit(Job(number, "{JOBS}:hang", (how, f"{tmp_path}/{{how}}")))
            workers.poll()
        """)
        engine = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.DEVNULL)
        try:
            files = [tmp_path / "native", tmp_path / "loop"]
            assert until(lambda: all(file.exists() for file in files))
            below = psutil.Process(engine.pid).children(recursive=True)
            assert len(below) >= 2
        finally:
            engine.kill()
        begin = time.monotonic()
        engine.wait()
        assert until(lambda: not alive(below)), alive(below)
        assert time.monotonic() - begin < LIMIT

    def test_nothing_outlives_an_engine_that_forgets_to_close(self, tmp_path: Path) -> None:
        script = self._script(f"""
            import psutil
            workers.submit(Job(0, "{JOBS}:hang", ("native", "{tmp_path}/started")))
            while not __import__("os").path.exists("{tmp_path}/started"):
                workers.poll(0.05)
            print(*(process.pid for process in psutil.Process().children(recursive=True)))
        """)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=600)
        pids = [int(pid) for pid in done.stdout.split()]
        assert len(pids) >= 2
        assert until(lambda: not any(alive_pid(pid) for pid in pids))

    def test_what_jobs_print_never_reaches_the_engines_output(self) -> None:
        script = self._script("""
            print("first")
            result, = run("chatter", 2000)
            print(result.value)
            workers.close()
        """)
        done = subprocess.run(
            [sys.executable, "-c", script],
            input=b"the engine's own input",
            capture_output=True,
            timeout=30,
        )
        assert done.stdout.split() == [b"first", b"0"]
        assert done.stderr.count(b"raw noise") == 2000

    def _script(self, body: str) -> str:
        return ENGINE.format(factory=self.factory, jobs=JOBS) + textwrap.dedent(body)


def alive_pid(pid: int) -> bool:
    """Whether a process of this id runs."""
    try:
        return bool(alive([psutil.Process(pid)]))
    except psutil.NoSuchProcess:
        return False
