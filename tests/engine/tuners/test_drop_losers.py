"""Dropping losers: the conformance suite over two methods, the prediction, and what is dropped."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.cards import MethodCard
from engine.domain.trials import TrialState
from engine.space import Configuration, Float, SearchSpace
from engine.testing.tuner_suite import TunerSuite
from engine.tuners.base import Decision, Proposal, Result, Sampler, TuningProblem
from engine.tuners.drop_losers import OPTION, DropLosers, blocks, chance, wrap
from engine.tuners.racing import Racing
from engine.tuners.random_search import RandomSearch
from engine.tuners.tpe import Tpe


class OverRandom(DropLosers):
    card = RandomSearch.card

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(RandomSearch(problem))


class OverTpe(DropLosers):
    card = Tpe.card

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(Tpe(problem))


class TestOverRandomSearch(TunerSuite):
    method = OverRandom


class TestOverTpe(TunerSuite):
    method = OverTpe
    options = {"n_startup_trials": 3, "n_ei_candidates": 6}  # noqa: RUF012


LINE = SearchSpace((Float("x", 0.0, 1.0),))


class Scripted(Sampler):
    """Proposes 0.1, 0.2, ... and remembers what it is told."""

    card = MethodCard("scripted", "", "", "", "")

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        self.heard: list[tuple[Configuration, float | None]] = []
        self.results: list[Result] = []

    def draw(self, rng: np.random.Generator) -> Configuration:
        return {"x": round(0.1 * (len(self._known) + 1), 1)}

    def learn(self, configuration: Configuration, value: float | None) -> None:
        self.heard.append((configuration, value))

    def tell(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        self.results.append(result)
        return super().tell(proposal, result)


def answer(tuner: DropLosers, proposal: Proposal, scores: dict[int, float]) -> tuple[Decision, ...]:
    folds = range(tuner.problem.n_folds) if proposal.folds is None else proposal.folds
    values = {fold: scores[fold] for fold in folds}
    mean = math.fsum(values.values()) / len(values)
    return tuner.tell(proposal, Result(mean, values, seconds=2.0))


def asked(tuner: DropLosers) -> Proposal:
    proposal = tuner.ask()
    assert proposal is not None
    return proposal


# --- the prediction -------------------------------------------------------------------------------


def test_the_chance_of_a_worked_example() -> None:
    # Differences 1, 2, 3 with 3 folds to come: mean 2, s = 1, scale sqrt(3 / (3 * 6)) = 0.4082.
    # Student's t with 2 degrees at -2 / 0.4082 = -4.899: 1/2 - 4.899 / (2 sqrt(2 + 24)) = 0.01962.
    assert chance(np.array([1.0, 2.0, 3.0]), 3) == pytest.approx(0.01962, abs=1e-5)
    assert chance(np.array([-1.0, -2.0, -3.0]), 3) == pytest.approx(1 - 0.01962, abs=1e-5)


@pytest.mark.parametrize(("n", "m"), [(3, 2), (4, 8), (6, 1)])
def test_the_prediction_is_exact_for_normal_differences(n: int, m: int) -> None:
    # The predicted chance to end below what it really ends at is uniform, whatever the mean.
    from scipy import stats

    rng = np.random.default_rng(0)
    found = []
    for _ in range(2000):
        d = rng.normal(3.0, 2.0, n + m)
        found.append(chance(d[:n] - d.mean(), m))
    assert stats.kstest(found, "uniform").pvalue > 0.01


def test_differences_that_do_not_vary() -> None:
    assert chance(np.zeros(4), 2) == 0.5
    assert chance(np.full(4, 0.1), 2) == 0.0
    assert chance(np.full(4, -0.1), 2) == 1.0


@given(st.integers(1, 200))
def test_blocks_rise_to_all_folds(n_folds: int) -> None:
    ends = blocks(n_folds)
    assert ends[-1] == n_folds
    assert all(a < b for a, b in itertools.pairwise(ends))
    assert ends[0] == min(3, n_folds)


def test_blocks_are_few() -> None:
    assert blocks(4) == (3, 4)
    assert blocks(5) == (3, 5)
    assert blocks(10) == (3, 5, 8, 10)
    assert len(blocks(30)) == 7


# --- dropping -------------------------------------------------------------------------------------


def scores(level: float, n_folds: int = 10) -> dict[int, float]:
    """Folds of unequal difficulty around ``level``, with a little of the configuration's own."""
    return {
        fold: level + 0.3 * math.sin(fold) + 0.01 * math.cos(7 * fold + 100 * level)
        for fold in range(n_folds)
    }


@pytest.mark.parametrize("maximise", [False, True])
def test_a_clear_loser_goes_after_the_first_block(maximise: bool) -> None:
    inner = Scripted(TuningProblem(LINE, {}, maximise, n_folds=10))
    tuner = DropLosers(inner)
    best, bad = scores(0.5), scores(0.3 if maximise else 0.7)
    assert answer(tuner, asked(tuner), best) == (Decision(0, TrialState.COMPLETE),)
    proposal = asked(tuner)
    assert proposal.folds is not None and len(proposal.folds) == 3
    assert answer(tuner, proposal, bad) == (Decision(1, TrialState.PRUNED),)
    # The method within hears the incumbent's mean and the mean difference on the three folds.
    difference = np.mean([bad[fold] - best[fold] for fold in proposal.folds])
    expected = np.mean(list(best.values())) + difference
    assert inner.heard[1] == ({"x": 0.2}, pytest.approx(expected))
    assert set(inner.results[1].fold_values) == set(proposal.folds)
    assert inner.pending == ()


