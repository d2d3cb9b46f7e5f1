"""The whole window with the real engine: closing, crashes, names of controls, the smallest size."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QTableView,
    QWidget,
)

from engine.archive import is_locked
from engine.domain.trials import Cause, TrialState
from engine.space import SearchSpace
from gui import app, pages
from gui.canvas import Canvas
from gui.shell import closing
from gui.shell.closing import Answer
from gui.tables.store import TrialStore
from gui.tuning_feed import TuningFeed
from gui.window import MINIMUM, MainWindow

ROOT = Path(__file__).resolve().parents[2]
WAIT_MS = 300_000
"""Longest wait, on a machine that is loaded: the engine loads its libraries first."""
CONTROLS = (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
    Canvas,
)
HEAVY = ("sklearn", "scipy", "optuna", "pandas", "pyarrow", "skops", "jax")

Until = Callable[[Callable[[], bool]], None]

pytestmark = pytest.mark.timeout(300)


def fold_count(store: TrialStore) -> int:
    return store.snapshot().folds["trial"].size


@pytest.fixture
def until(qtbot) -> Until:
    return lambda holds: qtbot.waitUntil(holds, timeout=WAIT_MS)


@pytest.fixture
def window(
    qapp: QApplication, until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """The window as a person opens it, with a library of its own."""
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path))
    window = app.make_window(qapp, settings=tmp_path / "settings.json", log=tmp_path / "log")
    window.resize(MINIMUM)
    window.show_page("data")
    window.show()
    until(lambda: window.context.client.welcome is not None)
    yield window
    window.close_at_once()
    window.deleteLater()


def choose(
    window: MainWindow, until: Until, learner: str, evaluations: int = 4, **fixed: object
) -> None:
    """Open iris and choose a model and a quick way to search."""
    session = window.context.session
    window.open_source("builtin:iris")
    until(lambda: session.state.fresh and session.state.plan is not None)
    session.choose_learner(learner)
    until(lambda: session.state.fresh and session.state.plan.learner.id == learner)
    space = session.state.space
    changes: dict[str, object] = {
        "evaluation.resampling.kind": "kfold",
        "evaluation.resampling.folds": 3,
        "budget.evaluations": evaluations,
        "method.id": "random",
        "workers": 1,
        "seed": 3,
    }
    if fixed:
        kept = tuple(p for p in space.parameters if p.name not in fixed)
        changes |= {f"learner.fixed.{name}": value for name, value in fixed.items()}
        changes["space"] = SearchSpace(kept)
    session.change("Make it quick", changes)
    until(lambda: session.state.fresh)


def start(window: MainWindow, until: Until) -> None:
    """Start the search from the method page, by keyboard."""
    for step in ("data", "model", "evaluation", "method"):
        window.context.session.confirm(step)
    window.show_page("method")
    QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    until(lambda: window.context.run.state.phase == "running")


def start_long(window: MainWindow, until: Until) -> tuple[Path, list[psutil.Process]]:
    """Start a search of some seconds; its folder, and the engine with all below it once it fits."""
    choose(window, until, "random_forest", n_estimators=150)
    start(window, until)
    store = window.context.run.store
    until(lambda: fold_count(store) > 0)
    engine = psutil.Process(window.context.client.pid)
    processes = [engine, *engine.children(recursive=True)]
    return Path(window.context.run.state.path), processes


def numbers(store: TrialStore, state: TrialState) -> list[int]:
    """The trials in this state."""
    rows = [store.row(index) for index in range(len(store))]
    return [row.number for row in rows if row.state is state]


def message_button(window: MainWindow, text: str) -> QPushButton:
    return next(b for b in window._messages.findChildren(QPushButton) if b.text() == text)


def test_a_search_is_paused_resumed_and_stopped_and_one_trial_of_it_ended(
    window: MainWindow, until: Until
) -> None:
    choose(window, until, "random_forest", evaluations=50, n_estimators=300)
    start(window, until)
    run = window.context.run
    until(lambda: bool(numbers(run.store, TrialState.RUNNING)))
    run.pause()
    until(lambda: run.state.phase == "paused" and run.state.progress.busy == 0)
    done = fold_count(run.store)
    run.resume()
    until(lambda: run.state.phase == "running" and fold_count(run.store) > done)
    number = numbers(run.store, TrialState.RUNNING)[-1]
    run.kill(number)
    until(lambda: run.store.row(run.store.find(number)).cause is Cause.KILLED)
    until(lambda: max(numbers(run.store, TrialState.COMPLETE), default=0) > number)
    run.stop()
    until(lambda: run.state.results is not None)
    assert run.state.phase == "finished"
    assert run.state.results.result.evaluations < 50


@pytest.mark.slow
def test_a_tuning_by_gradient_is_steered_as_any_search(window: MainWindow, until: Until) -> None:
    choose(window, until, "network", evaluations=200, width=4)
    session, run = window.context.session, window.context.run
    options = {"steps": 2000, "engine": "unrolled"}
    session.change("By gradient", {"method.id": "hypergradient", "method.options": options})
    until(lambda: session.state.fresh)
    start(window, until)
    feed = window.page.findChild(TuningFeed)
    until(lambda: feed.tuning is not None and len(feed.tuning.steps) >= 2)
    run.pause()
    until(lambda: run.state.phase == "paused" and run.state.progress.busy == 0)
    before = len(run.store)
    run.resume()
    until(lambda: run.state.phase == "running" and len(run.store) > before)
    running = run.store.row(len(run.store) - 1).number
    run.kill(running)
    until(lambda: run.store.row(run.store.find(running)).state in ("failed", "complete"))
    until(lambda: len(feed.tuning.steps) > running)  # it was resumed from the step before
    run.stop()
    until(lambda: run.state.results is not None)
    assert run.state.phase == "finished"
    path, spent = run.state.path, run.state.results.result.trials
    run.resume_run(path, run.state.plan.budget)
    until(lambda: run.state.phase == "running" and len(run.store) > spent)


@pytest.mark.slow
def test_closing_during_a_search_leaves_a_resumable_run_and_no_process(
    window: MainWindow, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, processes = start_long(window, until)
    assert len(processes) > 1
    monkeypatch.setattr(closing, "ask", lambda *_: Answer.KEEP)
    assert window.close()
    _, alive = psutil.wait_procs(processes, timeout=60)
    assert not alive
    assert not is_locked(folder)
    command = [sys.executable, "-m", "engine", "resume", str(folder), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert (folder / "result.json").exists()


@pytest.mark.slow
def test_a_killed_engine_is_started_again_and_its_search_resumed(
    window: MainWindow, until: Until
) -> None:
    run, client = window.context.run, window.context.client
    folder, processes = start_long(window, until)
    done = fold_count(run.store)
    processes[0].kill()
    until(lambda: run.state.phase == "interrupted")
    _, alive = psutil.wait_procs(processes, timeout=60)
    assert not alive
    until(lambda: len(window._messages.texts) == 2)
    said = " ".join(window._messages.texts)
    assert "It has been started again; nothing is lost." in said
    assert "A search was interrupted after" in said
    assert client.pid not in (0, processes[0].pid)
    assert window.page.id == "run"
    assert window.page.heading()[0] == "The search was interrupted"
    message_button(window, "Resume").click()
    until(lambda: run.state.results is not None)
    assert Path(run.state.path) == folder
    result = run.state.results
    assert result is not None
    assert result.result.evaluations == 4
    assert fold_count(run.store) == 12
    assert done >= 1


def test_every_control_has_a_name_and_every_page_fits_the_smallest_window(
    window: MainWindow, until: Until
) -> None:
    nameless, wide = [], []

    def look(page: str) -> None:
        window.show_page(page)
        window.context.session.cancel_probe()
        QApplication.processEvents()
        assert window.page.id == page
        nameless.extend(f"{page}: {described(w)}" for w in nameless_controls(window))
        wide.extend(f"{page}: {what}" for what in too_wide(window))

    look("data")
    look("library")
    choose(window, until, "svm")
    for page in ("data", "model", "evaluation", "method"):
        look(page)
    start(window, until)
    look("run")
    until(lambda: window.context.run.state.results is not None)
    window.page._browser._view.selectRow(0)
    for page in ("run", "results", "understand", "compare", "gallery", "library", "settings"):
        look(page)
    assert set(window._pages) == set(pages.PAGES)
    assert not nameless
    assert not wide
    assert (window.width(), window.height()) == (MINIMUM.width(), MINIMUM.height())


def test_the_window_loads_nothing_heavy_even_with_every_page_visited() -> None:
    script = "\n".join(
        (
            "import sys, tempfile",
            "from pathlib import Path",
            "from gui import app, pages",
            "application = app.make_application()",
            "home = Path(tempfile.mkdtemp())",
            "command = [sys.executable, '-c', 'input()']",
            "window = app.make_window(application, command=command,"
            " settings=home / 's.json', log=home / 'log')",
            "window.show()",
            "window._why_locked = lambda id_: ''",
            "for page in pages.PAGES:",
            "    window.show_page(page)",
            "    application.processEvents()",
            "window.close()",
            "import engine.plots, pkgutil, importlib",
            "for module in pkgutil.iter_modules(engine.plots.__path__):",
            "    importlib.import_module(f'engine.plots.{module.name}')",
            "print('\\n'.join({name.split('.')[0] for name in sys.modules}))",
        )
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert {"PySide6", "matplotlib", "gui"} <= loaded
    assert not loaded & set(HEAVY)


# --- looking at widgets -------------------------------------------------------------------------


def nameless_controls(window: QWidget) -> list[QWidget]:
    """Visible controls that a screen reader could not name."""
    buddies = {label.buddy() for label in window.findChildren(QLabel)}
    found = [w for kind in CONTROLS for w in window.findChildren(kind) if w.isVisibleTo(window)]
    return [w for w in found if not is_internal(w) and not has_name(w, buddies)]


def is_internal(widget: QWidget) -> bool:
    """Qt's own parts: scroll bars, headers, the corner of a table, the cross in a line edit."""
    parent = widget.parentWidget()
    return (
        isinstance(widget, QScrollBar | QHeaderView)
        or (isinstance(parent, QTableView) and isinstance(widget, QAbstractButton))
        or isinstance(parent, QLineEdit | QComboBox)
    )


def has_name(widget: QWidget, buddies: set[QWidget | None]) -> bool:
    if isinstance(widget, Canvas):
        return bool(widget.focusProxy().accessibleName())
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    labelled = widget in buddies or widget.parentWidget() in buddies
    return bool(widget.accessibleName() or text or labelled or form_label(widget))


def form_label(widget: QWidget) -> bool:
    layout = widget.parentWidget().layout() if widget.parentWidget() else None
    return isinstance(layout, QFormLayout) and layout.labelForField(widget) is not None


def too_wide(window: MainWindow) -> list[str]:
    """Parts of the page that need more room than it has."""
    page = window.page
    found = [
        f"{described(area)} scrolls by {area.horizontalScrollBar().maximum()}"
        for area in page.findChildren(QScrollArea)
        if area.isVisibleTo(page) and area.horizontalScrollBar().maximum() > 0
    ]
    if page.minimumSizeHint().width() > page.width():
        found.append(f"needs {page.minimumSizeHint().width()} of {page.width()} pixels")
    return found


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
