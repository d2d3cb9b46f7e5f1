"""The search space is edited by mouse and keyboard, and what makes no sense stays at its row."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QWidget

from engine.space import Float, Integer, SearchSpace
from gui.theme import ThemeManager
from gui.widgets.fields import NumberField
from gui.widgets.range_bar import MARGIN, RangeBar
from gui.widgets.space_editor import SpaceEditor

DEFAULT = {"C": 1.0, "depth": 5, "kernel": "rbf", "gamma": 0.1}


class Told:
    def __init__(self, editor: SpaceEditor) -> None:
        self.spaces: list[SearchSpace] = []
        self.fixed: list[dict[str, object]] = []
        self.names: list[str] = []
        editor.changed.connect(self.take)

    def take(self, space: SearchSpace, fixed: dict[str, object], name: str) -> None:
        self.spaces.append(space)
        self.fixed.append(fixed)
        self.names.append(name)


@pytest.fixture
def editor(
    qtbot, theme: ThemeManager, space: SearchSpace, until_shown: Callable[[QWidget], None]
) -> SpaceEditor:
    editor = SpaceEditor(theme)
    qtbot.addWidget(editor)
    editor.resize(760, 240)
    editor.show_space(space, space, DEFAULT, {})
    until_shown(editor)
    return editor


def write(field: NumberField | None, text: str) -> None:
    assert field is not None
    field.edit.clear()
    QTest.keyClicks(field.edit, text)
    QTest.keyClick(field.edit, Qt.Key.Key_Return)


def click(check: QCheckBox | None) -> None:
    assert check is not None
    QTest.mouseClick(check, Qt.MouseButton.LeftButton, pos=QPoint(8, check.height() // 2))


def test_an_end_can_be_written(editor: SpaceEditor) -> None:
    told = Told(editor)
    write(editor.editors["depth"].high, "12")
    assert told.names == ["depth"]
    assert told.spaces[0]["depth"] == Integer("depth", 1, 12)


def test_a_wrong_end_says_why_at_its_row(editor: SpaceEditor) -> None:
    told, row = Told(editor), editor.editors["C"]
    write(row.low, "1000")
    assert told.names == []
    assert "ends (100.0) before it begins (1000.0)" in row.error.text()
    write(row.low, "-1")
    assert "log scale" in row.error.text()
    write(row.low, "0.1")
    assert row.error.text() == ""
    assert told.spaces[-1]["C"] == Float("C", 0.1, 100.0, log=True)


def test_switching_off_holds_the_default(editor: SpaceEditor) -> None:
    told = Told(editor)
    click(editor.editors["depth"].switch)
    assert told.fixed == [{"depth": 5}]
    assert "depth" not in told.spaces[0].names


def test_the_last_one_can_not_be_switched_off(
    editor: SpaceEditor, space: SearchSpace, qtbot
) -> None:
    told = Told(editor)
    for name in ("gamma", "C", "depth"):
        click(editor.editors[name].switch)
    click(editor.editors["kernel"].switch)
    assert told.names == ["gamma", "C", "depth"]
    assert editor.editors["kernel"].switch.isChecked()


def test_the_recommended_range_comes_back(editor: SpaceEditor, space: SearchSpace) -> None:
    told, row = Told(editor), editor.editors["depth"]
    assert not row.reset.isVisible()
    write(row.high, "12")
    QTest.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    assert told.spaces[-1] == space
    assert not row.reset.isVisible()


def test_an_error_of_the_engine_finds_its_row(editor: SpaceEditor) -> None:
    assert editor.set_error("space.C.low", "C must be above 0.")
    assert editor.editors["C"].error.text() == "C must be above 0."
    assert editor.set_error("learner.fixed.depth", "No.")
    assert not editor.set_error("space", "Nothing to search.")


def test_every_control_has_a_name(editor: SpaceEditor) -> None:
    for kind in (QCheckBox, RangeBar, NumberField):
        for control in editor.findChildren(kind):
            named = control.edit if isinstance(control, NumberField) else control
            assert named.accessibleName()


@pytest.fixture
def bar(qtbot, until_shown: Callable[[QWidget], None]) -> RangeBar:
    bar = RangeBar("C")
    qtbot.addWidget(bar)
    bar.resize(200 + 2 * MARGIN, 28)
    bar.show_range(0.01, 100, floor=0.01, ceiling=100, log=True, whole=False)
    until_shown(bar)
    return bar


def test_an_end_is_dragged_on_the_log_axis(bar: RangeBar) -> None:
    told: list[tuple[float, float]] = []
    bar.dragged.connect(lambda low, high: told.append((low, high)))
    middle = bar.height() // 2
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(MARGIN, middle))
    QTest.mouseMove(bar, QPoint(MARGIN + 100, middle))
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(MARGIN + 100, middle))
    assert told[-1] == (1.0, 100.0)


def test_ends_never_cross(bar: RangeBar) -> None:
    told: list[tuple[float, float]] = []
    bar.dragged.connect(lambda low, high: told.append((low, high)))
    middle = bar.height() // 2
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(MARGIN + 200, middle))
    QTest.mouseMove(bar, QPoint(-50, middle))
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(-50, middle))
    assert told[-1] == (0.01, 0.01)


def test_ends_move_by_keyboard(bar: RangeBar) -> None:
    told: list[tuple[float, float]] = []
    bar.dragged.connect(lambda low, high: told.append((low, high)))
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert told[-1][0] > 0.01
    QTest.keyClick(bar, Qt.Key.Key_Space)
    QTest.keyClick(bar, Qt.Key.Key_Left)
    assert told[-1][1] < 100
    assert "high end held" in bar.accessibleDescription()


def test_whole_numbers_move_by_one_at_least(bar: RangeBar) -> None:
    bar.show_range(1, 5, floor=1, ceiling=500, log=False, whole=True)
    told: list[tuple[int, int]] = []
    bar.dragged.connect(lambda low, high: told.append((low, high)))
    QTest.keyClick(bar, Qt.Key.Key_Right)
    low, high = told[-1]
    assert (low, high) in {(2, 5), (5, 5)}
    assert isinstance(low, int)
