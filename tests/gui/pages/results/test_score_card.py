"""The score of a result and what may be believed of it, in words."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel

from engine.domain.results import Interval, RunResult
from gui.pages.results.score_card import ScoreCard

RESULT = RunResult(
    learner="svm",
    measure="accuracy",
    maximise=True,
    trial=7,
    configuration={},
    validation_best=0.9512,
    validation_default=0.9123,
    default_configuration={},
    trials=24,
    evaluations=24.0,
    seconds=1.0,
    seed=1,
    model_seed=2,
    folds=3,
    test=Interval(0.9321, 0.8456, 0.9876, "Wilson"),
    test_default=0.9001,
    test_rows=36,
    looks=1,
)


@pytest.fixture
def card(qtbot) -> ScoreCard:
    card = ScoreCard()
    qtbot.addWidget(card)
    return card


def shown(card: ScoreCard, **changes: object) -> list[str]:
    card.show_result(msgspec.structs.replace(RESULT, **changes), "Accuracy")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return [w.text() for w in card.findChildren(QLabel) if not w.isHidden()]


def test_the_test_score_comes_first_with_its_interval(card):
    texts = shown(card)
    assert card.number.text() == "0.9321"
    assert "95 % interval 0.8456 to 0.9876" in texts
    assert "accuracy on 36 test rows, looked at once" in texts
    assert "0.9512" in texts and "0.9123" in texts and "0.9001" in texts


def test_more_than_one_look_is_optimistic(card):
    assert any("looked at 3 times: watched, optimistic" in text for text in shown(card, looks=3))


def test_without_test_rows_the_validation_score_is_all_there_is(card):
    texts = shown(card, test=None, test_default=None)
    assert card.number.text() == "0.9512"
    assert "There are no outer test rows." in texts
    assert any("Keep some rows as outer test" in text for text in texts)
    assert not any("test, default" in text for text in texts)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "The validation score chose the winner, so it flatters."),
        ({"selected_by_user": True}, "Validation scores led to it, so they flatter."),
        (
            {"selected_by_user": True, "selection_reason": "Best mean"},
            "You took this one as best mean. Validation scores led to it, so they flatter.",
        ),
    ],
)
def test_who_chose_it_is_said(card, changes, sentence):
    assert any(text.startswith(sentence) for text in shown(card, **changes))


def test_another_result_takes_the_place_of_the_first(card):
    shown(card)
    texts = shown(card, validation_default=None, test_default=None)
    assert not {"0.9123", "0.9001"} & set(texts)
    assert texts.count("0.9512") == 1
