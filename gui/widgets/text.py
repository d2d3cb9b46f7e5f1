"""Text in the roles of the look: the style sheet knows sizes and colours, nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget

Role = Literal[
    "body",
    "muted",
    "caption",
    "eyebrow",
    "strong",
    "section",
    "value",
    "heading",
    "title",
    "figure",
    "figure-accent",
    "good",
    "caution",
    "bad",
    "error",
]


def label(
    text: str = "", role: Role = "body", *, wrap: bool = True, selectable: bool = False
) -> QLabel:
    """Make a text that a person reads. Plain text: nothing a table holds is taken for markup.

    Args:
        text: to show.
        role: in the style sheet, which gives size and colour.
        wrap: whether lines wrap.
        selectable: whether it can be selected and copied.
    """
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setProperty("role", role)
    result.setWordWrap(wrap)
    if wrap:
        policy = result.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        result.setSizePolicy(policy)
    if selectable:
        result.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    return result


def link(text: str, on_click: Callable[[], object]) -> QPushButton:
    """A quiet action in the accent's colour."""
    result = QPushButton(text)
    result.setProperty("kind", "link")
    result.setCursor(Qt.CursorShape.PointingHandCursor)
    result.clicked.connect(lambda: on_click())
    return result


def rule() -> QFrame:
    """A hairline."""
    result = QFrame()
    result.setProperty("role", "rule")
    return result


def set_role(widget: QWidget, role: Role) -> None:
    """Give text another role."""
    restyle(widget, role=role)


def restyle(widget: QWidget, **properties: object) -> None:
    """Set properties that the style sheet looks at, and let it look again if one changed."""
    changed = [name for name, value in properties.items() if widget.property(name) != value]
    for name in changed:
        widget.setProperty(name, properties[name])
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()
