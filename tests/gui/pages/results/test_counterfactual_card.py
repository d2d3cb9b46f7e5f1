"""What random search would have given, on the results page."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from gui.pages.results.counterfactual_card import CounterfactualCard
from gui.pages.results.page import ResultsPage


@pytest.fixture(scope="session")
def spread(tuned) -> Path:
    """A finished search without a random trial."""
    return tuned(
        "spread",
        "builtin:iris",
        learner__id="svm",
        method__id="sobol",
        budget__evaluations=6,
        evaluation__resampling__kind="kfold",
        evaluation__resampling__folds=3,
    )


def said(widget: QWidget) -> str:
    return " ".join(w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget))


def offered(card: CounterfactualCard) -> dict[str, QPushButton]:
    return {b.text(): b for b in card.findChildren(QPushButton) if b.isVisibleTo(card)}


def test_a_random_search_tells_of_its_own_luck_at_no_cost(show, opened, classified, until):
    page = show(ResultsPage)
    opened(classified)
    card = page.findChild(CounterfactualCard)
    until(lambda: card.canvas.summary != "")
    assert "This was random search" in said(card)
    assert "random does as well" not in said(card)
    assert offered(card) == {}


def test_random_search_is_run_on_request_stopped_and_taken_up_and_the_result_stays(
    show, opened, copy_of, spread, gate, context, until
):
    page = show(ResultsPage)
    opened(copy_of(spread))
    card = page.findChild(CounterfactualCard)
    until(lambda: card.isVisibleTo(page))
    assert "11 evaluations" in said(card)
    before = context.run.state
    gate.hold()
    offered(card)["Run random search"].click()
    until(lambda: list(offered(card)) == ["Stop"])
    offered(card)["Stop"].click()
    until(lambda: "Run random search" in offered(card))
    gate.let()
    offered(card)["Run random search"].click()
    until(lambda: "random does as well" in said(card))
    assert offered(card) == {}
    until(lambda: card.canvas.summary != "" and card.canvas.summary in said(card))
    assert context.run.state == before
    assert (Path(before.path) / "random" / "journal.log").is_file()
