"""How far something is, in a bar and in words above it (text on the bar could not be read)."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from gui.widgets.text import label

STEPS = 1000


class Progress(QWidget):
    """A bar that never goes back while it shows the same thing, under one line of words."""

    def __init__(self, name: str = "Progress", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = label(role="caption")
        self._bar = QProgressBar()
        self._bar.setAccessibleName(name)
        self._bar.setTextVisible(False)
        self._bar.setRange(0, STEPS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._text)
        layout.addWidget(self._bar)

    def show_progress(self, fraction: float | None, text: str = "") -> None:
        """Show a share of 1, or None for work without a known end."""
        self._text.setText(text)
        self._bar.setAccessibleDescription(text)
        if fraction is None:
            self._bar.setRange(0, 0)
            return
        self._bar.setRange(0, STEPS)
        step = round(STEPS * min(max(fraction, 0.0), 1.0))
        # Only truly finished work fills the bar.
        step = min(step, STEPS - 1) if fraction < 1 else step
        self._bar.setValue(max(step, self._bar.value()))

    def reset(self) -> None:
        """Begin another thing."""
        self._text.clear()
        self._bar.setRange(0, STEPS)
        self._bar.setValue(0)
