"""Checks that the chosen groups can be tuned together, and by the chosen engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import msgspec

from engine.errors import InputError
from engine.gradient.engines import ENGINES
from engine.gradient.engines.base import Engine
from engine.gradient.spec.training_spec import TrainingSpec
from engine.gradient.spec.tunable import TUNABLES, Tunable
from engine.space import Value


def engine_of(options: Mapping[str, Value]) -> Engine:
    """Build the engine that legal options of the method name, with its own options."""
    kind = ENGINES[str(options["engine"])]
    own = {field.name: options[field.name] for field in fields(kind) if field.name in options}
    return msgspec.convert(own, kind)


def unfit(spec: TrainingSpec) -> InputError | None:
    """Return the error for the first chosen group that no engine can tune; None if there is none.

    The error's field is the option of the method that causes it.
    """
    for kind in TUNABLES:
        error = kind.hindrance(spec) if kind.chosen(spec) else None
        if error is not None:
            error.field = f"method.options.{kind.option}"
            return error
    return None


def hindrance(kind: Tunable, spec: TrainingSpec) -> InputError | None:
    """Return the error for a group that the plan's engine can't tune; None if it can."""
    if kind.on_the_way and not ENGINES[str(spec.options["engine"])].card.differentiates_path:
        return InputError("gradient.implicit", names=kind.label.lower())
    return kind.hindrance(spec)
