"""The command line, called in this process and as a person calls it."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.cli import main
from engine.runs.run_executor import WORKER_MODULES
from engine.workers import fork_server as server

ENGINE = [sys.executable, "-m", "engine"]
SMALL = ["--learner", "svm", "--method", "random", "--trials", "3", "--folds", "3"]


class Said(NamedTuple):
    """What a call came to."""

    status: int
    out: str
    err: str


class Finished(NamedTuple):
    """A run of the command line, what it printed, its table and the library that lists it."""

    folder: Path
    out: str
    err: str
    table: Path
    home: Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's data folder of its own."""
    place = tmp_path / "home"
    monkeypatch.setenv("TUNESMITH_HOME", str(place))
    return place


@pytest.fixture(scope="module", autouse=True)
def fork_server() -> Iterator[None]:
    """One for all searches of a module: importing what workers need takes longest."""
    server.enter(WORKER_MODULES)
    yield
    server.leave()


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call the command line in this process."""

    def make(*arguments: object) -> Said:
        capsys.readouterr()
        status = main([str(a) for a in arguments])
        return Said(status, *capsys.readouterr())

    return make


def spawn(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Call the command line as a process of its own."""
    environment = {**os.environ, **options.pop("env", {})}
    return subprocess.Popen(
        [*ENGINE, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **options,
    )


@pytest.fixture
def start():
    """Starts processes; those still running are killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def make(*arguments: object, **options: Any) -> subprocess.Popen[str]:
        started.append(spawn(*arguments, **options))
        return started[-1]

    yield make
    for process in started:
        process.kill()
        process.communicate()


def write_rows(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a table into the test's folder."""
    return lambda name, header, rows: write_rows(tmp_path / name, header, rows)


def shapes(count: int = 60) -> list[list[object]]:
    draw = random.Random(5)
    rows: list[list[object]] = []
    for number in range(count):
        size = draw.gauss(10, 3)
        colour = draw.choice(["red", "blue", ""])
        kind = "big" if size + (colour == "red") * 2 > 10.5 else "small"
        rows.append([f"{size:.3f}" if number % 9 else "", colour, draw.randint(0, 5), kind])
    return rows


@pytest.fixture
def table(write: Callable[..., Path]) -> Path:
    """60 rows with a number, a category, gaps, and two classes in ``kind``."""
    return write("shapes.csv", ["size", "colour", "count", "kind"], shapes())


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A whole search, made by a process of its own. Read it only."""
    place = tmp_path_factory.mktemp("finished")
    source = write_rows(place / "shapes.csv", ["size", "colour", "count", "kind"], shapes())
    folder, home = place / "out" / "run", place / "home"
    arguments = ["tune", source, "--target", "kind", *SMALL, "--out", folder, "--json"]
    process = spawn(*arguments, env={"TUNESMITH_HOME": str(home)}, cwd=place)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    return Finished(folder, out, err, source, home)
