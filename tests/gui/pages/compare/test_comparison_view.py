"""A comparison as it is shown: findings, progress, cases and pictures to choose from."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel, QPushButton

from engine.domain.comparison import (
    Case,
    Comparison,
    Contender,
    Finding,
    Findings,
    Member,
    NestedEstimate,
)
from engine.domain.results import Interval
from engine.plan import Budget, MethodPlan
from engine.protocol.events import ComparisonProgress
from gui.engine_client import EngineClient
from gui.pages.compare.comparison_pictures import FINAL, pictures_for
from gui.pages.compare.comparison_view import OPEN, ComparisonView
from gui.view_states import ComparingState
from gui.widgets.disclosure import Disclosure
from gui.widgets.fields import Choice


def comparison(cases: tuple[Case, ...], kind: Any = "compare") -> Comparison:
    names = ("random", "tpe")
    return Comparison(
        kind=kind,
        measure="accuracy",
        measure_label="Accuracy",
        maximise=True,
        budget=Budget(evaluations=10),
        cases=cases,
        contenders=tuple(Contender(name, name.upper(), MethodPlan(name)) for name in names),
        repetitions=1,
        members=tuple(
            Member(case.name, name, 0, state="finished", path=f"/{name}", test=0.9, validation=0.9)
            for case in cases
            for name in names
        ),
    )


WINE = Case("wine", "builtin:wine", "target", "svm", 142, 36)
IRIS = Case("iris", "builtin:iris", "target", "svm", 120, 30)


@pytest.fixture
def view(qtbot, theme, tmp_path) -> ComparisonView:
    client = EngineClient()
    view = ComparisonView(client, theme)
    client.setParent(view)
    qtbot.addWidget(view)
    return view


def said(view: ComparisonView) -> list[str]:
    return [w.text() for w in view.findChildren(QLabel) if w.isVisibleTo(view)]


def show(view: ComparisonView, **state: Any) -> list[str]:
    view.show_state(ComparingState(**state))
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return said(view)


def test_while_nothing_is_found_it_says_so_and_how_far_it_is(view):
    progress = ComparisonProgress(
        path="/c",
        done=1,
        total=4,
        fraction=0.25,
        elapsed=1.0,
        left=None,
        member="",
        contender="tpe",
        repetition=1,
    )
    running = {"phase": "running", "comparison": comparison((WINE,))}
    texts = show(view, **running, progress=progress)
    assert "The first searches are under way." in texts
    assert "1 of 4 searches done; TPE, repetition 2" in texts
    assert "1 of 4 searches done; TPE, repetition 2" not in show(
        view, phase="finished", comparison=comparison((WINE,))
    )


def test_many_sentences_about_pairs_are_folded_and_few_are_not(view):
    def findings(pairs: int) -> Findings:
        headline = Finding("headline", "TPE leads.")
        return Findings((headline, *(Finding("open", f"Pair {n}.") for n in range(pairs))))

    found = {"phase": "finished", "comparison": comparison((WINE,))}
    few = show(view, **found, findings=findings(OPEN))
    assert {"TPE leads.", "Pair 0."} <= set(few)
    many = show(view, **found, findings=findings(OPEN + 1))
    assert "TPE leads." in many
    assert "Pair 0." not in many
    assert view.findChild(Disclosure).isVisibleTo(view)


def test_a_nested_estimate_tells_what_flattered(view):
    estimate = NestedEstimate(
        case="wine",
        contender="tpe",
        outer=(0.9,),
        validation=(0.95,),
        estimate=Interval(0.9, 0.8, 0.95, "Nadeau-Bengio"),
        naive=0.95,
        gap=0.05,
        spread={"C": "1 to 10"},
    )
    nested = comparison((WINE,), kind="nested")
    texts = " ".join(show(view, phase="finished", comparison=nested, nested=(estimate,)))
    assert "scores 0.9000 on rows no search has seen" in texts
    assert "looks 0.05 better than that" in texts
    assert "Chosen in the outer folds: C 1 to 10." in texts


def test_several_cases_are_chosen_from_and_one_is_not(view):
    show(view, phase="finished", comparison=comparison((WINE,)))
    choice = view.findChild(Choice)
    assert not choice.isVisibleTo(view)
    show(view, phase="finished", comparison=comparison((WINE, IRIS)))
    assert choice.isVisibleTo(view)
    assert choice.count() == 2


def test_pictures_are_offered_where_they_mean_something(view):
    over_two, over_one = (pictures_for(comparison(cases)) for cases in ((WINE, IRIS), (WINE,)))
    assert set(over_two) - set(over_one) == {"critical_difference"}
    nested = pictures_for(comparison((WINE,), kind="nested"))
    assert next(iter(nested)) == FINAL
    assert set(nested) < set(over_one)
    show(view, phase="finished", comparison=comparison((WINE,)))
    offered = {button.text() for button in view.findChildren(QPushButton)}
    assert {picture.name for picture in over_one.values()} <= offered


def test_what_was_put_side_by_side_carries_its_cautions(view):
    state = ComparingState(phase="finished", comparison=comparison((WINE,)))
    view.show_state(msgspec.structs.replace(state, cautions=("The budgets differ.",)))
    assert "The budgets differ." in said(view)
