"""Every learner of the registry under the conformance suite.

A class of tests is made for each, so that a new learner is tested by being there.
"""

from __future__ import annotations

import pytest

from engine.learners import LEARNERS, Learner
from engine.space import Configuration
from engine.testing.learner_suite import LearnerSuite

QUICK: dict[str, Configuration] = {
    "network": {"epochs": 3, "width": 16, "layers": 1, "batch_size": 16},
    "conv_network": {"epochs": 3, "filters": 4, "layers": 1, "batch_size": 16},
    "self_tuning": {
        "hyper_steps": 1,
        "steps": 40,
        "width": 8,
        "layers": 1,
        "activation": "relu",
        "solver": "sgd",
        "batch_size": 128,
    },
}
"""What makes fits fast, where few trees, rounds or epochs alone do not."""
SLOW = ("self_tuning",)
"""Those that compile for seconds whatever they are given."""


def suite(learner: Learner) -> type[LearnerSuite]:
    """A class of tests for ``learner``."""
    card = learner.card
    quick = QUICK.get(card.id, {card.fidelity_parameter: 4} if card.fidelity_parameter else {})
    name = f"Test{type(learner).__name__}"
    made = type(name, (LearnerSuite,), {"learner": learner, "quick": quick})
    return pytest.mark.slow(made) if card.id in SLOW else made


for _learner in LEARNERS.values():
    globals()[f"Test{type(_learner).__name__}"] = suite(_learner)
