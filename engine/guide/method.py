"""Which HPO method: by the space, the cost of an evaluation and the budget.

The table of Bischl et al. (2023) and the authors' lecture ("practical aspects"), as far as the
catalog has methods for it. What a method can do stands on its `MethodCard`.
"""

from __future__ import annotations

from engine.guide import cost
from engine.guide.situation import Rule, Situation, first
from engine.guide.words import count, spelled
from engine.protocol import MethodCard, Recommendation

FEW = 3
"""Hyperparameters up to which random search is enough when evaluations are cheap."""
CHEAP = 1.0
"""Seconds below which an evaluation is cheap."""
INITIAL = 4
"""Random evaluations a hyperparameter before a model of the score can guide."""
START = 20
"""Evaluations below which no model is worth its while, whatever the dimension."""

_SOURCE = "Bischl et al. 2023, choice of an HPO algorithm"
_DESIGN = "Bischl et al. 2023, Bayesian optimisation; initial design as in mlr3mbo"


def recommend(situation: Situation) -> tuple[Recommendation, ...]:
    """Every method, the advised one first, unsuitable ones last."""
    if situation.space is None:
        return ()
    best = first(_RULES, situation)
    others = [
        _listed(card, situation)
        for card in situation.catalog.methods
        if best is None or card.id != best.choice
    ]
    others.sort(key=lambda r: not r.fits)
    return (*([best] if best is not None else []), *others)


def _few_and_cheap(situation: Situation) -> Recommendation | None:
    if situation.tuned > FEW or cost.evaluation_seconds(situation) >= CHEAP:
        return None
    return _advised(
        situation,
        _card(situation, "random"),
        "so few dimensions and such cheap evaluations that random points cover the space; a model "
        "of the score would gain little.",
        _SOURCE,
        f"you tuned more than {FEW} hyperparameters, or an evaluation took {CHEAP:g} s or more",
    )


def _too_few_evaluations(situation: Situation) -> Recommendation | None:
    needed = _needed(situation)
    if _evaluations(situation) >= needed:
        return None
    return _advised(
        situation,
        _card(situation, "random"),
        f"a model of the score needs about {needed} evaluations before it can guide, so random "
        "points are as good and simpler.",
        _DESIGN,
        f"the budget reached {count(needed, 'evaluation')}",
    )


def _model_based(situation: Situation) -> Recommendation | None:
    suited = (
        card
        for card in situation.catalog.methods
        if card.model_based and (card.conditions or not situation.conditional)
    )
    return _advised(
        situation,
        next(suited, None),
        "enough for a model of good and bad regions to learn from the scores, and too costly to "
        "spend on points drawn blindly.",
        _SOURCE,
        f"you had fewer than {count(_needed(situation), 'evaluation')}, or at most {FEW} "
        f"hyperparameters and evaluations under {CHEAP:g} s",
    )


def _anything(situation: Situation) -> Recommendation | None:
    """The last resort: no method in the catalog models the score in such a space."""
    return _advised(
        situation,
        _card(situation, "random"),
        "random search works in any space and with any budget.",
        _SOURCE,
        "a method that learns from the scores could handle the space",
    )


_RULES: tuple[Rule, ...] = (_few_and_cheap, _too_few_evaluations, _model_based, _anything)


def _advised(
    situation: Situation, card: MethodCard | None, why: str, source: str, would_change: str
) -> Recommendation | None:
    if card is None:
        return None
    kind = "numeric hyperparameter" if situation.numeric_space else "hyperparameter"
    conditions = ", some of them conditional" if situation.conditional else ""
    evaluations = count(_evaluations(situation), "evaluation")
    return Recommendation(
        choice=card.id,
        label=card.label,
        reason=(
            f"{spelled(situation.tuned, kind)}{conditions} and {evaluations} of "
            f"{cost.stated(situation)} each: {why}"
        ),
        source=source,
        would_change=f"It would change if {would_change}.",
        figures=_figures(situation),
    )


def _listed(card: MethodCard, situation: Situation) -> Recommendation:
    fits = card.conditions or not situation.conditional
    reason = card.summary if fits else "It can't handle a space with conditions jointly."
    return Recommendation(
        choice=card.id, label=card.label, reason=reason, source=card.source, fits=fits
    )


def _card(situation: Situation, method: str) -> MethodCard | None:
    return next((card for card in situation.catalog.methods if card.id == method), None)


def _evaluations(situation: Situation) -> float:
    """Those planned, or as many as the time has room for if that is fewer."""
    room = max(cost.affordable(situation), 1)
    if situation.evaluations is None:
        return room
    return situation.evaluations if situation.seconds is None else min(situation.evaluations, room)


def _needed(situation: Situation) -> int:
    return max(START, INITIAL * situation.tuned)


def _figures(situation: Situation) -> tuple[tuple[str, str], ...]:
    mixed = "all numeric" if situation.numeric_space else "numbers and choices"
    return (
        ("hyperparameters", f"{situation.tuned}, {mixed}"),
        ("one evaluation", cost.stated(situation)),
        ("budget", count(_evaluations(situation), "evaluation")),
        ("conditions", "yes" if situation.conditional else "none"),
    )
