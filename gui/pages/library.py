"""Library: every run, to open, go on with, or put away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.domain.results import RunSummary
from engine.protocol import replies, requests
from gui.pages.base import Action, Message, Page, Width
from gui.states import RunState
from gui.tables.run_model import RunTableModel
from gui.tables.view import TableView
from gui.widgets.empty_state import EmptyState
from gui.widgets.more_budget import MoreBudget
from gui.widgets.text import label


class LibraryPage(Page):
    """A table of runs and what can be done with the selected one."""

    id = "library"
    title = "Library"
    purpose = "Every search you have run. Each is a folder of its own and nothing is overwritten."
    help = "library"
    page_width = Width.FULL
    scrolls = False
    MESSAGES: ClassVar[Mapping[str, Message]] = {
        "failed": Message("bad", "{sentence}"),
        "incomparable": Message("caution", "These runs can't be compared. {reasons}"),
        "deleted": Message("good", "{name} is now in the library's folder “deleted”."),
    }

    def build(self) -> None:
        self._stack = QStackedWidget()
        self.body.addWidget(self._stack, 1)
        self._stack.addWidget(
            EmptyState(
                self.theme,
                "library",
                "No runs yet",
                "Every search you start is kept here, with its data, trials and results.",
                action=Action("Start with a table", lambda: self.go("data")),
                links=[Action("Open a run's folder", self._open_folder)],
            )
        )
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._search = QLineEdit()
        self._search.setPlaceholderText("Find a run")
        self._search.setAccessibleName("Find a run")
        self._search.setClearButtonEnabled(True)
        self._search.setMaximumWidth(320)
        self._model = RunTableModel(self)
        self._search.textChanged.connect(self._model.set_filter)
        above = QHBoxLayout()
        above.addWidget(self._search)
        above.addStretch(1)
        column.addLayout(above)
        self._view = TableView("Runs")
        self._view.setSortingEnabled(True)
        self._view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._view.horizontalHeader().setSortIndicator(0, Qt.SortOrder.DescendingOrder)
        self._view.setModel(self._model)
        for section, width in enumerate((156, 104, 108, 140, 150, 88, 68, 68, 96)):
            self._view.setColumnWidth(section, width)
        self._view.selectionModel().selectionChanged.connect(lambda *_: self._selected())
        self._model.modelReset.connect(self._selected)
        self._view.activated.connect(lambda _: self._open())
        column.addWidget(self._view, 1)
        self._problem = label("", "bad", selectable=True)
        self._problem.hide()
        column.addWidget(self._problem)
        self._stack.addWidget(full)
        # Methods, not lambdas: Qt lets go of them with the page.
        self.client.ready.connect(self._on_ready)
        self.run.failed.connect(self._on_failed)

    def on_enter(self) -> None:
        self._refresh()

    def on_run_changed(self, state: RunState) -> None:
        if state.phase in ("running", "finished", "stopped"):
            self._refresh()

    def initial_focus(self) -> QWidget | None:
        return self._view

    def primary(self) -> Action | None:
        run = self.chosen
        if run is None:
            return None
        if run.state in ("interrupted", "paused"):
            return Action("Resume", self._resume)
        return Action("Open", self._open, why_not=run.problem)

    def secondary(self) -> Sequence[Action]:
        run = self.chosen
        others = [Action("Open a folder", self._open_folder)]
        if len(self.marked) > 1:
            return (*others, Action("Compare these runs", self._compare))
        if run is None:
            return others
        if run.state != "running":
            others.append(Action("Delete", self._delete))
        if run.state == "finished":
            others.append(Action("Continue with more budget", self._add_budget))
        if run.state in ("interrupted", "paused"):
            others.append(Action("Open", self._open))
        return others

    @property
    def chosen(self) -> RunSummary | None:
        """The selected run."""
        index = self._view.currentIndex()
        return self._model.run_at(index.row()) if index.isValid() else None

    @property
    def marked(self) -> tuple[RunSummary, ...]:
        """All selected runs, in the order of the table."""
        rows = sorted(index.row() for index in self._view.selectionModel().selectedRows())
        runs = [self._model.run_at(row) for row in rows]
        return tuple(run for run in runs if run is not None)

    def _refresh(self) -> None:
        self.client.request(requests.ListRuns(id=0), self._show, self._complain, owner=self)

    def _show(self, reply: replies.Runs) -> None:
        chosen = self.chosen
        self._model.show_runs(reply.runs, self.client.catalog)
        self._stack.setCurrentIndex(1 if reply.runs else 0)
        row = self._model.row_of(chosen.path) if chosen else 0
        if self._model.rowCount():
            self._view.selectRow(max(row, 0))
        self._selected()

    def _selected(self) -> None:
        run = self.chosen
        problem = run.problem if run else ""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.refresh_chrome()

    # --- actions ----------------------------------------------------------------------------------

    def _open(self) -> None:
        run = self.chosen
        if run is None or run.problem:
            return
        if self._is_busy_with_another(run.path):
            return
        if self.run.state.path != run.path or not self.run.state.active:
            self.run.open(run.path)
        self.go("results" if run.state == "finished" else "run")

    def _resume(self) -> None:
        run = self.chosen
        if run is not None and not self._is_busy_with_another(run.path):
            self.run.resume_run(run.path)
            self.go("run")

    def _add_budget(self) -> None:
        run = self.chosen
        if run is None or self._is_busy_with_another(run.path):
            return

        def opened() -> None:
            plan = self.run.state.plan
            if plan is None:
                return
            looks = 0 if run.test is None else 1
            asked = MoreBudget(plan.budget, run.evaluations, plan.budget.seconds or 0, looks, self)
            if asked.exec() == QDialog.DialogCode.Accepted:
                self.run.resume_run(run.path, asked.budget)
                self.go("run")
            asked.deleteLater()

        self.run.open(run.path, opened)

    def _delete(self) -> None:
        run = self.chosen
        if run is None:
            return
        sure = QMessageBox.question(
            self,
            "Delete run",
            f"Move {run.name} to the library's folder “deleted”? Nothing in it is lost.",
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
        )
        if sure == QMessageBox.StandardButton.Yes:
            self.delete(run)

    def delete(self, run: RunSummary) -> None:
        """Move ``run`` to the deleted ones."""

        def done(_: replies.Done) -> None:
            self.say("deleted", name=run.name)
            self._refresh()

        request = requests.DeleteRun(id=0, path=run.path)
        self.client.request(request, done, self._complain, owner=self)

    def _open_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Open a run's folder")
        if path and not self._is_busy_with_another(path):
            self.run.open(path, self._refresh)
            self.go("run")

    def _compare(self) -> None:
        self.unsay("incomparable")

        def refused(reasons: tuple[str, ...]) -> None:
            self.say("incomparable", reasons=" ".join(reasons))

        comparing = self.context.comparing
        if comparing.state.active:
            self.say("failed", sentence="A comparison is under way. Stop it first.")
            return
        paths = [run.path for run in self.marked]
        comparing.put_side_by_side(paths, lambda: self.go("compare"), refused)

    def _is_busy_with_another(self, path: str) -> bool:
        state = self.run.state
        if state.active and state.path != path:
            self.say("failed", sentence="A search is running. Stop it before opening another run.")
            return True
        return False

    def _on_ready(self, _: object) -> None:
        if self.shown:
            self._refresh()

    def _on_failed(self, failure: replies.Failed) -> None:
        if self.shown:
            self._complain(failure)

    def _complain(self, failure: replies.Failed) -> None:
        self.say("failed", sentence=failure.sentence)
