"""`TrainingSpec`: sizes and start values of the training that hyperparameters are tuned through."""

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
"""Settings of the inner optimisers (`engine.gradient.dynamics`)."""
REMEMBERED: Mapping[str, int] = {"gd": 1, "momentum": 2, "adam": 5}
"""Numbers of a state for each weight, the weight included."""
ITEM = 4
"""Bytes of a number: networks train in float32."""
START: Mapping[str, float] = {"step_size": 0.1, "momentum": 0.9, "beta1": 0.9, "beta2": 0.99}
ADAM_STEP_SIZE = 1e-3
L2 = 1e-4


class TrainingSpec(NamedTuple):
    """What sizes and starts depend on.

    Attributes:
        options: of the method, settled.
        settings: of the learner, those of its default and those held fixed.
        fixed: names of settings that a person has set, and their values.
        inputs: columns of the prepared table.
        rows: of the search, outer test rows excluded.
        classes: 0 for a number.
        picture: how the columns lie in one, if they can.
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
        """The inner optimiser."""
        return str(self.options["dynamics"])

    @property
    def steps(self) -> int:
        """Of one training."""
        return int(self.options["steps"])  # type: ignore[arg-type]

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        if "width" not in self.settings:
            return ()
        return (int(self.settings["width"]),) * int(self.settings["layers"])  # type: ignore[arg-type]

    @property
    def convolutions(self) -> Convolutions | None:
        """Before the first layer of units."""
        if self.picture is None or "filters" not in self.settings:
            return None
        counts = (int(self.settings[name]) for name in ("layers", "filters", "kernel"))  # type: ignore[arg-type]
        return Convolutions(self.picture, *counts)

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Of each layer's weights and biases; each is a group of weights."""
        return shapes(self.inputs, self.hidden, max(self.classes, 1), self.convolutions)

    @property
    def weights(self) -> int:
        """Of the network, biases included."""
        return sum(map(math.prod, self.shapes))

    @property
    def state_bytes(self) -> int:
        """Size of one state of the training."""
        return ITEM * REMEMBERED[self.dynamics] * self.weights

    @property
    def given(self) -> dict[str, float]:
        """Settings of the inner optimiser and the penalty, where they are not tuned."""
        return {name: self.start(name) for name in (*SETTINGS[self.dynamics], "l2")}

    def start(self, name: str) -> float:
        """Where a setting of the inner optimiser or the penalty starts: a person's fixed value,
        else ours, in the form of `engine.gradient.dynamics`."""
        value = float(self.fixed[name]) if name in self.fixed else None  # type: ignore[arg-type]
        if name == "step_size" and value is not None and self.dynamics == "momentum":
            return value / (1 - self.start("momentum"))  # from the form v' = γ v - η g
        if value is None and name == "step_size" and self.dynamics == "adam":
            return ADAM_STEP_SIZE
        return {**START, "l2": L2}[name] if value is None else value
