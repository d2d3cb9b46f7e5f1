"""Successive halving (Jamieson and Talwalkar 2016): one bracket, repeatedly."""

from __future__ import annotations

import math
from typing import Annotated

from engine.domain.cards import MethodCard, Sketch
from engine.options import shown
from engine.tuners.brackets import Bracket, affordable
from engine.tuners.rung_tuners import Bracketed, RungOptions


class HalvingOptions(RungOptions, frozen=True):
    configurations: Annotated[
        int,
        shown(
            "Configurations begun at once", "0: as many as make full use of the budget.", 0, 100_000
        ),
    ] = 0


class Halving(Bracketed[HalvingOptions]):
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
        source="Jamieson and Talwalkar (2016); Bischl et al. (2023), Hyperband",
        help="halving",
        picture="rungs",
        sketch=Sketch(
            "Many cheap trials; the best third of them longer, and few of those in full.",
            "465:111 364:111 516:111 262:111 135:111 389:111 440:111 313:111 211:111 84:111 "
            "110:111 338:111 491:111 59:111 415:111 288:111 161:111 237:111 186:111 542:111 "
            "612:333 679:333 579:333 646:333 546:333 713:333 894 938",
        ),
        partial_fits=True,
    )
    order = 120
    options_type = HalvingOptions

    def bracket(self, position: int) -> Bracket:
        """The next bracket, sized to the rest of the budget unless an option gives its size."""
        least = Bracket(self.eta**self.depth, self.depth, self.eta)
        configurations = self.options.configurations
        if configurations:
            # At least one must be left for the full fit.
            # At least eta^s, so that one trial reaches the full fit.
            return Bracket(max(configurations, least.configurations), self.depth, self.eta)
        # Without a budget to use up, the smallest bracket gives full fits soonest.
        if self.problem.budget is None:
            return least
        warm_starts = self.problem.warm_starts
        begun = sum(run.bracket.cost(warm_starts=warm_starts) for run in self._runs.values())
        left = self.problem.budget - 1 - float(begun)  # 1: the default configuration
        # Equal brackets that use up the remaining budget.
        turns = max(1, math.floor(left / least.cost(warm_starts=warm_starts) + 1e-9))
        return affordable(left / turns, self.depth, self.eta, warm_starts=warm_starts)
