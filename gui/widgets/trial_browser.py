"""The table of trials with its filters, and the details of the selected one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from engine.domain.trials import TrialRow, TrialState
from gui.tables.store import TrialStore
from gui.tables.trial_model import ROW_ROLE, TrialTableModel
from gui.tables.view import TableView
from gui.widgets.actions import Action
from gui.widgets.fields import Choice
from gui.widgets.trial_details import TrialDetails

SHOWN = (
    (None, "All trials"),
    (TrialState.COMPLETE, "Complete"),
    (TrialState.RUNNING, "Running or paused"),
    (TrialState.FAILED, "Failed"),
    (TrialState.PRUNED, "Stopped early"),
)


class TrialBrowser(QWidget):
    """Follows ``store``; call `refresh` when it has changed.

    Args:
        store: the trials.
        kill: ends a running trial.
        offered: what else can be done with a trial.
    """

    selected = Signal(object)
    """Number of the selected trial, or None."""

    def __init__(
        self,
        store: TrialStore,
        kill: Callable[[int], None],
        offered: Callable[[TrialRow], Sequence[Action]] = lambda row: (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._model = TrialTableModel(store, self)
        self._number: int | None = None
        self._view = TableView("Trials")
        self._view.setSortingEnabled(True)
        self._view.horizontalHeader().setSortIndicator(0, Qt.SortOrder.DescendingOrder)
        self._view.setModel(self._model)
        self._view.selectionModel().currentRowChanged.connect(lambda *_: self._take_current())
        self._details = TrialDetails(kill, offered)
        self._sized = 0
        """How many columns there were when they were last given their widths."""
        self._search = QLineEdit()
        self._search.setPlaceholderText("Filter trials")
        self._search.setAccessibleName("Filter trials")
        self._search.setClearButtonEnabled(True)
        self._search.setMaximumWidth(240)
        self._states = Choice(SHOWN, "Which trials to show")
        self._search.textChanged.connect(lambda _: self._filter())
        self._states.changed.connect(lambda _: self._filter())
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self._view)
        split.addWidget(self._details)
        split.setStretchFactor(0, 1)
        split.setCollapsible(0, False)
        split.setSizes([700, 240])
        above = QHBoxLayout()
        above.addWidget(self._search)
        above.addWidget(self._states)
        above.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(above)
        column.addWidget(split, 1)
        self.refresh()

    def refresh(self) -> None:
        """Follow the store, keeping the selected trial selected."""
        self._model.refresh()
        if self._model.columnCount() != self._sized:
            self._size_columns()
        self._reselect()
        self._show_details()

    def set_live(self, live: bool) -> None:
        """Whether a search is running on the trials; without one, no trial is."""
        if live != self._model.live:
            self._model.live = live
            self._view.viewport().update()
            self._details.show_trial(None, "")
            self._show_details()

    def show_only(self, numbers: np.ndarray | None) -> None:
        """Show only the trials of these numbers, shape (k,); None for all."""
        self._model.set_only(numbers)
        self._reselect()

    def select(self, number: int | None) -> None:
        """Show a trial as selected; says nothing."""
        if number == self._number:
            return
        self._number = number
        if number is None:
            self._view.selectionModel().blockSignals(True)
            self._view.selectionModel().clear()
            self._view.selectionModel().blockSignals(False)
            self._view.viewport().update()
        self._reselect()
        if number is not None and self._view.currentIndex().isValid():
            self._view.scrollTo(self._view.currentIndex())
        self._show_details()

    @property
    def number(self) -> int | None:
        """The selected trial."""
        return self._number

    def _filter(self) -> None:
        state = self._states.value()
        states = None if state is None else frozenset([TrialState(str(state))])
        self._model.set_filter(self._search.text(), states)
        self._reselect()

    def _take_current(self) -> None:
        index = self._view.currentIndex()
        self._number = self._model.number_at(index.row()) if index.isValid() else None
        self._show_details()
        self.selected.emit(self._number)

    def _reselect(self) -> None:
        if self._number is None:
            return
        row = self._model.row_of(self._number)
        if row is not None and row != self._view.currentIndex().row():
            flags = (
                QItemSelectionModel.SelectionFlag.ClearAndSelect
                | QItemSelectionModel.SelectionFlag.Rows
            )
            selection = self._view.selectionModel()
            selection.blockSignals(True)
            selection.setCurrentIndex(self._model.index(row, 0), flags)
            selection.blockSignals(False)
            self._view.viewport().update()

    def _show_details(self) -> None:
        row: TrialRow | None = None
        if self._number is not None:
            at = self._model.row_of(self._number)
            row = self._model.index(at, 0).data(ROW_ROLE) if at is not None else None
        store = self._store
        live = self._model.live
        self._details.show_trial(
            row,
            store.measure_label,
            live=live,
            further_measures=store.further_measures,
            noun=store.noun,
        )

    def _size_columns(self) -> None:
        self._sized = self._model.columnCount()
        header, last = self._view.horizontalHeader(), self._sized - 1
        for section in range(last):
            title = str(self._model.headerData(section, Qt.Orientation.Horizontal))
            width = header.fontMetrics().horizontalAdvance(title) + 40
            self._view.setColumnWidth(section, min(max(width, 80), 180))
        self._view.setColumnWidth(0, 80)
        self._view.setColumnWidth(1, 130)
