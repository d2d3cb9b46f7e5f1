"""Networks that tune themselves: tuning helps and goes on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.utils.estimator_checks import parametrize_with_checks

from engine.gradient.self_tuning import SelfTuningClassifier, SelfTuningRegressor
from engine.testing.learner_suite import table

SMALL: dict[str, Any] = {"width": 8, "steps": 40}


@parametrize_with_checks(
    [
        SelfTuningClassifier(hyper_steps=2, **SMALL, random_state=0),
        SelfTuningRegressor(hyper_steps=2, **SMALL, random_state=0),
    ]
)
@pytest.mark.slow
def test_they_are_well_behaved_estimators(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("solver", [pytest.param("sgd", marks=pytest.mark.slow), "adam"])
def test_tuning_lowers_the_loss_and_goes_on_where_it_stopped(solver: str) -> None:
    X, y = load_digits(return_X_y=True)
    X, X_new, y, y_new = train_test_split(X[:600] / 16, y[:600], random_state=0)
    known = {"solver": solver, "random_state": 0, **SMALL}
    plain = SelfTuningClassifier(hyper_steps=0, **known).fit(X, y)
    tuned = SelfTuningClassifier(hyper_steps=15, **known).fit(X, y)
    assert tuned.score(X_new, y_new) > plain.score(X_new, y_new) + 0.05
    assert tuned.tuned_.least < 0.8 * tuned.tuned_.losses[0]
    parts = SelfTuningClassifier(hyper_steps=1, warm_start=True, **known).fit(X, y)
    for hyper_steps in (6, 15):
        parts.set_params(hyper_steps=hyper_steps).fit(X, y)
    assert parts.tuned_.losses == tuned.tuned_.losses
    for one, other in zip(parts.model_.coefs_, tuned.model_.coefs_, strict=True):
        assert np.array_equal(one, other)


def test_a_training_that_diverges_makes_step_sizes_smaller() -> None:
    X, y = table("regression")
    model = SelfTuningRegressor(hyper_steps=3, **SMALL, random_state=0).fit(1e4 * X, y)
    assert np.isfinite(model.predict(1e4 * X)).all()
    before = (
        SelfTuningRegressor(hyper_steps=0, **SMALL, random_state=0)
        .fit(X, y)
        .tuned_.free["step_size"]
    )
    assert float(model.tuned_.free["step_size"].max()) < float(before.max())


def test_what_makes_no_sense_is_refused() -> None:
    X, y = table("regression")
    for wrong in ({"solver": "lbfgs"}, {"layers": 0}, {"hyper_steps": 1.5}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            SelfTuningRegressor(**wrong).fit(X, y)
