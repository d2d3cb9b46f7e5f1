"""`TrainingSpec`: sizes and start values of the training that a gradient run differentiates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from engine.guide.facts import Picture
from engine.learners.networks.shapes import Convolutions, shapes
from engine.space import Value

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "gd": ("step_size",),
    "momentum": ("step_size", "momentum"),
    "adam": ("step_size", "beta1", "beta2"),
}
"""Names of the settings of the inner optimisers, as in `engine.gradient.dynamics`."""
REMEMBERED: Mapping[str, int] = {"gd": 1, "momentum": 2, "adam": 5}
"""Numbers per weight in a state of the inner optimiser, the weight included."""
ITEM = 4
"""Bytes of a number: networks train in float32."""
START: Mapping[str, float] = {"step_size": 0.1, "momentum": 0.9, "beta1": 0.9, "beta2": 0.99}
ADAM_STEP_SIZE = 1e-3
L2 = 1e-4


class TrainingSpec(NamedTuple):
    """Figures of a plan and its table from which sizes and start values follow.

    Attributes:
        options: options of the method, with ``auto`` replaced.
        settings: settings of the learner: its default, and those held fixed.
        fixed: settings that the user has fixed, by name.
        inputs: number of columns of the prepared table.
        rows: number of rows of the search, outer test rows excluded.
        classes: number of classes; 0 for a number.
        picture: places of the columns in a square picture, if they are pixels.
    """

    options: Mapping[str, Value]
    settings: Mapping[str, Value]
    fixed: Mapping[str, Value]
    inputs: int
    rows: int
    classes: int
    picture: Picture | None = None

    @property
    def dynamics(self) -> str:
        """Name of the inner optimiser."""
        return str(self.options["dynamics"])

    @property
    def steps(self) -> int:
        """Number of steps of one training."""
        return int(self.options["steps"])  # type: ignore[arg-type]

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        if "width" not in self.settings:
            return ()
        return (int(self.settings["width"]),) * int(self.settings["layers"])  # type: ignore[arg-type]

    @property
    def convolutions(self) -> Convolutions | None:
        """Convolutions before the first dense layer, if there are some."""
        if self.picture is None or "filters" not in self.settings:
            return None
        counts = (int(self.settings[name]) for name in ("layers", "filters", "kernel"))  # type: ignore[arg-type]
        return Convolutions(self.picture, *counts)

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shapes of each layer's weights and biases, each a group of weights."""
        return shapes(self.inputs, self.hidden, max(self.classes, 1), self.convolutions)

    @property
    def weights(self) -> int:
        """Number of weights of the network, biases included."""
        return sum(map(math.prod, self.shapes))

    @property
    def state_bytes(self) -> int:
        """Bytes of one state of the training."""
        return ITEM * REMEMBERED[self.dynamics] * self.weights

    @property
    def given(self) -> dict[str, float]:
        """Start values of the inner optimiser's settings and of the penalty, by name.

        Values that are tuned replace them.
        """
        return {name: self.start(name) for name in (*SETTINGS[self.dynamics], "l2")}

    def start(self, name: str) -> float:
        """Return the start value of a setting of the inner optimiser, or of the penalty.

        Args:
            name: key of `START`, or ``l2``.

        Returns:
            The value that the user has fixed, else ours, in the form of `engine.gradient.dynamics`.
        """
        value = float(self.fixed[name]) if name in self.fixed else None  # type: ignore[arg-type]
        if name == "step_size" and value is not None and self.dynamics == "momentum":
            # From the learner's form v' = γ v - η g to v' = γ v - (1 - γ) g: α = η / (1 - γ).
            return value / (1 - self.start("momentum"))
        if value is None and name == "step_size" and self.dynamics == "adam":
            return ADAM_STEP_SIZE
        return {**START, "l2": L2}[name] if value is None else value
