"""ASHA, asynchronous successive halving (Li et al. 2020, algorithm 2)."""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterable

from engine.domain.cards import MethodCard, Sketch
from engine.tuners.base import TuningProblem
from engine.tuners.rung_tuners import Climbing, Place, RungOptions, Step


class Asha(Climbing[RungOptions]):
    """Whenever a worker is free, promotes the best of the highest rung that owes a promotion, and
    begins a new configuration when none does.

    A rung with ``n`` results owes ``floor(n / eta)`` promotions. As printed, the algorithm can
    promote more: one promoted early that is no longer among the best does not count against the
    share. Here it does, so that no rung takes more of the budget than was meant for it.

    Since more configurations keep coming, none is ever out for good: those not promoted stay
    undecided.
    """

    card = MethodCard(
        id="asha",
        label="ASHA",
        summary=(
            "Successive halving that never waits: a configuration goes on as soon as it is among "
            "the best third of those that came as far. Made for many workers."
        ),
        source="Li et al. (2020)",
        help="asha",
        picture="rungs",
        sketch=Sketch(
            "Cheap trials all the time, and between them longer ones of whichever are the "
            "best so far.",
            "468:111 230:111 403:111 616:333 483:111 636:333 372:111 325:111 433:111 410:111 "
            "284:111 571:333 837 337:111 425:111 78:111 560:333 375:111 420:111 249:111 553:333 "
            "304:111 162:111 377:111 540:333 811 540:111 710:333",
        ),
        partial_fits=True,
    )
    order = 140

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        rungs = range(self.depth + 1)
        self._begun: list[set[int]] = [set() for _ in rungs]
        """Trials by rung."""
        self._ranked: list[list[tuple[float, int]]] = [[] for _ in rungs]
        """Told scores and trials by rung, best first, failures last."""

    def _step(self, may_begin: bool) -> Step | None:
        # When no more can come, each rung gives its best at least, up to the full fit.
        least = 0 if may_begin or self._pending else 1
        # get_job of algorithm 2: promotable trials of the highest rung first.
        for rung in reversed(range(self.depth)):
            ranked, gone = self._ranked[rung], self._begun[rung + 1]
            owed = max(len(ranked) // self.eta, least) - len(gone)
            if owed <= 0:
                continue
            for score, trial in ranked[: len(gone) + owed]:
                # Among the best floor(n / eta) and not promoted yet.
                if trial not in gone and math.isfinite(score):
                    return Step(self._place(rung + 1), trial)
        # Nothing to promote: the base rung grows.
        return Step(self._place(0), None) if may_begin else None

    def _place(self, rung: int) -> Place:
        return Place(0, self.depth, rung, 0)

    def _begin(self, place: Place, trial: int) -> None:
        self._begun[place.rung].add(trial)

    def _climb(self, place: Place, trial: int, score: float) -> Iterable[int]:
        insort(self._ranked[place.rung], (score, trial))
        return ()
