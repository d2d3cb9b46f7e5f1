"""Options for people, drawn from the fields of a struct or a dataclass.

    class TpeOptions(MethodOptions, frozen=True):
        candidates: Annotated[int, shown("Candidates", "Draws from the model.", 1, 1000)] = 24

A field's type says its kind (a `Literal` is a choice), `shown` its label, help and bounds. Fields
without the latter are no options.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from engine.space import Value

KINDS: dict[Any, Literal["float", "integer", "boolean", "text"]] = {
    bool: "boolean",
    int: "integer",
    float: "float",
    str: "text",
}


class Option(msgspec.Struct, frozen=True):
    """An option of a method, from which forms are drawn."""

    name: str
    label: str
    kind: Literal["float", "integer", "choice", "boolean", "text"]
    default: Value
    help: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    def misfit(self, value: object) -> str:
        """Why ``value`` is none for this option, as half a sentence; empty if it is one."""
        if self.kind == "boolean":
            return "" if isinstance(value, bool) else "it must be true or false"
        if self.kind == "text":
            return "" if isinstance(value, str) else "it must be text"
        if self.kind == "choice":
            known = ", ".join(self.choices)
            return "" if value in self.choices else f"it must be one of {known}"
        kinds = int if self.kind == "integer" else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            return "it must be a whole number" if self.kind == "integer" else "it must be a number"
        if self.low is not None and not value >= self.low:
            return f"it must be at least {self.low:g}"
        if self.high is not None and not value <= self.high:
            return f"it must be at most {self.high:g}"
        return ""


def shown(
    label: str, help: str, low: float | None = None, high: float | None = None
) -> msgspec.Meta:
    """How an option is shown, and between which numbers it lies."""
    return msgspec.Meta(title=label, description=help, ge=low, le=high)


def options_of(kind: type) -> tuple[Option, ...]:
    """The options that a struct or a dataclass declares, as a card lists them.

    Raises:
        ValueError: if one has no default, or a type that no form can show.
    """
    hints = get_type_hints(kind, include_extras=True)
    struct = issubclass(kind, msgspec.Struct)
    fields = msgspec.structs.fields(kind) if struct else dataclasses.fields(kind)
    found = ((f.name, hints[f.name], f.default) for f in fields)
    return tuple(_option(*each) for each in found if get_origin(each[1]) is Annotated)


def _option(name: str, hint: Any, default: Any) -> Option:
    type_, meta, *_ = get_args(hint)
    choices = tuple(map(str, get_args(type_))) if get_origin(type_) is Literal else ()
    if default in (msgspec.NODEFAULT, dataclasses.MISSING):
        raise ValueError(f"its option “{name}” has no default")
    if not choices and type_ not in KINDS:
        raise ValueError(f"its option “{name}” is of a kind that no form shows")
    return Option(
        name=name,
        label=meta.title or name,
        kind="choice" if choices else KINDS[type_],
        default=default,
        help=meta.description or "",
        low=meta.ge,
        high=meta.le,
        choices=choices,
    )
