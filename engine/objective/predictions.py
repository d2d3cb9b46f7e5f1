"""Predictions of a fitted model in the form that `engine.objective.measures` takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.objective.measures import Predicted


def predictions(
    model: Any, features: Any, truth: np.ndarray, classes: int, *, decide: bool
) -> Predicted:
    """Predict with ``model``.

    Args:
        model: fitted on class codes, or on numbers where ``classes`` is 0.
        features: n rows.
        truth: shape (n,).
        classes: number of classes, those the model has not seen included.
        decide: whether to ask a model without probabilities for its decision function, which costs
            a second pass.

    Returns:
        Labels and, where there are any, probabilities or decision values, of shape (n, classes).
    """
    if not classes:
        return Predicted(truth, model.predict(features))
    seen = np.asarray(model.classes_, dtype=int)
    if hasattr(model, "predict_proba"):
        probabilities = _spread(model.predict_proba(features), seen, classes, 0.0)
        return Predicted(truth, probabilities.argmax(axis=1), classes, probabilities)
    labels = model.predict(features)
    if not decide:
        return Predicted(truth, labels, classes)
    decision = model.decision_function(features)
    if decision.ndim == 1:
        # Two classes have a single decision value, in favour of the second.
        decision = np.column_stack([-decision, decision])
    # A class absent from the training rows must rank last.
    least = decision.min(initial=0.0) - 1.0
    return Predicted(truth, labels, classes, decision=_spread(decision, seen, classes, least))


def _spread(columns: np.ndarray, seen: np.ndarray, classes: int, absent: float) -> np.ndarray:
    """``columns`` of the classes ``seen`` in fitting, with ``absent`` for the others."""
    if len(seen) == classes:
        return columns
    full = np.full((len(columns), classes), absent)
    full[:, seen] = columns
    return full
