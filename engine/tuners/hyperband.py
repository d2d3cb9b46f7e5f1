"""Hyperband (Li et al. 2018, algorithm 1): brackets from many small fits to few full ones, in
turn."""

from __future__ import annotations

from engine.domain.cards import MethodCard, Sketch
from engine.tuners import brackets
from engine.tuners.base import TuningProblem
from engine.tuners.brackets import Bracket
from engine.tuners.rung_tuners import Bracketed, Options, RungOptions


class HyperbandSchedule(Bracketed[Options]):
    """Brackets of successive halving by turns, from many small fits to few full ones."""

    rule: brackets.Rule = "ceil"

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        self.iteration = brackets.hyperband(self.depth, self.eta, self.rule)
        self._turns = len(self.iteration)

    def bracket(self, position: int) -> Bracket:
        """Return bracket ``s = s_max - position mod (s_max + 1)``: the outer loop of algorithm 1,
        repeated."""
        return self.iteration[position % len(self.iteration)]


class Hyperband(HyperbandSchedule[RungOptions]):
    """Runs brackets of successive halving, each trusting small fits less than the one before."""

    card = MethodCard(
        id="hyperband",
        label="Hyperband",
        summary=(
            "Successive halving in several forms by turns: from very many configurations with tiny "
            "fits to a few with full ones. Safe where nobody knows how far small fits can be "
            "trusted."
        ),
        source="Li et al. (2018); Bischl et al. (2023), Hyperband",
        help="hyperband",
        picture="rungs",
        sketch=Sketch(
            "Halving in turns: first many cheap trials, then fewer longer ones, then only "
            "full ones.",
            "131:111 300:111 187:111 244:111 74:111 470:111 357:111 413:111 526:111 618:333 "
            "544:333 692:333 911 663:333 128:333 261:333 529:333 395:333 872 520 227 813 187:111 "
            "413:111 244:111 470:111 131:111 74:111",
        ),
        partial_fits=True,
    )
    order = 130
