"""Options for people, drawn from the fields of a class."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from engine.domain.cards import Option

KINDS: dict[object, Literal["float", "integer", "boolean", "text"]] = {
    bool: "boolean",
    int: "integer",
    float: "float",
    str: "text",
}


def options_of(kind: type) -> tuple[Option, ...]:
    """An option for each field of a dataclass whose type carries title, description and bounds as
    `msgspec.Meta`."""
    hints = get_type_hints(kind, include_extras=True)
    described = [field for field in fields(kind) if get_origin(hints[field.name]) is Annotated]
    return tuple(_option(field.name, hints[field.name], field.default) for field in described)


def _option(name: str, hint: Any, default: Any) -> Option:
    bare, meta, *_ = get_args(hint)
    choices = get_args(bare) if get_origin(bare) is Literal else ()
    return Option(
        name=name,
        label=meta.title or name,
        kind="choice" if choices else KINDS[bare],
        default=default,
        help=meta.description or "",
        low=meta.ge,
        high=meta.le,
        choices=choices,
    )
