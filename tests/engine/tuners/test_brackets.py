"""Bracket arithmetic against the printed tables (Li et al. 2018; mlr3 book)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tuners.brackets import Bracket, Rule, affordable, depth, hyperband


def table(eta: int, full: int, rule: Rule = "ceil") -> list[list[tuple[int, int]]]:
    """(configurations, resource) of every rung of every bracket, for ``full`` units of resource."""
    brackets = hyperband(depth(1 / full, eta), eta, rule)
    return [
        [(n, round(full * r)) for n, r in zip(b.sizes, b.fidelities, strict=True)] for b in brackets
    ]


def test_the_papers_table() -> None:
    assert table(3, 81) == [
        [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
        [(34, 3), (11, 9), (3, 27), (1, 81)],
        [(15, 9), (5, 27), (1, 81)],
        [(8, 27), (2, 81)],
        [(5, 81)],
    ]


def test_the_floor_rule() -> None:
    assert table(3, 81, "floor") == [
        [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
        [(27, 3), (9, 9), (3, 27), (1, 81)],
        [(9, 9), (3, 27), (1, 81)],
        [(6, 27), (2, 81)],
        [(5, 81)],
    ]


def test_the_table_of_the_mlr3_book() -> None:
    assert table(2, 8) == [
        [(8, 1), (4, 2), (2, 4), (1, 8)],
        [(6, 2), (3, 4), (1, 8)],
        [(4, 4), (2, 8)],
        [(4, 8)],
    ]


@pytest.mark.parametrize(
    ("eta", "full", "begun"), [(3, 27, [27, 12, 6, 4]), (4, 64, [64, 22, 8, 4])]
)
def test_configurations_begun(eta: int, full: int, begun: list[int]) -> None:
    assert [rungs[0][0] for rungs in table(eta, full)] == begun


@pytest.mark.parametrize(
    ("rule", "units", "configurations"),
    [("ceil", [405, 363, 351, 378, 405], 143), ("floor", [405, 324, 243, 324, 405], 128)],
)
def test_budget_of_each_bracket(rule: Rule, units: list[int], configurations: int) -> None:
    brackets = hyperband(4, 3, rule)
    assert [81 * b.cost(warm_starts=False) for b in brackets] == units
    assert sum(b.configurations for b in brackets) == configurations


def test_every_bracket_of_the_mlr3_book_costs_the_same() -> None:
    assert [8 * b.cost(warm_starts=False) for b in hyperband(3, 2)] == [32] * 4


def test_what_continuing_saves() -> None:
    brackets = hyperband(4, 3)
    again, on = (sum(b.cost(warm_starts=c) for b in brackets) for c in (False, True))
    assert (81 * again, 81 * on) == (1902, 1581)
    assert float(on / again) == pytest.approx(0.83, abs=0.005)
    widest = brackets[0]
    assert float(widest.cost(warm_starts=True) / widest.cost(warm_starts=False)) == pytest.approx(
        0.73, abs=0.005
    )


@pytest.mark.parametrize("eta", range(2, 11))
def test_depth_is_exact_at_powers(eta: int) -> None:
    for s in range(1, 12):
        assert depth(eta**-s, eta) == depth(1 / eta**s, eta) == s
        assert depth(1.001 * eta**-s, eta) == s - 1
        assert depth(0.999 * eta**-s, eta) == s
    assert depth(1.0, eta) == 0


@given(st.integers(2, 5), st.integers(0, 5), st.sampled_from(["ceil", "floor"]))
def test_brackets_end_with_full_fits_within_the_budget(eta: int, deepest: int, rule: Rule) -> None:
    brackets = hyperband(deepest, eta, rule)
    assert [b.s for b in brackets] == list(range(deepest, -1, -1))
    for bracket in brackets:
        assert bracket.fidelities[-1] == 1.0
        assert all(n >= 1 for n in bracket.sizes)
        assert bracket.fidelities[0] == pytest.approx(eta ** -float(bracket.s))
        if rule == "floor":
            assert bracket.cost(warm_starts=False) <= deepest + 1


@given(st.floats(0.1, 300), st.integers(0, 4), st.integers(2, 4), st.booleans())
def test_affordable_is_the_largest_within_the_budget(
    budget: float, deepest: int, eta: int, warm_starts: bool
) -> None:
    bracket = affordable(budget, deepest, eta, warm_starts=warm_starts)
    assert bracket.configurations >= eta**bracket.s
    if budget < 1:
        assert bracket == Bracket(eta**deepest, deepest, eta)
        return
    larger = Bracket(bracket.configurations + 1, bracket.s, eta)
    assert (
        bracket.cost(warm_starts=warm_starts)
        <= budget + 1e-9
        < larger.cost(warm_starts=warm_starts)
    )
    if bracket.s < deepest:
        deeper = Bracket(eta ** (bracket.s + 1), bracket.s + 1, eta)
        assert deeper.cost(warm_starts=warm_starts) > budget
