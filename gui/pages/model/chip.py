"""A chip: one word about a thing."""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

Tone = Literal["plain", "accent", "good", "caution", "bad"]


class Chip(QLabel):
    """A short word in a frame; its tone says nothing that the word does not."""

    def __init__(self, text: str, tone: Tone = "plain", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("role", "chip")
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
