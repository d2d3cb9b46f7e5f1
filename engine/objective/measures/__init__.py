"""Measures of how good predictions are, one or a few related ones a file.

Classes are codes 0 to k - 1, the positive class of a binary task last.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Container, Iterable

from engine.objective.measures.base import Measure, Predicted
from engine.plan import Task
from engine.registry import Registry

__all__ = ["MEASURES", "Measure", "Predicted", "score_all", "wants_scores"]


def _check(measure: Measure) -> None:
    card = measure.card
    if not (card.id and card.label and card.summary and card.tasks):
        raise ValueError("its card lacks an id, a label, a summary or the tasks it is for")


MEASURES: Registry[Measure] = Registry(
    "measure",
    "engine.objective.measures",
    Measure,
    key=lambda measure: measure.card.id,
    order=lambda measure: measure.order,
    check=_check,
)
"""Every measure by its id, in the order they are listed."""


def score_all(
    task: Task, found: Predicted, *, tuned: Container[str] | None = None
) -> dict[str, float]:
    """Every measure of ``task`` by id; a score that is not defined on these rows is NaN.

    Args:
        task: what is predicted.
        found: the predictions.
        tuned: measures that are computed whatever they take; others are left out where they are
            dear. None: all are computed.

    Returns:
        Scores of the measures that the model can serve.
    """
    scores: dict[str, float] = {}
    with warnings.catch_warnings():
        # scikit-learn warns of scores that are not defined here; the NaN says so already.
        warnings.simplefilter("ignore")
        for name, measure in MEASURES.items():
            if task not in measure.card.tasks:
                continue
            aside = tuned is not None and name not in tuned
            if aside and measure.dear_from is not None and found.classes >= measure.dear_from:
                continue
            try:
                score = measure.score(found)
            except Exception:
                # Another package's measure that fails must not fail searches that tune by others.
                if not aside:
                    raise
                score = math.nan
            if score is not None:
                scores[name] = score
    return scores


def wants_scores(names: Iterable[str]) -> bool:
    """Whether one of ``names`` is a measure that rates how rows are ranked, so that a model without
    probabilities is asked for its decision function."""
    return any(MEASURES[name].card.needs == "scores" for name in names if name in MEASURES)
