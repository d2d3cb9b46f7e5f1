"""Bracket arithmetic of successive halving and Hyperband, in whole numbers.

A *bracket* begins with ``n`` configurations at fidelity ``eta^-s`` and gives the best of them
``eta`` times the fidelity, ``s`` times over: rung ``i`` holds ``n_i = floor(n eta^-i)``
configurations at ``r_i = eta^(i-s)`` of a full fit (Jamieson and Talwalkar 2016). Hyperband runs a
bracket for every ``s`` (Li et al. 2018, algorithm 1). Fidelities are shares of a full fit, costs
are in full fits.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import msgspec

Rule = Literal["ceil", "floor"]
"""How Hyperband sizes its brackets: see `hyperband`."""


class Bracket(msgspec.Struct, frozen=True):
    """One bracket: ``configurations`` begun, with ``s`` promotions to the full fit."""

    configurations: int
    s: int
    eta: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """Configurations on each rung."""
        return tuple(self.configurations // self.eta**i for i in range(self.s + 1))

    @property
    def fidelities(self) -> tuple[float, ...]:
        """Share of a full fit on each rung; the last is 1."""
        return tuple(1 / self.eta ** (self.s - i) for i in range(self.s + 1))

    def cost(self, *, continues: bool) -> Fraction:
        """Full fits that the bracket takes; with ``continues`` a promotion costs only the
        difference to the rung before."""
        units = 0
        for i, size in enumerate(self.sizes):
            units += size * (self.eta**i - (self.eta ** (i - 1) if continues and i else 0))
        return Fraction(units, self.eta**self.s)


def depth(lowest: float, eta: int) -> int:
    """The most promotions ``s`` with ``eta^-s >= lowest``, ``lowest`` in (0, 1].

    Counted, since a floor of a logarithm is wrong where it matters: ``log(243, 3)`` is 4.999...
    """
    s = 0
    while eta ** (s + 1) * lowest <= 1 + 1e-9:
        s += 1
    return s


def hyperband(deepest: int, eta: int, rule: Rule = "ceil") -> tuple[Bracket, ...]:
    """The brackets ``s = deepest, ..., 0`` of one iteration of Hyperband.

    Each costs about ``deepest + 1`` full fits when fits start again.

    Args:
        deepest: ``s_max``, see `depth`.
        eta: the share kept is ``1 / eta``.
        rule: ``ceil`` is ``n_s = ceil((s_max + 1) / (s + 1) eta^s)`` (Li et al. 2018, algorithm 1);
            ``floor`` is ``n_s = floor((s_max + 1) / (s + 1)) eta^s`` (the authors' own table;
            Falkner et al. 2018).
    """
    all_of_them = deepest + 1

    def begun(s: int) -> int:
        if rule == "ceil":
            return -(-all_of_them * eta**s // (s + 1))
        return all_of_them // (s + 1) * eta**s

    return tuple(Bracket(begun(s), s, eta) for s in range(deepest, -1, -1))


def affordable(budget: float, deepest: int, eta: int, *, continues: bool) -> Bracket:
    """The one bracket that makes the most of ``budget`` full fits.

    The deepest of those with ``eta^s`` configurations that the budget pays for, then with as many
    configurations as it pays for. Where it does not pay for a single fit, the least bracket of full
    depth.
    """

    def fits(bracket: Bracket) -> bool:
        return bracket.cost(continues=continues) <= budget + 1e-9

    for s in range(deepest, -1, -1):
        low = eta**s
        if fits(Bracket(low, s, eta)):
            high = 2 * low
            while fits(Bracket(high, s, eta)):
                low, high = high, 2 * high
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if fits(Bracket(middle, s, eta)) else (low, middle)
            return Bracket(low, s, eta)
    return Bracket(eta**deepest, deepest, eta)
