"""Pages before the engine's own server in this process: one for all tests, a session for each.

Answers and searches are true; only the process and its workers are left out, so that nothing waits
for one to start. Tests of the processes themselves are in ``tests/integration``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from engine.plan import Plan
from engine.space import SearchSpace
from engine.testing.inline_server import InlineServer, tune
from engine.testing.inline_workers import Gate
from gui.comparing import Comparing
from gui.context import Context
from gui.engine_client import EngineClient
from gui.engine_process import EngineProcess
from gui.pages.base import Page
from gui.preferences import SettingsStore
from gui.run import Run
from gui.session import Session
from gui.theme import ThemeManager

QUICK: dict[str, Any] = {
    "evaluation.resampling.kind": "kfold",
    "evaluation.resampling.folds": 3,
    "budget.evaluations": 6,
    "method.id": "random",
    "workers": 1,
    "seed": 3,
}
"""A search of a moment."""
THREE_FOLDS: dict[str, Any] = {
    "evaluation__resampling__kind": "kfold",
    "evaluation__resampling__folds": 3,
}
RANDOM_SVM: dict[str, Any] = {"learner__id": "svm", "method__id": "random"}


class EngineHere(EngineProcess):
    """The engine in this process; `gate` holds its fits back."""

    def __init__(self) -> None:
        super().__init__()
        self._server: InlineServer | None = None

    @property
    def gate(self) -> Gate:
        assert self._server is not None
        return self._server.gate

    @property
    def running(self) -> bool:
        return self._server is not None

    @property
    def pid(self) -> int:
        return os.getpid() if self.running else 0

    def start(self) -> None:
        self._server = InlineServer(self.received.emit)

    def write(self, line: bytes) -> None:
        assert self._server is not None
        self._server.write(line)

    def stop(self, farewell: bytes) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> ThemeManager:
    return ThemeManager(qapp, "light")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where engines keep their library while tests run."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("TUNESMITH_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def process(qapp: QApplication, home: Path) -> EngineHere:
    return EngineHere()


@pytest.fixture(scope="session")
def engine(process: EngineHere) -> Iterator[EngineClient]:
    client = EngineClient(process)
    client.start()
    yield client
    client.shutdown()


@pytest.fixture
def gate(process: EngineHere, engine: EngineClient) -> Gate:
    """Holds fits back, until the test ends at the latest."""
    return process.gate


@pytest.fixture
def context(
    qtbot, engine: EngineClient, gate: Gate, theme: ThemeManager, tmp_path: Path
) -> Iterator[Context]:
    qtbot.waitUntil(lambda: engine.welcome is not None)
    session, run = Session(engine), Run(engine)
    settings = SettingsStore(tmp_path / "preferences.json")
    comparing = Comparing(engine)
    yield Context(
        client=engine,
        session=session,
        run=run,
        comparing=comparing,
        settings=settings,
        theme=theme,
    )
    gate.let()
    session.cancel_open()
    session.cancel_probe()
    if run.state.active:
        qtbot.waitUntil(lambda: run.state.phase != "starting")
        run.stop()
        qtbot.waitUntil(lambda: not run.state.active)
    if comparing.state.active:
        qtbot.waitUntil(lambda: comparing.state.phase != "starting")
        comparing.stop()
        qtbot.waitUntil(lambda: not comparing.state.active)
    for part in (session, run, comparing):
        part.deleteLater()


@pytest.fixture
def until(qtbot) -> Callable[[Callable[[], bool]], None]:
    """Wait until something holds, as long as the engine may take."""

    def wait(holds: Callable[[], bool]) -> None:
        qtbot.waitUntil(holds)

    return wait


@pytest.fixture
def show(qtbot, context: Context) -> Callable[[type[Page]], Page]:
    """Make a page and show it, as the window does."""

    def make(page_class: type[Page]) -> Page:
        page = page_class(context)
        qtbot.addWidget(page)
        page.resize(1016, 660)
        page.show()
        page.enter()
        return page

    return make


@pytest.fixture
def choose(context: Context, until) -> Callable[..., None]:
    """Open a table, choose its target if one is given, and wait for the guide's plan."""

    def choose_table(source: str | Path, target: str | None = None) -> None:
        session = context.session
        session.open(str(source))
        until(lambda: session.state.table is not None and not session.state.busy)
        if target is not None:
            session.change_data(f"Predict {target}", target=target)
        until(lambda: session.state.fresh and session.state.plan is not None)

    return choose_table


@pytest.fixture
def plan_for(context: Context, choose, until) -> Callable[..., Plan]:
    """Choose a table and a model through the session, for a quick search."""

    def make(
        learner: str = "svm",
        source: str = "builtin:iris",
        *,
        fixed: Mapping[str, object] | None = None,
        **changes: object,
    ) -> Plan:
        """``fixed``: hyperparameters held; ``changes``: plan fields, ``__`` for a dot."""
        session, fixed = context.session, dict(fixed or {})
        choose(source)
        session.choose_learner(learner)
        until(lambda: session.state.fresh and session.state.plan.learner.id == learner)
        assert session.state.space is not None
        kept = tuple(p for p in session.state.space.parameters if p.name not in fixed)
        asked = {path.replace("__", "."): value for path, value in changes.items()}
        held = {f"learner.fixed.{name}": value for name, value in fixed.items()}
        held |= {"space": SearchSpace(kept)} if fixed else {}
        session.change("Make it quick", QUICK | held | asked)
        until(lambda: session.state.fresh)
        assert session.state.plan is not None
        return session.state.plan

    return make


@pytest.fixture(scope="session")
def tuned(home: Path) -> Callable[..., Path]:
    """Makes a finished run: its name, its table, and fields of its plan by dotted path."""

    def make(name: str, source: str, **changes: Any) -> Path:
        folder = home / "runs" / name
        fields = {path.replace("__", "."): value for path, value in changes.items()}
        tune(folder, source, {"workers": 1, "seed": 1, **fields})
        return folder

    return make


@pytest.fixture(scope="session")
def classified(tuned: Callable[..., Path]) -> Path:
    """A finished search on wine: three classes."""
    return tuned("classified", "builtin:wine", **THREE_FOLDS, **RANDOM_SVM, budget__evaluations=24)


@pytest.fixture(scope="session")
def regressed(tuned: Callable[..., Path]) -> Path:
    """A finished search on diabetes: a regression."""
    method = {"learner__id": "elastic_net", "method__id": "random"}
    return tuned("regressed", "builtin:diabetes", **THREE_FOLDS, **method, budget__evaluations=4)


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Path], str]:
    """A copy of a run, to be changed; outside the library."""

    def copy(folder: Path) -> str:
        return str(shutil.copytree(folder, tmp_path / folder.name))

    return copy


@pytest.fixture
def opened(context: Context, until) -> Callable[[Path | str], None]:
    """Open a run that is on disk, and wait for all it has."""

    def open_run(folder: Path | str) -> None:
        run = context.run
        run.open(str(folder))
        until(lambda: run.state.summary is not None and len(run.store) == run.state.summary.trials)
        until(lambda: run.state.phase != "finished" or run.state.results is not None)

    return open_run
