"""Costs of a configuration, as further objectives in addition to a measure of its predictions."""

from __future__ import annotations

from engine.domain.cards import MeasureCard
from engine.plan import Task

_TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")

COSTS: dict[str, MeasureCard] = {
    card.id: card
    for card in (
        MeasureCard(
            id="fit_seconds",
            label="Fit time",
            maximise=False,
            tasks=_TASKS,
            summary="Seconds that the fit of a fold takes.",
            help="fit_seconds",
        ),
        MeasureCard(
            id="predict_seconds",
            label="Prediction time",
            maximise=False,
            tasks=_TASKS,
            summary="Seconds that predicting the validation rows of a fold takes.",
            help="predict_seconds",
        ),
    )
}
"""By id; `engine.domain.trials.FoldResult` has a field for each (`engine.domain.trials.COSTS`)."""
