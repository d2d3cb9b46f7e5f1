"""The unit of work: one fold of one configuration, as a worker does it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

# Imported here so that the fork server has it before the first worker is born.
import sklearn.compose
import sklearn.ensemble
import sklearn.impute
import sklearn.linear_model
import sklearn.metrics
import sklearn.model_selection
import sklearn.pipeline
import sklearn.preprocessing
import sklearn.svm  # noqa: F401

from engine.domain.trials import CONTINUED
from engine.objective import partial
from engine.objective.measures import score_all
from engine.objective.pipeline import estimator
from engine.objective.predictions import predictions
from engine.objective.problem import problem
from engine.objective.seeds import fold_seed
from engine.space import Value

WARNINGS = 5
"""So many different warnings of a fit are kept."""


class FoldScores(NamedTuple):
    """What a fold gave.

    Attributes:
        scores: by measure id; a score that is not defined is NaN.
        seconds: wall time of all of it.
        fit_seconds: wall time of the fit alone.
        predict_seconds: wall time of predicting the validation rows.
        warnings: what the libraries warned of, each once.
        figures: what else its method wants recorded.
    """

    scores: dict[str, float]
    seconds: float
    fit_seconds: float
    predict_seconds: float
    warnings: tuple[str, ...]
    figures: Mapping[str, float] = {}


def evaluate_fold(
    folder: str,
    configuration: Mapping[str, Value],
    fold: int,
    seed: int,
    fidelity: float = 1.0,
    state: str = "",
) -> FoldScores:
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
    task = problem(folder)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = task.prepared(fold)
        classes = task.schema.classes
        features, target = data.train, data.train_target
        growing = partial.grows(task.plan, task.learner)
        if fidelity < 1.0 and growing:
            configuration = partial.sized(task.plan, task.learner, configuration, fidelity)
        elif fidelity < 1.0:
            rows_seed = fold_seed(task.plan.seed, 0, fold)
            rows = partial.some_rows(target, fidelity, rows_seed, classes=bool(classes))
            features, target = features[rows], target[rows]
        model = estimator(task.plan, task.learner, configuration, seed, task.schema)
        figures: dict[str, float] = {}
        before_fit = time.perf_counter()
        if state and growing:
            size = task.learner.card.grows
            model, share = partial.fit_on(
                model, features, target, size, Path(state), last=fidelity >= 1.0
            )
            figures = {CONTINUED: share} if share else {}
        else:
            model.fit(features, target)
        fit_seconds = time.perf_counter() - before_fit
        wanted = {task.plan.evaluation.measure, *task.plan.evaluation.also}
        before_predict = time.perf_counter()
        given = predictions(
            model, data.valid, data.valid_target, len(classes), decide="roc_auc" in wanted
        )
        predict_seconds = time.perf_counter() - before_predict
    # A curve for each class can take as long as a small fit: only where it is what is tuned.
    dear = {"roc_auc"} - wanted if len(classes) > 2 else ()
    scores = score_all(
        task.schema.task,
        classes,
        given.truth,
        given.labels,
        given.probabilities,
        given.decision,
        without=dear,
    )
    said = dict.fromkeys(f"{w.category.__name__}: {w.message}" for w in caught)
    return FoldScores(
        scores,
        time.perf_counter() - started,
        fit_seconds,
        predict_seconds,
        tuple(said)[:WARNINGS],
        figures,
    )
