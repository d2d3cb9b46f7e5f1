"""The catalog of components as data, and checks of plans made from it.

Adding a learner, method or measure is one file in `engine.learners`, `engine.tuners` or
`engine.objective.measures`, or in another package. Everything else is drawn from the catalog.
"""

from __future__ import annotations

import functools

from engine.catalog.lookup import (
    costs,
    default_configuration,
    directions,
    further_cards,
    learner,
    measure_card,
)
from engine.catalog.methods import (
    DROP,
    make_tuner,
    method_card,
    method_ids,
    settle,
    warm_starts,
    work,
    working_card,
)
from engine.catalog.problems import problems
from engine.data.readers import READERS
from engine.data.readers.builtin import builtin_tables
from engine.domain.cards import Catalog
from engine.gradient.engines import ENGINES
from engine.learners import LEARNERS
from engine.objective.costs import COSTS
from engine.objective.measures import MEASURES
from engine.tuners import METHODS

__all__ = [
    "CATALOG",
    "DROP",
    "costs",
    "default_configuration",
    "directions",
    "further_cards",
    "learner",
    "make_tuner",
    "measure_card",
    "method_card",
    "method_ids",
    "problems",
    "settle",
    "warm_starts",
    "work",
    "working_card",
]


REGISTRIES = (LEARNERS, METHODS, MEASURES, ENGINES, READERS)
"""Of every kind of component that the catalog lists."""


@functools.cache
def CATALOG() -> Catalog:  # noqa: N802 - it reads as the constant it is, made on first use
    """All there is to choose from."""
    return Catalog(
        learners=tuple(learner.card for learner in LEARNERS.values()),
        methods=tuple(method_card(id) for id in method_ids()),
        measures=tuple(measure.card for measure in MEASURES.values()),
        datasets=builtin_tables(),
        costs=tuple(COSTS.values()),
        left_out=tuple(
            rejected.sentence for registry in REGISTRIES for rejected in registry.rejected
        ),
        readers=tuple(reader.card for reader in READERS.values()),
    )
