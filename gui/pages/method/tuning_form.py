"""Groups that a gradient is to tune, and the engine: `GroupTable` and `EngineTable`."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QRadioButton, QWidget

from engine.domain.hypergradients import EngineOutlook, HyperGroup, TuningOutlook
from engine.space import Value
from gui import words
from gui.widgets.fields import Choice, NumberField
from gui.widgets.text import Role, label, rule, set_role

FINELY = {
    "fixed": "not tuned",
    "one": "one number",
    "layers": "for each layer",
    "steps": "for each step",
    "layers and steps": "for each layer and step",
    "weights": "for each weight",
}
EACH = {"examples": "for each row", "inputs": "for each column", "initial": "for each weight"}
WIDEST = max(map(len, FINELY.values()))
HEADS = ("", "how finely", "numbers", "starts at", "moves between")


def finely(option: str, choice: Value) -> str:
    """How finely something is tuned, in words."""
    if isinstance(choice, bool):
        return EACH.get(option, "tuned") if choice else "not tuned"
    return FINELY.get(str(choice), str(choice))


class GroupTable(QWidget):
    """A row for each thing that can be tuned."""

    changed = Signal(str, object)
    """An option of the method, and the value the person wants it to have."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What is tuned")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(4, 1)
        for column, head in enumerate(HEADS):
            self._grid.addWidget(label(head, "caption", wrap=False), 0, column, _side(column))
        self._rows: dict[str, _Row] = {}

    @property
    def fields(self) -> dict[str, Choice | NumberField]:
        """The fields by option."""
        return {option: row.field for option, row in self._rows.items()}

    def show_groups(self, groups: Sequence[HyperGroup]) -> None:
        """Show these; rows stay while the same things can be tuned."""
        if [*self._rows] != [group.option for group in groups]:
            for row in self._rows.values():
                row.remove()
            self._rows = {
                group.option: _Row(self._grid, 2 * place + 1, group, self)
                for place, group in enumerate(groups)
            }
        for group in groups:
            self._rows[group.option].show_group(group)

    def set_error(self, option: str, sentence: str) -> bool:
        """Say why an option can't be like that; False for one that is not here."""
        row = self._rows.get(option)
        if row is not None:
            row.field.set_error(sentence)
            row.say(sentence)
        return row is not None


class _Row:
    """The widgets of one group."""

    def __init__(self, grid: QGridLayout, at: int, group: HyperGroup, table: GroupTable) -> None:
        option = group.option
        counted = any(not isinstance(c, bool | str) for c, _ in group.sizes)
        self.field: Choice | NumberField = (
            NumberField(group.label, whole=True, low=0, compact=True)
            if counted
            else Choice([], f"{group.label}, how finely")
        )
        if isinstance(self.field, Choice):
            self.field.setMinimumContentsLength(WIDEST)
        self.field.changed.connect(lambda value: table.changed.emit(option, value))
        self._name = label(group.label, "strong", wrap=False)
        self._size = label("", "value", wrap=False)
        self._start = label("", "body", wrap=False)
        self._bounds = label("", "muted")
        self._line = rule()
        grid.addWidget(self._line, at, 0, 1, len(HEADS))
        cells = (self._name, self.field, self._size, self._start, self._bounds)
        for column, cell in enumerate(cells):
            grid.addWidget(cell, at + 1, column, _side(column))
        self._cells: tuple[QWidget, ...] = (self._line, *cells)

    def show_group(self, group: HyperGroup) -> None:
        """Show the size, start and bounds of ``group``."""
        if isinstance(self.field, Choice):
            self.field.set_options([(c, finely(group.option, c)) for c, _ in group.sizes])
            self.field.set_value(group.choice)
        else:
            self.field.set_value(group.choice)  # type: ignore[arg-type]
        self.field.set_error("")
        self.field.setEnabled(not group.hindrance or bool(group.size))
        tuned = bool(group.size)
        self._size.setText(f"{group.size:,}" if tuned else "–")
        self._start.setText(words.number(group.start, 3))
        self._bounds.setText("")
        set_role(self._bounds, "muted")
        if group.hindrance and tuned:
            self.say(group.hindrance)
        elif group.hindrance:
            self._bounds.setText(group.hindrance)
        elif tuned:
            ends = f"{words.number(group.low, 3)} and {words.number(group.high, 3)}"
            scale = "" if group.scale == "linear" else f", {group.scale} scale"
            self._bounds.setText(ends + scale)
        for cell in (self._size, self._start):
            set_role(cell, "value" if tuned else "muted")

    def say(self, sentence: str) -> None:
        """Show ``sentence`` in place of the bounds."""
        set_role(self._bounds, "caution")
        self._bounds.setText(sentence)

    def remove(self) -> None:
        """Take the row out of the form."""
        for cell in self._cells:
            cell.hide()
            cell.deleteLater()


class EngineTable(QWidget):
    """A row for each engine: what it keeps, how long it takes, whether it can do it."""

    changed = Signal(str)
    """The engine that the person wants."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Engines")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(4, 1)
        self._group = QButtonGroup(self)
        self._rows: dict[str, tuple[QRadioButton, list[QLabel]]] = {}
        for column, head in enumerate(("engine", "kept", "time of a hyper-step", "result", "")):
            side = Qt.AlignmentFlag.AlignRight if column in (1, 2) else Qt.AlignmentFlag.AlignLeft
            self._grid.addWidget(label(head, "caption", wrap=False), 0, column, side)

    @property
    def buttons(self) -> dict[str, QRadioButton]:
        """By engine."""
        return {engine: row[0] for engine, row in self._rows.items()}

    def show_engines(self, tuning: TuningOutlook, chosen: str) -> None:
        """Show what each engine would take for ``tuning``."""
        from engine.plots.memory import in_words

        best = tuning.advice[0].choice if tuning.advice else ""
        for engine in tuning.engines:
            if engine.id not in self._rows:
                self._rows[engine.id] = self._add(engine)
            button, cells = self._rows[engine.id]
            button.setChecked(engine.id == chosen)
            role: Role = "muted" if engine.refusal else "body"
            remark = engine.refusal or ("recommended" if engine.id == best else "")
            exact = "exact" if engine.exact else "approximate"
            kept = in_words(engine.stored_bytes)
            times = f"{words.number(engine.times, 2)} trainings"
            for cell, text in zip(cells, (kept, times, exact, remark), strict=True):
                cell.setText(text)
                set_role(cell, role)
            if not engine.refusal:
                set_role(cells[-1], "good")
            said = f"{engine.label}: keeps {kept}, takes {times}, {exact}. {remark}"
            button.setAccessibleName(said.strip())

    def _add(self, engine: EngineOutlook) -> tuple[QRadioButton, list[QLabel]]:
        at = len(self._rows) + 1
        button = QRadioButton(engine.label)
        self._group.addButton(button)
        button.clicked.connect(lambda: self.changed.emit(engine.id))
        self._grid.addWidget(button, at, 0)
        cells = [label("", wrap=column == 4) for column in range(1, 5)]
        for column, cell in enumerate(cells, start=1):
            side = Qt.AlignmentFlag.AlignRight if column < 3 else Qt.AlignmentFlag.AlignLeft
            cell.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(cell, at, column)
        return button, cells


def _side(column: int) -> Qt.AlignmentFlag:
    if column in (1, 4):
        return Qt.AlignmentFlag.AlignVCenter
    side = Qt.AlignmentFlag.AlignRight if column in (2, 3) else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
