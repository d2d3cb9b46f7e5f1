"""Learners and measures by their ids, and the configuration that a search begins with."""

from __future__ import annotations

import msgspec

from engine.catalog.refusals import unknown
from engine.guide.facts import Facts
from engine.learners import LEARNERS, Learner
from engine.objective.measures import MEASURES
from engine.plan import Plan
from engine.protocol import MeasureCard
from engine.space import Configuration


def learner(name: str) -> Learner:
    """The learner with the id ``name``.

    Raises:
        InputError: if there is none.
    """
    if name not in LEARNERS:
        raise unknown("model", name, LEARNERS, "learner.id")
    return LEARNERS[name]


def measure_card(name: str) -> MeasureCard:
    """The card of the measure with the id ``name``.

    Raises:
        InputError: if there is none.
    """
    if name not in MEASURES:
        raise unknown("measure", name, MEASURES, "evaluation.measure")
    return MEASURES[name].card


def default_configuration(plan: Plan, facts: Facts) -> Configuration:
    """The learner's default configuration as a point of the plan's space: trial 0.

    Where the space leaves the default out, the nearest point of the space stands for it.
    """
    if plan.preparation.encode == "ordinal":
        facts = msgspec.structs.replace(facts, encoded=facts.columns)
    return plan.space.nearest(learner(plan.learner.id).default(facts))
