"""Bayesian optimisation with a random forest, as in SMAC (Hutter et al. 2011)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np

from engine.domain.cards import MethodCard, Sketch
from engine.options import shown
from engine.tuners.bayes.sampler import Surrogate, SurrogateOptions, SurrogateSampler

if TYPE_CHECKING:
    from engine.tuners.bayes.forest import Forest
    from engine.tuners.bayes.search import Effort
    from engine.tuners.bayes.told import Told


class ForestOptions(SurrogateOptions, frozen=True):
    trees: Annotated[
        int, shown("Trees", "More trees judge their own doubt better and take longer.", 5, 1000)
    ] = 30


class ForestBo(SurrogateSampler[ForestOptions]):
    """Models the score by a forest of regression trees and proposes by log expected improvement.

    A proposal's cost is bounded: the forest is grown on at most `most` results
    (`engine.tuners.bayes.told.share`).
    """

    card = MethodCard(
        id="rf_bo",
        label="Bayesian optimisation (random forest)",
        summary=(
            "Fits a forest of regression trees to the scores so far and tries what promises the "
            "greatest improvement. For many choices and conditions, and for long searches."
        ),
        source=(
            "Bischl et al. (2023), Bayesian optimisation; Hutter et al. (2011), SMAC; "
            "Lindauer et al. (2022), SMAC3"
        ),
        help="rf_bo",
        picture="surrogate",
        sketch=Sketch(
            "A few spread trials, then soon near the best, a little scattered, with looks "
            "elsewhere.",
            "514 57 400 171 629 743 286 410 572 658 214 686 872 832 288 852 825 875 931 288 825 "
            "890 893 936 832 366 917 913",
        ),
        model_based=True,
    )
    order = 20
    options_type = ForestOptions
    most = 1000

    def fit(self, told: Told) -> Forest:
        """Grow the forest."""
        return self._grow(told.rows, told.scores)

    def believing(self, surrogate: Surrogate, rows: np.ndarray) -> Surrogate:
        """Grow a forest with pending rows at their predicted means: a tree can't be conditioned."""
        if not len(rows):
            return surrogate
        model = self.model()
        assert model is not None
        return self._grow(
            np.concatenate([model.told.rows, rows]),
            np.concatenate([model.told.scores, surrogate.predict(rows)[0]]),
        )

    def effort(self) -> Effort:
        """Default search effort."""
        from engine.tuners.bayes.search import Effort

        return Effort()

    def _grow(self, rows: np.ndarray, scores: np.ndarray) -> Forest:
        from engine.tuners.bayes.forest import Forest

        trees = self.options.trees
        return Forest(self.encoding, rows, scores, trees, self.problem.seed)
