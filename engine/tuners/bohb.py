"""BOHB: Hyperband whose new configurations come from a density model (Falkner et al. 2018).

Brackets follow the authors' table (`brackets.hyperband`, rule ``floor``), sampling algorithm 2 of
the paper.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import numpy as np

from engine.domain.cards import MethodCard, Sketch
from engine.options import shown
from engine.space import Configuration
from engine.tuners.base import TuningProblem
from engine.tuners.brackets import Rule
from engine.tuners.hyperband import HyperbandSchedule
from engine.tuners.parzen.density import GOOD_SHARE, Axes, promising, split
from engine.tuners.rung_tuners import RungOptions


class BohbOptions(RungOptions, frozen=True):
    random_fraction: Annotated[
        float,
        shown(
            "Share drawn at random",
            "Share of the new configurations that do not come from the model. The authors "
            "draw a third at random: safer, but slower.",
            0.0,
            1.0,
        ),
    ] = 0.1
    candidates: Annotated[
        int,
        shown(
            "Candidates",
            "Draws from the good region among which the most promising is taken.",
            1,
            10_000,
        ),
    ] = 64
    bandwidth_factor: Annotated[
        float,
        shown(
            "Width of the draws",
            "How much wider than the model the draws around good configurations are.",
            0.1,
            100.0,
        ),
    ] = 3.0


class Bohb(HyperbandSchedule[BohbOptions]):
    """Hyperband's brackets; what is begun in them resembles what was good at the largest fits.

    The model is made of the results at the highest fidelity that has enough of them: one more than
    there are hyperparameters among the good as well as among the bad. Failures count as bad. Some
    configurations stay random, so that Hyperband's guarantee holds: a tenth, not a third as with
    the authors, since few budgets here are large enough for more to pay.
    """

    card = MethodCard(
        id="bohb",
        label="BOHB",
        summary=(
            "Hyperband that learns: new configurations are drawn where the good ones so far lie "
            "close together. Strong when fits can be small and hyperparameters are many."
        ),
        source="Falkner et al. (2018)",
        help="bohb",
        picture="rungs",
        sketch=Sketch(
            "Halving in turns from many cheap trials to full ones, with better beginnings "
            "each time.",
            "131:111 300:111 187:111 244:111 74:111 470:111 357:111 413:111 526:111 618:333 "
            "544:333 692:333 911 690:333 239:333 395:333 605:333 510:333 908 873 753 936 465:111 "
            "530:111 487:111 541:111 435:111 376:111",
        ),
        model_based=True,
        partial_fits=True,
    )
    order = 150
    options_type = BohbOptions

    rule: Rule = "floor"

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        self._axes = Axes(self.space)
        self._results: dict[float, tuple[list[np.ndarray], list[float]]] = {}
        """Points of the unit cube and their scores, by fidelity."""

    def learn(self, configuration: Configuration, fidelity: float, score: float) -> None:
        """Add a result to the data of its fidelity's model."""
        points, scores = self._results.setdefault(fidelity, ([], []))
        # A person's own configuration may lie outside the space.
        # Kept by fidelity: scores of different fidelities are not comparable.
        points.append(self.space.to_unit(self.space.nearest(configuration)))
        scores.append(score)

    def drafts(self, rng: np.random.Generator) -> Iterable[Configuration]:
        """Yield model-based candidates unless a random configuration is due, then random ones."""
        # Algorithm 2, first lines: a share rho of the draws ignores the model.
        if rng.random() >= self.options.random_fraction:
            yield from self._modelled(rng)
        yield from super().drafts(rng)

    def _modelled(self, rng: np.random.Generator) -> Iterable[Configuration]:
        """Candidates of the model, best first; none while no fidelity has enough results."""
        # N_min = d + 1, below which a density in d dimensions is not defined well enough.
        least = len(self.space) + 1
        # Algorithm 2: the largest budget with enough results, as it is the closest to what counts.
        for fidelity in sorted(self._results, reverse=True):
            points, scores = self._results[fidelity]
            parts = split(np.array(scores), least, GOOD_SHARE)
            if parts is not None:
                candidates = promising(
                    np.array(points),
                    *parts,
                    self._axes,
                    rng,
                    candidates=self.options.candidates,
                    factor=self.options.bandwidth_factor,
                )
                return map(self.space.from_unit, candidates)
        return ()
