"""A form whose fields stand for fields of the plan."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from engine.plan import Plan
from gui.widgets.fields import Field, NumberField
from gui.widgets.form import Form
from gui.widgets.multi_select import MultiSelect


@dataclass(frozen=True)
class _Bound:
    field: Field | MultiSelect
    label: QLabel
    scale: float


class PlanForm(Form):
    """Shows a plan and says which field of it the person changed to what."""

    changed = Signal(str, object, str)
    """Path, new value, and what the field is called, for undo."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bound: dict[str, _Bound] = {}

    def bind(
        self,
        path: str,
        text: str,
        field: Field | MultiSelect,
        *,
        scale: float = 1.0,
        hint: str = "",
        help: str = "",
        within: QWidget | None = None,
    ) -> None:
        """Add a row for the plan's field ``path``.

        Args:
            scale: what a number shown is multiplied with for the plan (0.01 for per cent).
            within: what is put into the row, where the field is only a part of it.
        """
        name = self.add(text, within or field, hint=hint, help=help, field=path)
        self._bound[path] = _Bound(field, name, scale)
        said = text.replace("&", "").lower()
        field.changed.connect(lambda value: self.changed.emit(path, _taken(value, scale), said))

    def show_plan(self, plan: Plan) -> None:
        """Show what the plan says."""
        for path, bound in self._bound.items():
            value = at_path(plan, path)
            if isinstance(bound.field, NumberField):
                bound.field.set_value(_shown(value, bound.scale))  # type: ignore[arg-type]
            else:
                bound.field.set_value(value)

    def show_row(self, path: str, shown: bool) -> None:
        """Show or hide the row of ``path``."""
        bound = self._bound[path]
        bound.label.setVisible(shown)
        bound.field.setVisible(shown)
        if not shown:
            self.set_error(path, "")

    def field(self, path: str) -> Field | MultiSelect:
        """The field that stands for ``path``."""
        return self._bound[path].field


def at_path(plan: Plan, path: str) -> object:
    """The value of the plan's field ``path``."""
    value: object = plan
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _shown(value: object, scale: float) -> object:
    if scale == 1.0 or not isinstance(value, int | float):
        return value
    return float(f"{value / scale:.6g}")


def _taken(value: object, scale: float) -> object:
    if scale == 1.0 or not isinstance(value, int | float) or isinstance(value, bool):
        return value
    return float(f"{value * scale:.12g}")
