"""A form drawn from the catalog's options, so a new method needs no window code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.options import Option
from engine.space import Value
from gui.widgets.fields import Choice, Field, NumberField, Segments, Switch, TextField
from gui.widgets.form import Form

FEW = 3
"""So many choices still stand side by side."""


def field_for(option: Option) -> Field:
    """The field that fits an option's kind."""
    if option.kind == "boolean":
        return Switch("on", option.label)
    if option.kind == "choice":
        options = [(choice, choice.replace("_", " ")) for choice in option.choices]
        if len(options) <= FEW:
            return Segments(options, option.label)
        return Choice(options, option.label)
    if option.kind == "text":
        return TextField(option.label)
    return NumberField(
        option.label,
        whole=option.kind == "integer",
        low=option.low,
        high=option.high,
        optional=option.default is None,
    )


class OptionForm(QWidget):
    """Fields for ``options``, showing ``values`` and defaults for what is not in there."""

    changed = Signal(str, object)
    """Name of the option, and its new value."""

    def __init__(
        self,
        options: Sequence[Option] = (),
        values: Mapping[str, Value] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._form: Form | None = None
        self._options: tuple[Option, ...] = ()
        self.fields: dict[str, Field] = {}
        self.show_options(options, values or {})

    def show_options(self, options: Sequence[Option], values: Mapping[str, Value]) -> None:
        """Draw the form for ``options``; it is only drawn anew when they differ."""
        if tuple(options) != self._options or self._form is None:
            self._draw(tuple(options))
        self.show_values(values)

    def show_values(self, values: Mapping[str, Value]) -> None:
        """Show values by option name."""
        for option in self._options:
            self.fields[option.name].set_value(values.get(option.name, option.default))  # type: ignore[arg-type]

    def set_error(self, name: str, sentence: str) -> None:
        """Say why an option is wrong; nothing for an unknown name."""
        if self._form is not None:
            self._form.set_error(name, sentence)

    def _draw(self, options: tuple[Option, ...]) -> None:
        if self._form is not None:
            self._form.hide()
            self._form.deleteLater()
        self._options = options
        self._form = Form()
        self.fields = {}
        for option in options:
            field = field_for(option)
            self._connect(field, option.name)
            self.fields[option.name] = field
            self._form.add(option.label, field, hint=option.help, field=option.name)
        self._layout.addWidget(self._form)

    def _connect(self, field: Field, name: str) -> None:
        field.changed.connect(lambda value: self.changed.emit(name, value))
