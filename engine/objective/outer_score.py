"""Outer test score of a configuration during a search, for display only: with bootstrap draws of
the test rows, so that two configurations can be compared as paired."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from engine.objective.final_model import fitted
from engine.objective.fold_data import fold_data
from engine.objective.measures import MEASURES, Predicted
from engine.objective.predictions import predictions
from engine.space import Value

DRAWS = 200
"""Bootstrap draws of the test rows."""
SECONDS = 5.0
"""Time limit of the draws; fewer are made in that case."""


class OuterScore(NamedTuple):
    """Score on the outer test rows, and on draws of them: the same draws for every configuration of
    a run; NaN where it is not defined."""

    score: float
    draws: tuple[float, ...]
    seconds: float


def score_outer(folder: str, configuration: Mapping[str, Value], seed: int) -> OuterScore:
    """Fit ``configuration`` on all rows that are not outer test rows, and score it on those.

    Writes nothing.

    Args:
        folder: of a run with outer test rows.
        configuration: of the run's space.
        seed: ``random_state`` of the model.

    Returns:
        Score, scores on the draws, and seconds taken.
    """
    began = time.monotonic()
    task = fold_data(folder)
    assert task.test is not None, "there are outer test rows to watch"
    _, features, truth = task.test
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = fitted(task, configuration, seed)
        classes = len(task.schema.classes)
        found = predictions(model, features, truth, classes, decide=True)
        measure = task.plan.evaluation.measure
        score = _score(measure, found)
        draws = []
        # The same draws for every configuration, so that differences are paired.
        random = np.random.default_rng(task.plan.seed)
        until = time.monotonic() + SECONDS
        for _ in range(DRAWS):
            draws.append(_score(measure, found.at(random.integers(len(truth), size=len(truth)))))
            if time.monotonic() > until:
                break
    return OuterScore(score, tuple(draws), time.monotonic() - began)


def _score(measure: str, found: Predicted) -> float:
    try:
        score = MEASURES[measure].score(found)
    except ValueError:
        return math.nan  # a draw may lack a class
    return math.nan if score is None else score
