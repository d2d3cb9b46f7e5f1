"""The ways of looking at a search on the page Understand. No Qt."""

from __future__ import annotations

from typing import NamedTuple


class View(NamedTuple):
    """One way of looking at a search."""

    id: str
    title: str
    says: str
    """What it shows, in a sentence or two."""
    help: str
    """Its help page."""
    doing: str = ""
    """What the engine does meanwhile; empty for what the window draws from the trials it has."""


VIEWS = (
    View(
        "fanova",
        "What mattered",
        "How much of the score's variation over the whole search space each hyperparameter "
        "accounts for, alone and in pairs.",
        "fanova",
        "Fitting a forest to the scores",
    ),
    View(
        "permutation",
        "By shuffling",
        "How much worse trials are predicted when the values of one hyperparameter are shuffled "
        "among them: what mattered where the search has looked.",
        "permutation",
        "Shuffling the hyperparameters",
    ),
    View(
        "effects",
        "Effects",
        "How the expected score changes along one hyperparameter, over all others. The band is the "
        "doubt of the model; thin lines are single configurations.",
        "effect",
        "Working out the effects",
    ),
    View(
        "contour",
        "Two together",
        "The expected score over two hyperparameters at once.",
        "contour",
        "Working out the plane",
    ),
    View(
        "ablation",
        "Default to best",
        "From the default configuration to the best one, taking over at each step what helps most.",
        "ablation",
        "Finding the way",
    ),
    View(
        "parallel",
        "All at once",
        "Every configuration as a line. Draw the mouse along an axis to choose a range: the table "
        "shows the trials that pass through it. A click on the axis takes it back.",
        "parallel",
    ),
    View(
        "footprint",
        "Where it looked",
        "Configurations in two dimensions: the closer, the more alike. The line is the way of the "
        "best so far.",
        "footprint",
    ),
    View(
        "distribution",
        "How good trials were",
        "The share of trials that are at least as good as a score. A search that learns has a "
        "second half further to the better side.",
        "distribution",
    ),
    View(
        "learning_curves",
        "Learning curves",
        "How scores grow with the size of the fit, for methods that begin with small fits.",
        "learning_curves",
    ),
)
