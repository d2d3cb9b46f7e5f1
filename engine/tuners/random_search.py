"""Random search: uniform draws on the transformed scales (Bergstra and Bengio 2012)."""

from __future__ import annotations

import numpy as np

from engine.domain.cards import MethodCard
from engine.space import Configuration
from engine.tuners.base import Sampler


class RandomSearch(Sampler):
    """Draws each configuration independently of all results."""

    card = MethodCard(
        id="random",
        label="Random search",
        summary=(
            "Tries configurations drawn at random. Simple, robust, and hard to beat while only one "
            "or two hyperparameters matter."
        ),
        options=(),
        source="Bergstra and Bengio (2012); Bischl et al. (2023), random search",
        help="random",
        sketch="random",
    )

    def draw(self, rng: np.random.Generator) -> Configuration:
        return self.space.sample(rng)
