"""The configuration a run found, as JSON for other programs."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.export.folder import finished, place_text
from engine.export.source import code, public_module
from engine.learners import LEARNERS
from engine.objective.pipeline import estimator


def write(folder: Path, to: Path) -> None:
    """Write learner, estimator, hyperparameters (by scikit-learn's names), scores and versions.

    ``hyperparameters`` are the values tuned or fixed; ``constructor`` is the whole estimator as
    Python code, with what the learner sets besides.

    Raises:
        InputError: ``run.none``, ``run.no_result`` or ``export.unwritable``.
    """
    run = finished(folder)
    plan, result = run.plan, run.result
    learner = LEARNERS[plan.learner.id]
    model = estimator(plan, learner, result.configuration, result.model_seed, run.task)
    tree = {
        "learner": plan.learner.id,
        "estimator": f"{public_module(type(model))}.{type(model).__name__}",
        "hyperparameters": {**plan.learner.fixed, **result.configuration},
        "constructor": " ".join(code(model).split()),
        "data": plan.data.source,
        "target": plan.data.target,
        "task": run.task,
        "measure": result.measure,
        "validation": result.validation_best,
        "validation_of_default": result.validation_default,
        "test": result.test,
        "test_rows": result.test_rows,
        "seed": result.seed,
        "model_seed": result.model_seed,
        "versions": result.versions,
    }
    place_text(to, msgspec.json.format(msgspec.json.encode(tree), indent=2).decode() + "\n")
