"""`MoreCases`: further models and tables for a comparison, beside those being planned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from engine.plan import Plan
from engine.protocol import replies, requests
from gui import words
from gui.engine_client import EngineClient
from gui.pages.compare.pick_some import PickSome
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.text import label

MODELS = (
    "Which models, on the same table? Each gets its recommended search space; measure, folds and "
    "budget are those of the comparison."
)
RUNS = (
    "Which runs' tables and models? Each brings its own search space and folds; measure and budget "
    "are those of the comparison."
)
NO_RUN = "No finished run in the library is about another table or model."
ABOUT = "Over several tables the comparison says which method is better in general."


class MoreCases(QWidget):
    """Cases that the person has added; `changed` is the person's doing."""

    changed = Signal()
    failed = Signal(str)
    """Why something could not be added, as a sentence."""

    def __init__(self, client: EngineClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._base: Plan | None = None
        self._added: tuple[Plan, ...] = ()
        self._rows = QWidget()
        actions = QHBoxLayout()
        actions.setSpacing(8)
        for action in (
            Action("Add models", self._ask_models),
            Action("Add from finished runs", self._ask_runs),
        ):
            actions.addWidget(button(action, "small"))
        actions.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self._rows)
        self._column.addLayout(actions)
        self._column.addWidget(label(ABOUT, "caption"))
        self._rows.hide()

    def show_plan(self, plan: Plan) -> None:
        """Show the added cases besides that of ``plan``."""
        other = self._base is None or case_of(plan) != case_of(self._base)
        self._base = plan
        if other and self._added:
            self._show()

    def plans(self, base: Plan) -> tuple[Plan, ...]:
        """``base`` and the added cases, with its measure, budget and workers."""
        return (base, *(_like(plan, base) for plan in self._beside(base)))

    def add(self, plans: Sequence[Plan]) -> None:
        """Add cases; those that are there are passed over."""
        known = {case_of(plan) for plan in self._added}
        for plan in plans:
            if case_of(plan) not in known:
                known.add(case_of(plan))
                self._added = (*self._added, plan)
        self._show()

    def add_models(self, ids: Sequence[str]) -> None:
        """Add the models ``ids`` on the table of the plan."""
        base = self._base
        if base is None:
            return
        # The method is that of the contenders; with random search the guide need not choose one.
        kept = {"method.id": "random", "evaluation.measure": base.evaluation.measure}
        for id_ in ids:
            request = requests.Advise(id=0, data=base.data, learner=id_, changes=kept)
            self._client.request(request, self._take, self._complain, owner=self)

    def add_runs(self, paths: Sequence[str]) -> None:
        """Add the tables and models of the runs at ``paths``."""
        for path in paths:
            request = requests.PlanOf(id=0, path=path)
            self._client.request(request, self._take, self._complain, owner=self)

    # --- inside -----------------------------------------------------------------------------------

    def _beside(self, base: Plan | None) -> list[Plan]:
        """Added cases other than ``base``."""
        return [p for p in self._added if base is None or case_of(p) != case_of(base)]

    def _ask_models(self) -> None:
        base = self._base
        if base is None:
            return
        here = {plan.learner.id for plan in self.plans(base) if plan.data == base.data}
        options = [
            (card.id, card.label)
            for card in self._client.catalog.learners
            if base.data.task in card.tasks and not card.pictures and card.id not in here
        ]
        self._ask("Add models", MODELS, options, "Tick a model.", self.add_models)

    def _ask_runs(self) -> None:
        def ready(reply: replies.Runs) -> None:
            options: dict[tuple[str, str, str], tuple[str, str]] = {}
            for run in reply.runs:
                if run.state == "finished":
                    words_of = f"{run.learner} on {run.data}, {run.target}"
                    options.setdefault((run.learner, run.data, run.target), (run.path, words_of))
            if not options:
                self.failed.emit(NO_RUN)
                return
            asked = list(options.values())
            self._ask("Add from finished runs", RUNS, asked, "Tick a run.", self.add_runs)

        self._client.request(requests.ListRuns(id=0), ready, self._complain, owner=self)

    def _ask(
        self,
        title: str,
        about: str,
        options: Sequence[tuple[str, str]],
        none: str,
        then: Callable[[Sequence[str]], None],
    ) -> None:
        asked = PickSome(title, about, options, none=none, answer="Add", parent=self)
        if asked.exec() == QDialog.DialogCode.Accepted:
            then(asked.picked)
        asked.deleteLater()

    def _take(self, reply: Any) -> None:
        self.add((reply.plan,))
        self.changed.emit()

    def _complain(self, failure: replies.Failed) -> None:
        self.failed.emit(failure.sentence)

    def _remove(self, plan: Plan) -> None:
        self._added = tuple(one for one in self._added if one is not plan)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        beside = self._beside(self._base)
        for plan in beside:
            learner = words.label(self._client.catalog.learners, plan.learner.id)
            text = f"{learner} on {words.name_of(plan.data.source)}, {plan.data.target}"
            remove = button(Action("Remove", lambda plan=plan: self._remove(plan)), "link")
            remove.setAccessibleName(f"Remove {text}")
            row = QHBoxLayout()
            row.addWidget(label(text, wrap=False))
            row.addWidget(remove)
            row.addStretch(1)
            column.addLayout(row)
        self._column.replaceWidget(self._rows, rows)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = rows
        rows.setVisible(bool(beside))


def case_of(plan: Plan) -> tuple[str, str | None, str]:
    """Key of a case: table, target and model."""
    return plan.data.source, plan.data.target, plan.learner.id


def _like(plan: Plan, base: Plan) -> Plan:
    """``plan`` judged and paid for as ``base``; on the same table with the same folds, too."""
    evaluation = base.evaluation
    if plan.data != base.data:
        evaluation = msgspec.structs.replace(
            plan.evaluation, measure=base.evaluation.measure, further_measures=(), watch_outer=False
        )
    return msgspec.structs.replace(
        plan, evaluation=evaluation, budget=base.budget, workers=base.workers, seed=base.seed
    )
