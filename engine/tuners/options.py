"""Options of a method: a typed struct, from which its card's forms and checks are drawn.

    class TpeOptions(MethodOptions, frozen=True):
        candidates: Annotated[int, shown("Candidates", "Draws from the model.", 1, 1000)] = 24

A field's type says its kind (a `Literal` is a choice), `shown` its label, help and bounds. Every
option has a default.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

from engine.domain.cards import Option

KINDS: dict[Any, Any] = {bool: "boolean", int: "integer", float: "float", str: "text"}


class MethodOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a method; this one has none."""


def shown(label: str, help: str, low: float | None = None, high: float | None = None) -> Meta:
    """How an option is shown, and between which numbers it lies."""
    return Meta(title=label, description=help, ge=low, le=high)


def options_of(kind: type[MethodOptions]) -> tuple[Option, ...]:
    """The options that ``kind`` declares, as a card lists them.

    Raises:
        ValueError: if a field has no label, no default, or a type that no form can show.
    """
    return tuple(_option(field) for field in msgspec.structs.fields(kind))


def _option(field: msgspec.structs.FieldInfo) -> Option:
    if get_origin(field.type) is not Annotated:
        raise ValueError(f"its option “{field.name}” has no label")
    type_, *notes = get_args(field.type)
    meta = next((note for note in notes if isinstance(note, Meta)), Meta())
    if not meta.title or field.default is msgspec.NODEFAULT:
        raise ValueError(f"its option “{field.name}” has no label or no default")
    choices = tuple(map(str, get_args(type_))) if get_origin(type_) is Literal else ()
    if not choices and type_ not in KINDS:
        raise ValueError(f"its option “{field.name}” is of a kind that no form shows")
    return Option(
        name=field.name,
        label=meta.title,
        kind="choice" if choices else KINDS[type_],
        default=field.default,
        help=meta.description or "",
        low=None if meta.ge is None else float(meta.ge),
        high=None if meta.le is None else float(meta.le),
        choices=choices,
    )
