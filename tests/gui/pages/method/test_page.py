"""The method page."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from engine.domain.cards import MethodCard
from gui.pages.method.option_form import OptionForm
from gui.pages.method.page import MethodPage
from gui.widgets.card import ChoiceCard
from gui.widgets.disclosure import Disclosure


@pytest.fixture
def page(show, choose, context, monkeypatch) -> MethodPage:
    """Without measuring, whose end would ask the guide once more."""
    monkeypatch.setattr(context.session, "ensure_probe", lambda: None)
    choose("builtin:wine")
    return show(MethodPage)


def said(widget: QWidget) -> list[str]:
    return [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]


def other_card(page: MethodPage) -> ChoiceCard:
    """The first of the methods that are not chosen."""
    assert page._content is not None
    return page._content.findChildren(ChoiceCard)[0]


def chosen_card(page: MethodPage) -> MethodCard:
    plan = page.session.state.plan
    assert plan is not None
    return next(c for c in page.client.catalog.methods if c.id == plan.method.id)


def choose_method(page: MethodPage, method: str, until) -> None:
    if chosen_card(page).id != method:
        label = next(c.label for c in page.client.catalog.methods if c.id == method)
        cards = page._content.findChildren(ChoiceCard)
        next(c for c in cards if c.accessibleName() == label).click()
        until(lambda: page.session.state.fresh and chosen_card(page).id == method)


def test_the_recommended_method_stands_first_with_its_reason_and_source(page, context):
    first = context.session.state.advice.method[0]
    texts = said(page)
    assert "RECOMMENDED FOR THIS SEARCH" in texts
    assert first.reason in texts
    assert any(first.source in text for text in texts)
    assert chosen_card(page).id == first.choice
    assert chosen_card(page).label in texts


def test_every_other_method_is_a_card_with_its_reason(page, context):
    advice = context.session.state.advice.method
    cards = page.findChildren(ChoiceCard)
    assert len(cards) == len(context.client.catalog.methods) - 1
    reasons = {other.label: other.reason for other in advice[1:]}
    for card in cards:
        words = [label.text() for label in card.findChildren(QLabel)]
        assert reasons.pop(card.accessibleName()) in words
    assert not reasons


def test_another_method_can_be_chosen_and_the_recommended_one_taken_back(page, context, until):
    session = context.session
    first = session.state.advice.method[0]
    other_card(page).click()
    until(lambda: session.state.fresh and "YOUR CHOICE" in said(page))
    assert chosen_card(page).id != first.choice
    assert session.undo_stack.undoText() == f"Choose {chosen_card(page).label}"
    back = next(
        b for b in page._content.findChildren(QPushButton) if b.text().startswith("Recommended")
    )
    back.click()
    until(lambda: session.state.fresh and chosen_card(page).id == first.choice)
    assert not session.is_set("method")
    until(lambda: "RECOMMENDED FOR THIS SEARCH" in said(page))


def test_what_does_not_suit_is_a_caution(page, context, until):
    """Few rows: small fits mislead."""
    choose_method(page, "halving", until)
    until(lambda: context.session.state.fresh)
    own = next(r for r in context.session.state.advice.method if r.choice == "halving")
    assert not own.fits and "mislead" in own.reason
    reason = next(w for w in page._content.findChildren(QLabel) if w.text() == own.reason)
    assert reason.property("role") == "caution"


def test_a_card_is_chosen_by_undo_too(page, context, until):
    first = chosen_card(page).id
    other_card(page).click()
    until(lambda: context.session.state.fresh)
    context.session.undo_stack.undo()
    until(lambda: context.session.state.fresh)
    assert chosen_card(page).id == first


def test_the_form_has_the_options_of_the_catalog_and_edits_the_plan(page, context, until):
    choose_method(page, "tpe", until)
    form = page._content.findChild(OptionForm)
    assert tuple(form.fields) == tuple(option.name for option in chosen_card(page).options)
    page._content.findChild(Disclosure).set_opened(True)
    number = next(o for o in chosen_card(page).options if o.kind == "integer")
    field = form.fields[number.name]
    wanted = int(number.default) + 3
    field.edit.setText(str(wanted))
    field.edit.editingFinished.emit()
    assert context.session.state.plan.method.options[number.name] == wanted
    until(lambda: context.session.state.fresh)
    assert context.session.state.plan.method.options[number.name] == wanted
    assert page._form.fields[number.name].value() == wanted


def test_nothing_starts_without_a_table(show):
    page = show(MethodPage)
    primary = page.primary()
    assert primary.text == "Start search"
    assert primary.why_not == "Open a table and choose what to predict first."


def test_the_cost_of_the_search_is_said_once_measured(show, choose, context, until):
    choose("builtin:iris")
    page = show(MethodPage)
    until(lambda: context.session.state.probe is not None and context.session.state.fresh)
    assert "evaluations" in page.cost()
    until(lambda: "cost" in said(page))


def test_start_agrees_to_every_step_and_shows_the_run(show, plan_for, context, until, monkeypatch):
    monkeypatch.setattr(context.session, "ensure_probe", lambda: None)
    plan_for()
    page = show(MethodPage)
    went: list[str] = []
    page.went.connect(went.append)
    page.primary().run()
    until(lambda: went == ["run"])
    assert set(context.session.state.confirmed) >= {"data", "model", "evaluation", "method"}
    until(lambda: context.run.state.results is not None)
    assert len(context.run.store) == 6


def test_a_second_search_waits_for_the_first(show, plan_for, gate, context, until, monkeypatch):
    monkeypatch.setattr(context.session, "ensure_probe", lambda: None)
    page = show(MethodPage)
    gate.hold()
    context.run.start(plan_for())
    until(lambda: context.run.state.phase == "running")
    assert page.primary().why_not.startswith("A search is running.")


def test_a_plan_that_cannot_run_says_why_and_where_to_mend_it(show, plan_for, context, until):
    plan_for(evaluation__resampling__folds=90)
    page = show(MethodPage)
    page.primary().run()
    until(lambda: page.messages.texts != () or context.session.state.trouble is not None)
    assert context.run.state.phase == "none"
    assert "90" in " ".join([*page.messages.texts, str(context.session.state.trouble)])
