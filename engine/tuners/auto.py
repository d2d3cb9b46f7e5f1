"""Automatic: the guide picks the method when the search is planned, and the plan says which and
why."""

from __future__ import annotations

from engine.domain.cards import MethodCard

AUTO = MethodCard(
    id="auto",
    label="Automatic",
    summary=(
        "Leaves the choice to the guide, which looks at the search space, the cost of a fit and "
        "the budget when the search starts, and notes what it picked and why."
    ),
    options=(),
    source="Bischl et al. (2023), choice of an HPO algorithm",
    help="auto",
    sketch="auto",
)
"""No tuner of its own: `engine.catalog.make_tuner` makes the one that was picked."""
