"""The results page in front of true runs."""

from __future__ import annotations

import ast
import csv
import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QPushButton, QWidget
from sklearn.datasets import load_wine

from engine.plan import Budget
from gui import words
from gui.pages.results import page as results_page
from gui.pages.results.page import ResultsPage
from gui.pages.results.take_home import EXPORTS
from gui.widgets.fields import NumberField
from gui.widgets.more_budget import MoreBudget


@pytest.fixture
def page(show, opened, classified) -> ResultsPage:
    page = show(ResultsPage)
    opened(classified)
    return page


@pytest.fixture
def new_rows(tmp_path: Path) -> Path:
    """Ten rows of wine without their class."""
    rows = load_wine(as_frame=True).data.head(10)
    path = tmp_path / "new.csv"
    rows.to_csv(path, index=False)
    return path


def said(widget: QWidget) -> list[str]:
    return [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]


def message(page: ResultsPage) -> str:
    return " ".join(page.messages.texts)


def test_without_results_it_says_where_they_come_from(show):
    page = show(ResultsPage)
    assert "No results yet" in said(page)
    assert page.primary() is None


def test_the_test_score_stands_with_its_interval_and_what_it_is_worth(page, context):
    result = context.run.state.results.result
    shown = said(page)
    assert words.score(result.test.score) in shown
    assert any(f"{words.score(result.test.low)} to" in text for text in shown)
    assert words.score(result.validation_best) in shown
    assert words.score(result.validation_default) in shown
    assert any(f"{result.test_rows} test rows, looked at once" in text for text in shown)
    assert any("Trust the test score" in text for text in shown)


def test_the_best_configuration_stands_beside_the_default_one(page, context):
    shown = said(page._pairs)
    for pair in context.run.state.results.pairs:
        assert pair.name in shown
        assert words.value(pair.best) in shown
        assert words.value(pair.default) in shown


def test_a_classifier_shows_its_confusion_and_what_mattered(page, until):
    ((id, picture),) = page._errors.shown().items()
    assert id == picture.property("help") == "confusion"
    until(lambda: picture.summary != "" and page._ways[0].summary != "")
    until(lambda: page._matters_note.text() != "Working it out ...")
    until(lambda: page._matters.summary != "")


def test_a_regression_shows_its_residuals(show, opened, regressed, until):
    page = show(ResultsPage)
    opened(regressed)
    ((id, picture),) = page._errors.shown().items()
    assert id == picture.property("help") == "residuals"
    until(lambda: picture.summary != "")


def test_another_run_takes_the_place_of_the_first(page, opened, regressed, context):
    opened(regressed)
    shown = said(page)
    assert words.score(context.run.state.results.result.test.score) in shown
    assert "Elastic net" in page.heading()[1] or "diabetes" in page.heading()[1]


@pytest.mark.parametrize("what", [what for what, *_ in EXPORTS])
def test_each_export_is_written_where_the_dialog_says(page, what, until, tmp_path, monkeypatch):
    _, title, _, suffix = next(e for e in EXPORTS if e[0] == what)
    to = tmp_path / f"mine{suffix}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(to), ""))
    name = f"Save {title.lower()}"
    next(b for b in page.findChildren(QPushButton) if b.accessibleName() == name).click()
    until(lambda: "Saved:" in message(page) or page.messages.texts[-1:] == ("",))
    assert str(to) in message(page)
    if what == "config":
        assert json.loads(to.read_text(encoding="utf-8"))
    elif what == "script":
        assert ast.parse(to.read_text(encoding="utf-8"))
    elif what == "trials":
        with to.open(encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == 24
    else:
        assert to.stat().st_size > 1000


def test_the_prominent_button_saves_the_script(page, monkeypatch, until, tmp_path):
    to = tmp_path / "mine.py"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(to), ""))
    assert page.primary().text == "Export script"
    page.primary().run()
    until(to.exists)


def test_an_export_that_cannot_be_written_says_so(page, until, tmp_path):
    page.export_to("config", str(tmp_path / "missing" / "mine.json"))
    until(lambda: page.messages.texts != () and "Writing" not in message(page))
    assert str(tmp_path / "missing") in message(page)
    assert "Saved" not in message(page)


def test_new_rows_are_predicted(page, new_rows, until, tmp_path, monkeypatch):
    to = tmp_path / "predicted.csv"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(new_rows), ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(to), ""))
    next(a for a in page.secondary() if a.text == "Predict new rows").run()
    until(lambda: "10 rows predicted" in message(page))
    with to.open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == 11


def test_a_missing_column_is_named(page, new_rows, until, tmp_path):
    rows = list(csv.reader(new_rows.read_text(encoding="utf-8").splitlines()))
    short = tmp_path / "short.csv"
    short.write_text("\n".join(",".join(row[1:]) for row in rows) + "\n", encoding="utf-8")
    to = tmp_path / "predicted.csv"
    page.predict_to(str(short), str(to))
    until(lambda: page.messages.texts != () and "Writing" not in message(page))
    assert rows[0][0] in message(page)
    assert not to.exists()


def test_a_search_goes_on_with_more_budget(
    show, opened, classified, copy_of, context, until, monkeypatch
):
    page = show(ResultsPage)
    opened(copy_of(classified))
    before = context.run.state.results

    def accept(dialog: MoreBudget) -> QDialog.DialogCode:
        dialog.findChild(NumberField).set_value(3)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(results_page.MoreBudget, "exec", accept)
    went: list[str] = []
    page.went.connect(went.append)
    next(a for a in page.secondary() if a.text == "Continue with more budget").run()
    assert went == ["run"]
    until(lambda: context.run.state.results not in (None, before))
    result = context.run.state.results.result
    assert result.evaluations == before.result.evaluations + 3
    assert any("looked at 2 times: watched, optimistic" in text for text in said(page))


def test_more_budget_is_counted_from_what_was_done(qtbot):
    by_count = MoreBudget(Budget(evaluations=20.0, stagnation=5), 20.0, 8.0, 1)
    by_time = MoreBudget(Budget(seconds=30.0), 14.0, 30.5, 0)
    for dialog in (by_count, by_time):
        qtbot.addWidget(dialog)
        dialog.findChild(NumberField).set_value(12)
    assert by_count.budget == Budget(evaluations=32.0)
    assert by_time.budget == Budget(seconds=42.5)
    assert any("watched" in text for text in said(by_count))
    assert not any("watched" in text for text in said(by_time))


def test_no_budget_at_all_is_refused_in_the_dialog(qtbot):
    dialog = MoreBudget(Budget(evaluations=20.0), 20.0, 8.0, 0)
    qtbot.addWidget(dialog)
    dialog.findChild(NumberField).set_value(None)
    dialog._accept()
    assert dialog.result() == 0
    assert dialog.findChild(NumberField).error == "Say how much more."
