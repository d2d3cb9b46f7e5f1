"""Source code and arrays with which a script trains a network by hyperparameters that a gradient
has tuned."""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.schema import Schema
from engine.domain.hypergradients import Tuning
from engine.errors import InputError
from engine.export import script_parts as parts
from engine.export.finished_run import FinishedRun, finished, place, tuned
from engine.export.source import Name
from engine.gradient.spec.outlook import training_spec
from engine.guide.facts import Facts
from engine.learners import LEARNERS
from engine.objective.pipeline import MODEL, preparation

LINE = 88
"""Characters of a line of packed values."""


def write(folder: Path, to: Path) -> None:
    """Write what a gradient has tuned as an npz file: arrays by name.

    Raises:
        InputError: ``run.none``, ``run.no_result`` or ``export.unwritable``; ``export.no_arrays``
            for a run of another method.
    """
    run = finished(folder)
    if not run.plan.by_gradient:
        raise InputError("export.no_arrays")
    values: dict[str, Any] = tuned(folder)

    def save(scratch: Path) -> None:
        with scratch.open("wb") as file:
            np.savez_compressed(file, **values)

    place(to, save)


def tuned_model(
    run: FinishedRun, schema: Schema, facts: Facts, found: Mapping[str, np.ndarray]
) -> tuple[Any, str]:
    """The unfitted pipeline of a run that has tuned by gradient, and code that defines ``VALUES``,
    which it names.

    Its seed is the name ``seed``, and the numbers of the rows, where they matter, ``rows``.

    Args:
        found: what was tuned, by name.
    """
    from engine.gradient.final import tuned_pipeline

    spec = training_spec(run.plan, facts)
    assert spec is not None, "the run has tuned by gradient"
    learner, seed, rows = LEARNERS[run.plan.learner.id], Name("seed"), Name("rows")
    prepare = preparation(schema, run.plan.preparation, scales=learner.scales)
    model = tuned_pipeline(prepare, spec, found, seed, rows)
    name = f"{MODEL}__values"
    every = {n: np.asarray(v, np.float32) for n, v in model.get_params()[name].items()}
    model.set_params(**{name: Name("VALUES")})
    return model, _packed(every, found)


TUNED = ("tuned", "numbers", "began at", "median", "from", "to")
"""Heads of the columns of `tuned_rows`."""


def tuned_rows(tuning: Tuning) -> list[tuple[str, ...]]:
    """What was tuned, a row a group, as words for the columns `TUNED`."""
    return [
        (
            group.label,
            f"{group.size:,}",
            "–" if group.start is None else f"{group.start:.3g}",
            *(f"{group.spread[at]:.3g}" for at in (2, 0, 4)),
        )
        for group in tuning.groups
    ]


def numbered(model: Any) -> bool:
    """Whether it matters to a pipeline which rows it is fitted on, by their numbers."""
    return isinstance(model.get_params().get(f"{MODEL}__numbers"), Name)


def _packed(every: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray]) -> str:
    """The definition of ``VALUES``."""
    file = io.BytesIO()
    np.savez_compressed(file, **every)  # type: ignore[arg-type]
    text = base64.b64encode(file.getvalue()).decode()
    return parts.VALUES.format(
        count=sum(value.size for value in found.values()),
        tuned=", ".join(found),
        text="\n".join(textwrap.wrap(text, LINE)),
    )
