"""`PickSome`: a dialog that asks which of several things are meant."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.multi_select import MultiSelect
from gui.widgets.question import Question


class PickSome(Question):
    """Asks for some of ``options``, ids and what they are called; at least one.

    Args:
        title: of the dialog.
        about: what is asked, in a sentence or two.
        none: what is said while nothing is ticked.
        answer: the prominent button's words.
    """

    def __init__(
        self,
        title: str,
        about: str,
        options: Sequence[tuple[str, str]],
        *,
        none: str,
        answer: str,
        parent: QWidget | None = None,
    ) -> None:
        self._none = none
        self._selection = MultiSelect(title)
        self._selection.set_options(options)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._selection)
        column.addStretch(1)
        super().__init__(title, about, content, answer, parent)
        self.setMinimumWidth(640)
        self.resize(640, 360)

    @property
    def picked(self) -> tuple[str, ...]:
        """The ids ticked."""
        return self._selection.value()

    def problem(self) -> str:
        return "" if self.picked else self._none
