"""Quasi-random search: low-discrepancy designs that fill the space evenly.

The scrambled Sobol sequence (Owen 1998; Joe and Kuo 2008) for any number of points, Latin
hypercubes (McKay et al. 1979) for a number known beforehand. Both are SciPy's.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated

import numpy as np

from engine.domain.cards import MethodCard, Sketch
from engine.options import shown
from engine.space import Configuration
from engine.tuners.base import MethodOptions, Options, Sampler, TuningProblem

if TYPE_CHECKING:
    from scipy.stats.qmc import Sobol

BLOCK = 64
"""Sobol points generated at once."""

DESIGNS = 20
"""Random Latin hypercubes of which the one with the lowest discrepancy is used."""

COMPARED = 2_000_000
"""Largest work, in points squared times dimensions, for which designs are compared."""

LARGEST = 100_000
"""Most points of a design; it is held in memory."""

UNPLANNED = 32
"""Points of a Latin hypercube without a budget of evaluations."""


class QuasiRandom(Sampler[Options]):
    """Proposal ``n`` is point ``n - 1`` of a fixed sequence, since proposal 0 is the default.

    Where that configuration is known already, as happens in small discrete spaces, a random one
    stands in for it.
    """

    @abstractmethod
    def point(self, index: int) -> np.ndarray:
        """Point ``index`` of the sequence in the unit cube, shape ``(d,)``."""

    def draw(self, rng: np.random.Generator) -> Configuration:
        """The next point of the sequence as a configuration."""
        return self.space.from_unit(self.point(self._next - 1))


class SobolSearch(QuasiRandom[MethodOptions]):
    """Walks along a Sobol sequence, scrambled by the seed."""

    card = MethodCard(
        id="sobol",
        label="Quasi-random search (Sobol)",
        summary=(
            "Spreads configurations evenly over the space, without the gaps and clusters of random "
            "draws. Can be stopped at any time."
        ),
        source="Bergstra and Bengio (2012), section 4; Owen (1998); Joe and Kuo (2008)",
        help="sobol",
        sketch=Sketch(
            "Trials spread evenly at every moment, each into the largest gap left.",
            "16 516 266 766 141 641 391 891 78 578 328 828 203 703 453 953 47 547 297 797 172 672 "
            "422 922 109 609 359 859",
        ),
    )
    order = 60

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        self._sequence: Sobol | None = None
        self._points = np.empty((0, len(self.space)))

    def point(self, index: int) -> np.ndarray:
        """Point ``index``, shape ``(d,)``; generated in blocks."""
        if self._sequence is None:
            from scipy.stats import qmc

            self._sequence = qmc.Sobol(len(self.space), rng=self.rng(0))
        while index >= len(self._points):
            # In blocks: a call per point would take longer.
            self._points = np.vstack([self._points, self._sequence.random(BLOCK)])
        return self._points[index]


class HypercubeOptions(MethodOptions, frozen=True):
    n: Annotated[
        int, shown("Points of a design", "0: as many as the budget has evaluations.", 0, LARGEST)
    ] = 0


class LatinHypercubeSearch(QuasiRandom[HypercubeOptions]):
    """Divides each range into as many strata as points are planned, and hits each once.

    When the planned points are used up, another design of the same size follows.
    """

    card = MethodCard(
        id="lhs",
        label="Latin hypercube",
        summary=(
            "Cuts each range into as many slices as there are trials and tries each slice once. "
            "Even coverage for a number of trials that is known beforehand."
        ),
        source="McKay, Beckman and Conover (1979)",
        help="lhs",
        sketch=Sketch(
            "Trials spread evenly by the end, one in each of as many equal strips.",
            "732 89 804 54 518 768 982 411 875 946 161 839 304 232 911 589 661 375 339 696 125 "
            "482 18 196 446 554 268 625",
        ),
    )
    order = 70
    options_type = HypercubeOptions

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        # The default configuration is no point of the design.
        planned = UNPLANNED if problem.budget is None else int(problem.budget) - 1
        self._n = self.options.n or min(max(planned, 1), LARGEST)
        self._design = -1
        self._points = np.empty((0, len(self.space)))

    def point(self, index: int) -> np.ndarray:
        """Row of the design that ``index`` falls in, shape ``(d,)``."""
        design, row = divmod(index, self._n)
        if design != self._design:
            rng = np.random.default_rng([self.problem.seed, 0, design])
            self._points = latin_hypercube(self._n, len(self.space), rng)
            self._design = design
        return self._points[row]


def latin_hypercube(n: int, dimensions: int, rng: np.random.Generator) -> np.ndarray:
    """Generate an even Latin hypercube design.

    The best of `DESIGNS` random ones by centred discrepancy; a single random one where comparing
    them would take long.

    Args:
        n: number of points.
        dimensions: d.
        rng: of the designs.

    Returns:
        Shape ``(n, d)``, in the unit cube.
    """
    from scipy.stats import qmc

    sampler = qmc.LatinHypercube(dimensions, rng=rng)
    if n < 2 or n * n * dimensions > COMPARED:
        return sampler.random(n)
    designs = [sampler.random(n) for _ in range(DESIGNS)]
    return min(designs, key=lambda points: qmc.discrepancy(points))
