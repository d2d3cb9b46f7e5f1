"""The models: one small module a family, each declaring everything about itself."""

from __future__ import annotations

from engine.learners.base import Learner
from engine.registry import Registry

__all__ = ["LEARNERS", "Learner"]


def _check(learner: Learner) -> None:
    card = learner.card
    if not (card.id and card.label and card.summary and card.tasks):
        raise ValueError("its card lacks an id, a label, a summary or the tasks it is for")
    if set(card.hyperparameters) != set(learner.bounds):
        raise ValueError("the hyperparameters on its card are not those it has bounds for")
    if not {card.fidelity_parameter, *card.fixed_only} - {""} <= set(card.hyperparameters):
        raise ValueError("its card speaks of hyperparameters that it does not list")


LEARNERS: Registry[Learner] = Registry(
    "learner",
    "engine.learners",
    Learner,
    key=lambda learner: learner.card.id,
    classes=lambda family: family(),
    order=lambda learner: learner.order,
    check=_check,
)
"""Every learner by its id, in the order they are listed."""