def test_a_better_one_gets_all_its_folds_in_blocks_and_is_the_next_incumbent() -> None:
    inner = Scripted(TuningProblem(LINE, {}, False, n_folds=10))
    tuner = DropLosers(inner)
    answer(tuner, asked(tuner), scores(0.5))
    folds: list[int] = []
    for size in (3, 2, 3, 2):
        proposal = asked(tuner)
        assert proposal.trial == 1 and proposal.folds is not None and len(proposal.folds) == size
        folds += proposal.folds
        decisions = answer(tuner, proposal, scores(0.4))
    assert decisions == (Decision(1, TrialState.COMPLETE),)
    assert sorted(folds) == list(range(10))
    assert inner.heard[1][1] == pytest.approx(np.mean(list(scores(0.4).values())))
    assert inner.results[1].seconds == 8.0
    assert answer(tuner, asked(tuner), scores(0.5)) == (Decision(2, TrialState.PRUNED),)


def test_nothing_is_dropped_without_an_incumbent() -> None:
    tuner = DropLosers(Scripted(TuningProblem(LINE, {}, False, n_folds=5)))
    asked(tuner)  # the default, never told
    for proposal in [asked(tuner) for _ in range(3)]:
        assert answer(tuner, proposal, scores(1000.0 * proposal.number, 5)) == ()


def test_an_equal_one_is_not_dropped() -> None:
    tuner = DropLosers(Scripted(TuningProblem(LINE, {}, False, n_folds=10)))
    answer(tuner, asked(tuner), scores(0.5))
    for _ in range(4):
        decisions = answer(tuner, asked(tuner), scores(0.5))
    assert decisions == (Decision(1, TrialState.COMPLETE),)


def test_a_surer_drop_takes_longer() -> None:
    lengths = []
    for certainty in (0.8, 0.999):
        tuner = DropLosers(Scripted(TuningProblem(LINE, {}, False, n_folds=30)), certainty)
        answer(tuner, asked(tuner), scores(0.5, 30))
        folds, decisions = 0, ()
        while not decisions:
            proposal = asked(tuner)
            assert proposal.folds is not None
            folds += len(proposal.folds)
            rough = {f: s + 0.05 * math.sin(99 * f) for f, s in scores(0.53, 30).items()}
            decisions = answer(tuner, proposal, rough)
        lengths.append(folds)
    assert lengths[0] < lengths[1]


def test_a_failed_block_fails_the_trial() -> None:
    inner = Scripted(TuningProblem(LINE, {}, False, n_folds=10))
    tuner = DropLosers(inner)
    answer(tuner, asked(tuner), scores(0.5))
    assert answer(tuner, asked(tuner), scores(0.5)) == ()
    assert tuner.tell(asked(tuner), Result(None)) == (Decision(1, TrialState.FAILED),)
    assert inner.heard[1] == ({"x": 0.2}, None)


@given(
    st.sampled_from([1, 8]), st.integers(1, 120), st.sampled_from([4, 5, 10]), st.integers(0, 99)
)
@settings(max_examples=25)
def test_resumes_between_blocks(
    max_pending: int, interrupted: int, n_folds: int, seed: int
) -> None:
    def run(tuner: DropLosers, results: int, seed: int) -> list[tuple[Proposal, tuple]]:
        rng, told = np.random.default_rng(seed), []
        for _ in range(results):
            while len(tuner.pending) < max_pending and tuner.ask():
                pass
            proposal = tuner.pending[rng.integers(len(tuner.pending))]
            level = float(proposal.configuration["x"])  # type: ignore[arg-type]
            told.append((proposal, answer(tuner, proposal, scores(level, n_folds))))
        return told

    problem = TuningProblem(
        LINE, {}, False, seed, n_folds, {"n_startup_trials": 4, "n_ei_candidates": 4}
    )
    first, second = DropLosers(Tpe(problem)), DropLosers(Tpe(problem))
    for proposal, decisions in run(first, interrupted, seed):
        second.adopt(proposal)
        level = float(proposal.configuration["x"])  # type: ignore[arg-type]
        assert answer(second, proposal, scores(level, n_folds)) == decisions
    for proposal in first.pending:
        second.adopt(proposal)
    assert run(first, 15, 1) == run(second, 15, 1)


def test_half_of_the_folds_are_saved_where_most_lose() -> None:
    tuner = DropLosers(RandomSearch(TuningProblem(LINE, {}, False, n_folds=10)))
    folds = trials = 0
    while trials < 50:
        proposal = asked(tuner)
        folds += 10 if proposal.folds is None else len(proposal.folds)
        level = float(proposal.configuration["x"])  # type: ignore[arg-type]
        trials += len(answer(tuner, proposal, scores(level)))
    assert folds < 250


# --- where it makes sense -------------------------------------------------------------------------


def test_wraps_only_where_that_saves_something() -> None:
    many, few = TuningProblem(LINE, {}, False, n_folds=4), TuningProblem(LINE, {}, False, n_folds=3)
    assert isinstance(wrap(RandomSearch(many)), DropLosers)
    for tuner in (RandomSearch(few), Racing(many)):
        assert wrap(tuner) is tuner


def test_the_option_is_off_unless_chosen() -> None:
    assert OPTION.name == "drop_losers" and OPTION.default is False
