"""Hyperband (Li et al. 2018): brackets from many small fits to few full ones, in turn."""

from __future__ import annotations

from engine.domain.cards import MethodCard
from engine.tuners import brackets
from engine.tuners.base import Problem
from engine.tuners.brackets import Bracket
from engine.tuners.rungs import ETA, Bracketed


class Hyperband(Bracketed):
    """Runs brackets of successive halving, each trusting small fits less than the one before."""

    card = MethodCard(
        id="hyperband",
        label="Hyperband",
        summary=(
            "Successive halving in several forms by turns: from very many configurations with tiny "
            "fits to a few with full ones. Safe where nobody knows how far small fits can be "
            "trusted."
        ),
        options=(ETA,),
        source="Li et al. (2018); Bischl et al. (2023), Hyperband",
        help="hyperband",
        picture="rungs",
        sketch="hyperband",
        partial_fits=True,
    )

    rule: brackets.Rule = "ceil"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.iteration = brackets.hyperband(self.depth, self.eta, self.rule)
        self._turns = len(self.iteration)

    def bracket(self, position: int) -> Bracket:
        return self.iteration[position % len(self.iteration)]
