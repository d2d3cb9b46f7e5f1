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
from msgspec import Meta

from engine.domain.cards import Option

KINDS: dict[Any, Literal["float", "integer", "boolean", "text"]] = {
    bool: "boolean",
    int: "integer",
    float: "float",
    str: "text",
}


def shown(label: str, help: str, low: float | None = None, high: float | None = None) -> Meta:
    """Metadata of an option's annotation: how a form shows it, and its bounds.

    Args:
        label: of the field.
        help: a sentence on it.
        low, high: bounds, both included; None for none.
    """
    return Meta(title=label, description=help, ge=low, le=high)


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
