"""HPO methods, one file each behind one ask/tell base (`engine.tuners.base`).

A method declares everything about itself in its own file: its card with its options, and its place
in lists.
"""

from __future__ import annotations

from engine.options import options_of
from engine.registry import Registry
from engine.tuners.base import Tuner

__all__ = ["METHODS"]


def _check(method: type[Tuner]) -> None:
    card = method.card
    if not (card.id and card.label and card.summary and card.source):
        raise ValueError("its card lacks an id, a label, a summary or a source")
    options = method.options_type
    if len(options_of(options)) < len(options.__struct_fields__):
        raise ValueError("one of its options has no label")


METHODS: Registry[type[Tuner]] = Registry(
    "method",
    "engine.tuners",
    Tuner,
    key=lambda method: method.card.id,
    classes=lambda method: method,
    order=lambda method: method.order,
    check=_check,
)
"""Every HPO method by its id, in the order they are listed."""
