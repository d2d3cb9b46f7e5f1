"""Options for people, drawn from typed fields: one declaration gives form, check and list."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
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
    """An option for each field of ``kind``, a struct or a dataclass, whose type carries `shown`.

    Raises:
        ValueError: if such a field has no label, no default, or a type that no form can show.
    """
    return tuple(
        _option(name, hint, default)
        for name, hint, default in _fields(kind)
        if get_origin(hint) is Annotated
    )


def _fields(kind: type) -> Iterator[tuple[str, Any, Any]]:
    """Name, type and default of each field."""
    hints = get_type_hints(kind, include_extras=True)
    if dataclasses.is_dataclass(kind):
        for field in dataclasses.fields(kind):
            yield field.name, hints[field.name], field.default
    else:
        for field in msgspec.structs.fields(kind):
            yield field.name, hints[field.name], field.default


def _option(name: str, hint: Any, default: Any) -> Option:
    bare, meta, *_ = get_args(hint)
    choices = tuple(map(str, get_args(bare))) if get_origin(bare) is Literal else ()
    if not meta.title or default in (msgspec.NODEFAULT, dataclasses.MISSING):
        raise ValueError(f"its option “{name}” has no label or no default")
    if not choices and bare not in KINDS:
        raise ValueError(f"its option “{name}” is of a kind that no form shows")
    return Option(
        name=name,
        label=meta.title,
        kind="choice" if choices else KINDS[bare],
        default=default,
        help=meta.description or "",
        low=None if meta.ge is None else float(meta.ge),
        high=None if meta.le is None else float(meta.le),
        choices=choices,
    )
