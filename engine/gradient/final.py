"""Fit the final model of a gradient run: trained with the hyperparameters of its best hyper-step,
saved as plain scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.gradient import groups as grouped
from engine.gradient.estimator import TunedClassifier, TunedRegressor
from engine.gradient.run_training import RunTraining, training
from engine.gradient.spec.state_files import VALUES, write_arrays
from engine.gradient.spec.training_spec import TrainingSpec
from engine.objective import final_model
from engine.objective.fold_data import FoldData
from engine.objective.pipeline import MODEL, PREPARE, preparation


def fit_final(folder: str, number: int, start: int, seed: int) -> final_model.FinalFit:
    """Fit the final model of a gradient run and store its hyperparameters in `VALUES`.

    Args:
        folder: folder of the run.
        number: hyper-step whose hyperparameters are used.
        start: hyper-step to compare with on the outer test rows: 0, the start values.
        seed: seed of initial weights and minibatches.

    Returns:
        Scores and predictions, as `engine.objective.final_model.fit_final` returns them.
    """
    work = training(folder)
    state = work.states.at(number)
    tuned = grouped.natural(work.groups, state.free)
    write_arrays(Path(folder) / VALUES, {name: np.asarray(value) for name, value in tuned.items()})
    return final_model.fit_final(folder, number, start, seed, make_tuned)


def make_tuned(task: FoldData, number: int, seed: int, numbers: np.ndarray) -> Any:
    """Build the unfitted pipeline of a hyper-step (`engine.objective.final_model.Make`).

    Args:
        task: table and folds of the run.
        number: hyper-step whose hyperparameters are used.
        seed: seed of initial weights and minibatches.
        numbers: numbers of the rows to fit on, shape (rows,).

    Returns:
        Preparation and network.
    """
    work: RunTraining = training(str(task.folder))
    tuned = grouped.natural(work.groups, work.states.at(number).free)
    values = {name: np.asarray(value) for name, value in tuned.items()}
    prepare = preparation(task.schema, task.plan.preparation, scales=task.learner.scales)
    return tuned_pipeline(prepare, work.spec, values, seed, numbers)


def tuned_pipeline(
    prepare: Any, spec: TrainingSpec, tuned: Mapping[str, Any], seed: Any, numbers: Any
) -> Any:
    """Build the unfitted pipeline with hyperparameters ``tuned`` and start values for the others.

    Args:
        prepare: unfitted preparation of the columns.
        spec: the plan's training.
        tuned: natural values by name, arrays.
        seed: seed of initial weights and minibatches.
        numbers: numbers of the rows to fit on, shape (rows,); used where examples have weights.

    Returns:
        Preparation and network.
    """
    from sklearn.pipeline import Pipeline

    family = TunedClassifier if spec.classes else TunedRegressor
    before = spec.convolutions
    moves = {"transform", "jitter"} & tuned.keys()
    model = family(
        values={**spec.given, **tuned},
        dynamics=spec.dynamics,
        steps=spec.steps,
        batch_size=int(spec.settings["batch_size"]),  # type: ignore[arg-type]
        hidden=spec.hidden,
        activation=str(spec.settings["activation"]),
        convolutions=None if before is None else tuple(before[1:]),
        picture=tuple(spec.picture) if spec.picture and (before or moves) else None,
        numbers=numbers if "examples" in tuned else None,
        random_state=seed,
    )
    return Pipeline([(PREPARE, prepare), (MODEL, model)])
