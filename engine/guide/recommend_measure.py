"""Recommend a measure, by the task and the balance of the classes."""

from __future__ import annotations

from engine.domain.advice import Recommendation
from engine.guide.sentences import count
from engine.guide.situation import Rule, Situation, first, imbalance

_SOURCE = "Bischl et al. 2023, performance measure"


def recommend(situation: Situation) -> tuple[Recommendation, ...]:
    """Recommend measures of the task, the advised one first."""
    cards = [c for c in situation.catalog.measures if situation.facts.task in c.tasks]
    best = first(_RULES, situation)
    others = [
        Recommendation(choice=c.id, label=c.label, reason=c.summary, source=_SOURCE)
        for c in cards
        if best is None or c.id != best.choice
    ]
    return (*([best] if best is not None else []), *others)


def _number(situation: Situation) -> Recommendation | None:
    if situation.facts.task != "regression":
        return None
    return _advised(
        situation,
        "rmse",
        f"{situation.facts.target} is a number: the root mean squared error is in its own units "
        "and weighs large errors most.",
        "large errors cost you no more than their size (mean absolute error)",
        (("rows", f"{situation.facts.rows:,}"),),
    )


def _rare_class(situation: Situation) -> Recommendation | None:
    rare = imbalance(situation.facts)
    if rare is None:
        return None
    label, rows = rare
    share = rows / situation.facts.rows
    binary = situation.facts.task == "binary"
    measure = "roc_auc" if binary else "balanced_accuracy"
    why = (
        "the area under the ROC curve rates the order of the predictions"
        if binary
        else "balanced accuracy counts every class alike"
    )
    return _advised(
        situation,
        measure,
        f"“{label}” has {count(rows, 'row')} of {situation.facts.rows:,} ({share:.1%}). Accuracy "
        f"would reward ignoring that class; {why}.",
        "every wrong prediction cost the same, however rare its class (accuracy)",
        _class_figures(situation),
    )


def _balanced(situation: Situation) -> Recommendation | None:
    classes = situation.facts.classes
    if not classes:
        return None
    label, rows = min(classes, key=lambda pair: pair[1])
    return _advised(
        situation,
        "accuracy",
        f"The rarest of {len(classes)} classes, “{label}”, has {count(rows, 'row')} of "
        f"{situation.facts.rows:,} ({rows / situation.facts.rows:.0%}): the classes are balanced "
        "enough to count right predictions.",
        "errors differed in cost, or if you will use the probabilities themselves (log loss)",
        _class_figures(situation),
    )


_RULES: tuple[Rule, ...] = (_number, _rare_class, _balanced)


def _advised(
    situation: Situation,
    measure: str,
    reason: str,
    would_change: str,
    figures: tuple[tuple[str, str], ...],
) -> Recommendation | None:
    card = next((c for c in situation.catalog.measures if c.id == measure), None)
    if card is None or situation.facts.task not in card.tasks:
        return None
    return Recommendation(
        choice=card.id,
        label=card.label,
        reason=reason,
        source=_SOURCE,
        would_change=f"It would change if {would_change}.",
        figures=figures,
    )


def _class_figures(situation: Situation) -> tuple[tuple[str, str], ...]:
    classes = sorted(situation.facts.classes, key=lambda pair: pair[1])
    return (("classes", str(len(classes))), ("rarest class", f"{classes[0][1]:,} rows"))
