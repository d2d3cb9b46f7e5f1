"""What there is to choose from, as data, and whether a plan made of it can run.

Adding an HPO method is one file in `engine.tuners` and one line in `engine.catalog.methods`; adding
a learner, one file in `engine.learners` and one line there. Everything else is drawn from the
catalog.
"""

from __future__ import annotations

import functools

from engine.catalog.choices import (
    default_configuration,
    directions,
    further_cards,
    learner,
    measure_card,
)
from engine.catalog.methods import (
    DROP,
    METHODS,
    continues,
    make_tuner,
    method_card,
    settle,
    work,
    working_card,
)
from engine.catalog.problems import problems
from engine.catalog.tuning import outlook, trained_of
from engine.data.builtin import builtin_tables
from engine.domain.cards import Catalog
from engine.learners import LEARNERS
from engine.objective.costs import COSTS
from engine.objective.measures import MEASURES
from engine.tuners.auto import AUTO

__all__ = [
    "CATALOG",
    "DROP",
    "continues",
    "default_configuration",
    "directions",
    "further_cards",
    "learner",
    "make_tuner",
    "measure_card",
    "method_card",
    "outlook",
    "problems",
    "settle",
    "trained_of",
    "work",
    "working_card",
]


@functools.cache
def CATALOG() -> Catalog:  # noqa: N802 - it reads as the constant it is, made on first use
    """All there is to choose from."""
    return Catalog(
        learners=tuple(learner.card for learner in LEARNERS.values()),
        methods=tuple(method_card(id) for id in (AUTO.id, *METHODS)),
        measures=tuple(measure.card for measure in MEASURES.values()),
        datasets=builtin_tables(),
        costs=tuple(COSTS.values()),
    )
