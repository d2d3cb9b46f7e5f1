"""The unit of work: one fold of one configuration, as a worker does it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
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

from engine.objective.measures import score_all
from engine.objective.pipeline import estimator
from engine.objective.predictions import predictions
from engine.objective.problem import problem
from engine.space import Value

WARNINGS = 5
"""So many different warnings of a fit are kept."""


class FoldScores(NamedTuple):
    """What a fold gave.

    Attributes:
        scores: by measure id; a score that is not defined is NaN.
        seconds: wall time of all of it.
        fit_seconds: wall time of the fit alone.
        warnings: what the libraries warned of, each once.
    """

    scores: dict[str, float]
    seconds: float
    fit_seconds: float
    warnings: tuple[str, ...]


def evaluate_fold(
    folder: str, configuration: Mapping[str, Value], fold: int, seed: int
) -> FoldScores:
    """Fit ``configuration`` on the training rows of ``fold`` and score it on its validation rows.

    Args:
        folder: of the run; holds ``plan.json`` and ``data.arrow``.
        configuration: values of the active hyperparameters.
        fold: index into the folds of the plan's resampling.
        seed: ``random_state`` of the estimator.
    """
    started = time.perf_counter()
    task = problem(folder)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = task.prepared(fold)
        model = estimator(task.plan, task.learner, configuration, seed, task.schema.task)
        before_fit = time.perf_counter()
        model.fit(data.train, data.train_target)
        fit_seconds = time.perf_counter() - before_fit
        classes = task.schema.classes
        measure = task.plan.evaluation.measure
        given = predictions(
            model, data.valid, data.valid_target, len(classes), decide=measure == "roc_auc"
        )
    # A curve for each class can take as long as a small fit: only where it is what is tuned.
    dear = {"roc_auc"} - {measure} if len(classes) > 2 else ()
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
    return FoldScores(scores, time.perf_counter() - started, fit_seconds, tuple(said)[:WARNINGS])
