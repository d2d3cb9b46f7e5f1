"""TPE: agreement with Optuna."""

from __future__ import annotations

import math

import numpy as np
import optuna
import pytest

from engine.space import Categorical, Condition, Configuration, Float, Integer, SearchSpace
from engine.testing.tuner_suite import MIXED, drive, score_in
from engine.tuners.base import Proposal, Result, TuningProblem
from engine.tuners.random_search import RandomSearch
from engine.tuners.tpe import Tpe, groups


@pytest.mark.parametrize("multivariate", [True, False])
@pytest.mark.parametrize("liar", [True, False])
def test_every_setting_respects_the_space(multivariate: bool, liar: bool) -> None:
    options = {"n_startup_trials": 3, "multivariate": multivariate, "constant_liar": liar}
    tuner = Tpe(TuningProblem(MIXED, {}, False, options=options))
    for proposal, _ in drive(tuner, 15, 3, score_in(MIXED)):
        MIXED.validate(proposal.configuration)


PLAIN = SearchSpace(
    (Float("x", -5.0, 5.0), Float("y", 1e-4, 1.0, log=True), Integer("n", 1, 20)),
)


def bowl(proposal: Proposal) -> float:
    c = proposal.configuration
    x, y, n = (float(c[name]) for name in ("x", "y", "n"))  # type: ignore[arg-type]
    return (x - 1.0) ** 2 + (math.log10(y) + 2.0) ** 2 + (n - 7) ** 2 / 20


@pytest.mark.parametrize("maximise", [False, True])
def test_draws_what_optunas_own_study_draws(maximise: bool) -> None:
    sign = -1.0 if maximise else 1.0
    tuner = Tpe(TuningProblem(PLAIN, {}, maximise, seed=11))
    told = list(drive(tuner, 25, 1, lambda p: sign * bowl(p)))
    proposal = tuner.ask()
    assert proposal is not None

    seed = int(np.random.default_rng([11, 25]).integers(2**32))
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True)
    study = optuna.create_study(sampler=sampler, direction="maximize" if maximise else "minimize")
    optuna.logging.set_verbosity(level)
    distributions = {
        "x": optuna.distributions.FloatDistribution(-5.0, 5.0),
        "y": optuna.distributions.FloatDistribution(1e-4, 1.0, log=True),
        "n": optuna.distributions.IntDistribution(1, 20),
    }
    for p, result in told:
        study.add_trial(
            optuna.trial.create_trial(
                params=p.configuration, distributions=distributions, value=result.value
            )
        )
    trial = study.ask()
    drawn = {
        "x": trial.suggest_float("x", -5.0, 5.0),
        "y": trial.suggest_float("y", 1e-4, 1.0, log=True),
        "n": trial.suggest_int("n", 1, 20),
    }
    assert proposal.configuration == pytest.approx(drawn)


def test_beats_random_search() -> None:
    def best(method: type[Tpe] | type[RandomSearch], seed: int) -> float:
        tuner = method(TuningProblem(PLAIN, {}, False, seed=seed))
        return min(r.value for _, r in drive(tuner, 60, 1, bowl) if r.value is not None)

    gains = [best(RandomSearch, seed) - best(Tpe, seed) for seed in range(5)]
    assert np.median(gains) > 0


def test_pending_proposals_are_taken_for_bad_ones() -> None:
    told = list(drive(Tpe(TuningProblem(PLAIN, {}, False, seed=2)), 30, 1, bowl))
    best = min(told, key=lambda t: t[1].value or 0.0)[0].configuration

    def following(liar: bool, crowd: int) -> list[Configuration]:
        """Proposals 60 to 69, each with ``crowd`` pending ones around the best configuration."""
        found = []
        for number in range(60, 70):
            tuner = Tpe(TuningProblem(PLAIN, {}, False, seed=2, options={"constant_liar": liar}))
            for proposal, result in told:
                tuner.adopt(proposal)
                tuner.tell(proposal, result)
            for i in range(crowd):
                near = {**best, "x": float(best["x"]) + 1e-3 * (i + 1)}  # type: ignore[arg-type]
                tuner.adopt(Proposal(30 + i, 30 + i, near))
            tuner.adopt(Proposal(number - 1, number - 1, {"x": -5.0, "y": 1.0, "n": 20}))
            proposal = tuner.ask()
            assert proposal is not None
            found.append(proposal.configuration)
        return found

    assert following(False, 0) == following(False, 20)
    assert following(True, 0) != following(True, 20)


def test_failed_configurations_do_not_count_as_scored() -> None:
    options = {"n_startup_trials": 10}
    failing = Tpe(TuningProblem(MIXED, {}, False, seed=4, options=options))
    random = RandomSearch(TuningProblem(MIXED, {}, False, seed=4))
    runs = [
        [p.configuration for p, _ in drive(t, 30, 1, lambda _: None)] for t in (failing, random)
    ]
    assert runs[0] == runs[1]


def test_parameters_under_one_condition_form_a_group() -> None:
    space = SearchSpace(
        (
            Categorical("kernel", ("rbf", "poly", "linear")),
            Float("C", 1e-3, 1e3, log=True),
            Integer("degree", 2, 5),
            Float("coef0", 0.0, 1.0),
            Float("gamma", 1e-3, 1e3, log=True),
        ),
        (
            Condition("degree", "kernel", ("poly",)),
            Condition("coef0", "kernel", ("poly",)),
            Condition("gamma", "kernel", ("poly", "rbf")),
        ),
    )
    names = [[p.name for p in group] for group in groups(space, joint=True)]
    assert names == [["kernel", "C"], ["degree", "coef0"], ["gamma"]]
    assert [len(group) for group in groups(space, joint=False)] == [1] * 5


@pytest.mark.parametrize(("maximise", "ends"), [(False, (1, 0)), (True, (100, 40))])
def test_many_valued_integers_reach_both_ends(maximise: bool, ends: tuple[int, int]) -> None:
    space = SearchSpace((Integer("n", 1, 100, log=True), Integer("m", 0, 40)))
    tuner = Tpe(TuningProblem(space, {}, maximise, seed=1))

    def score(proposal: Proposal) -> float:
        n, m = proposal.configuration.values()
        return float(n) + float(m)  # type: ignore[arg-type]

    tried = [p.configuration for p, _ in drive(tuner, 60, 1, score)]
    assert ends[0] in {c["n"] for c in tried}
    assert ends[1] in {c["m"] for c in tried}


def test_a_single_value_needs_no_model() -> None:
    space = SearchSpace((Float("x", 2.0, 2.0), Categorical("k", ("only",)), Float("y", 0.0, 1.0)))
    tuner = Tpe(TuningProblem(space, {}, False, options={"n_startup_trials": 1}))
    for proposal, _ in drive(tuner, 10, 1, score_in(space)):
        assert (proposal.configuration["x"], proposal.configuration["k"]) == (2.0, "only")


def test_a_result_is_ok_only_when_finite() -> None:
    assert Result(0.0).ok
    assert not any(Result(value).ok for value in (None, math.nan, math.inf, -math.inf))
