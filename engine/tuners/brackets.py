"""Bracket arithmetic of successive halving and Hyperband, in whole numbers.

A *bracket* starts ``n`` configurations at fidelity ``eta^-s`` and promotes the best ``1/eta`` of
them to ``eta`` times the fidelity, ``s`` times: rung ``i`` holds ``n_i = floor(n eta^-i)``
configurations at ``r_i = eta^(i-s)`` of a full fit (Jamieson and Talwalkar 2016). Hyperband runs a
bracket for every ``s`` (Li et al. 2018, algorithm 1). Fidelities are shares of a full fit (``R`` is
1), costs are in full fits.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import msgspec

Rule = Literal["ceil", "floor"]
"""Rounding of the bracket sizes of Hyperband: see `hyperband`."""


class Bracket(msgspec.Struct, frozen=True):
    """One bracket: ``configurations`` started, with ``s`` promotions to the full fit."""

    configurations: int
    s: int
    eta: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """Configurations on each rung, ``floor(n eta^-i)``."""
        return tuple(self.configurations // self.eta**i for i in range(self.s + 1))

    @property
    def fidelities(self) -> tuple[float, ...]:
        """Share of a full fit on each rung, ``eta^(i-s)``; the last is 1."""
        return tuple(1 / self.eta ** (self.s - i) for i in range(self.s + 1))

    def cost(self, *, warm_starts: bool) -> Fraction:
        """Cost of the bracket in full fits; with warm starts a promotion costs only the difference
        to the rung before."""
        units = 0
        for i, size in enumerate(self.sizes):
            # In units of the smallest fit, eta^-s of a full one, so that everything stays a whole
            # number.
            units += size * (self.eta**i - (self.eta ** (i - 1) if warm_starts and i else 0))
        return Fraction(units, self.eta**self.s)


def depth(min_fidelity: float, eta: int) -> int:
    """Largest number of promotions ``s`` with ``eta^-s >= min_fidelity``, which is in (0, 1].

    This is ``s_max = floor(log_eta R)`` of Li et al. (2018), algorithm 1, counted in whole numbers,
    since the floating-point logarithm is wrong where it matters: ``log(243, 3)`` is 4.999...
    """
    s = 0
    while eta ** (s + 1) * min_fidelity <= 1 + 1e-9:
        s += 1
    return s


def hyperband(deepest: int, eta: int, rule: Rule = "ceil") -> tuple[Bracket, ...]:
    """Brackets ``s = deepest, ..., 0`` of one iteration of Hyperband.

    Each costs about ``B = (s_max + 1) R``, that is ``deepest + 1`` full fits, when fits start from
    scratch.

    Args:
        deepest: ``s_max``, see `depth`.
        eta: the share promoted is ``1 / eta``.
        rule: ``ceil`` is ``n_s = ceil((s_max + 1) / (s + 1) eta^s)`` (Li et al. 2018, algorithm 1);
            ``floor`` is ``n_s = floor((s_max + 1) / (s + 1)) eta^s`` (the authors' own table;
            Falkner et al. 2018).

    Returns:
        The deepest bracket first.
    """
    all_of_them = deepest + 1

    def begun(s: int) -> int:
        if rule == "ceil":
            # Ceiling division of whole numbers: n = ceil(B / R eta^s / (s + 1)) with B / R = s_max
            # + 1.
            return -(-all_of_them * eta**s // (s + 1))
        return all_of_them // (s + 1) * eta**s

    return tuple(Bracket(begun(s), s, eta) for s in range(deepest, -1, -1))


def affordable(budget: float, deepest: int, eta: int, *, warm_starts: bool) -> Bracket:
    """Find the bracket that makes the most of ``budget``.

    The deepest of those with ``eta^s`` configurations that the budget affords, then with as many
    configurations as it affords. Where it does not afford a single fit, the smallest bracket of
    full depth.

    Args:
        budget: full fits.
        deepest: ``s_max``, see `depth`.
        eta: the share promoted is ``1 / eta``.
        warm_starts: whether promoted fits resume, so that they cost only the difference.

    Returns:
        One bracket.
    """

    def fits(bracket: Bracket) -> bool:
        return bracket.cost(warm_starts=warm_starts) <= budget + 1e-9

    for s in range(deepest, -1, -1):
        low = eta**s
        if fits(Bracket(low, s, eta)):
            # The cost grows with the configurations: doubling finds an upper end, bisection the
            # last one.
            high = 2 * low
            while fits(Bracket(high, s, eta)):
                low, high = high, 2 * high
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if fits(Bracket(middle, s, eta)) else (low, middle)
            return Bracket(low, s, eta)
    return Bracket(eta**deepest, deepest, eta)
