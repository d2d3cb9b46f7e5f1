"""Random search: uniform draws on the transformed scales (Bergstra and Bengio 2012)."""

from __future__ import annotations

import math

import numpy as np

from engine.domain.cards import MethodCard, Sketch
from engine.space import Configuration
from engine.tuners.base import MethodOptions, Sampler


class RandomSearch(Sampler[MethodOptions]):
    """Draws each configuration independently of all results."""

    card = MethodCard(
        id="random",
        label="Random search",
        summary=(
            "Tries configurations drawn at random. Simple, robust, and hard to beat while only one "
            "or two hyperparameters matter."
        ),
        source="Bergstra and Bengio (2012); Bischl et al. (2023), random search",
        help="random",
        sketch=Sketch(
            "Trials scattered over all scores, from the first to the last.",
            "781 606 710 89 631 981 423 112 958 676 197 672 993 209 854 699 222 185 954 340 441 "
            "656 440 0 260 472 761 606",
        ),
    )
    order = 40

    @classmethod
    def uniform_draws(cls, options: MethodOptions) -> float:
        return math.inf

    def draw(self, rng: np.random.Generator) -> Configuration:
        """Draw uniformly, on the log scale where there is one."""
        return self.space.sample(rng)
