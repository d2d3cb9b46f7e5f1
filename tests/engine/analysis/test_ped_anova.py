"""Which hyperparameters mattered."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from engine.analysis.ped_anova import importances
from engine.errors import Cancelled
from engine.space import Categorical, Condition, Float, Integer, SearchSpace

SPACE = SearchSpace((Float("C", 1e-3, 1e3, log=True), Integer("depth", 1, 9), Float("noise", 0, 1)))


@pytest.fixture
def driven_by_c(search):
    """Searches in which only C matters."""

    def make(trials, **options):
        unit = np.random.default_rng(0).random((trials, 3))
        columns = {
            p.name: [p.from_unit(u) for u in unit[:, i]] for i, p in enumerate(SPACE.parameters)
        }
        return search(-((unit[:, 0] - 0.3) ** 2), space=SPACE, **columns, **options)

    return make


def test_what_drives_the_score_ranks_first(driven_by_c):
    found = importances(driven_by_c(200))
    assert found[0].name == "C"
    assert found[0].share > 0.8
    assert sum(i.share for i in found) == pytest.approx(1)
    assert all(0 <= i.low <= i.share <= i.high <= 1 for i in found)
    assert found[0].low > found[1].high


def test_direction_counts(search):
    x = np.random.default_rng(0).random(100)
    space = SearchSpace((Float("x", 0, 1), Float("y", 0, 1)))
    y = np.random.default_rng(1).random(100)
    found = importances(search((x - 0.5) ** 2, maximise=False, space=space, x=x, y=y))
    assert found[0].name == "x"


def test_same_seed_same_answer(driven_by_c):
    snapshot = driven_by_c(40)
    assert importances(snapshot, seed=3) == importances(snapshot, seed=3)


def test_nothing_is_said_of_few_or_equal_trials(driven_by_c, search):
    assert importances(driven_by_c(7)) == ()
    assert importances(search([])) == ()
    x = np.linspace(0, 1, 20)
    assert importances(search(np.full(20, 0.9), space=SearchSpace((Float("x", 0, 1),)), x=x)) == ()


def test_eight_trials_are_enough(driven_by_c):
    assert len(importances(driven_by_c(8))) == 3


def test_trials_without_score_or_outside_the_space_are_left_out(search):
    x = np.random.default_rng(0).random(30)
    space = SearchSpace((Float("x", 0, 1), Float("y", 0, 1)))
    y = np.random.default_rng(1).random(30)
    values, outside = -((x - 0.5) ** 2), x.copy()
    clean = importances(search(values[2:], space=space, x=x[2:], y=y[2:]), seed=1)
    values[0], outside[1] = np.inf, 7.0
    found = importances(search(values, space=space, x=outside, y=y), seed=1)
    assert {i.name: i.share for i in found} == pytest.approx({i.name: i.share for i in clean})


def test_conditional_hyperparameters_count_where_they_are_active(search):
    random = np.random.default_rng(0)
    kernel = random.choice(["rbf", "linear"], 200).tolist()
    gamma = random.random(200)
    space = SearchSpace(
        (Categorical("kernel", ("rbf", "linear")), Float("gamma", 0, 1), Float("noise", 0, 1)),
        (Condition("gamma", "kernel", ("rbf",)),),
    )
    values = np.where(np.array(kernel) == "rbf", 1 - np.abs(gamma - 0.8), 0.2)
    column = [g if k == "rbf" else None for g, k in zip(gamma, kernel, strict=True)]
    found = importances(
        search(values, space=space, kernel=kernel, gamma=column, noise=random.random(200))
    )
    shares = {i.name: i.share for i in found}
    assert shares["gamma"] > 5 * shares["noise"]
    assert shares["kernel"] > shares["noise"]


def test_none_is_a_choice_like_others(search):
    random = np.random.default_rng(0)
    depth = random.choice(3, 60)
    choices = (None, 4, 8)
    space = SearchSpace((Categorical("max_depth", choices), Float("noise", 0, 1)))
    found = importances(
        search(
            np.where(depth == 0, 0.9, 0.5) + 0.01 * random.random(60),
            space=space,
            max_depth=[choices[i] for i in depth],
            noise=random.random(60),
        )
    )
    assert found[0].name == "max_depth"


def test_it_can_be_cancelled(driven_by_c):
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        importances(driven_by_c(20), cancelled=lambda: next(asked))


def test_nothing_is_logged(driven_by_c, capfd):
    importances(driven_by_c(20))
    from optuna import logging as optuna_logging

    assert capfd.readouterr().err == ""
    assert optuna_logging.get_verbosity() == logging.INFO
