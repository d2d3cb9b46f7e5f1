"""The engine as a front end has it: a process with a pipe at either end."""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from engine.protocol import events, message_codec
from engine.testing.inline_server import InlineServer

PATIENCE = 300.0


class Conversation:
    """What is asked of an engine, and what it has said."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.events: list[Any] = []
        self._replies: dict[int, Any] = {}
        self._heard: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._ids = itertools.count(1)

    def write(self, data: bytes) -> None:
        raise NotImplementedError

    def logged(self) -> str:
        """What it wrote elsewhere."""
        raise NotImplementedError

    def send(self, kind: type, **fields: Any) -> int:
        """Send a request; returns its id."""
        number = next(self._ids)
        self.write(message_codec.encode(kind(id=number, **fields)))
        return number

    def ask(self, kind: type, **fields: Any) -> Any:
        """The reply to a request."""
        return self.reply(self.send(kind, **fields))

    def reply(self, number: int) -> Any:
        self._until(lambda: number in self._replies)
        return self._replies[number]

    def replied(self, number: int) -> bool:
        return number in self._replies

    def wait(self, kind: type, **fields: Any) -> Any:
        """The first event of a kind with such fields that has not been waited for before."""

        def fits(event: Any) -> bool:
            return isinstance(event, kind) and all(
                getattr(event, name) == value for name, value in fields.items()
            )

        self._until(lambda: any(map(fits, self.events)))
        place = next(i for i, event in enumerate(self.events) if fits(event))
        return self.events.pop(place)

    def _until(self, reached: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not reached():
            message = self._heard.get(timeout=max(0.01, until - time.monotonic()))
            if message is None:
                self._heard.put(None)
                raise EOFError(self.logged())
            if isinstance(message, events.Event):
                self.events.append(message)
            else:
                assert message.id not in self._replies, "exactly one reply"
                self._replies[message.id] = message

    def _hear(self, line: bytes) -> None:
        self.lines.append(line)
        self._heard.put(message_codec.decode_message(line))


class Engine(Conversation):
    """An engine process."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self._output, self._logs = home.parent / f"{home.name}.log", home / "logs"
        with self._output.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "engine", "engine"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "TUNESMITH_HOME": str(home)},
            )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def logged(self) -> str:
        """What it wrote to its log files and on standard error."""
        files = [self._output, *sorted(self._logs.glob("engine-*.log"))]
        return "".join(file.read_text() for file in files)

    def hang_up(self) -> int:
        """Close the engine's input; its exit status, once it has ended."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._listener.join()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._hear(line)
        self._heard.put(None)


class Served(Conversation):
    """The same server in this process, whose fits run in its own thread."""

    def __init__(self) -> None:
        super().__init__()
        self._server = InlineServer(self._hear)

    def write(self, data: bytes) -> None:
        self._server.write(data)

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def engines(tmp_path: Path):
    """Starts engines; all are ended afterwards."""
    started: list[Engine] = []

    def make() -> Engine:
        started.append(Engine(tmp_path / "home"))
        return started[-1]

    yield make
    for engine in started:
        engine.close()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory):
    """One engine for tests that leave it as it was."""
    one = Engine(tmp_path_factory.mktemp("engine") / "home")
    yield one
    one.close()


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An engine in this process, where its being one of its own does not matter."""
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path / "home"))
    one = Served()
    yield one
    one.close()


@pytest.fixture(scope="session")
def plan():
    """Makes plans over the wine table that take little time."""
    from engine.plan import Budget, DataPlan
    from engine.runs import planning

    def make(trials: float = 3, workers: int = 1, **changes: object) -> Any:
        data = DataPlan("builtin:wine", target="target", task="multiclass")
        given = {
            "learner.id": "svm",
            "method.id": "random",
            "evaluation.resampling.kind": "kfold",
            "evaluation.resampling.folds": 3,
            "workers": workers,
            **{name.replace("__", "."): value for name, value in changes.items()},
        }
        draft = planning.draft(data, workers_available=2, changes=given)
        return msgspec.structs.replace(draft.plan, budget=Budget(evaluations=trials))

    return make


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
