"""The library page in front of true runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMessageBox

from engine.testing.inline_server import tune
from gui.pages.library import LibraryPage
from gui.tables.run_model import COLUMNS
from gui.tables.view import TableView

TITLES = [column.title for column in COLUMNS]


@pytest.fixture
def page(show, classified, context, until) -> LibraryPage:
    page = show(LibraryPage)
    until(lambda: "classified" in names(page))
    return page


@pytest.fixture
def interrupted(home: Path) -> Path:
    """A run that was left after two of its six evaluations."""
    folder = home / "runs" / "interrupted"
    learner = {"learner.id": "svm", "method.id": "random"}
    folds = {"evaluation.resampling.kind": "kfold", "evaluation.resampling.folds": 3}
    tune(folder, "builtin:iris", {**learner, **folds, "budget.evaluations": 6}, leave_after=2)
    return folder


def cell(page: LibraryPage, row: int, title: str) -> str:
    return page.findChild(TableView).model().index(row, TITLES.index(title)).data()


def names(page: LibraryPage) -> list[str]:
    model = page.findChild(TableView).model()
    return [cell(page, row, "name") for row in range(model.rowCount())]


def select(page: LibraryPage, name: str) -> int:
    row = names(page).index(name)
    page.findChild(TableView).selectRow(row)
    return row


def action(page: LibraryPage, text: str):
    return next(a for a in [*page.secondary(), page.primary()] if a is not None and a.text == text)


def visited(page: LibraryPage) -> list[str]:
    went: list[str] = []
    page.went.connect(went.append)
    return went


def test_a_run_is_listed_with_what_it_was_and_what_it_found(page):
    row = select(page, "classified")
    assert cell(page, row, "state") == "✓ finished"
    assert cell(page, row, "data") == "wine"
    assert cell(page, row, "evaluations") == "24 of 24"
    assert page.chosen.test is not None
    assert page.primary().text == "Open"


def test_a_run_is_found_by_its_words(page, regressed, until):
    page.enter()
    until(lambda: "regressed" in names(page))
    field = page.findChild(QLineEdit)
    field.setText("diabetes")
    assert "regressed" in names(page)
    assert "classified" not in names(page)
    field.setText("nothing of the kind")
    assert names(page) == []
    assert page.primary() is None
    field.clear()
    assert {"classified", "regressed"} <= set(names(page))


def test_a_finished_run_opens_at_its_results(page, context, until):
    went = visited(page)
    select(page, "classified")
    page.primary().run()
    assert went == ["results"]
    until(lambda: context.run.state.results is not None)
    assert Path(context.run.state.path).name == "classified"


def test_a_run_elsewhere_is_opened_by_its_folder(
    page, classified, copy_of, context, until, monkeypatch
):
    elsewhere = copy_of(classified)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: elsewhere)
    went = visited(page)
    action(page, "Open a folder").run()
    until(lambda: context.run.state.results is not None)
    assert went == ["run"]
    assert context.run.state.path == elsewhere
    until(lambda: page.findChild(TableView).model().row_of(elsewhere) >= 0)


def test_a_folder_that_is_no_run_is_refused(page, context, until, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    action(page, "Open a folder").run()
    until(lambda: page.messages.texts != ())
    assert str(tmp_path) in page.messages.texts[0]
    assert context.run.state.phase == "none"


def test_an_interrupted_run_is_resumed(page, interrupted, context, until):
    page.enter()
    until(lambda: interrupted.name in names(page))
    row = select(page, interrupted.name)
    assert cell(page, row, "state") == "◐ interrupted"
    went = visited(page)
    assert page.primary().text == "Resume"
    page.primary().run()
    assert went == ["run"]
    until(lambda: context.run.state.results is not None)
    assert context.run.state.results.result.evaluations == 6
    until(lambda: cell(page, names(page).index(interrupted.name), "state") == "✓ finished")


def test_a_deleted_run_is_moved_not_lost(page, classified, home, copy_of, until, monkeypatch):
    doomed = home / "runs" / "doomed"
    Path(copy_of(classified)).rename(doomed)
    page.enter()
    until(lambda: "doomed" in names(page))
    select(page, "doomed")
    yes = QMessageBox.StandardButton.Yes
    monkeypatch.setattr(QMessageBox, "question", lambda *_: yes)
    action(page, "Delete").run()
    until(lambda: "doomed" not in names(page))
    assert (home / "runs" / "deleted" / "doomed" / "plan.json").is_file()
    assert "doomed is now in" in page.messages.texts[0]


def test_no_is_no(page, home, monkeypatch):
    select(page, "classified")
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    action(page, "Delete").run()
    assert (home / "runs" / "classified").is_dir()


def test_a_damaged_run_says_what_is_wrong_and_opens_nothing(page, classified, home, copy_of, until):
    broken = home / "runs" / "broken"
    Path(copy_of(classified)).rename(broken)
    (broken / "plan.json").write_text("{", encoding="utf-8")
    page.enter()
    until(lambda: "broken" in names(page))
    row = select(page, "broken")
    assert cell(page, row, "state") == "✕ damaged"
    assert page.primary().why_not == page.chosen.problem != ""
    assert page._problem.text() == page.chosen.problem


def test_another_run_waits_for_the_search(page, plan_for, gate, context, until):
    gate.hold()
    context.run.start(plan_for())
    until(lambda: context.run.state.phase == "running")
    select(page, "classified")
    page.primary().run()
    assert page.messages.texts == ("A search is running. Stop it before opening another run.",)
