"""The configuration a run found, as JSON for other programs."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine import catalog
from engine.errors import InputError
from engine.export.folder import finished, place_text
from engine.export.source import code, public_module
from engine.learners import LEARNERS
from engine.objective.pipeline import estimator
from engine.tuners.hypergradient import VALUES


def write(folder: Path, to: Path) -> None:
    """Write learner, estimator, hyperparameters (by scikit-learn's names), scores and versions.

    ``hyperparameters`` are the values tuned or fixed; ``constructor`` is the whole estimator as
    Python code, with what the learner sets besides. After a tuning by gradient,
    ``hyperparameters`` holds all that was tuned as nested lists, and there is no constructor.

    Raises:
        InputError: ``run.none``, ``run.no_result`` or ``export.unwritable``.
    """
    run = finished(folder)
    plan, result = run.plan, run.result
    learner = LEARNERS[plan.learner.id]
    if catalog.working_card(plan).gradient:
        made = {"hyperparameters": {**plan.learner.fixed, **_tuned(folder)}}
    else:
        model = estimator(plan, learner, result.configuration, result.model_seed, run.task)
        made = {
            "estimator": f"{public_module(type(model))}.{type(model).__name__}",
            "hyperparameters": {**plan.learner.fixed, **result.configuration},
            "constructor": " ".join(code(model).split()),
        }
    tree = {
        "learner": plan.learner.id,
        **made,
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


def _tuned(folder: Path) -> dict[str, Any]:
    """What a gradient has tuned, by name.

    Raises:
        InputError: ``run.no_result`` if it is not there.
    """
    try:
        with np.load(folder / VALUES, allow_pickle=False) as kept:
            return {name: kept[name].tolist() for name in kept.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise InputError("run.no_result", path=folder) from error
