"""The data page."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLabel, QWidget

from engine.domain.tables import Column, Notice, Table
from engine.plan import DataPlan, TextOptions
from gui.pages.data import column_choices
from gui.pages.data.class_bars import ClassBars
from gui.pages.data.column_header import ColumnHeader, Spot
from gui.pages.data.notice_cards import Notices
from gui.pages.data.page import DataPage, rows_offered, samples
from gui.pages.data.preview_table import PreviewTable
from gui.pages.data.read_options import ReadOptionsForm, facts
from gui.pages.data.target_card import TargetCard
from gui.view_states import Trouble
from gui.widgets.buttons import ActionButton
from gui.widgets.card import ChoiceCard
from gui.widgets.disclosure import Disclosure
from gui.widgets.empty_state import EmptyState
from gui.widgets.fields import Choice, NumberField, Segments


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    """Ids, a number with gaps, a category, an answer that is mostly no."""
    draw = random.Random(1)
    lines = ["customer_id;age;city;grade;bought"]
    for number in range(80):
        age = "" if number % 9 == 0 else str(draw.randint(18, 90))
        city = draw.choice(["Munich", "Berlin", "Aachen"])
        bought = "yes" if draw.random() < 0.4 else "no"
        lines.append(f"{9000 + number * 7};{age};{city};{draw.randint(1, 4)};{bought}")
    path = tmp_path / "customers.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def action_buttons(widget) -> dict[str, ActionButton]:
    return {b.text(): b for b in widget.findChildren(ActionButton) if b.isVisibleTo(widget)}


def said(widget: QWidget) -> list[str]:
    """Every text that can be read on ``widget``."""
    return [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]


def part(widget, kind, name: str):
    """The child of this kind with this accessible name."""
    return next(w for w in widget.findChildren(kind) if w.accessibleName() == name)


def table_of(count: int, rows: int = 1000) -> Table:
    kinds = ("number", "category", "date", "text")
    made = tuple(
        Column(
            name=f"a_rather_long_column_name_number_{k:05d}",
            kind=kinds[k % 4],
            used=k % 4 != 3,
            missing=k % 7,
            distinct=k + 1,
            histogram=(1, 5, 2),
        )
        for k in range(count)
    )
    preview = tuple(tuple(f"{r}.{k}" for k in range(min(count, 200))) for r in range(10))
    data = DataPlan(source="wide.csv", target=made[2].name)
    return Table(data=data, rows=rows, columns=made, preview=preview)


# --- empty, reading, refused ----------------------------------------------------------------------


def test_offers_a_drop_target_and_three_samples_of_different_tasks(show, context):
    page = show(DataPage)
    assert page.findChild(EmptyState).isVisible()
    cards = [card for card in page.findChildren(ChoiceCard) if card.isVisible()]
    assert [card.text() for card in cards] == ["Breast cancer", "Wine", "Diabetes"]
    assert {card.task for card in samples(context.client.catalog.datasets)} == {
        "binary",
        "multiclass",
        "regression",
    }
    assert page.primary() is None


def test_a_sample_opens_with_its_target(show, context, until):
    page = show(DataPage)
    wine = next(card for card in page.findChildren(ChoiceCard) if card.text() == "Wine")
    wine.click()
    until(lambda: context.session.state.has_target)
    assert not page.findChild(EmptyState).isVisible()
    assert page.findChild(PreviewTable).isVisible()
    assert page.primary().why_not == ""
    assert "178 rows" in page.cost()


def test_a_dropped_file_is_opened(show, context, until, customers):
    page = show(DataPage)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(customers))])
    drop = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.findChild(EmptyState).dropEvent(drop)
    until(lambda: context.session.state.table is not None)
    assert context.session.state.table.rows == 80


def test_open_asks_for_a_file_and_remembers_its_folder(
    show, context, until, customers, monkeypatch
):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(customers), ""))
    page = show(DataPage)
    action_buttons(page)["Open a table"].click()
    until(lambda: context.session.state.table is not None)
    assert context.settings.preferences.last_folder == str(customers.parent)


def test_a_folder_of_pictures_is_opened_and_brought_to_fewer_pixels(
    show, context, until, shapes, monkeypatch
):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(shapes))
    page = show(DataPage)
    action_buttons(page)["Open a folder of pictures"].click()
    until(lambda: context.session.state.table is not None)
    assert context.session.state.has_target
    assert any("gray pictures, 8 × 8 pixels" in text for text in said(page))
    page.findChild(Disclosure).set_opened(True)
    form = page.findChild(ReadOptionsForm)
    assert not part(form, Choice, "Delimiter").isVisibleTo(form)
    part(form, NumberField, "Pixels of an edge").changed.emit(4)
    until(lambda: context.session.state.table.data.read.side == 4)
    assert len(context.session.state.table.columns) == 17


def test_reading_can_be_cancelled_and_leaves_what_was_there(show, context, customers):
    page = show(DataPage)
    context.session.open(str(customers))
    assert "Cancel" in action_buttons(page)
    action_buttons(page)["Cancel"].click()
    assert context.session.state.busy == ""
    assert page.findChild(EmptyState).isVisible()


def test_a_refused_file_says_why_and_can_be_read_differently(show, context, until, tmp_path):
    path = tmp_path / "ragged.csv"
    path.write_text("a;b;c\n1,5;2;x\n2,5;3;y\n")
    page = show(DataPage)
    context.session.open(str(path), TextOptions(delimiter=","))
    until(lambda: context.session.state.trouble is not None)
    assert context.session.state.trouble.sentence in said(page)
    assert page.findChild(EmptyState).isVisible()
    form = page.findChild(ReadOptionsForm)
    assert form.isVisible()
    delimiter = part(form, Choice, "Delimiter")
    assert delimiter.value() == ","
    delimiter.changed.emit(";")
    until(lambda: context.session.state.table is not None)
    assert context.session.state.table.data.read.delimiter == ";"
    assert context.session.state.trouble is None
    assert not form.isVisible()


def test_a_refused_file_leaves_the_table_that_was_open(show, context, until, choose, tmp_path):
    page = show(DataPage)
    choose("builtin:wine")
    before = context.session.state.table
    context.session.open(str(tmp_path / "nowhere.csv"))
    until(lambda: context.session.state.trouble is not None)
    assert context.session.state.table is before
    assert page.findChild(PreviewTable).isVisible()
    action_buttons(page)["Dismiss"].click()
    assert context.session.state.trouble is None


def test_a_file_that_is_too_large_offers_its_first_rows():
    sentence = "big.csv would take about 9 GB. Read the first 1,200,000 rows instead."
    assert rows_offered(Trouble("data", sentence, code="file.too_large")) == 1_200_000
    assert rows_offered(Trouble("data", sentence, code="file.empty")) is None


# --- target ---------------------------------------------------------------------------------------


def test_without_a_target_the_next_step_says_what_is_missing(show, context, until, customers):
    page = show(DataPage)
    context.session.open(str(customers))
    until(lambda: context.session.state.table is not None)
    assert "column to predict" in page.primary().why_not
    suggestion = next(b for t, b in action_buttons(page).items() if t.startswith("Suggestion"))
    suggestion.click()
    until(lambda: context.session.state.has_target)
    assert page.primary().why_not == ""
    assert context.session.undo_stack.undoText() == "Predict bought"


def test_task_and_positive_class_are_chosen(show, context, until, choose, customers):
    page = show(DataPage)
    choose(customers, "bought")
    card = page.findChild(TargetCard)
    positive = part(card, Choice, "Positive class")
    assert positive.value() == "yes"
    assert "no" in page.findChild(ClassBars).accessibleDescription()
    positive.changed.emit("no")
    until(lambda: context.session.state.table.data.positive == "no")
    card.target_asked.emit("grade")
    until(lambda: context.session.state.table.data.target == "grade")
    tasks = card.findChild(Segments)
    first = context.session.state.table.tasks[0]
    assert tasks.value() == first
    other = context.session.state.table.tasks[1]
    tasks.changed.emit(other)
    until(lambda: context.session.state.table.data.task == other)
    assert not positive.isVisible()


def test_a_target_that_cannot_be_predicted_is_refused_at_the_field(
    show, context, until, choose, customers
):
    page = show(DataPage)
    choose(customers, "bought")
    context.session.change_data("Predict customer_id", target="customer_id", task="binary")
    until(lambda: context.session.state.trouble is not None)
    sentence = context.session.state.trouble.sentence
    assert sentence in said(page.findChild(TargetCard))
    assert context.session.state.table.data.target == "bought"


def test_a_separate_test_file(show, context, until, choose, customers, tmp_path, monkeypatch):
    path = tmp_path / "later.csv"
    path.write_text(customers.read_text())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    page = show(DataPage)
    choose(customers, "bought")
    action_buttons(page)["Use a separate file"].click()
    until(lambda: context.session.state.table.data.test_source == str(path))
    assert "later.csv" in said(page)
    action_buttons(page)["Do without"].click()
    until(lambda: context.session.state.table.data.test_source is None)


# --- columns --------------------------------------------------------------------------------------


def test_a_column_is_left_out_used_and_read_differently(
    show, context, until, choose, customers, qtbot
):
    page = show(DataPage)
    choose(customers, "bought")
    preview = page.findChild(PreviewTable)
    session = context.session

    def column(name: str) -> Column:
        return next(c for c in session.state.table.columns if c.name == name)

    assert not column("customer_id").used
    preview.setCurrentIndex(preview.model().index(0, 1))
    qtbot.keyClick(preview, Qt.Key.Key_Space)
    until(lambda: not column("age").used)
    assert session.undo_stack.undoText() == "Leave out age"
    qtbot.keyClick(preview, Qt.Key.Key_Space)
    until(lambda: column("age").used)
    preview.use_asked.emit("customer_id", True)
    until(lambda: column("customer_id").used)
    preview.kind_asked.emit("grade", "category")
    until(lambda: column("grade").kind == "category")
    found = [a.text() for a in preview.menu("grade").actions()]
    assert "Read as found" in found
    preview.kind_asked.emit("grade", None)
    until(lambda: column("grade").kind == "number")
    session.undo_stack.undo()
    assert column("grade").kind == "category"


def test_a_columns_menu_holds_everything(show, context, choose, customers, until):
    page = show(DataPage)
    choose(customers, "bought")
    preview = page.findChild(PreviewTable)
    menu = preview.menu("city")
    actions = {a.text(): a for a in menu.actions()}
    assert actions["Read as category"].isChecked()
    assert actions["Use this column"].isChecked()
    actions["Predict this column"].trigger()
    until(lambda: context.session.state.table.data.target == "city")
    assert not preview.menu("city").actions()[0].isEnabled()


def test_a_click_on_the_box_leaves_the_column_out(show, context, choose, customers, until, qtbot):
    page = show(DataPage)
    choose(customers, "bought")
    header = page.findChild(ColumnHeader)
    right = header.sectionViewportPosition(1) + header.sectionSize(1) - 20
    assert header.spot(1, QPoint(right, 20)) is Spot.USE
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(right, 20))
    until(lambda: "age" in context.session.state.table.data.leave_out)


def test_a_warning_is_fixed(show, context, until, choose, tmp_path):
    path = tmp_path / "leaky.csv"
    lines = ["x,result_code,outcome"]
    draw = random.Random(2)
    for _ in range(60):
        outcome = draw.random() < 0.5
        lines.append(f"{draw.random():.3f},{7 if outcome else 3},{'good' if outcome else 'bad'}")
    path.write_text("\n".join(lines) + "\n")
    page = show(DataPage)
    choose(path, "outcome")
    notices = page.findChild(Notices)
    action_buttons(notices)["Leave out"].click()
    until(lambda: context.session.state.table.data.leave_out == ("result_code",))
    assert "Leave out" not in action_buttons(notices)


def test_many_notices_are_folded(qtbot, theme):
    notices = Notices(theme)
    qtbot.addWidget(notices)
    notices.show_notices([Notice(f"code.{k}", f"Sentence {k}.") for k in range(9)])
    notices.show()
    shown = said(notices)
    assert "Sentence 3." in shown
    assert "Sentence 4." not in shown


# --- wide tables ----------------------------------------------------------------------------------


def test_a_wide_table_leads_with_its_target_and_makes_no_widgets_for_columns(qtbot, theme):
    preview = PreviewTable(theme)
    qtbot.addWidget(preview)
    preview.resize(728, 400)
    preview.show()
    table = table_of(3000)
    preview.show_table(table)
    header = preview.findChild(ColumnHeader)
    assert header.logicalIndex(0) == 2
    assert preview.model().columnCount() == 3000
    assert len(preview.findChildren(QCheckBox)) == 0
    assert not preview.grab().isNull()
    name = table.columns[5].name
    spoken = preview.model().headerData(
        5, Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleTextRole
    )
    assert name in spoken
    assert "missing" in spoken


def test_another_target_puts_the_first_one_back(qtbot, theme):
    preview = PreviewTable(theme)
    qtbot.addWidget(preview)
    table = table_of(8)
    preview.show_table(table)
    data = DataPlan(source="wide.csv", target=table.columns[6].name)
    preview.show_table(Table(data=data, rows=10, columns=table.columns, preview=table.preview))
    header = preview.findChild(ColumnHeader)
    assert [header.logicalIndex(k) for k in range(8)] == [6, 0, 1, 2, 3, 4, 5, 7]


# --- plain values ---------------------------------------------------------------------------------


def test_gestures_on_columns_as_fields_of_the_plan():
    data = DataPlan(source="a.csv", target="y", leave_out=("a",), kinds={"b": "date"})
    assert column_choices.leave_out(data, ["b", "y", "a"]) == {"leave_out": ("a", "b")}
    text = Column(name="c", kind="text", used=False, missing=0, distinct=3)
    assert column_choices.use(data, text) == {"kinds": {"b": "date", "c": "category"}}
    out = Column(name="a", kind="number", used=False, missing=0, distinct=3)
    assert column_choices.use(data, out) == {"leave_out": ()}
    assert column_choices.as_kind(data, "b", None) == {"kinds": {}}


def test_reading_facts_are_in_words():
    read = TextOptions(delimiter="\t", encoding="cp1252", decimal=",", header=False, rows=100)
    said = " ".join(facts(read))
    for word in ("tab", "Windows-1252", "decimal comma", "no header", "first 100 rows"):
        assert word in said
