"""Learners and measures by their ids, and the configuration of trial 0."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.catalog.refusals import unknown
from engine.domain.cards import MeasureCard
from engine.guide.facts import Facts
from engine.guide.situation import FitSeconds
from engine.learners import LEARNERS, Learner
from engine.objective.costs import COSTS
from engine.objective.measures import MEASURES
from engine.plan import Plan
from engine.space import Configuration


def learner(name: str) -> Learner:
    """The learner with the id ``name``.

    Raises:
        InputError: if there is none.
    """
    if name not in LEARNERS:
        raise unknown("model", name, LEARNERS, "learner.id")
    return LEARNERS[name]


def costs() -> Mapping[str, FitSeconds]:
    """Cost of a fit of each learner, by its id."""
    return {name: learner.fit_seconds for name, learner in LEARNERS.items()}


def measure_card(name: str) -> MeasureCard:
    """The card of the measure with the id ``name``.

    Raises:
        InputError: if there is none.
    """
    if name not in MEASURES:
        raise unknown("measure", name, MEASURES, "evaluation.measure")
    return MEASURES[name].card


def further_cards(plan: Plan) -> tuple[MeasureCard, ...]:
    """Cards of the plan's further objectives.

    Raises:
        InputError: if there is no such measure or cost.
    """
    known = {name: measure.card for name, measure in MEASURES.items()} | COSTS
    for name in plan.evaluation.further_measures:
        if name not in known:
            raise unknown("measure", name, known, "evaluation.further_measures")
    return tuple(known[name] for name in plan.evaluation.further_measures)


def directions(plan: Plan) -> tuple[bool, ...]:
    """Whether larger is better, of the tuned measure and of the further objectives.

    Raises:
        InputError: if there is no such measure or cost.
    """
    cards = (measure_card(plan.evaluation.measure), *further_cards(plan))
    return tuple(card.maximise for card in cards)


def default_configuration(plan: Plan, facts: Facts) -> Configuration:
    """Learner's default configuration as a point of the plan's space: trial 0.

    Where the space leaves the default out, it is the nearest point of the space. Empty for a
    gradient run, which has no configurations.
    """
    if plan.by_gradient:
        return {}
    if plan.preparation.encode == "ordinal":
        facts = msgspec.structs.replace(facts, encoded=facts.columns)
    return plan.space.nearest(learner(plan.learner.id).default(facts))
