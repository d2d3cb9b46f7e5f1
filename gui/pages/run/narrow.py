"""`NarrowSpace`: another version of a run's search space, to go on in."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from engine.space import Configuration, SearchSpace, Value
from gui.theme import ThemeManager
from gui.widgets.question import Question
from gui.widgets.space_editor import SpaceEditor

ABOUT = (
    "Draw the ends of a range, or take a choice away. A new run goes on in this space, and is told "
    "of every trial that lies in it; the present one stays as it is."
)


class NarrowSpace(Question):
    """Asks for another version of ``space``."""

    def __init__(
        self,
        space: SearchSpace,
        default: Configuration,
        theme: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        self._editor = SpaceEditor(theme)
        title = "Go on in another space"
        super().__init__(title, ABOUT, self._editor, "Go on in this space", parent)
        self.space = self._before = space
        self._fixed: tuple[str, ...] = ()
        self._editor.show_space(space, space, default, {})
        self._editor.changed.connect(self._take)
        self.resize(860, min(260 + 48 * len(space), 680))

    def problem(self) -> str:
        if self._fixed:
            names = ", ".join(self._fixed)
            return f"Keep {names} tuned here; a range may be as narrow as you like."
        if self.space == self._before:
            return "This is the space as it was. Change a range or a choice first."
        return ""

    def _take(self, space: SearchSpace, fixed: Mapping[str, Value], _: str) -> None:
        self.space, self._fixed = space, tuple(fixed)
        self.say("")
