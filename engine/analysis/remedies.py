"""Remedies against overtuning, as changes to a plan.

Overtuning feeds on the noise of the validation score, and more fits per configuration reduce it
(Schneider, Bischl and Feurer 2025, section 5: repeated cross-validation overtunes least, a holdout
most).
"""

from __future__ import annotations

from engine.domain.trust import Remedy
from engine.plan import Plan, Resampling
from engine.space import Value

FOLDS = 10
REPEATS = 3


def remedies(plan: Plan) -> tuple[Remedy, ...]:
    """Propose plans with more folds or repeats, and with other outer test rows where the plan draws
    them, since those of the present run have been looked at."""
    now = plan.evaluation.resampling
    found = []
    if now.kind == "holdout":
        found.append(_remedy(plan, Resampling("kfold", 5)))
    if now.kind != "repeated_kfold" and (now.kind == "holdout" or now.folds < FOLDS):
        found.append(_remedy(plan, Resampling("kfold", FOLDS)))
    repeats = 2 * now.repeats if now.kind == "repeated_kfold" else REPEATS
    folds = FOLDS if now.kind == "holdout" else max(now.folds, 5)
    found.append(_remedy(plan, Resampling("repeated_kfold", folds, repeats)))
    return tuple(found)


def _remedy(plan: Plan, wanted: Resampling) -> Remedy:
    where = "evaluation.resampling"
    changes: dict[str, Value] = {f"{where}.kind": wanted.kind, f"{where}.folds": wanted.folds}
    label = f"{wanted.folds}-fold cross-validation"
    if wanted.kind == "repeated_kfold":
        changes[f"{where}.repeats"] = wanted.repeats
        label = f"{label}, {wanted.repeats} times"
    times = wanted.n_folds / plan.evaluation.resampling.n_folds
    why = (
        f"Scores each configuration on more rows, so that less of the best score is luck; a "
        f"configuration takes {times:.3g} times the fits."
    )
    if plan.data.test_source is None and plan.evaluation.outer is None:
        # The outer split is drawn from the seed.
        changes["seed"] = (plan.seed + 1) % 2**32
        why += " Other test rows are drawn, since the present ones have been looked at."
    return Remedy(label, why, changes)
