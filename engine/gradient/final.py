"""The model that a tuning by gradient ends with: trained with the hyperparameters of its best
hyper-step, and in plain scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.gradient import groups as grouped
from engine.gradient.estimator import TunedClassifier, TunedRegressor
from engine.gradient.training import Training, training
from engine.objective import final
from engine.objective.pipeline import MODEL, PREPARE, preparation
from engine.objective.problem import Problem
from engine.space import Value
from engine.tuners.hyper.stored import write_arrays
from engine.tuners.hyper.training import Trained
from engine.tuners.hypergradient import STEP, VALUES


def fit_final(
    folder: str, configuration: Mapping[str, Value], default: Mapping[str, Value], seed: int
) -> final.FinalFit:
    """`engine.objective.final.fit_final` for a tuning by gradient; keeps what was tuned in
    `VALUES`."""
    work = training(folder)
    state = work.states.at(int(configuration[STEP]))  # type: ignore[arg-type]
    tuned = grouped.natural(work.groups, state.free)
    write_arrays(Path(folder) / VALUES, {name: np.asarray(value) for name, value in tuned.items()})
    return final.fit_final(folder, configuration, default, seed, make_tuned)


def make_tuned(
    task: Problem, configuration: Mapping[str, Value], seed: int, numbers: np.ndarray
) -> Any:
    """The unfitted pipeline of a hyper-step (`engine.objective.final.Make`)."""
    work: Training = training(str(task.folder))
    number = int(configuration[STEP])  # type: ignore[arg-type]
    tuned = grouped.natural(work.groups, work.states.at(number).free)
    values = {name: np.asarray(value) for name, value in tuned.items()}
    prepare = preparation(task.schema, task.plan.preparation, scales=task.learner.scales)
    return tuned_pipeline(prepare, work.figures, values, seed, numbers)


def tuned_pipeline(
    prepare: Any, figures: Trained, tuned: Mapping[str, Any], seed: Any, numbers: Any
) -> Any:
    """The unfitted pipeline with hyperparameters ``tuned``; the others are where they start.

    Args:
        prepare: unfitted preparation of the columns.
        figures: of the plan's training.
        tuned: values by name.
        seed: decides initial weights and minibatches.
        numbers: of the rows to fit on, where examples have weights.
    """
    from sklearn.pipeline import Pipeline

    family = TunedClassifier if figures.classes else TunedRegressor
    before = figures.convolutions
    moves = {"transform", "jitter"} & tuned.keys()
    model = family(
        values={**figures.given, **tuned},
        dynamics=figures.dynamics,
        steps=figures.steps,
        batch_size=int(figures.settings["batch_size"]),  # type: ignore[arg-type]
        hidden=figures.hidden,
        activation=str(figures.settings["activation"]),
        convolutions=None if before is None else tuple(before[1:]),
        picture=tuple(figures.picture) if figures.picture and (before or moves) else None,
        numbers=numbers if "examples" in tuned else None,
        random_state=seed,
    )
    return Pipeline([(PREPARE, prepare), (MODEL, model)])
