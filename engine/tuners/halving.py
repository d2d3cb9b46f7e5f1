"""Successive halving (Jamieson and Talwalkar 2016): one bracket, over and over."""

from __future__ import annotations

import math
from typing import cast

from engine.domain.cards import MethodCard, Option
from engine.tuners.brackets import Bracket, affordable
from engine.tuners.rungs import ETA, Bracketed


class Halving(Bracketed):
    """Begins many configurations with small fits and gives the best third ever larger ones.

    Unless an option says how many are begun in a bracket, it is ``eta^s`` at least, and enough for
    equal brackets to use up a budget of full evaluations; a budget too small for that gets a
    bracket that begins with larger fits. Several brackets rather than one large one, since the
    first full fits then come early, at hardly a worse end.
    """

    card = MethodCard(
        id="halving",
        label="Successive halving",
        summary=(
            "Tries many configurations with small fits and gives larger ones to the best third, "
            "again and again, up to full fits. Good when small fits foretell large ones."
        ),
        options=(
            ETA,
            Option(
                name="configurations",
                label="Configurations begun at once",
                kind="integer",
                default=0,
                help="0: as many as make full use of the budget.",
                low=0,
                high=100_000,
            ),
        ),
        source="Jamieson and Talwalkar (2016); Bischl et al. (2023), Hyperband",
        help="halving",
        picture="rungs",
        sketch="halving",
        partial_fits=True,
    )

    def bracket(self, position: int) -> Bracket:
        least = Bracket(self.eta**self.depth, self.depth, self.eta)
        configurations = cast("int", self.options["configurations"])
        if configurations:
            # At least one must be left for the full fit.
            return Bracket(max(configurations, least.configurations), self.depth, self.eta)
        if self.problem.budget is None:
            return least
        continues = self.problem.continues
        begun = sum(run.bracket.cost(continues=continues) for run in self._runs.values())
        left = self.problem.budget - 1 - float(begun)  # 1: the default configuration
        turns = max(1, math.floor(left / least.cost(continues=continues) + 1e-9))
        return affordable(left / turns, self.depth, self.eta, continues=continues)
