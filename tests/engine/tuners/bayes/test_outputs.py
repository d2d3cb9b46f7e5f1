"""The output transform."""

from __future__ import annotations

import numpy as np
import pytest

from engine.tuners.bayes.outputs import PowerTransform, inverse_yeo_johnson, yeo_johnson


def values(seed: int = 0) -> np.ndarray:
    return np.exp(3 * np.random.default_rng(seed).standard_normal(60))


def test_standardises_keeps_the_order_and_comes_back() -> None:
    for own in (values(), -values(1), 1e-9 * values(2) + 5.0, values(3)[:2]):
        transform = PowerTransform(own)
        scores = transform(own)
        assert (np.argsort(scores) == np.argsort(own)).all()
        assert (scores.mean(), scores.std()) == pytest.approx((0.0, 1.0), abs=1e-9)
        np.testing.assert_allclose(transform.inverse(scores), own, rtol=1e-6)


def test_one_catastrophe_does_not_flatten_the_rest() -> None:
    good = np.linspace(0.1, 0.2, 20)
    scores = PowerTransform(np.append(good, 1e12))(good)
    assert np.ptp(scores) > 0.5


def test_good_ones_beside_a_plateau_keep_their_order() -> None:
    # Most configurations do no better than a constant prediction, but for rounding.
    plateau = 0.5 + 1e-10 * np.arange(20)
    scores = PowerTransform(np.concatenate([plateau, [0.2, 0.1, 0.15]]))(np.array([0.1, 0.15, 0.2]))
    assert (np.diff(scores) > 1e-3).all()


def test_equal_values_are_all_zero() -> None:
    transform = PowerTransform(np.full(5, 3.0))
    assert (transform(np.full(5, 3.0)) == 0.0).all()
    assert transform.inverse(np.zeros(2)) == pytest.approx([3.0, 3.0])


def test_the_inverse_is_finite_for_any_score() -> None:
    transform = PowerTransform(values())
    assert np.isfinite(transform.inverse(np.array([-1e9, -50.0, 50.0, 1e9]))).all()


@pytest.mark.parametrize("power", [-2.0, -0.5, 0.0, 0.7, 1.0, 2.0])
def test_yeo_johnson_is_monotone_and_inverted(power: float) -> None:
    x = np.linspace(-5, 5, 41)
    y = yeo_johnson(x, power)
    assert (np.diff(y) > 0).all()
    np.testing.assert_allclose(inverse_yeo_johnson(y, power), x, atol=1e-9)
    if power == 1.0:
        np.testing.assert_allclose(y, x, atol=1e-12)
