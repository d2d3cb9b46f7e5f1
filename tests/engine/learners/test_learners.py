"""Learners of scikit-learn: the review's search spaces, and the library's own defaults."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.learners import LEARNERS
from engine.learners.elastic_net import ElasticNet
from engine.learners.gradient_boosting import GradientBoosting
from engine.learners.random_forest import RandomForest, root_share
from engine.learners.svm import Svm
from engine.space import Categorical, Condition, Float, Integer
from engine.testing.learner_suite import facts_of, table


def test_the_spaces_are_the_reviews() -> None:
    facts = facts_of("multiclass", rows=1000)
    spaces = {name: learner.space(facts) for name, learner in LEARNERS.items()}
    assert spaces["elastic_net"].parameters == (
        Float("C", 1e-7, 10.0, log=True),
        Float("l1_ratio", 0.0, 1.0),
    )
    assert LEARNERS["elastic_net"].space(facts_of("regression")).parameters == (
        Float("alpha", 1e-4, 1e4, log=True),
        Float("l1_ratio", 0.0, 1.0),
    )
    assert spaces["svm"].parameters == (
        Float("C", 1e-4, 1e4, log=True),
        Float("gamma", 1e-4, 1e4, log=True),
    )
    assert spaces["random_forest"].parameters == (
        Integer("n_estimators", 1, 2000),
        Float("max_features", 0.0, 1.0),
        Categorical("bootstrap", (True, False)),
        Float("max_samples", 0.1, 1.0),
    )
    assert spaces["random_forest"].conditions == (Condition("max_samples", "bootstrap", (True,)),)
    assert spaces["gradient_boosting"].parameters == (
        Float("learning_rate", 1e-4, 1.0, log=True),
        Integer("max_iter", 1, 5000),
        Integer("max_depth", 1, 20),
        Float("max_features", 0.1, 1.0),
        Float("l2_regularization", 1e-3, 1e3, log=True),
    )


@given(st.integers(2, 10**8))
def test_the_range_of_c_is_the_penaltys_and_holds_the_default(rows: int) -> None:
    strength = ElasticNet().space(facts_of("binary", rows=rows))["C"]
    assert isinstance(strength, Float)
    assert strength.contains(1.0)
    assert strength.low == pytest.approx(min(1e-4 / rows, 1.0), rel=0.06)
    assert strength.high == pytest.approx(max(1e4 / rows, 1.0), rel=0.06)


@given(st.integers(1, 200_000))
def test_the_default_share_of_columns_is_the_square_root(columns: int) -> None:
    share = root_share(columns)
    assert max(1, int(share * columns)) == max(1, int(np.sqrt(columns)))
    assert 0 < share <= 1


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_default_forest_is_scikit_learns(task: str) -> None:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    features, target = table(task)  # type: ignore[arg-type]
    family = RandomForestRegressor if task == "regression" else RandomForestClassifier
    forest = RandomForest()
    default = forest.default(facts_of(task))  # type: ignore[arg-type]
    ours = forest.build(task, default, 7).fit(features, target)  # type: ignore[arg-type]
    theirs = family(random_state=7).fit(features, target)
    assert np.array_equal(ours.predict(features), theirs.predict(features))


def test_the_default_svm_is_scikit_learns_on_standardised_columns() -> None:
    features, target = table("binary")
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    svm = Svm()
    ours = svm.build("binary", svm.default(facts_of("binary")), 1).fit(features, target)
    theirs = svm.build("binary", {}, 1).fit(features, target)
    assert math.isclose(ours._gamma, theirs._gamma, rel_tol=1e-12)


def test_a_share_of_no_columns_is_one_column() -> None:
    features, target = table("binary")
    tree = RandomForest().build("binary", {"max_features": 0.0, "n_estimators": 1}, 1)
    assert tree.fit(features, target).estimators_[0].max_features_ == 1


def test_shares_given_as_whole_numbers_are_shares() -> None:
    features, target = table("binary")
    forest = RandomForest()
    whole = forest.build("binary", {"max_features": 1, "n_estimators": 1}, 1)
    assert whole.fit(features, target).estimators_[0].max_features_ == features.shape[1]


def test_boosting_never_stops_by_itself() -> None:
    features, target = table("regression")
    many = np.tile(features, (200, 1)), np.tile(target, 200)
    model = GradientBoosting().build("regression", {"max_iter": 12, "max_depth": 2}, 1)
    assert model.fit(*many).n_iter_ == 12
