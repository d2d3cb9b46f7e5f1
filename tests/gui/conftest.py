"""The window before a small engine that is a real process; nothing of the person is touched."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.domain.advice import Advice, ProbeResult
from engine.domain.cards import Catalog, LearnerCard, MeasureCard, MethodCard
from engine.domain.results import RunSummary
from engine.domain.tables import Column, Table
from engine.plan import (
    Budget,
    Configurations,
    DataPlan,
    EvaluationPlan,
    LearnerPlan,
    MethodPlan,
    Plan,
)
from engine.space import Categorical, Condition, Float, Integer, SearchSpace
from gui.comparing import Comparing
from gui.context import Context
from gui.engine_client import EngineClient
from gui.engine_process import EngineProcess
from gui.preferences import SettingsStore
from gui.run import Run
from gui.session import Session
from gui.theme import ThemeManager

FAKE_ENGINE = Path(__file__).with_name("fake_engine.py")
WAIT_MS = 300_000


@pytest.fixture
def space() -> SearchSpace:
    """A space of every kind: log float, integer, choice, and one parameter with a condition."""
    return SearchSpace(
        (
            Float("C", 0.01, 100.0, log=True),
            Integer("depth", 1, 20),
            Categorical("kernel", ("rbf", "poly")),
            Float("gamma", 0.001, 1.0, log=True),
        ),
        (Condition("gamma", "kernel", ("rbf",)),),
    )


@pytest.fixture
def plan(space: SearchSpace) -> Plan:
    return Plan(
        data=DataPlan(source="builtin:wine", target="target", task="multiclass"),
        learner=LearnerPlan(id="svm"),
        search=Configurations(space, MethodPlan(id="tpe", options={"gamma": 0.1})),
        evaluation=EvaluationPlan(measure="accuracy"),
        budget=Budget(evaluations=40),
        workers=2,
    )


@pytest.fixture
def catalog() -> Catalog:
    """Labels for the ids of `plan`."""
    return Catalog(
        learners=(
            _learner("svm", "Support vector machine"),
            _learner("random_forest", "Random forest"),
        ),
        methods=(
            MethodCard("tpe", "TPE", "", "", "tpe"),
            MethodCard("random", "Random search", "", "", "random"),
        ),
        measures=(MeasureCard("accuracy", "accuracy", True, ("multiclass",), "", "accuracy"),),
        datasets=(),
    )


@pytest.fixture
def table() -> Table:
    return Table(
        data=DataPlan(source="builtin:wine"),
        rows=178,
        columns=(
            Column("alcohol", "number", True, 0, 126),
            Column("target", "category", False, 0, 3),
        ),
        preview=(("14.2", "a"),),
        suggested_target="target",
        tasks=("multiclass",),
    )


@pytest.fixture
def answers(tmp_path: Path, plan: Plan, space: SearchSpace, catalog: Catalog, table: Table) -> Path:
    """What the small engine knows, as a file."""
    summary = RunSummary(
        path="/runs/old",
        name="old",
        state="interrupted",
        created=0.0,
        learner="Support vector machine",
        data="wine",
        target="target",
        method="TPE",
        measure="accuracy",
        trials=3,
        failed=0,
        evaluations=3,
        planned=40,
        best=0.9,
    )
    file = tmp_path / "answers.json"
    file.write_bytes(
        msgspec.json.encode(
            {
                "welcome": {
                    "version": 1,
                    "engine": "0",
                    "catalog": catalog,
                    "workers": 2,
                    "library": str(tmp_path / "runs"),
                },
                "table": table,
                "plan": plan,
                "advised": {
                    "plan": plan,
                    "advice": Advice(),
                    "space": space,
                    "default": {"C": 1.0, "depth": 5, "kernel": "rbf", "gamma": 0.1},
                    "test_rows": 36,
                    "train_rows": 142,
                },
                "probe": ProbeResult(0.2, 1.0, 50.0, 0.9),
                "runs": [],
                "summary": summary,
            }
        )
    )
    return file


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """Waits for events as long as a machine may take that is busy with other things."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitExposed"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=WAIT_MS))
    return qtbot


@pytest.fixture
def command(answers: Path) -> list[str]:
    """Starts the small engine."""
    return [sys.executable, str(FAKE_ENGINE), str(answers)]


@pytest.fixture
def client(qtbot, command: list[str], tmp_path: Path) -> Iterator[EngineClient]:
    """A client whose engine has said welcome."""
    client = EngineClient(EngineProcess(command, tmp_path / "engine.log"))
    with qtbot.waitSignal(client.ready):
        client.start()
    yield client
    client.shutdown()
    client.deleteLater()


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[ThemeManager]:
    manager = ThemeManager(qapp, "light")
    yield manager
    manager.deleteLater()


@pytest.fixture
def context(client: EngineClient, theme: ThemeManager, tmp_path: Path) -> Iterator[Context]:
    session, run = Session(client), Run(client)
    settings = SettingsStore(tmp_path / "preferences.json")
    comparing = Comparing(client)
    yield Context(
        client=client,
        session=session,
        run=run,
        comparing=comparing,
        settings=settings,
        theme=theme,
    )
    for part in (session, run, comparing, settings):
        part.deleteLater()


def _learner(id_: str, label: str) -> LearnerCard:
    return LearnerCard(id_, label, "", "", "", ("multiclass",), (), id_)


@pytest.fixture
def until_shown(qtbot) -> Callable[[QWidget], None]:
    """Show a widget and wait until it is there."""

    def show(widget: QWidget) -> None:
        with qtbot.waitExposed(widget):
            widget.show()

    return show
