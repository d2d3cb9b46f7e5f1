"""Two things beside each other where there is room."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from gui.widgets.side_by_side import SideBySide


def test_they_stand_in_a_row_from_a_width_on(qtbot, until_shown) -> None:
    left, right = QLabel("left"), QLabel("right")
    both = SideBySide(left, right, wide=500)
    qtbot.addWidget(both)
    both.resize(600, 300)
    until_shown(both)
    qtbot.waitUntil(lambda: right.x() > left.x() and right.y() == left.y())
    both.resize(400, 300)
    qtbot.waitUntil(lambda: right.x() == left.x() and right.y() > left.y())


def test_the_narrowest_width_is_that_of_the_wider_part(qtbot) -> None:
    left, right = QLabel("left"), QLabel("right")
    left.setMinimumWidth(100)
    right.setMinimumWidth(150)
    both = SideBySide(left, right)
    qtbot.addWidget(both)
    assert both.minimumSizeHint().width() < 250
