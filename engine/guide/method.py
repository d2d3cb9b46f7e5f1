"""Recommend an HPO method: by the space, the cost of an evaluation, the budget and what partial
fits save.

What a method can do is on its `MethodCard`; when it is advised, in `engine.guide.method_rules`.
"""

from __future__ import annotations

from engine.domain.advice import Recommendation
from engine.domain.cards import MethodCard
from engine.guide.fidelity import eta_of, smallest
from engine.guide.method_rules import (
    AUTO,
    FIRST_TEST,
    RULES,
    able,
    evaluations,
    figures,
    further,
    needed,
    points,
)
from engine.guide.sentences import count
from engine.guide.situation import Situation, first

GRID = 3
"""Fewest values per hyperparameter for which a grid is suitable."""


def recommend(situation: Situation) -> tuple[Recommendation, ...]:
    """Recommend methods, the advised one first, automatic next, unsuitable ones last."""
    if situation.space is None:
        return ()
    best = first(RULES, situation)
    others = [
        _automatic(card, best) if card.id == AUTO else _listed(card, situation)
        for card in situation.catalog.methods
        if best is None or card.id != best.choice
    ]
    others.sort(key=lambda r: (not r.fits, r.choice != AUTO))
    return (*([best] if best is not None else []), *others)


def pick(situation: Situation) -> Recommendation:
    """Choose the method that ``auto`` stands for, with its reason; never ``auto`` itself.

    Raises:
        ValueError: if there is no space, or no method for it.
    """
    best = first(RULES, situation) if situation.space is not None else None
    if best is None:
        raise ValueError("no space, or no method for it")
    return best


def _automatic(card: MethodCard, best: Recommendation | None) -> Recommendation:
    reason = (
        f"The guide's own pick, as things stand {best.label}, decided when the search starts and "
        "kept with its reason."
        if best is not None
        else "No method in the catalog can take such a space."
    )
    return Recommendation(
        choice=card.id,
        label=card.label,
        reason=reason,
        source=card.source,
        fits=best is not None,
        figures=best.figures if best is not None else (),
    )


def _listed(card: MethodCard, situation: Situation) -> Recommendation:
    hindrance = _hindrance(card, situation)
    reason, figure = hindrance or card.summary, None
    if card.partial_fits and able(situation, card):
        small = smallest(situation, eta_of(card))
        if small.helps:
            figure = ("smallest fit", small.words)
            reason = f"{card.summary} Here the smallest fits have {small.words}."
    elif card.model_based and not hindrance and evaluations(situation) < needed(situation):
        reason += (
            f" With {count(evaluations(situation), 'evaluation')} its model has little to learn "
            "from."
        )
    return Recommendation(
        choice=card.id,
        label=card.label,
        reason=reason,
        source=card.source,
        figures=figures(situation, figure),
        fits=not hindrance,
    )


def _hindrance(card: MethodCard, situation: Situation) -> str:
    """Why the method is unsuitable here, as sentences; empty if it is suitable."""
    if card.gradient and not _differentiable(situation):
        return "It differentiates through the training, which this model does not allow."
    if card.multi_objective and not situation.further_measures:
        return "It weighs several measures against each other, and one is optimised."
    if situation.further_measures and not card.multi_objective:
        are = "is" if len(situation.further_measures) == 1 else "are"
        return f"It optimises one measure, and {further(situation)} {are} optimised as well."
    if not able(situation, card):
        return "It can't handle a space with conditions jointly."
    if card.partial_fits:
        small = smallest(situation, eta_of(card))
        if small.kind == "none":
            return "Its fits can't be partial, and this method lives by small fits."
        return small.warning
    if card.partial_folds and situation.n_folds < FIRST_TEST:
        return (
            f"It compares configurations over the folds, at least {FIRST_TEST}, and an evaluation "
            f"has {count(situation.n_folds, 'fit')}."
        )
    if card.id == "grid" and points(situation, GRID) > evaluations(situation):
        return (
            f"A grid with {GRID} values of each hyperparameter has "
            f"{count(points(situation, GRID), 'point')}, and the budget is "
            f"{count(evaluations(situation), 'evaluation')}."
        )
    return ""


def _differentiable(situation: Situation) -> bool:
    cards = situation.catalog.learners
    return any(card.differentiable for card in cards if card.id == situation.learner)
