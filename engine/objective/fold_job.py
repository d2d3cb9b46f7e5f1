"""The unit of work: one fold of one configuration, as a worker does it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from pathlib import Path

# What every pipeline needs, so that the fork server has it before the first worker is born; a
# learner declares its own modules.
import sklearn.compose
import sklearn.impute
import sklearn.metrics
import sklearn.model_selection
import sklearn.pipeline
import sklearn.preprocessing  # noqa: F401

from engine.domain.trials import FoldResult
from engine.objective import partial
from engine.objective.fold_data import fold_data
from engine.objective.measures import score_all, wants_scores
from engine.objective.pipeline import estimator
from engine.objective.predictions import predictions
from engine.objective.seeds import fold_seed
from engine.space import Value

WARNINGS = 5
"""So many different warnings of a fit are kept."""


def evaluate_fold(
    folder: str,
    configuration: Mapping[str, Value],
    fold: int,
    seed: int,
    fidelity: float = 1.0,
    state: str = "",
) -> FoldResult:
    """Fit ``configuration`` on the training rows of ``fold`` and score it on its validation rows.

    Args:
        folder: of the run; holds ``plan.json`` and ``data.arrow``.
        configuration: values of the active hyperparameters.
        fold: index into the folds of the plan's resampling.
        seed: ``random_state`` of the estimator.
        fidelity: share of a full fit: of its trees or rounds, or of the training rows.
        state: file for the state of a fit that grows; empty if it will not be continued.
    """
    started = time.perf_counter()
    task = fold_data(folder)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = task.prepared(fold)
        classes = task.schema.classes
        features, target = data.train, data.train_target
        growing = partial.uses_fidelity_parameter(task.plan, task.learner)
        if fidelity < 1.0 and growing:
            configuration = partial.sized(task.plan, task.learner, configuration, fidelity)
        elif fidelity < 1.0:
            rows_seed = fold_seed(task.plan.seed, 0, fold)
            rows = partial.some_rows(target, fidelity, rows_seed, classes=bool(classes))
            features, target = features[rows], target[rows]
        model = estimator(task.plan, task.learner, configuration, seed, task.schema)
        continued = 0.0
        before_fit = time.perf_counter()
        if state and growing:
            size = task.learner.card.fidelity_parameter
            model, continued = partial.fit_on(
                model, features, target, size, Path(state), last=fidelity >= 1.0
            )
        else:
            model.fit(features, target)
        fit_seconds = time.perf_counter() - before_fit
        wanted = {task.plan.evaluation.measure, *task.plan.evaluation.further_measures}
        before_predict = time.perf_counter()
        given = predictions(
            model, data.valid, data.valid_target, len(classes), decide=wants_scores(wanted)
        )
        predict_seconds = time.perf_counter() - before_predict
    scores = score_all(task.schema.task, given, tuned=wanted)
    said = dict.fromkeys(f"{w.category.__name__}: {w.message}" for w in caught)
    return FoldResult(
        scores=scores,
        seconds=time.perf_counter() - started,
        fit_seconds=fit_seconds,
        predict_seconds=predict_seconds,
        warnings=tuple(said)[:WARNINGS],
        continued=continued,
    )
