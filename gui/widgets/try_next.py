"""`TryNext`: a configuration by hand, to be evaluated next."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QScrollArea, QVBoxLayout, QWidget

from engine.errors import SpaceError
from engine.space import Categorical, Configuration, Integer, Parameter, SearchSpace, Value
from gui import words
from gui.widgets.fields import Choice, NumberField
from gui.widgets.form import Form
from gui.widgets.text import label

ABOUT = (
    "The search evaluates it before anything else, on the same folds as every other, and its "
    "method learns from the score."
)


class TryNext(QDialog):
    """Asks for a configuration of ``space``, beginning with ``start``."""

    def __init__(
        self, space: SearchSpace, start: Configuration, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Try this next")
        self._space = space
        self.values: dict[str, Value] = dict(start)
        self.fields: dict[str, NumberField | Choice] = {}
        self._form = Form()
        for parameter in space.parameters:
            field = _field(parameter)
            if start.get(parameter.name) is not None:
                field.set_value(start[parameter.name])  # type: ignore[arg-type]
            field.changed.connect(lambda value, name=parameter.name: self._set(name, value))
            self._form.add(parameter.name, field, hint=parameter.allowed)
            self.fields[parameter.name] = field
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(self._form)
        self._error = label("", "error")
        buttons = QDialogButtonBox()
        go = buttons.addButton("Try it next", QDialogButtonBox.ButtonRole.AcceptRole)
        go.setProperty("kind", "primary")
        buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addWidget(label(ABOUT))
        column.addWidget(scroll, 1)
        column.addWidget(self._error)
        column.addWidget(buttons)
        self.setMinimumWidth(520)
        self.resize(520, min(220 + 76 * len(space), 640))
        self._show_active()

    @property
    def configuration(self) -> Configuration:
        """What was entered, of the hyperparameters that have a meaning with it."""
        found: dict[str, Value] = {}
        for name in self._space.names:  # parents come before their children
            if self._space.is_active(name, found):
                found[name] = self.values.get(name)
        return found

    def _set(self, name: str, value: object) -> None:
        self.values[name] = value  # type: ignore[assignment]
        self._show_active()

    def _show_active(self) -> None:
        self._error.clear()
        active = self.configuration
        for name, field in self.fields.items():
            self._form.set_row_visible(field, name in active)

    def _accept(self) -> None:
        try:
            self._space.validate(self.configuration)
        except SpaceError as error:
            self._error.setText(str(error))
            return
        self.accept()


def _field(parameter: Parameter) -> NumberField | Choice:
    if isinstance(parameter, Categorical):
        options = [(choice, words.value(choice)) for choice in parameter.choices]
        return Choice(options, parameter.name)
    whole = isinstance(parameter, Integer)
    return NumberField(parameter.name, whole=whole, low=parameter.low, high=parameter.high)
