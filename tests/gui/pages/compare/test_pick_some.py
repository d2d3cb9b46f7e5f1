"""The dialog that asks which of several things are meant."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox

from gui.pages.compare.pick_some import PickSome


@pytest.fixture
def asked(qtbot) -> PickSome:
    options = [("svm", "Support vector machine"), ("forest", "Random forest")]
    asked = PickSome("Models", "Which ones?", options, none="Tick one.", answer="Add")
    qtbot.addWidget(asked)
    return asked


def test_nothing_ticked_is_no_answer(asked):
    asked.answer()
    assert asked.said == "Tick one."
    assert asked.result() == PickSome.DialogCode.Rejected.value


def test_what_is_ticked_is_the_answer_in_the_order_offered(asked):
    for box in reversed(asked.findChildren(QCheckBox)):
        box.click()
    asked.answer()
    assert asked.said == ""
    assert asked.result() == PickSome.DialogCode.Accepted.value
    assert asked.picked == ("svm", "forest")
