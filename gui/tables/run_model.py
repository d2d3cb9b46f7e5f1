"""The runs of the library as Qt sees them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.domain.cards import Catalog
from engine.domain.results import RunSummary
from gui import words

Index = QModelIndex | QPersistentModelIndex
RUN_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""The whole `RunSummary`."""
STATES = {
    "running": "● running",
    "paused": "❚❚ paused",
    "interrupted": "◐ interrupted",
    "finished": "✓ finished",
    "damaged": "✕ damaged",
}


class _Column(msgspec.Struct, frozen=True):
    title: str
    text: Callable[[RunSummary, Catalog], str]
    key: Callable[[RunSummary], Any]
    numeric: bool = False


def _done(run: RunSummary) -> str:
    of = f" of {run.planned:,.0f}" if run.planned else ""
    return f"{run.evaluations:,.0f}{of}"


COLUMNS = (
    _Column("started", lambda r, c: when(r.created), lambda r: r.created),
    _Column("state", lambda r, c: STATES[r.state], lambda r: r.state),
    _Column("data", lambda r, c: words.name_of(r.data), lambda r: r.data),
    _Column("model", lambda r, c: words.label(c.learners, r.learner), lambda r: r.learner),
    _Column("method", lambda r, c: words.label(c.methods, r.method), lambda r: r.method),
    _Column("measure", lambda r, c: words.label(c.measures, r.measure), lambda r: r.measure),
    _Column("best", lambda r, c: words.score(r.best), lambda r: r.best or 0.0, True),
    _Column("test", lambda r, c: words.score(r.test), lambda r: r.test or 0.0, True),
    _Column("evaluations", lambda r, c: _done(r), lambda r: r.evaluations, True),
    _Column("name", lambda r, c: r.name, lambda r: r.name),
)


def when(seconds: float) -> str:
    """A point in time, in the person's own clock."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


class RunTableModel(QAbstractTableModel):
    """Runs, newest first until sorted otherwise."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[RunSummary] = []
        self._shown: list[RunSummary] = []
        self._catalog = Catalog((), (), (), ())
        self._text = ""
        self._sort: tuple[int, bool] = (0, True)

    def show_runs(self, runs: Sequence[RunSummary], catalog: Catalog) -> None:
        """Show these in place of what was shown."""
        self._runs, self._catalog = list(runs), catalog
        self._rearrange()

    def set_filter(self, text: str) -> None:
        """Show only runs with ``text`` in one of their cells."""
        self._text = text.casefold().strip()
        self._rearrange()

    def run_at(self, row: int) -> RunSummary | None:
        """The run in ``row``, if there is one."""
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def row_of(self, path: str) -> int:
        """Where the run at ``path`` is shown, or -1."""
        return next((i for i, run in enumerate(self._shown) if run.path == path), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run = self.run_at(index.row()) if index.isValid() else None
        if run is None:
            return None
        column = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(run, self._catalog)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return run.problem or run.path
        return run if role == RUN_ROLE else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            numeric = COLUMNS[section].numeric
            side = Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort = (column, order == Qt.SortOrder.DescendingOrder)
        self._rearrange()

    def _rearrange(self) -> None:
        self.beginResetModel()
        shown = [run for run in self._runs if self._text in self._haystack(run)]
        column, descending = self._sort
        self._shown = sorted(shown, key=COLUMNS[column].key, reverse=descending)
        self.endResetModel()

    def _haystack(self, run: RunSummary) -> str:
        return " ".join(column.text(run, self._catalog) for column in COLUMNS).casefold()
