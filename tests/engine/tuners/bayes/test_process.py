"""The Gaussian process against finite differences, closed forms and scikit-learn's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from engine.space import Float, SearchSpace
from engine.testing.tuner_suite import MIXED
from engine.tuners.bayes.encoding import Encoding
from engine.tuners.bayes.kernel import matern, squared_distances, warp
from engine.tuners.bayes.process import (
    Likelihood,
    Prior,
    Priors,
    Process,
    conditioned,
    fit,
    usual_priors,
)

CUBE = SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(3)))
LOGS = np.log([0.4, 0.9, 2.0, 1.7, 0.01])
"""Three length scales, the variance of the function and that of the noise."""


def sample(
    space: SearchSpace, count: int, seed: int = 0
) -> tuple[Encoding, np.ndarray, np.ndarray]:
    """An encoding, rows and smooth scores."""
    rng = np.random.default_rng(seed)
    encoding = Encoding(space)
    rows = encoding.canonical(rng.random((count, len(space))))
    return encoding, rows, np.sin(3 * encoding.embed(rows)).sum(axis=1)


def test_agrees_with_scikit_learn() -> None:
    encoding, rows, scores = sample(CUBE, 30)
    new = encoding.canonical(np.random.default_rng(1).random((20, 3)))
    kernel = ConstantKernel(1.7) * Matern([0.4, 0.9, 2.0], nu=2.5)
    plain: GaussianProcessRegressor = GaussianProcessRegressor(kernel, alpha=0.01, optimizer=None)
    mean, sd = plain.fit(rows, scores).predict(new, return_std=True)
    ours = Process(encoding, LOGS, rows, scores).predict(new)
    np.testing.assert_allclose(ours[0], mean, rtol=1e-9)
    np.testing.assert_allclose(ours[1], sd, rtol=1e-7)

    # With priors so wide that they say nothing, the density is the marginal likelihood.
    flat = Prior(1.0, 1e9, 1e-9, 1e9)
    value, gradient = Likelihood(encoding, rows, scores, Priors(flat, flat, flat, None))(LOGS)
    noisy = GaussianProcessRegressor(kernel + WhiteKernel(0.01), alpha=0.0, optimizer=None)
    noisy.fit(rows, scores)
    # scikit-learn's order: variance, length scales, noise.
    order = [3, 0, 1, 2, 4]
    theirs, slopes = noisy.log_marginal_likelihood(LOGS[order], eval_gradient=True)
    assert value + 0.5 * len(rows) * math.log(2 * math.pi) == pytest.approx(-theirs, rel=1e-9)
    np.testing.assert_allclose(gradient[order], -slopes, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("warping", [False, True])
@pytest.mark.parametrize("space", [CUBE, MIXED])
def test_the_likelihoods_gradient_is_its_derivative(space: SearchSpace, warping: bool) -> None:
    encoding, rows, scores = sample(space, 20)
    likelihood = Likelihood(encoding, rows, scores, usual_priors(len(space), warping))
    start = likelihood.starts()[0]
    logs = start + 0.3 * np.random.default_rng(2).standard_normal(len(start))
    measured = approx_fprime(logs, lambda at: likelihood(at)[0], 1e-6)
    np.testing.assert_allclose(likelihood(logs)[1], measured, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("warping", [False, True])
def test_slopes_of_the_prediction_are_its_derivatives(warping: bool) -> None:
    encoding, rows, scores = sample(MIXED, 20)
    logs = Likelihood(encoding, rows, scores, usual_priors(4, warping)).starts()[0]
    logs = logs + 0.3 * np.random.default_rng(2).standard_normal(len(logs))
    process = Process(encoding, logs, rows, scores, warping)
    for row in encoding.canonical(np.random.default_rng(3).random((8, 4))):
        mean, sd, by_mean, by_sd = process.slopes(row)
        assert (mean, sd) == pytest.approx([float(p[0]) for p in process.predict(row[None])])
        for j in np.flatnonzero(encoding.continuous & ~np.isnan(row)):
            step = 1e-6 * (np.arange(4) == j)
            means, sds = process.predict(np.stack([row + step, row - step]))
            assert by_mean[j] == pytest.approx((means[0] - means[1]) / 2e-6, abs=1e-5)
            assert by_sd[j] == pytest.approx((sds[0] - sds[1]) / 2e-6, abs=1e-5)


def test_interpolates_what_has_no_noise() -> None:
    encoding, rows, scores = sample(MIXED, 25)
    logs = np.log([0.5] * 4 + [1.0, 1e-8])
    mean, sd = Process(encoding, logs, rows, scores).predict(rows)
    np.testing.assert_allclose(mean, scores, atol=1e-4)
    assert sd.max() < 1e-3


def test_far_from_everything_it_knows_nothing() -> None:
    encoding, rows, scores = sample(CUBE, 10)
    logs = np.log([1e-3] * 3 + [1.7, 1e-4])
    mean, sd = Process(encoding, logs, rows, scores).predict(np.full((1, 3), 0.123))
    assert mean == pytest.approx([0.0]) and sd == pytest.approx([math.sqrt(1.7)])


def test_believing_keeps_the_means_and_takes_the_doubt() -> None:
    encoding, rows, scores = sample(CUBE, 15)
    process = Process(encoding, LOGS, rows, scores)
    new = np.random.default_rng(4).random((6, 3))
    believing = process.with_believed(new[:3])
    np.testing.assert_allclose(believing.predict(new)[0], process.predict(new)[0], atol=1e-6)
    before, after = process.predict(new)[1], believing.predict(new)[1]
    assert (after[:3] < 0.01).all() and (before[:3] > 0.2).all() and (after <= before + 1e-12).all()


def test_the_fit_finds_which_hyperparameters_matter() -> None:
    encoding = Encoding(CUBE)
    rows = np.random.default_rng(5).random((60, 3))
    scores = np.sin(6 * rows[:, 0]) + 0.3 * rows[:, 1]
    scores = (scores - scores.mean()) / scores.std()
    likelihood = Likelihood(encoding, rows, scores, usual_priors(3, False))
    logs = fit(likelihood, likelihood.starts(), 100)
    assert logs[0] < logs[1] < logs[2]
    assert np.exp(logs[4]) < 1e-4
    thorough = minimize(likelihood, logs, jac=True, bounds=likelihood.bounds, tol=1e-12)
    assert likelihood(logs)[0] == pytest.approx(thorough.fun, abs=0.05)


def test_noise_is_found() -> None:
    encoding = Encoding(CUBE)
    rng = np.random.default_rng(6)
    rows = rng.random((150, 3))
    scores = 1.5 * np.sin(4 * rows[:, 0]) + 0.5 * rng.standard_normal(150)
    likelihood = Likelihood(encoding, rows, scores, usual_priors(3, False))
    logs = fit(likelihood, likelihood.starts(), 100)
    assert np.exp(logs[4]) == pytest.approx(0.25, rel=0.4)


def test_a_singular_covariance_gets_more_noise() -> None:
    encoding = Encoding(CUBE)
    rows = np.full((40, 3), 0.5)
    logs = np.log([1.0, 1.0, 1.0, 1.0, 1e-18])
    with pytest.raises(np.linalg.LinAlgError):
        Process(encoding, logs, rows, np.ones(40))
    process = conditioned(encoding, logs, rows, np.ones(40), warp=False)
    assert process.predict(rows[:1])[0] == pytest.approx([1.0], abs=1e-3)


def test_the_kernel_is_positive_definite_in_a_conditional_space() -> None:
    encoding, rows, _ = sample(MIXED, 60)
    features = encoding.embed(rows) * np.random.default_rng(7).uniform(0.1, 10, 4)[encoding.owner]
    correlation, _ = matern(squared_distances(features, features, same=True))
    assert np.linalg.eigvalsh(correlation).min() > -1e-10
    assert (correlation.diagonal() == 1.0).all()


def test_warping_keeps_ends_and_order() -> None:
    rows = np.linspace(0, 1, 50)[:, None]
    for exponents in (np.array([[0.3], [4.0]]), np.array([[5.0], [0.5]])):
        warped = warp(rows, np.array([0]), exponents)[:, 0]
        assert (np.diff(warped) > 0).all()
        assert 0 <= warped[0] < 0.07 and 0.93 < warped[-1] <= 1
    np.testing.assert_allclose(warp(rows, np.array([0]), np.ones((2, 1))), rows, atol=2e-6)
