"""One step of undo: from some choices to others, and back. Steps of one gesture merge."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtGui import QUndoCommand

from engine.domain.tables import Table
from gui.user_choices import Choices

GESTURE_S = 1.0
"""Choices of one gesture merge into one step of undo while they follow this closely."""


class Chosen(msgspec.Struct, frozen=True):
    """State that undo restores: the choices, with the table as it was read for them."""

    choices: Choices = Choices()
    table: Table | None = None


class Edit(QUndoCommand):
    """Goes from ``before`` to ``after``.

    Args:
        adopt: takes choices as they are.
        text: what was done.
        gesture: edits of the same non-empty gesture may merge.
        at: when it was done, in monotonic seconds.
    """

    def __init__(
        self,
        adopt: Callable[[Chosen], None],
        before: Chosen,
        after: Chosen,
        text: str,
        gesture: str,
        at: float,
    ) -> None:
        super().__init__(text)
        self._adopt = adopt
        self._before, self._after = before, after
        self._gesture, self._at = gesture, at

    def redo(self) -> None:
        self._adopt(self._after)

    def undo(self) -> None:
        self._adopt(self._before)

    def id(self) -> int:
        # Equal ids make Qt offer a merge.
        return hash(self._gesture) % (2**31 - 1) if self._gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Edit) or other._gesture != self._gesture:
            return False
        if other._at - self._at > GESTURE_S:
            return False
        self._after, self._at = other._after, other._at
        self.setObsolete(self._after == self._before)
        return True
