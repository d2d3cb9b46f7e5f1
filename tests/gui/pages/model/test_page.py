"""The model page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from engine.domain.advice import Recommendation
from gui.pages.model.chip import Chip
from gui.pages.model.page import ModelPage
from gui.pages.model.reason_card import ReasonCard
from gui.widgets.buttons import ActionButton
from gui.widgets.card import ChoiceCard
from gui.widgets.space_editor import SpaceEditor


@pytest.fixture
def page(show, choose) -> ModelPage:
    choose("builtin:wine")
    return show(ModelPage)


def said(widget: QWidget) -> list[str]:
    return [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]


def cards(page: ModelPage) -> dict[str, ChoiceCard]:
    return {card.text(): card for card in page.findChildren(ChoiceCard)}


def back(page: ModelPage) -> ActionButton:
    texts = {b.text(): b for b in page.findChildren(ActionButton)}
    return texts["Back to the recommended space"]


def test_every_model_is_a_card_and_one_is_recommended_with_its_reason(page, context):
    assert len(cards(page)) == len(context.client.catalog.learners)
    chips = page.findChildren(Chip)
    assert [chip.text() for chip in chips] == ["recommended"]
    chosen = [card for card in cards(page).values() if card.isChecked()]
    assert len(chosen) == 1
    assert chips[0].parentWidget() is chosen[0]
    best = context.session.state.advice.learner[0]
    assert best.reason in said(page.findChild(ReasonCard))
    assert best.choice == context.session.state.plan.learner.id


def test_a_card_says_what_it_is_good_for_what_it_costs_and_how_much_there_is_to_tune(page, context):
    card = next(c for c in context.client.catalog.learners if c.id == "random_forest")
    words = said(cards(page)[card.label])
    assert {card.good_for, card.cost} <= set(words)
    assert f"{len(card.hyperparameters)} hyperparameters" in words
    assert cards(page)[card.label].property("help") == card.help


def test_another_model_brings_its_space_and_the_way_back(page, context, until, qtbot):
    best = context.session.state.advice.learner[0]
    forest = cards(page)["Random forest"]
    forest.setFocus()
    qtbot.keyClick(forest, Qt.Key.Key_Return)
    assert forest.isChecked()
    until(lambda: context.session.state.plan.learner.id == "random_forest")
    editor = page.findChild(SpaceEditor)
    assert set(editor.editors) == set(context.session.state.space.names)
    assert page.cost().startswith(str(len(context.session.state.plan.space)))
    assert context.session.undo_stack.undoText() == "Choose Random forest"
    page.findChild(ReasonCard).instead_asked.emit(best.choice)
    until(lambda: context.session.state.plan.learner.id == best.choice)


def test_an_edited_range_can_go_back(page, context, until):
    session = context.session
    before = session.state.plan.space
    assert not back(page).isVisible()
    editor = page.findChild(SpaceEditor)
    editor.editors["C"].low.changed.emit(0.5)
    until(lambda: session.state.fresh)
    assert session.state.plan.space["C"].low == 0.5
    assert session.undo_stack.undoText() == "Change the range of C"
    assert back(page).isVisible()
    back(page).click()
    until(lambda: session.state.fresh)
    assert session.state.plan.space == before
    assert not back(page).isVisible()


def test_a_range_that_is_impossible_is_refused_at_its_row(page, context):
    before = context.session.state.plan.space
    editor = page.findChild(SpaceEditor)
    editor.editors["C"].low.changed.emit(1e9)
    assert "ends" in editor.editors["C"].error.text()
    assert context.session.state.plan.space == before


def test_a_range_the_model_can_not_take_holds_the_next_step_up(page, context, until):
    editor = page.findChild(SpaceEditor)
    editor.editors["C"].high.changed.emit(1e30)
    until(lambda: page.primary().why_not != "")
    assert "C must be" in page.primary().why_not
    assert editor.editors["C"].error.text() == page.primary().why_not
    context.session.undo_stack.undo()
    until(lambda: page.primary().why_not == "")


def test_a_model_that_is_not_advised_says_why(qtbot):
    card = ReasonCard("this table")
    qtbot.addWidget(card)
    best = Recommendation("svm", "SVM", "Few rows.", "a book", figures=(("rows", "12"),))
    own = Recommendation("other", "Other", "It is slow here.", "a book", fits=False)
    card.show_reason(best, best)
    assert "RECOMMENDED FOR THIS TABLE" in said(card)
    assert "12" in said(card)
    card.show_reason(own, best)
    assert {"YOUR CHOICE", "It is slow here."} <= set(said(card))
    asked = []
    card.instead_asked.connect(asked.append)
    instead = next(b for b in card.findChildren(ActionButton))
    assert instead.text() == "Recommended instead: SVM"
    instead.click()
    assert asked == ["svm"]
