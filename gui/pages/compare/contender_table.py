"""`ContenderTable`: the contenders of a comparison as coloured rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from gui import words
from gui.pages.compare.contender_summaries import ContenderSummary
from gui.pages.compare.swatch import Swatch
from gui.widgets.text import Role, label, rule

HEADS = ("", "method", "{judge} score", "spread", "validation", "rank", "time", "done")


class ContenderTable(QWidget):
    """A row a contender, with the colour and the shape that pictures give it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Methods")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        self._shown: object = None

    def show_summaries(
        self, summaries: Sequence[ContenderSummary], judge: str, looks: Sequence[tuple[str, str]]
    ) -> None:
        """Show these in place of what was shown.

        Args:
            judge: what the final score is by: ``test`` or ``validation``.
            looks: colour and marker of each.
        """
        shown = (tuple(summaries), judge, tuple(looks))
        if shown == self._shown:
            return
        self._shown = shown
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for column, head in enumerate(HEADS):
            self._cell(0, column, head.format(judge=judge), "caption")
        best = min((s.rank for s in summaries if s.rank is not None), default=None)
        for place, (summary, look) in enumerate(zip(summaries, looks, strict=True)):
            row = 2 * place + 1
            self._grid.addWidget(rule(), row, 0, 1, len(HEADS))
            self._grid.addWidget(Swatch(*look), row + 1, 0)
            lead: Role = "strong" if summary.rank is not None and summary.rank == best else "body"
            texts = (
                summary.label + (" (reference)" if summary.reference else ""),
                words.score(summary.mean),
                words.NOTHING if summary.spread is None else f"± {words.number(summary.spread, 2)}",
                words.score(summary.validation),
                words.NOTHING if summary.rank is None else f"{summary.rank:.1f}",
                words.NOTHING if summary.seconds is None else words.duration(summary.seconds),
                f"{summary.done} of {summary.total}",
            )
            roles: tuple[Role, ...] = (lead, lead, "muted", "muted", lead, "muted", "muted")
            for column, (text, role) in enumerate(zip(texts, roles, strict=True), start=1):
                self._cell(row + 1, column, text, role)

    def _cell(self, row: int, column: int, text: str, role: Role) -> None:
        cell = label(text, role, wrap=False)
        if column > 1:
            cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(cell, row, column)
