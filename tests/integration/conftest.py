"""The engine as a process of its own, with a person's data folder of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "home"
    monkeypatch.setenv("TUNESMITH_HOME", str(place))
    return place


@pytest.fixture
def start():
    """Starts ``tunesmith`` with the arguments given; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def make(*arguments: object, **options: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "engine", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        started.append(process)
        return process

    yield make
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def tunesmith(start: Start) -> Callable[..., str]:
    """Calls ``tunesmith``, sees that all went well, and gives what it printed."""

    def make(*arguments: object) -> str:
        process = start(*arguments)
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
        assert "Traceback" not in err
        return out

    return make


@pytest.fixture
def family() -> Callable[[int], list[psutil.Process]]:
    """All processes that descend from one."""

    def find(pid: int) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(pid).children(recursive=True)
        return []

    return find


@pytest.fixture
def assert_gone() -> Callable[[Sequence[psutil.Process]], None]:
    """Sees that processes end, on a busy machine too."""

    def over(process: psutil.Process) -> bool:
        try:
            # The system's first process may take its time to bury the dead.
            return process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def check(processes: Sequence[psutil.Process]) -> None:
        until = time.monotonic() + 60
        while alive := [process for process in processes if not over(process)]:
            assert time.monotonic() < until, alive
            time.sleep(0.01)

    return check
