"""Fields: what a person may write, and when it is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from engine.options import Option
from gui import words
from gui.pages.method.option_form import OptionForm
from gui.widgets.fields import Choice, NumberField, Segments, Switch, TextField, parse_number
from gui.widgets.form import Form


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.5", 0.5),
        ("0,5", 0.5),
        ("1,234", 1234.0),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567.0),
        ("−3", -3.0),
        ("1e-4", 0.0001),
        (" 10 000 ", 10000.0),
        ("abc", None),
        ("", None),
        ("inf", None),
        ("nan", None),
    ],
)
def test_numbers_as_people_write_them(text: str, number: float | None) -> None:
    assert parse_number(text, whole=False) == number


def test_whole_numbers_only_where_asked() -> None:
    assert parse_number("5.0", whole=True) == 5
    assert parse_number("5.5", whole=True) is None


@given(st.integers(-(10**9), 10**9))
def test_what_is_shown_can_be_read_back(n: int) -> None:
    assert parse_number(words.value(n), whole=True) == n


def write(field: NumberField, text: str) -> None:
    field.edit.clear()
    QTest.keyClicks(field.edit, text)
    QTest.keyClick(field.edit, Qt.Key.Key_Return)


@pytest.fixture
def share(qtbot) -> NumberField:
    field = NumberField("Share", low=0, high=1)
    qtbot.addWidget(field)
    return field


def test_a_number_is_told_once(share: NumberField) -> None:
    told: list[object] = []
    share.changed.connect(told.append)
    share.set_value(0.2)
    write(share, "0.3")
    write(share, "0.3")
    assert told == [0.3]


def test_a_wrong_number_says_why_and_is_kept_back(share: NumberField) -> None:
    told: list[object] = []
    share.changed.connect(told.append)
    write(share, "2")
    assert told == []
    assert share.error == "Share must be a number from 0 to 1."
    assert share.edit.accessibleDescription() == share.error
    write(share, "0.5")
    assert share.error == ""


def test_an_optional_number_may_be_emptied(qtbot) -> None:
    field, told = NumberField("Limit", low=0, optional=True), []
    qtbot.addWidget(field)
    field.changed.connect(told.append)
    field.set_value(5)
    write(field, "")
    assert told == [None]


def test_choices_tell_ids(qtbot) -> None:
    choice, told = Choice([("a", "First"), ("b", "Second")], "Which"), []
    qtbot.addWidget(choice)
    choice.changed.connect(told.append)
    choice.set_value("b")
    assert told == []
    choice.setCurrentIndex(0)
    choice.activated.emit(0)
    assert told == ["a"]
    choice.set_options([("b", "Second"), ("a", "First")])
    assert choice.value() == "a"
    assert told == ["a"]


def test_segments_tell_ids(qtbot) -> None:
    segments, told = Segments([("a", "First"), ("b", "Second")], "Which"), []
    qtbot.addWidget(segments)
    segments.changed.connect(told.append)
    segments.set_value("a")
    second = segments.findChildren(QPushButton)[1]
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert told == ["b"]
    assert segments.value() == "b"


def test_a_label_jumps_to_its_field(qtbot) -> None:
    form, field = Form(), NumberField("Seed", whole=True)
    qtbot.addWidget(form)
    label = form.add("&Seed", field, field="seed", help="seed")
    assert label.buddy() is field
    assert field.property("help") == "seed"
    assert form.set_error("seed", "Not this one.")
    assert not form.set_error("workers", "Unknown here.")


OPTIONS = (
    Option("trees", "Trees", "integer", 100, low=1),
    Option("rate", "Rate", "float", 0.1, low=0, high=1),
    Option("kind", "Kind", "choice", "plain", choices=("plain", "fancy")),
    Option("many", "Many", "choice", "a", choices=("a", "b", "c", "d", "e")),
    Option("group", "Group", "boolean", False),
    Option("own", "Own", "text", ""),
)


def test_a_form_is_drawn_from_options(qtbot) -> None:
    form, told = OptionForm(OPTIONS, {"rate": 0.5}), []
    qtbot.addWidget(form)
    form.changed.connect(lambda name, value: told.append((name, value)))
    kinds = [type(form.fields[o.name]) for o in OPTIONS]
    assert kinds == [NumberField, NumberField, Segments, Choice, Switch, TextField]
    assert [form.fields[o.name].value() for o in OPTIONS] == [100, 0.5, "plain", "a", False, ""]
    trees = form.fields["trees"]
    assert isinstance(trees, NumberField)
    write(trees, "250")
    own = form.fields["own"]
    assert isinstance(own, TextField)
    own.setFocus()
    QTest.keyClicks(own, " C=9 ")
    QTest.keyClick(own, Qt.Key.Key_Return)
    assert told == [("trees", 250), ("own", "C=9")]
    own.set_value("C=9")
    assert own.value() == own.text() == "C=9"


def test_the_same_options_keep_their_fields(qtbot) -> None:
    form = OptionForm(OPTIONS, {})
    qtbot.addWidget(form)
    before = form.fields["rate"]
    form.show_options(OPTIONS, {"rate": 0.7})
    assert form.fields["rate"] is before
    assert before.value() == 0.7
    form.show_options(OPTIONS[:1], {})
    assert set(form.fields) == {"trees"}
