"""NSGA-II: an evolutionary search for the whole Pareto front of several measures.

Deb, Pratap, Agarwal and Meyarivan (2002): of two configurations the one on the earlier front is
better, and on the same front the one with the larger crowding distance (the crowded-comparison
operator, section III.B.2). Survivors are chosen anew with every result, not after a generation
(Durillo et al. 2009), so that no worker waits for the slowest fit. Crossover and mutation are those
of `Evolution`, for mixed and conditional spaces.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np

from engine.domain.cards import MethodCard, Sketch
from engine.options import shown
from engine.tuners.domination import crowding, ranks
from engine.tuners.evolution import Evolution, EvolutionOptions, Individual


class Nsga2Options(EvolutionOptions, frozen=True):
    population: Annotated[
        int,
        shown(
            "Population",
            "So many configurations may have offspring. More give a finer front, fewer reach "
            "it faster.",
            4,
            1000,
        ),
    ] = 20
    tournament: Annotated[
        int,
        shown("Tournament", "Each parent is the best of so many drawn from the population.", 1, 20),
    ] = 2


class Nsga2(Evolution):
    """Crosses and mutates the configurations that are nearest to the front, and least crowded.

    The first population is drawn at random. Failed ones have no offspring.
    """

    card = MethodCard(
        id="nsga2",
        label="NSGA-II",
        summary=(
            "Optimises several measures at once and finds the front of trade-offs between them: "
            "crosses and mutates the configurations that no other beats, evenly spread along it."
        ),
        source="Deb et al. (2002)",
        help="nsga2",
        picture="pareto",
        sketch=Sketch(
            "Scattered trials, then even steps along a front of trade-offs.",
            "352 306 142 227 564 222 104 489 416 633 371 301 324 723 891 704 624 332 433 852 624 "
            "678 448 805 273 467 752 573",
        ),
        multi_objective=True,
    )
    order = 110
    options_type = Nsga2Options

    def _begin(self, rng: np.random.Generator) -> np.ndarray:
        return rng.random(len(self.space))

    def _survivors(self, population: list[Individual]) -> list[Individual]:
        losses = np.array([individual.losses for individual in population])
        rank = ranks(losses)
        room = np.zeros(len(population))
        # Distances are defined within a front.
        for front in range(rank.max() + 1):
            room[rank == front] = crowding(losses[rank == front])
        number = np.array([individual.number for individual in population])
        # Crowded-comparison operator: rank first, then crowding distance; ties to the older one.
        order = np.lexsort((number, -room, rank))
        return [population[place] for place in order[: self._capacity]]
