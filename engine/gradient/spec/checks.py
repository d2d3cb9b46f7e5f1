"""Whether what is to be tuned goes together, and with the engine."""

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
    """The engine that legal options of the method name, with its own options."""
    kind = ENGINES[str(options["engine"])]
    own = {field.name: options[field.name] for field in fields(kind) if field.name in options}
    return msgspec.convert(own, kind)


def unfit(spec: TrainingSpec) -> InputError | None:
    """Why something that is to be tuned can't be, by any engine; None if all can.

    The error's field is the option of the method that is in the way.
    """
    for kind in TUNABLES:
        error = kind.hindrance(spec) if kind.chosen(spec) else None
        if error is not None:
            error.field = f"method.options.{kind.option}"
            return error
    return None


def hindrance(kind: Tunable, spec: TrainingSpec) -> InputError | None:
    """Why what ``kind`` is about can't be tuned with the plan's engine; None if it can."""
    if kind.on_the_way and not ENGINES[str(spec.options["engine"])].card.differentiates_path:
        return InputError("gradient.implicit", names=kind.label.lower())
    return kind.hindrance(spec)
