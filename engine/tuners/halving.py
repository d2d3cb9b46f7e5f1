"""Successive halving (Jamieson and Talwalkar 2016): one bracket, over and over."""

from __future__ import annotations

from typing import cast

from engine.protocol import MethodCard, Option
from engine.tuners.brackets import Bracket, affordable
from engine.tuners.rungs import ETA, Bracketed


class Halving(Bracketed):
    """Begins many configurations with small fits and gives the best third ever larger ones.

    Unless an option says how many are begun, one bracket takes the whole budget of full
    evaluations; without such a budget, brackets of ``eta^s`` configurations follow each other.
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
                help="0: as many as the budget pays for in one go.",
                low=0,
                high=100_000,
            ),
        ),
        source="Jamieson and Talwalkar (2016); Bischl et al. (2023), Hyperband",
        help="halving",
        sketch="halving",
        partial_fits=True,
    )

    def bracket(self, position: int) -> Bracket:
        least = self.eta**self.depth
        configurations = cast("int", self.options["configurations"])
        if configurations:
            # At least one must be left for the full fit.
            return Bracket(max(configurations, least), self.depth, self.eta)
        if self.problem.budget is None:
            return Bracket(least, self.depth, self.eta)
        continues = self.problem.continues
        begun = [run.bracket.cost(continues=continues) for run in self._runs.values()]
        left = self.problem.budget - 1 - float(sum(begun))  # 1: the default configuration
        return affordable(left, self.depth, self.eta, continues=continues)
