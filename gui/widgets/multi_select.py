"""`MultiSelect`: any number of several things, as boxes to tick."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from gui.widgets.text import label

COLUMNS = 2


class MultiSelect(QWidget):
    """Some of several things, by id; `changed` is the person's doing alone."""

    changed = Signal(object)
    """The ids ticked, a tuple in the order they are offered."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._name = name
        self._boxes: dict[str, QCheckBox] = {}
        self._options: tuple[tuple[str, str], ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(COLUMNS, 1)
        self._error = label("", "error")
        self._error.hide()

    def set_options(self, options: Sequence[tuple[str, str]]) -> None:
        """Offer these; what is ticked stays where it is among them."""
        if tuple(options) == self._options:
            return
        ticked = self.value()
        self._options = tuple(options)
        for box in self._boxes.values():
            self._grid.removeWidget(box)
            box.deleteLater()
        self._boxes = {}
        for place, (id_, text) in enumerate(options):
            box = QCheckBox(text)
            box.setAccessibleName(f"{self._name}: {text}")
            box.clicked.connect(lambda: self.changed.emit(self.value()))
            self._grid.addWidget(box, place // COLUMNS, place % COLUMNS)
            self._boxes[id_] = box
        self._grid.addWidget(self._error, len(options), 0, 1, COLUMNS + 1)
        if self._boxes:
            self.setFocusProxy(next(iter(self._boxes.values())))
        self.set_value(ticked)

    def value(self) -> tuple[str, ...]:
        """The ids ticked, in the order offered."""
        return tuple(id_ for id_, box in self._boxes.items() if box.isChecked())

    def set_value(self, value: object) -> None:
        """Tick these and no others; ids that are not offered are passed over."""
        wanted = value if isinstance(value, tuple | list) else ()
        for id_, box in self._boxes.items():
            box.setChecked(id_ in wanted)

    def set_error(self, sentence: str) -> None:
        """Say beneath why it is wrong; an empty sentence takes that back."""
        self._error.setText(sentence)
        self._error.setVisible(bool(sentence))
        self.setAccessibleDescription(sentence)
