"""The table of trials as Qt sees it. Sorting and filtering happen on numpy columns in here, since a
proxy that asks Python for every comparison is slow at ten thousand rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from engine.domain.cards import MeasureCard
from engine.domain.trials import COSTS, STATES, Cause, TrialRow, TrialState
from gui import words
from gui.tables import order
from gui.tables.store import TrialStore

NUMBER_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""The trial's number."""
ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 2
"""The whole `TrialRow`."""

Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

_CAUSES: dict[Cause, str] = {
    Cause.ERROR: "failed",
    Cause.TIMEOUT: "timed out",
    Cause.MEMORY: "out of memory",
    Cause.KILLED: "stopped by you",
    Cause.LOST: "worker lost",
    Cause.NON_FINITE: "no finite score",
}


class Column(msgspec.Struct, frozen=True):
    """A column of the table: its title, the store's column it sorts by, and its text."""

    title: str
    key: str
    text: Callable[[TrialRow], str]
    numeric: bool = True


def status(row: TrialRow, *, live: bool = True) -> str:
    """State of a trial, in words: ``complete``, ``dropped at 1/9``, ``dropped, 3 folds``.

    ``live``: whether a search is running; without one, what is not final is paused, since more
    budget continues it.
    """
    if row.state is TrialState.PRUNED:
        return f"dropped{_progress(row)}"
    if row.state is TrialState.RUNNING and not live:
        return f"paused{_progress(row)}" if row.folds_done else "paused at the start"
    if row.state is TrialState.FAILED:
        return _CAUSES[row.cause] if row.cause else "failed"
    return str(row.state)


def _progress(row: TrialRow) -> str:
    """How far a trial came that is not complete."""
    if row.fidelity < 1:
        return f" at {words.share(row.fidelity)}"
    return f", {words.plural(row.folds_done, 'fold')}"


def columns(store: TrialStore) -> tuple[Column, ...]:
    """The columns for the run in ``store``."""

    def parameter(name: str) -> Column:
        return Column(name, f"space.{name}", lambda row: words.value(row.configuration.get(name)))

    def further(place: int, card: MeasureCard) -> Column:
        def text(row: TrialRow) -> str:
            return words.measured(card, row.further_values[place] if row.further_values else None)

        # The last column is the time of all folds together.
        title = f"mean {card.label.lower()}" if card.id in COSTS else card.label
        return Column(title, f"further.{card.id}", text)

    return (
        Column(store.noun, "number", lambda row: f"{row.number:,}", numeric=False),
        Column("status", "state", status, numeric=False),
        Column(store.measure_label or "score", "value", lambda row: words.score(row.value)),
        *(further(place, card) for place, card in enumerate(store.further_measures)),
        *(parameter(name) for name in store.space.names),
        Column("fit time", "seconds", lambda row: words.duration(row.seconds)),
        Column("reason", "", lambda row: row.message, numeric=False),
    )


class TrialTableModel(QAbstractTableModel):
    """The trials of ``store``, newest first until sorted otherwise; `refresh` after changes."""

    def __init__(self, store: TrialStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.live = True
        """Whether a search is running on the trials."""
        self._columns = columns(store)
        self._generation = store.generation
        self._version = -1
        self._shown = np.empty(0, dtype=np.intp)
        self._sort: tuple[int, bool] = (0, True)
        self._text = ""
        self._states: frozenset[TrialState] | None = None
        self._only: np.ndarray | None = None
        self.refresh()

    # --- Qt's questions ---------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.numeric else _LEFT
        row = self._store.row(self._shown[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cell(column, row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.message or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title} {self._cell(column, row)}"
        if role == NUMBER_ROLE:
            return row.number
        return row if role == ROW_ROLE else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if self._columns[section].numeric else _LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort = (column, order == Qt.SortOrder.DescendingOrder)
        self._rearrange(self._wanted())

    # --- ours -------------------------------------------------------------------------------------

    def set_filter(self, text: str = "", states: frozenset[TrialState] | None = None) -> None:
        """Show only trials in ``states`` (None: all) with ``text`` in any of their cells."""
        self._text, self._states = text.casefold().strip(), states
        self._rearrange(self._wanted())

    def set_only(self, numbers: np.ndarray | None) -> None:
        """Show only the trials of these numbers, shape (k,); None for all."""
        self._only = numbers
        self._rearrange(self._wanted())

    def refresh(self) -> None:
        """Follow the store: new rows are inserted, changed ones redrawn, the order kept up."""
        if self._store.generation != self._generation:
            self.beginResetModel()
            self._generation = self._store.generation
            self._columns = columns(self._store)
            self._sort = (0, True)
            self._shown = self._wanted()
            self.endResetModel()
        elif self._store.version != self._version:
            self._rearrange(self._wanted())
            if len(self._shown):
                last = self.index(len(self._shown) - 1, len(self._columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
        self._version = self._store.version

    def number_at(self, row: int) -> int:
        """The trial shown at ``row``."""
        return self._store.row(self._shown[row]).number

    def row_of(self, number: int) -> int | None:
        """Where the trial ``number`` is shown, if it is."""
        at = self._store.find(number)
        if at is None:
            return None
        where = np.flatnonzero(self._shown == at)
        return int(where[0]) if len(where) else None

    def _wanted(self) -> np.ndarray:
        rows = np.arange(len(self._store))
        if self._only is not None:
            rows = rows[np.isin(self._store.column("number")[rows], self._only)]
        if self._states is not None:
            codes = [STATES.index(state) for state in self._states]
            rows = rows[np.isin(self._store.column("state")[rows], codes)]
        if self._text:
            rows = np.array(
                [r for r in rows.tolist() if self._matches(self._store.row(r))], dtype=np.intp
            )
        column, descending = self._sort
        key = self._columns[column].key if 0 <= column < len(self._columns) else ""
        if not key:
            return rows
        return order.sorted_rows(
            order.sort_key(self._store.column(key)), rows, descending=descending
        )

    def _matches(self, row: TrialRow) -> bool:
        return any(self._text in self._cell(column, row).casefold() for column in self._columns)

    def _cell(self, column: Column, row: TrialRow) -> str:
        return status(row, live=self.live) if column.key == "state" else column.text(row)

    def _rearrange(self, wanted: np.ndarray) -> None:
        """Go from the rows shown to ``wanted`` in steps that views and selections can follow."""
        nowhere = QModelIndex()
        gone = np.flatnonzero(~np.isin(self._shown, wanted))
        for first, last in reversed(order.runs(gone)):
            self.beginRemoveRows(nowhere, first, last)
            self._shown = np.delete(self._shown, np.s_[first : last + 1])
            self.endRemoveRows()
        fresh = wanted[~np.isin(wanted, self._shown)]
        if len(fresh):
            count = len(self._shown)
            self.beginInsertRows(nowhere, count, count + len(fresh) - 1)
            self._shown = np.concatenate((self._shown, fresh))
            self.endInsertRows()
        if not np.array_equal(self._shown, wanted):
            self._permute(wanted)

    def _permute(self, wanted: np.ndarray) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        place = np.empty(len(self._store), dtype=np.intp)
        place[wanted] = np.arange(len(wanted))
        after = [self.index(int(place[self._shown[i.row()]]), i.column()) for i in before]
        self._shown = wanted
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()
