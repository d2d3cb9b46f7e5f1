"""`TryNext`: a configuration by hand, to be evaluated next."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.errors import SpaceError
from engine.space import Categorical, Configuration, Integer, Parameter, SearchSpace, Value
from gui import words
from gui.widgets.fields import Choice, NumberField
from gui.widgets.form import Form
from gui.widgets.question import Question

ABOUT = (
    "The search evaluates it before anything else, on the same folds as every other, and its "
    "method learns from the score."
)


class TryNext(Question):
    """Asks for a configuration of ``space``, beginning with ``start``."""

    def __init__(
        self, space: SearchSpace, start: Configuration, parent: QWidget | None = None
    ) -> None:
        self._form = Form()
        super().__init__("Try this next", ABOUT, self._form, "Try it next", parent)
        self._space = space
        self.values: dict[str, Value] = dict(start)
        self.fields: dict[str, NumberField | Choice] = {}
        for parameter in space.parameters:
            field = _field(parameter)
            if start.get(parameter.name) is not None:
                field.set_value(start[parameter.name])  # type: ignore[arg-type]
            field.changed.connect(lambda value, name=parameter.name: self._set(name, value))
            self._form.add(parameter.name, field, hint=parameter.allowed)
            self.fields[parameter.name] = field
        self.setMinimumWidth(520)
        self.resize(520, min(220 + 76 * len(space), 640))
        self._show_active()

    @property
    def configuration(self) -> Configuration:
        """The values entered, of the hyperparameters that are active with them."""
        found: dict[str, Value] = {}
        for name in self._space.names:  # parents come before their children
            if self._space.is_active(name, found):
                found[name] = self.values.get(name)
        return found

    def _set(self, name: str, value: object) -> None:
        self.values[name] = value  # type: ignore[assignment]
        self._show_active()

    def _show_active(self) -> None:
        self.say("")
        active = self.configuration
        for name, field in self.fields.items():
            self._form.set_row_visible(field, name in active)

    def problem(self) -> str:
        try:
            self._space.validate(self.configuration)
        except SpaceError as error:
            return str(error)
        return ""


def _field(parameter: Parameter) -> NumberField | Choice:
    if isinstance(parameter, Categorical):
        options = [(choice, words.value(choice)) for choice in parameter.choices]
        return Choice(options, parameter.name)
    whole = isinstance(parameter, Integer)
    return NumberField(parameter.name, whole=whole, low=parameter.low, high=parameter.high)
