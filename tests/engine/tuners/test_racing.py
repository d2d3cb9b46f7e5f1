"""Iterated racing: the conformance suite, the rules of irace, and a race worked by hand."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.trials import TrialState
from engine.space import Categorical, Condition, Configuration, Float, Integer, SearchSpace, Value
from engine.testing.strategies import spaces
from engine.testing.tuner_suite import MIXED, TunerSuite
from engine.tuners import racing
from engine.tuners.base import Proposal, Result, TuningProblem
from engine.tuners.points import identify
from engine.tuners.race import sampling
from engine.tuners.racing import Racing, first_test, iterations
from engine.tuners.random_search import RandomSearch

ELITES: dict[str, Value] = {"sampling": "elites"}
PLANE = SearchSpace((Float("x", 0.0, 1.0), Float("y", 0.0, 1.0)))


class TestConformanceOverManyRaces(TunerSuite):
    """Races of few configurations, so that a short test sees several."""

    method = Racing
    options = {"first_test": 2, "test": "t_holm", "sampling": "elites"}  # noqa: RUF012

    patch: ClassVar[pytest.MonkeyPatch]

    @classmethod
    def setup_class(cls) -> None:
        cls.patch = pytest.MonkeyPatch()
        cls.patch.setattr(racing, "UNPLANNED", 6)

    @classmethod
    def teardown_class(cls) -> None:
        cls.patch.undo()


class Run:
    """What came of a search by `Racing` over fold scores that ``score(configuration, fold)`` gives.

    Finishes proposals in an order drawn from ``seed`` with up to ``max_pending`` under way.
    """

    def __init__(
        self,
        problem: TuningProblem,
        score: Callable[[Configuration, int], float],
        max_pending: int = 1,
        results: int = 10**6,
    ) -> None:
        self.tuner = Racing(problem)
        self.score = score
        self.n_folds = problem.n_folds
        self.proposals: list[Proposal] = []
        self.told: list[tuple[Proposal, Result]] = []
        self.states: dict[int, TrialState] = {}
        self.folds: dict[int, list[int]] = defaultdict(list)
        self.advance(max_pending, results, problem.seed)

    def advance(self, max_pending: int, results: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(results):
            while len(self.tuner.pending) < max_pending and (asked := self.tuner.ask()):
                self.proposals.append(asked)
            if not self.tuner.pending:
                return
            proposal = self.tuner.pending[rng.integers(len(self.tuner.pending))]
            self.tell(proposal)

    def tell(self, proposal: Proposal) -> None:
        folds = range(self.n_folds) if proposal.folds is None else proposal.folds
        values = {fold: self.score(proposal.configuration, fold) for fold in folds}
        mean = math.fsum(values.values()) / len(values)
        result = Result(mean if math.isfinite(mean) else None, values)
        self.folds[proposal.trial].extend(folds)
        self.told.append((proposal, result))
        for decision in self.tuner.tell(proposal, result):
            assert decision.trial not in self.states
            self.states[decision.trial] = decision.state

    @property
    def used(self) -> int:
        return sum(map(len, self.folds.values()))


def noisy(configuration: Configuration, fold: int) -> float:
    """A bowl with its best at (0.3, 0.7); folds differ in difficulty, and a little in taste."""
    x, y = (float(v) for v in configuration.values())  # type: ignore[arg-type]
    taste = 0.05 * math.sin(40 * x + 17 * y + 5 * fold)
    return (x - 0.3) ** 2 + (y - 0.7) ** 2 + 0.3 * fold + taste


# --- irace's figures ------------------------------------------------------------------------------


def test_iterations_and_survivors() -> None:
    assert [iterations(size) for size in (1, 2, 4, 7, 8, 200)] == [2, 3, 4, 4, 5, 9]


def test_single_valued_parameters_do_not_count() -> None:
    space = SearchSpace((*PLANE.parameters, Integer("n", 3, 3), Categorical("c", ("a",))))
    assert sampling.tunable(space) == 2
    assert sampling.tunable(SearchSpace((Integer("n", 3, 3),))) == 1


@pytest.mark.parametrize(
    ("n_folds", "first"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 3), (8, 4), (10, 5), (30, 5)]
)
def test_first_test(n_folds: int, first: int) -> None:
    assert first_test(5, n_folds) == first


@pytest.mark.parametrize(
    ("sampling", "budget", "races"),
    [
        *(("elites", *case) for case in [(5, 4), (20, 4), (71, 10), (10_000, 16)]),
        *(("density", *case) for case in [(5, 4), (20, 5), (71, 20), (10_000, 32)]),
    ],
)
def test_a_larger_budget_makes_more_races_then_larger_ones(
    sampling: str, budget: int, races: int
) -> None:
    # Four parameters. Seven folds are expected of a configuration: (710 - 10) / (7 * 10) is ten.
    space = SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(4)))
    problem = TuningProblem(
        space, {}, False, n_folds=10, budget=budget, options={"sampling": sampling}
    )
    assert Racing(problem)._races == races


# --- a race worked by hand ------------------------------------------------------------------------

# The costs on the first five splits are those of test_race_tests.WORKED, where it is worked out:
# rank sums 6, 10, 14, 20; the threshold is 3.77 at 0.95 and 5.29 at 0.99.
WORKED = {
    "a": (0.10, 0.11, 0.12, 0.24, 0.13),
    "b": (0.20, 0.25, 0.22, 0.14, 0.26),
    "c": (0.30, 0.21, 0.33, 0.35, 0.27),
    "d": (0.40, 0.45, 0.41, 0.49, 0.48),
}


@pytest.mark.parametrize(("confidence", "dropped"), [(0.95, "bcd"), (0.99, "cd")])
@pytest.mark.parametrize("max_pending", [1, 8])
@pytest.mark.parametrize("maximise", [False, True])
def test_a_race_worked_by_hand(
    confidence: float, dropped: str, max_pending: int, maximise: bool
) -> None:
    # "a" is the default. At 0.95 it is alone after the first test, at five of ten folds. At 0.99
    # "b" is left too: two survivors of a one-parameter space, so the race is over and "b" gets the
    # folds it lacks.
    space = SearchSpace((Categorical("c", tuple(WORKED)),))
    problem = TuningProblem(
        space, {"c": "a"}, maximise, 3, 10, {"confidence": confidence}, budget=100
    )
    order = Racing(problem)._order

    def score(configuration: Configuration, fold: int) -> float:
        costs = WORKED[str(configuration["c"])]
        split = order.index(fold)
        cost = costs[split] if split < 5 else costs[0]
        return -cost if maximise else cost

    run = Run(problem, score, max_pending)
    names = {p.trial: str(p.configuration["c"]) for p in run.proposals}
    assert sorted(names.values()) == ["a", "b", "c", "d"]
    for trial, name in names.items():
        out = name in dropped
        assert run.states[trial] == (TrialState.PRUNED if out else TrialState.COMPLETE)
        assert sorted(run.folds[trial]) == (sorted(order[:5]) if out else list(range(10)))
    assert run.tuner.exhausted


# --- races ----------------------------------------------------------------------------------------


def test_the_clearly_worse_go_at_the_first_test() -> None:
    def score(configuration: Configuration, fold: int) -> float:
        return noisy(configuration, fold) + (5.0 if float(configuration["x"]) > 0.45 else 0.0)  # type: ignore[arg-type]

    run = Run(TuningProblem(PLANE, {"x": 0.3, "y": 0.7}, False, n_folds=10, budget=40), score)
    bad = {p.trial for p in run.proposals if float(p.configuration["x"]) > 0.45}  # type: ignore[arg-type]
    assert len(bad) >= 5
    for trial in bad:
        assert run.states[trial] == TrialState.PRUNED
        assert len(run.folds[trial]) == 5


def test_nobody_is_dropped_by_a_test_when_all_are_equal() -> None:
    # The first race ends after two tests in vain; whoever then has no place has six folds.
    problem = TuningProblem(PLANE, {}, False, n_folds=10, budget=40)
    run = Run(problem, lambda _, fold: 0.1 * fold)
    first = {p.trial for p in run.proposals if p.note.get("race") == 1}
    pruned = [t for t in first if run.states[t] == TrialState.PRUNED]
    assert len(first) - len(pruned) == iterations(2) - 1  # the default has the third place
    assert all(len(run.folds[trial]) == 6 for trial in pruned)


@given(
    st.sampled_from([1, 2, 3, 5, 10, 30]),
    st.integers(1, 60),
    st.sampled_from([1, 8]),
    st.integers(0, 100),
)
@settings(max_examples=25)
def test_the_budget_is_kept_and_everything_is_decided(
    n_folds: int, budget: int, max_pending: int, seed: int
) -> None:
    run = Run(TuningProblem(PLANE, {}, False, seed, n_folds, budget=budget), noisy, max_pending)
    assert (budget - 1) * n_folds < run.used <= budget * n_folds
    assert set(run.states) == set(run.folds) == set(range(len(run.folds)))
    for trial, folds in run.folds.items():
        assert len(folds) == len(set(folds))
        assert (len(folds) == n_folds) == (run.states[trial] == TrialState.COMPLETE)
    if n_folds <= 3:
        assert TrialState.PRUNED not in run.states.values()


def test_more_configurations_than_full_evaluations_are_tried() -> None:
    run = Run(TuningProblem(PLANE, {}, False, n_folds=10, budget=50), noisy)
    assert len(run.states) > 50


def test_elites_have_children_ever_closer() -> None:
    run = Run(TuningProblem(PLANE, {}, False, n_folds=10, budget=60, options=ELITES), noisy)
    configurations = {p.trial: p.configuration for p in run.proposals}
    distances = defaultdict(list)
    for proposal in run.proposals[1:]:
        race, parent = proposal.note["race"], proposal.note["parent"]
        if race == 1:
            assert parent is None
        elif parent is not None:
            assert run.states[parent] == TrialState.COMPLETE  # type: ignore[index]
            ends = (configurations[proposal.trial], configurations[parent])  # type: ignore[index]
            distances[race].append(math.dist(*(tuple(c.values()) for c in ends)))  # type: ignore[arg-type]
    means = [float(np.mean(distances[race])) for race in sorted(distances)]
    assert len(means) >= 3
    assert means[-1] < 0.5 * means[0]


def test_races_are_numbered_and_follow_one_another() -> None:
    run = Run(TuningProblem(PLANE, {}, False, n_folds=5, budget=60), noisy, max_pending=8)
    races = [p.note["race"] for p in run.proposals[1:]]
    assert races == sorted(races)  # type: ignore[type-var]
    assert set(races) == set(range(1, int(races[-1]) + 1))  # type: ignore[arg-type]


@pytest.mark.parametrize("max_pending", [1, 8])
def test_without_a_planned_budget_races_advance(max_pending: int) -> None:
    run = Run(TuningProblem(PLANE, {}, False, n_folds=5), noisy, max_pending, results=1500)
    assert len(run.told) == 1500
    assert run.used > 5 * racing.UNPLANNED


@pytest.mark.parametrize("sampling", ["density", "elites"])
def test_beats_random_search_at_the_same_number_of_folds(sampling: str) -> None:
    def truth(configuration: Configuration) -> float:
        return sum(noisy(configuration, fold) for fold in range(10)) / 10

    gains = []
    for seed in range(7):
        problem = TuningProblem(PLANE, {}, False, seed, 10, {"sampling": sampling}, budget=40)
        run = Run(problem, noisy)
        complete = [p.configuration for p in run.proposals if run.states[p.trial] == "complete"]
        random, tried = RandomSearch(TuningProblem(PLANE, {}, False, seed, 10, budget=40)), []
        for _ in range(40):
            proposal = random.ask()
            assert proposal is not None
            tried.append(proposal.configuration)
        gains.append(min(map(truth, tried)) - min(map(truth, complete)))
    assert np.median(gains) > 0


def test_failed_configurations_leave_the_race() -> None:
    def score(configuration: Configuration, fold: int) -> float:
        return math.nan if float(configuration["y"]) > 0.5 and fold > 2 else noisy(configuration, 0)  # type: ignore[arg-type]

    run = Run(TuningProblem(PLANE, {}, False, n_folds=5, budget=30), score, 8)
    failed = {t for t, state in run.states.items() if state == TrialState.FAILED}
    assert failed
    complete = [p for p in run.proposals if run.states[p.trial] == TrialState.COMPLETE]
    assert all(float(p.configuration["y"]) <= 0.5 for p in complete)  # type: ignore[arg-type]
    assert not {p.note["parent"] for p in run.proposals[1:]} & failed


# --- resuming -------------------------------------------------------------------------------------


@given(
    spaces(),
    st.sampled_from([1, 8]),
    st.integers(1, 250),
    st.sampled_from([1, 3, 5, 10]),
    st.sampled_from([None, 12, 30]),
    st.integers(0, 50),
    st.sampled_from(["density", "elites"]),
)
@settings(max_examples=40)
def test_resumes_in_any_race(
    space: SearchSpace,
    max_pending: int,
    interrupted: int,
    n_folds: int,
    budget: float | None,
    seed: int,
    sampling: str,
) -> None:
    def score(configuration: Configuration, fold: int) -> float:
        unit = np.nan_to_num(space.to_unit(configuration))
        wave = math.sin(50 * float(unit.sum()) + fold)
        return math.inf if wave > 0.99 else float(np.sum((unit - 0.4) ** 2)) + 0.1 * wave

    options: dict[str, Value] = {"sampling": sampling}
    problem = TuningProblem(space, {}, False, seed, n_folds, options, budget=budget)
    first = Run(problem, score, max_pending, interrupted)
    second = Run(problem, score, max_pending, 0)
    for proposal, _ in first.told:
        second.tuner.adopt(proposal)
        second.tell(proposal)
    for proposal in first.tuner.pending:
        second.tuner.adopt(proposal)
    assert second.states == first.states
    for run in (first, second):
        run.advance(max_pending, 60, seed + 1)
    assert second.told == first.told
    assert second.states == first.states


def test_a_persons_own_configuration_can_become_a_parent() -> None:
    problem = TuningProblem(PLANE, {}, False, n_folds=5, budget=60, options=ELITES)
    run = Run(problem, noisy, 1, results=5)
    own = Proposal(len(run.proposals), len(run.folds), {"x": 0.301, "y": 0.699}, origin="person")
    run.tuner.adopt(own)
    run.proposals.append(own)
    run.advance(1, 10**6)
    assert run.states[own.trial] == TrialState.COMPLETE
    assert own.trial in {p.note.get("parent") for p in run.proposals}


# --- the sampling model ---------------------------------------------------------------------------


def test_the_model_narrows_as_irace_says() -> None:
    # Two parameters, nine new configurations: the spread shrinks to a third. In race 2 of 4 a
    # quarter of the probability moves to the elite's choice: (1/4)(3/4) + 1/4 = 7/16, which is less
    # than the most, 0.2^(1/2) = 0.447.
    space = SearchSpace((Float("x", 0.0, 1.0), Categorical("c", ("a", "b", "c", "d"))))
    elite: Configuration = {"x": 0.5, "c": "b"}
    model = sampling.narrowed(sampling.initial(space), space, elite, new=9, race=2, races=4)
    assert model.spread == pytest.approx(0.5 / 3)
    assert model.weights["c"] == pytest.approx([3 / 16, 7 / 16, 3 / 16, 3 / 16])
    # In race 4, 7/64 + 3/4 = 0.859 is cut to 0.447 and all divided by 0.588, their sum then.
    model = sampling.narrowed(model, space, elite, new=9, race=4, races=4)
    assert model.spread == pytest.approx(0.5 / 9)
    top, rest = 0.2**0.5, 3 / 64
    assert model.weights["c"] == pytest.approx(np.array([rest, top, rest, rest]) / (top + 3 * rest))


def test_a_soft_restart_widens() -> None:
    # Two races back, which is 9 times the spread, but never beyond the second race's 0.5 / 3.
    space = SearchSpace((Float("x", 0.0, 1.0), Categorical("c", ("a", "b"))))
    model = sampling.Model(0.001, {"c": np.array([0.9, 0.1])})
    wide = sampling.widened(model, space, new=9)
    assert wide.spread == pytest.approx(0.009)
    assert wide.weights["c"] == pytest.approx(np.array([0.9, 0.18]) / 1.08)
    assert sampling.widened(sampling.Model(0.1, model.weights), space, 9).spread == pytest.approx(
        0.5 / 3
    )


def test_draws_around_a_parent_are_truncated_normal() -> None:
    from scipy import stats

    space = SearchSpace((Float("x", 1e-3, 1e3, log=True),))
    rng = np.random.default_rng(0)
    model = sampling.Model(0.2, {})
    parent = space.from_unit(np.array([0.1]))
    drawn = [space.to_unit(sampling.around(space, parent, model, rng))[0] for _ in range(800)]
    expected = stats.truncnorm(-0.1 / 0.2, 0.9 / 0.2, loc=0.1, scale=0.2)
    assert stats.kstest(drawn, expected.cdf).pvalue > 0.01


@given(spaces(), st.integers(0, 2**16), st.floats(1e-9, 0.5))
def test_draws_respect_the_hierarchy(space: SearchSpace, seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    model = sampling.Model(spread, sampling.initial(space).weights)
    for _ in range(5):
        space.validate(sampling.around(space, space.sample(rng), model, rng))


def test_a_child_without_a_parents_value_is_drawn_uniformly() -> None:
    space = SearchSpace(
        (Categorical("kind", ("a", "b")), Float("share", 0.0, 1.0)),
        (Condition("share", "kind", ("b",)),),
    )
    model = sampling.Model(1e-6, {"kind": np.array([0.5, 0.5])})
    rng = np.random.default_rng(0)
    drawn = [sampling.around(space, {"kind": "a"}, model, rng) for _ in range(200)]
    shares = [float(c["share"]) for c in drawn if c["kind"] == "b"]  # type: ignore[arg-type]
    assert 60 < len(shares) < 140
    assert np.std(shares) == pytest.approx(math.sqrt(1 / 12), abs=0.05)


def test_better_elites_have_more_children() -> None:
    # Three elites: 3/6, 2/6 and 1/6 of the children.
    elites = [
        sampling.Elite(PLANE.sample(np.random.default_rng(i)), sampling.initial(PLANE))
        for i in range(3)
    ]
    children = sampling.offspring(PLANE, elites, 600, set(), np.random.default_rng(0))
    counts = np.bincount([c.parent for c in children if c.parent is not None], minlength=3)
    assert counts / 600 == pytest.approx([1 / 2, 1 / 3, 1 / 6], abs=0.06)


def test_offspring_never_repeat_and_end_with_the_space() -> None:
    space = SearchSpace((Integer("n", 1, 12), Categorical("c", ("a", "b"))))
    elite = sampling.Elite({"n": 3, "c": "a"}, sampling.Model(1e-6, {"c": np.array([1.0, 0.0])}))
    used = {identify(space, elite.configuration)}
    children = sampling.offspring(space, [elite], 50, used, np.random.default_rng(0))  # type: ignore[arg-type]
    assert len({c.key for c in children}) == len(children) == 23


def test_coinciding_children_restart_the_model() -> None:
    elite = sampling.Elite({"x": 0.5, "y": 0.5}, sampling.Model(1e-7, {}))
    children = sampling.offspring(PLANE, [elite], 9, set(), np.random.default_rng(0))
    assert all(c.model.spread == pytest.approx(9e-7) for c in children if c.parent == 0)
    apart = sampling.Elite({"x": 0.5, "y": 0.5}, sampling.Model(0.05, {}))
    children = sampling.offspring(PLANE, [apart], 9, set(), np.random.default_rng(0))
    assert all(c.model.spread == 0.05 for c in children)


def test_mixed_spaces_race() -> None:
    def score(configuration: Configuration, fold: int) -> float:
        unit = np.nan_to_num(MIXED.to_unit(configuration))
        return float(np.sum((unit - 0.4) ** 2)) + 0.02 * math.sin(30 * unit.sum() + fold)

    run = Run(TuningProblem(MIXED, {}, False, n_folds=5, budget=40), score)
    for proposal in run.proposals:
        MIXED.validate(proposal.configuration)
    assert TrialState.PRUNED in run.states.values()
