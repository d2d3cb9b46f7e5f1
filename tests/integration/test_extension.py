"""A package of somebody else's (`tests/assets/extension`): its parts are listed, shown, tuned and
taken home like ours, and nothing of ours knows them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from gui import app
from gui.pages.method.option_form import OptionForm
from gui.pages.method.static_picture import StaticPicture
from gui.window import MainWindow

ROOT = Path(__file__).parents[2]
PARTS = {
    "learners": "knn",
    "methods": "annealing",
    "measures": "mcc",
    "readers": "json_lines",
    "engines": "fading",
    "pictures": "trial_times",
}
WAIT_MS = 300_000


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wine as a file that only the package reads."""
    from sklearn.datasets import load_wine

    wine = load_wine(as_frame=True)
    frame = wine.frame.assign(target=wine.target_names[wine.target])
    path = tmp_path_factory.mktemp("tables") / "wine.jsonl"
    frame.to_json(path, orient="records", lines=True)
    return path


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory, table: Path) -> Path:
    """A search with all of its parts. Read it only."""
    run = tmp_path_factory.mktemp("searches") / "run"
    arguments = (
        *("tune", table, "--target", "target", "--learner", "knn", "--method", "annealing"),
        *("--measure", "mcc", "--trials", 10, "--folds", 3, "--workers", 1, "--seed", 2),
        *("--set", "method.cooling=0.8", "--out", run),
    )
    done = subprocess.run(
        [sys.executable, "-m", "engine", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "TUNESMITH_HOME": str(run.parent / "home")},
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return run


@pytest.mark.parametrize("what", PARTS)
def test_its_parts_are_listed(tunesmith: Any, what: str) -> None:
    listed = json.loads(tunesmith("list", what, "--json"))
    assert PARTS[what] in [card["id"] for card in listed[what]]
    assert listed["left_out"] == []
    assert PARTS[what] in tunesmith("list", what)


def test_they_tune_together_and_the_script_reproduces_the_score(
    tunesmith: Any, search: Path, tmp_path: Path
) -> None:
    result = json.loads((search / "result.json").read_text("utf-8"))
    assert (result["learner"], result["measure"], result["trials"]) == ("knn", "mcc", 10)
    assert result["validation_best"] >= result["validation_default"]
    plan = json.loads((search / "plan.json").read_text("utf-8"))
    assert plan["search"]["method"]["options"]["cooling"] == 0.8
    script = tmp_path / "again" / "again.py"
    script.parent.mkdir()
    tunesmith("export", search, "--what", "script", "--to", script)
    # With scikit-learn alone: nothing of Tunesmith's, nor of the package, can be imported.
    done = subprocess.run(
        [sys.executable, "-I", str(script)], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    score = result["test"]["score"]
    assert done.stdout.startswith(f"mcc on {result['test_rows']} test rows: {score}\n")


def test_new_rows_are_predicted(tunesmith: Any, search: Path, table: Path, tmp_path: Path) -> None:
    rows = tmp_path / "new.ndjson"
    rows.write_text("".join(table.read_text("utf-8").splitlines(keepends=True)[:5]), "utf-8")
    tunesmith("predict", search, rows, "--to", tmp_path / "found.csv")
    assert len((tmp_path / "found.csv").read_text("utf-8").splitlines()) == 6


@pytest.mark.slow
def test_the_engine_tunes_by_gradient(tunesmith: Any, tmp_path: Path) -> None:
    run = tmp_path / "run"
    tunesmith(
        *("tune", "builtin:wine", "--learner", "network", "--method", "hypergradient"),
        *("--trials", 4, "--folds", 2, "--workers", 1, "--seed", 3, "--measure", "log_loss"),
        *("--set", "learner.fixed.width=8", "--set", "method.steps=30", "--out", run),
        *("--set", "method.engine=fading", "--set", "method.memory=0.8"),
    )
    result = json.loads((run / "result.json").read_text("utf-8"))
    assert result["trials"] == 4
    assert result["validation_best"] <= result["validation_default"]


def test_the_report_speaks_of_them(tunesmith: Any, search: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    tunesmith("export", search, "--what", "report", "--to", page)
    text = page.read_text("utf-8")
    assert "Nearest neighbours" in text
    assert "Simulated annealing" in text
    assert "Matthews correlation" in text
    assert "How long trials took" in text
    assert re.search(r"Half of 10 trials took at most \S+ seconds\.", text)


def test_nothing_of_ours_knows_them() -> None:
    for folder in ("engine", "gui", "resources", "packaging"):
        for path in (ROOT / folder).rglob("*.py"):
            assert "tunesmith_example" not in path.read_text("utf-8")


@pytest.fixture
def window(
    qapp: QApplication, qtbot: Any, tmp_path: Path
) -> Iterator[tuple[MainWindow, Callable[[Callable[[], bool]], None]]]:
    """The window with its real engine, and how to wait for it."""
    window = app.make_window(qapp, settings=tmp_path / "settings.json", log=tmp_path / "log")
    window.show_page("data")
    window.show()

    def until(holds: Callable[[], bool]) -> None:
        qtbot.waitUntil(holds, timeout=WAIT_MS)

    until(lambda: window.context.client.welcome is not None)
    yield window, until
    window._may_close = True
    window.close()
    window.deleteLater()


def words(window: MainWindow) -> str:
    return " ".join(label.text() for label in window.page.findChildren(QLabel))


def test_the_window_shows_their_cards_forms_and_help(window: Any) -> None:
    window, until = window
    session = window.context.session
    window.open_source("builtin:wine")
    until(lambda: session.state.fresh and session.state.plan is not None)
    session.choose_learner("knn")
    until(lambda: session.state.fresh and session.state.plan.learner.id == "knn")
    for step in ("data", "model", "evaluation"):
        session.confirm(step)
    session.change("Choose", {"method.id": "annealing", "evaluation.measure": "mcc"})
    until(lambda: session.state.fresh and session.state.plan.method.id == "annealing")
    window.show_page("method")
    until(lambda: "Simulated annealing" in words(window))
    (form,) = window.page.findChildren(OptionForm)
    assert "Cooling" in " ".join(label.text() for label in form.findChildren(QLabel))
    names = [picture.accessibleName() for picture in window.page.findChildren(StaticPicture)]
    assert names, "the other methods' cards have their sketches"
    assert "How Simulated annealing spends its budget" not in names
    window.show_help("annealing")
    assert window._help is not None
    assert "Kirkpatrick" in window._help._browser.toPlainText()
    window.show_help("trial_times")
    assert "all their folds together" in window._help._browser.toPlainText()
    window.show_help("index")
    assert "From other packages" in window._help._browser.toPlainText()
    window._help.close()
