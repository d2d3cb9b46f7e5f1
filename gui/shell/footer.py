"""The foot of a page: back, what it costs, quiet actions, and the one prominent button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from gui.widgets.actions import Action
from gui.widgets.buttons import ActionButton
from gui.widgets.text import label, link

HEIGHT = 64


class Footer(QFrame):
    """Buttons stay the same widgets while their number does, so the focus never jumps."""

    back_asked = Signal()
    why_not = Signal(str)
    """Why the button that was pressed does nothing now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("footer")
        self.setMinimumHeight(HEIGHT)
        self._back = link("Back", self.back_asked.emit)
        self._cost = label(role="muted")
        self._cost.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._quiet: list[ActionButton] = []
        self.primary: ActionButton | None = None
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(32, 12, 32, 12)
        self._layout.setSpacing(12)
        self._layout.addWidget(self._back)
        self._layout.addWidget(self._cost, 1)
        self._layout.addSpacing(8)

    def show_footer(
        self, *, back: bool, cost: str, secondary: Sequence[Action], primary: Action | None
    ) -> None:
        """Show the actions of a page; hidden where there are none.

        Args:
            back: whether one can go back.
            cost: a short fact beside the buttons.
            secondary: quiet buttons.
            primary: the prominent button.
        """
        self.setVisible(back or bool(cost) or bool(secondary) or primary is not None)
        self._back.setVisible(back)
        self._cost.setText(cost)
        while len(self._quiet) > len(secondary):
            _remove(self._quiet.pop())
        for place, action in enumerate(secondary):
            if place < len(self._quiet):
                self._quiet[place].show_action(action)
            else:
                made = ActionButton(action, "quiet", self.why_not.emit)
                self._layout.insertWidget(3 + place, made)
                self._quiet.append(made)
        if primary is None:
            if self.primary is not None:
                _remove(self.primary)
                self.primary = None
        elif self.primary is None:
            self.primary = ActionButton(primary, "primary", self.why_not.emit)
            self._layout.addWidget(self.primary)
        else:
            self.primary.show_action(primary)

    def commit(self) -> None:
        """Press the prominent button."""
        if self.primary is not None:
            self.primary.click()


def _remove(button: ActionButton) -> None:
    button.hide()
    button.deleteLater()
