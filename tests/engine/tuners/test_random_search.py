"""Random search: what is its own."""

from __future__ import annotations

import numpy as np

from engine.space import Float, SearchSpace
from engine.testing.tuner_suite import drive
from engine.tuners.base import TuningProblem
from engine.tuners.random_search import RandomSearch


def test_results_do_not_matter() -> None:
    space = SearchSpace((Float("x", 0.0, 1.0),))
    runs = []
    for sign in (1.0, -1.0):
        tuner = RandomSearch(TuningProblem(space, {}, maximise=True))
        told = drive(tuner, 20, 1, lambda p, sign=sign: sign * p.number)
        runs.append([p.configuration for p, _ in told])
    assert runs[0] == runs[1]


def test_every_draw_tests_a_new_value_of_each_parameter() -> None:
    # Bergstra and Bengio's point against grids: nine draws give nine values of each parameter.
    space = SearchSpace((Float("x", 0.0, 1.0), Float("y", 0.0, 1.0)))
    told = list(drive(RandomSearch(TuningProblem(space, {}, True)), 9, 1, lambda _: 0.0))
    for name in space.names:
        assert len({p.configuration[name] for p, _ in told}) == 9


def test_a_proposal_depends_on_seed_and_number_only() -> None:
    space = SearchSpace((Float("x", 0.0, 1.0),))
    one = RandomSearch(TuningProblem(space, {}, True, seed=5))
    many = RandomSearch(TuningProblem(space, {}, True, seed=5))
    sequential = [p.configuration["x"] for p, _ in drive(one, 30, 1, lambda _: 0.0)]
    parallel = {p.number: p.configuration["x"] for p, _ in drive(many, 30, 8, lambda _: 0.0)}
    assert all(parallel[n] == x for n, x in enumerate(sequential) if n in parallel)
    assert np.ptp(np.asarray(sequential, dtype=float)) > 0.5
