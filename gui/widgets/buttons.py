"""Buttons made from actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtWidgets import QPushButton, QWidget

from gui.widgets.actions import Action
from gui.widgets.text import restyle

Kind = Literal["quiet", "primary", "link", "small"]


class ActionButton(QPushButton):
    """Does its action, or has it explained why it can't.

    Args:
        explain: gets `Action.why_not` when the button is pressed in vain.
    """

    def __init__(
        self,
        action: Action,
        kind: Kind = "quiet",
        explain: Callable[[str], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", kind)
        self.setAutoDefault(False)
        self._explain = explain
        self.show_action(action)
        self.clicked.connect(self._press)

    def show_action(self, action: Action) -> None:
        """Stand for another action."""
        self._action = action
        self.setText(action.text.replace("&", "&&"))
        self.setToolTip(action.why_not or action.tip)
        self.setAccessibleDescription(action.why_not or action.tip)
        restyle(self, held=bool(action.why_not))

    def _press(self) -> None:
        if not self._action.why_not:
            self._action.run()
        elif self._explain is not None:
            self._explain(self._action.why_not)


def button(
    action: Action, kind: Kind = "quiet", explain: Callable[[str], object] | None = None
) -> ActionButton:
    """Make a button.

    Args:
        action: carried out when it is pressed.
        kind: how prominent it is.
        explain: called with the reason when the action is not possible now.
    """
    return ActionButton(action, kind, explain)
