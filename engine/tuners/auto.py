"""Automatic: the guide picks the method when the search is planned, and the plan says which and
why."""

from __future__ import annotations

from engine.domain.cards import MethodCard, Sketch

AUTO = MethodCard(
    id="auto",
    label="Automatic",
    summary=(
        "Leaves the choice to the guide, which looks at the search space, the cost of a fit and "
        "the budget when the search starts, and notes what it picked and why."
    ),
    source="Bischl et al. (2023), choice of an HPO algorithm",
    help="auto",
    sketch=Sketch(
        "First an even look around, then ever nearer to the best, by what suits.",
        "159 53 691 478 266 797 584 372 279 521 514 564 654 701 601 810 678 888 841 809 890 849 "
        "879 866 900 902 855 867",
    ),
)
"""No tuner of its own: `engine.catalog.make_tuner` makes the one that was picked."""
