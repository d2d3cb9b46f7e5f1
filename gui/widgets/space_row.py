"""One hyperparameter in the table of the search space: its switch, range and fixed value."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from engine.errors import SpaceError
from engine.space import Categorical, Float, Integer, Parameter, Value
from gui import space_rows, words
from gui.space_rows import Row
from gui.theme import ThemeManager
from gui.widgets.fields import Choice, NumberField
from gui.widgets.range_bar import RangeBar
from gui.widgets.text import label

COLUMNS = ("", "hyperparameter", "kind", "range", "low", "high", "log", "")
SWITCH, NAME, KIND, BAR, LOW, HIGH, LOG, RESET = range(len(COLUMNS))


class SpaceRow(QWidget):
    """The controls of one row; they are laid out in the editor's grid, which aligns all rows.

    The widget itself is only their owner and is never shown.
    """

    edited = Signal(object)
    """The new `Row`, by the person."""

    def __init__(self, row: Row, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self._row = row
        self._theme = theme
        name = row.name
        self.switch = QCheckBox()
        self.switch.setAccessibleName(f"Tune {name}")
        self.switch.setToolTip("Tune it, or hold it at a fixed value")
        self.switch.clicked.connect(self._switch)
        self.name = label(name, "strong", wrap=False)
        self.name.setBuddy(self.switch)
        self.kind = label(row.kind, "caption", wrap=False)
        self.error = label("", "error")
        self.error.hide()
        self.reset = QToolButton()
        self.reset.setAccessibleName(f"Recommended range of {name}")
        self.reset.setToolTip("Back to the recommended range")
        self.reset.clicked.connect(self._recommend)
        self.middle = QStackedWidget()
        self.low: NumberField | None = None
        self.high: NumberField | None = None
        self.log: QCheckBox | None = None
        self._bar: RangeBar | None = None
        self._checks: list[tuple[QCheckBox, Value]] = []
        if isinstance(row.recommended, Categorical):
            self.middle.addWidget(self._choices(row.recommended))
        else:
            self.middle.addWidget(self._range(name, row.recommended))
        self._fixed = self._fixed_field(row)
        self.middle.addWidget(_beside("fixed at", self._fixed))
        theme.changed.connect(self._draw_icons)
        self._draw_icons()

    def place(self, grid: QGridLayout, at: int) -> None:
        """Put the controls into the editor's grid, from grid row ``at`` on (two are used)."""
        centre = Qt.AlignmentFlag.AlignVCenter
        grid.addWidget(self.switch, at, SWITCH, centre)
        grid.addWidget(self.name, at, NAME, centre)
        grid.addWidget(self.kind, at, KIND, centre)
        wide = 1 if self.low is not None else LOG - BAR + 1
        grid.addWidget(self.middle, at, BAR, 1, wide)
        for widget, column in ((self.low, LOW), (self.high, HIGH), (self.log, LOG)):
            if widget is not None:
                grid.addWidget(widget, at, column, centre)
        grid.addWidget(self.reset, at, RESET, centre)
        grid.addWidget(self.error, at + 1, NAME, 1, RESET - NAME)

    @property
    def recommended(self) -> Parameter:
        """Range that the controls were made for."""
        return self._row.recommended

    def remove(self) -> None:
        """Take the controls out of the editor."""
        for widget in (
            self.switch,
            self.name,
            self.kind,
            self.middle,
            self.low,
            self.high,
            self.log,
            self.reset,
            self.error,
        ):
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.deleteLater()

    def show_row(self, row: Row) -> None:
        """Show the row as it now is."""
        self._row = row
        self.switch.setChecked(row.tuned)
        self.middle.setCurrentIndex(0 if row.tuned else 1)
        parameter = row.parameter
        for widget in (self.low, self.high, self.log):
            if widget is not None:
                widget.setVisible(row.tuned)
        if isinstance(parameter, Float | Integer) and self._bar is not None:
            assert self.low is not None and self.high is not None and self.log is not None
            self._show_bar(parameter)
            self.low.set_value(parameter.low)
            self.high.set_value(parameter.high)
            self.log.setChecked(parameter.log)
        for check, choice in self._checks:
            check.setChecked(parameter.contains(choice))
        self._fixed.set_value(row.fixed)  # type: ignore[arg-type]
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.setVisible(row.edited)
        self.set_error("")

    def set_error(self, sentence: str) -> None:
        """Say beneath the row what is wrong with it."""
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))

    # --- its controls -----------------------------------------------------------------------------

    def _range(self, name: str, advised: Float | Integer) -> QWidget:
        whole = isinstance(advised, Integer)
        self._bar = RangeBar(name)
        self._bar.dragged.connect(self._drag)
        self.low = NumberField(f"Low end of {name}", whole=whole, compact=True)
        self.high = NumberField(f"High end of {name}", whole=whole, compact=True)
        self.low.changed.connect(lambda v: self._try(lambda r: space_rows.with_range(r, low=v)))
        self.high.changed.connect(lambda v: self._try(lambda r: space_rows.with_range(r, high=v)))
        self.log = QCheckBox()
        self.log.setAccessibleName(f"Log scale for {name}")
        self.log.clicked.connect(lambda on: self._try(lambda r: space_rows.with_range(r, log=on)))
        return self._bar

    def _choices(self, advised: Categorical) -> QWidget:
        result = QWidget()
        layout = QHBoxLayout(result)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        for choice in advised.choices:
            text = "none" if choice is None else words.value(choice)
            check = QCheckBox(text)
            check.setAccessibleName(f"{advised.name}: {text}")
            check.clicked.connect(self._choose)
            self._checks.append((check, choice))
            layout.addWidget(check)
        layout.addStretch(1)
        return result

    def _fixed_field(self, row: Row) -> NumberField | Choice:
        name = f"Fixed value of {row.name}"
        advised = row.recommended
        field: NumberField | Choice
        if isinstance(advised, Categorical):
            options = [(c, "none" if c is None else words.value(c)) for c in advised.choices]
            field = Choice(options, name, compact=True)
        else:
            field = NumberField(name, whole=isinstance(advised, Integer), compact=True)
        field.changed.connect(
            lambda value: self._try(lambda r: msgspec.structs.replace(r, fixed=value))
        )
        return field

    def _show_bar(self, parameter: Float | Integer) -> None:
        advised = self._row.recommended
        assert self._bar is not None and not isinstance(advised, Categorical)
        self._bar.show_range(
            parameter.low,
            parameter.high,
            floor=advised.low,
            ceiling=advised.high,
            log=parameter.log,
            whole=isinstance(parameter, Integer),
        )

    # --- what the person does ---------------------------------------------------------------------

    def _switch(self, tuned: bool) -> None:
        self._try(lambda row: msgspec.structs.replace(row, tuned=tuned))

    def _recommend(self) -> None:
        self._try(lambda row: msgspec.structs.replace(row, parameter=row.recommended, tuned=True))

    def _drag(self, low: float, high: float) -> None:
        self._try(lambda row: space_rows.with_range(row, low=low, high=high))

    def _choose(self) -> None:
        kept = [choice for check, choice in self._checks if check.isChecked()]
        self._try(lambda row: space_rows.with_choices(row, kept))

    def _try(self, edit: Callable[[Row], Row]) -> None:
        try:
            row = edit(self._row)
        except SpaceError as error:
            self.set_error(str(error))
            return
        self.set_error("")
        self.edited.emit(row)

    def _draw_icons(self, _: object = None) -> None:
        self.reset.setIcon(self._theme.icon("reset", "muted", 16))


def _beside(text: str, field: QWidget) -> QWidget:
    result = QWidget()
    layout = QHBoxLayout(result)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    layout.addWidget(label(text, "muted", wrap=False))
    layout.addWidget(field)
    layout.addStretch(1)
    return result
