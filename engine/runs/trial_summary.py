"""Trials for display: rows of a table, bars of a timeline, columns of a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine import catalog
from engine.domain.trials import (
    STATES,
    FoldResult,
    FoldRow,
    Objective,
    Snapshot,
    TrialRecord,
    TrialRow,
    TrialState,
    note_columns,
)
from engine.plan import EvaluationPlan, Plan
from engine.search.folds import mean, means


def trial_row(trial: TrialRecord, evaluation: EvaluationPlan) -> TrialRow:
    """Summarise ``trial`` over its folds."""
    fidelity = max((f.fidelity for f in trial.results), default=1.0)
    folds = trial.at(fidelity)
    scored = [f for f in folds.values() if f.cause is None]
    scores = [f.scores[evaluation.measure] for f in scored]
    failed = [f for f in trial.results if f.cause is not None]
    value, further_values = trial.value, trial.further_values
    if trial.state in (TrialState.RUNNING, TrialState.PRUNED):
        value, *so_far = means(scored, evaluation) if scored else (None,)
        further_values = tuple(so_far)
    return TrialRow(
        number=trial.number,
        state=trial.state,
        configuration=trial.configuration,
        value=value,
        further_values=further_values,
        spread=_spread(scores),
        folds_done=len(folds),
        fidelity=fidelity,
        seconds=trial.seconds,
        started=trial.started,
        ended=trial.ended,
        cause=trial.cause,
        message=trial.message,
        details=failed[0].details if failed else "",
        origin=trial.origin,
        note=trial.note,
    )


def fold_row(fold: FoldResult, measure: str) -> FoldRow:
    """Reduce ``fold`` to what pictures show."""
    return FoldRow(
        fold.trial,
        fold.fold,
        fold.worker,
        fold.started,
        fold.seconds,
        ok=fold.cause is None,
        fidelity=fold.fidelity,
        score=fold.scores.get(measure) if fold.cause is None else None,
    )


def snapshot(plan: Plan, trials: Sequence[TrialRecord]) -> Snapshot:
    """Convert ``trials``, ordered by number, to columns."""
    measure, further = catalog.measure_card(plan.evaluation.measure), catalog.further_cards(plan)
    rows = [trial_row(trial, plan.evaluation) for trial in trials]
    folds = [fold_row(f, measure.id) for trial in trials for f in trial.results]

    def column(values: Sequence[float | None]) -> np.ndarray:
        return np.array([math.nan if v is None else v for v in values], dtype=float)

    configurations = {}
    for name in plan.space.names:
        values = np.empty(len(rows), dtype=object)
        values[:] = [row.configuration.get(name) for row in rows]
        configurations[name] = values
    return Snapshot(
        measure=measure.id,
        measure_label=measure.label,
        maximise=measure.maximise,
        number=np.array([row.number for row in rows], dtype=int),
        state=np.array([STATES.index(row.state) for row in rows], dtype=np.int8),
        value=column([row.value for row in rows]),
        started=column([row.started for row in rows]),
        ended=column([row.ended for row in rows]),
        seconds=column([row.seconds for row in rows]),
        configurations=configurations,
        space=plan.space,
        folds={
            "trial": np.array([f.trial for f in folds], dtype=int),
            "fold": np.array([f.fold for f in folds], dtype=int),
            "worker": np.array([f.worker for f in folds], dtype=int),
            "started": column([f.started for f in folds]),
            "seconds": column([f.seconds for f in folds]),
            "ok": np.array([f.ok for f in folds], dtype=bool),
            "fidelity": column([f.fidelity for f in folds]),
            "score": column([f.score for f in folds]),
        },
        notes=note_columns([row.note for row in rows]),
        planned=int(plan.budget.evaluations) if plan.budget.evaluations else None,
        others=tuple(
            Objective(
                card.id,
                card.label,
                card.maximise,
                column([row.further_values[place] if row.further_values else None for row in rows]),
            )
            for place, card in enumerate(further)
        ),
    )


def _spread(values: Sequence[float]) -> float | None:
    """Standard deviation (n - 1) over folds; None for fewer than two."""
    if len(values) < 2:
        return None
    centre = mean(values)
    return math.sqrt(math.fsum((v - centre) ** 2 for v in values) / (len(values) - 1))
