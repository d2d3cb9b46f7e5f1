"""The configuration a run found, as JSON for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.data.table_store import load_arrow
from engine.domain.trials import TrialRecord
from engine.export.finished_run import finished, place_text, tuned
from engine.export.source import code, public_module
from engine.learners import LEARNERS
from engine.objective.pipeline import estimator


def write(folder: Path, to: Path, trial: TrialRecord | None = None) -> None:
    """Write learner, estimator, hyperparameters (by scikit-learn's names), scores and versions.

    ``hyperparameters`` are the values tuned or fixed; ``constructor`` is the whole estimator as
    Python code, with what the learner sets besides. After a tuning by gradient,
    ``hyperparameters`` holds all that was tuned as nested lists, and there is no constructor.

    Args:
        trial: a complete one in place of the result's; its test score is not known.

    Raises:
        InputError: ``run.none``, ``run.no_result`` or ``export.unwritable``.
    """
    run = finished(folder)
    tested = trial is None or trial.number == run.result.trial
    run = run if trial is None else run.with_trial(trial)
    plan, result = run.plan, run.result
    learner = LEARNERS[plan.learner.id]
    if plan.by_gradient:
        made = {"hyperparameters": {**plan.learner.fixed, **_lists(tuned(folder))}}
    else:
        schema = load_arrow(folder / "data.arrow").schema
        model = estimator(plan, learner, result.configuration, result.model_seed, schema)
        made = {
            "estimator": f"{public_module(type(model))}.{type(model).__name__}",
            "hyperparameters": {**plan.learner.fixed, **result.configuration},
            "constructor": " ".join(code(model).split()),
        }
    tree = {
        "learner": plan.learner.id,
        "trial": result.trial,
        **made,
        "data": plan.data.source,
        "target": plan.data.target,
        "task": run.task,
        "measure": result.measure,
        "validation": result.validation_best,
        "validation_of_default": result.validation_default,
        "test": result.test if tested else None,
        "test_rows": result.test_rows if tested else 0,
        "seed": result.seed,
        "model_seed": result.model_seed,
        "versions": result.versions,
    }
    place_text(to, msgspec.json.format(msgspec.json.encode(tree), indent=2).decode() + "\n")


def _lists(values: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Arrays as nested lists."""
    return {name: value.tolist() for name, value in values.items()}
