"""A method: simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import numpy as np

from engine.domain.cards import MethodCard
from engine.options import shown
from engine.space import Configuration
from engine.tuners.base import MethodOptions, Sampler, TuningProblem


class AnnealingOptions(MethodOptions, frozen=True):
    """Options become fields of the window's form, and are checked, by what is said here."""

    cooling: Annotated[
        float, shown("Cooling", "What the temperature is multiplied by each time.", 0.5, 0.999)
    ] = 0.9
    step: Annotated[
        float, shown("Step size", "Standard deviation of a step, as a share of a range.", 0.01, 0.5)
    ] = 0.15


class Annealing(Sampler[AnnealingOptions]):
    """Steps to a neighbour of where it is; a worse one is accepted while it is hot.

    It has no sketch, so that its card shows none.
    """

    card = MethodCard(
        id="annealing",
        label="Simulated annealing",
        summary="Walks from configuration to configuration, at first also downhill, then only up.",
        source="Kirkpatrick, Gelatt and Vecchi (1983)",
        help="annealing",
        help_text=Path(__file__).with_name("annealing.md").read_text("utf-8"),
    )
    options_type = AnnealingOptions

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        self._at = self.space.nearest(problem.default)
        self._cost = math.inf
        self._spread = 0.0
        """Largest difference of costs so far: what counts as hot."""
        self._told = 0

    def draw(self, rng: np.random.Generator) -> Configuration:
        # A hyperparameter that is not active has no place in the vector: any will do.
        unit = self.space.to_unit(self._at)
        unit = np.where(np.isnan(unit), rng.random(len(unit)), unit)
        moved = unit + self.options.step * rng.standard_normal(len(unit))
        anew = rng.random(len(unit)) < 1 / len(unit)
        return self.space.from_unit(np.where(anew, rng.random(len(unit)), moved.clip(0, 1)))

    def learn(self, configuration: Configuration, value: float | None) -> None:
        self._told += 1
        if value is None:
            return
        cost = -value if self.problem.maximise else value
        if math.isfinite(self._cost):
            self._spread = max(self._spread, abs(cost - self._cost))
        heat = self._spread * self.options.cooling**self._told
        worse = cost - self._cost
        # All chance comes from the seed and what was told, so that a search can be resumed.
        chance = np.random.default_rng([self.problem.seed, self._told, 1]).random()
        if worse <= 0 or (heat > 0 and chance < math.exp(-worse / heat)):
            self._at, self._cost = self.space.nearest(configuration), cost
