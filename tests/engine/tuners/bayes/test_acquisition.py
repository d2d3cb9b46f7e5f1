"""Expected improvement against what defines it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

from engine.tuners.bayes.acquisition import improvement_slopes, log_expected_improvement, log_h


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (1.0, 0.5), (-0.4, 2.0)])
def test_is_the_mean_improvement_of_draws(mean: float, sd: float) -> None:
    draws = mean + sd * np.random.default_rng(0).standard_normal(4_000_000)
    expected = np.maximum(0.2 - draws, 0.0).mean()
    found = np.exp(log_expected_improvement(np.array(mean), np.array(sd), 0.2))
    assert found == pytest.approx(expected, abs=1e-3)


def reference(z: float) -> float:
    """log h(z) for z < 0: h(z) = phi(z) times the integral of t exp(z t - t**2 / 2) over t > 0."""
    value, _ = integrate.quad(lambda t: t * math.exp(z * t - t * t / 2), 0, math.inf)
    return math.log(value) - z * z / 2 - 0.5 * math.log(2 * math.pi)


@pytest.mark.parametrize("z", [-0.1, -0.999, -1.001, -2.5, -8.0, -20.0, -40.0, -99.9, -100.1])
def test_keeps_its_digits_far_below_the_best(z: float) -> None:
    assert log_h(np.array(z)) == pytest.approx(reference(z), rel=1e-9)


def test_rises_everywhere_and_stays_finite() -> None:
    z = -np.concatenate([np.geomspace(1e9, 1e-3, 3000), [0.0], -np.linspace(0.01, 40, 500)])
    levels = log_h(z)
    assert np.isfinite(levels).all() and (np.diff(levels) > 0).all()


@pytest.mark.parametrize("mean", [-3.0, -0.5, 0.0, 0.7, 5.0, 60.0])
def test_slopes_are_derivatives(mean: float) -> None:
    at, sd, step = np.array(mean), np.array(0.8), 1e-5

    def level(mean: np.ndarray, sd: np.ndarray) -> float:
        return float(log_expected_improvement(mean, sd, 0.1))

    by_mean, by_sd = improvement_slopes(at, sd, 0.1)
    measured_mean = (level(at + step, sd) - level(at - step, sd)) / (2 * step)
    measured_sd = (level(at, sd + step) - level(at, sd - step)) / (2 * step)
    assert by_mean == pytest.approx(measured_mean, rel=1e-5)
    assert by_sd == pytest.approx(measured_sd, rel=1e-5)
