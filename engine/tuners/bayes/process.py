"""Gaussian process with a Matern 5/2 kernel, fitted by its marginal likelihood.

Rasmussen and Williams (2006), chapters 2, 4.2 and 5.4; equation numbers are theirs. Each
hyperparameter has its own length scale (automatic relevance determination). Numbers are warped by
the Kumaraswamy distribution function where that is asked for (Snoek et al. 2014), so that a score
may change faster at one end of a range than at the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.linalg import get_lapack_funcs
from scipy.optimize import minimize

from engine.tuners.bayes.encoding import Encoding
from engine.tuners.bayes.kernel import matern, squared_distances, warp, warp_slope, warp_slopes

_potrf, _potrs, _potri, _trtri = get_lapack_funcs(
    ("potrf", "potrs", "potri", "trtri"), dtype=np.float64
)


_JITTER = 1e-6
"""Noise of believed scores as a share of the function's variance, so that rounding does no harm."""

_HOPELESS = 1e10
"""Minus a log density worse than any finite one."""


class Prior(NamedTuple):
    """Log-normal prior and bounds of a positive hyperparameter of the process."""

    median: float
    spread: float
    low: float
    high: float


@dataclass(frozen=True)
class Priors:
    """Priors of the process's hyperparameters, scores being standardised."""

    length: Prior
    scale: Prior
    noise: Prior
    warp: Prior | None


def usual_priors(dimensions: int, warp: bool) -> Priors:
    """Default priors: length scales grow with the root of ``dimensions`` (Hvarfner et al. 2024,
    section 5)."""
    # The mode exp(mu - sigma^2) of their log-normal prior, mu = sqrt 2 + log(d) / 2 and sigma^2 =
    # 3.
    mode = math.exp(math.sqrt(2) - 3 + math.log(max(dimensions, 1)) / 2)
    return Priors(
        length=Prior(mode, math.sqrt(3), 5e-3, 1e3),
        scale=Prior(1.0, 1.0, 0.05, 50.0),
        noise=Prior(1e-2, 2.0, 1e-7, 1.0),
        warp=Prior(1.0, 0.5, 0.1, 10.0) if warp else None,
    )


class Likelihood:
    """Negative log posterior density of the process's hyperparameters, with gradient.

    The hyperparameters are given as logarithms: the length scales of the hyperparameters that have
    features, the signal variance, the noise variance and, with warping, the two exponents of each
    number.
    """

    def __init__(
        self, encoding: Encoding, rows: np.ndarray, scores: np.ndarray, priors: Priors
    ) -> None:
        self.encoding, self.scores, self.priors = encoding, scores, priors
        self.form = Form(encoding, priors.warp is not None)
        self._rows = rows
        self._features = encoding.embed(rows)
        own: list[Prior] = [priors.length] * len(self.form.members) + [priors.scale, priors.noise]
        if priors.warp is not None:
            own += [priors.warp] * (2 * len(self.form.warped))
        self._centre = np.log([p.median for p in own])
        self._spread = np.array([p.spread for p in own])
        self.bounds = np.log([(p.low, p.high) for p in own]).reshape(-1, 2)

    def starts(self) -> list[np.ndarray]:
        """Starting points of the optimisation: the prior's centre, and a smoother function; each of
        shape (p,)."""
        count = len(self.form.members)
        smooth = self._centre.copy()
        # Length scales e times as long, since the likelihood may have several maxima.
        smooth[:count] += 1.0
        smooth[count + 1] = math.log(1e-2)
        return [self._centre.copy(), smooth]

    def __call__(self, logs: np.ndarray) -> tuple[float, np.ndarray]:
        """Evaluate at the logarithms ``logs``, shape (p,).

        Returns:
            The value, huge where the covariance is singular, and its gradient, shape (p,).
        """
        form, encoding, scores = self.form, self.encoding, self.scores
        lengths, scale, noise, exponents = form.split(logs)
        by_feature = lengths[form.place]
        rows = self._rows if exponents is None else warp(self._rows, form.warped, exponents)
        weighted = (self._features if exponents is None else encoding.embed(rows)) / by_feature
        correlation, slope = matern(squared_distances(weighted, weighted, same=True))
        factor = _cholesky(scale * correlation, noise)
        if factor is None:
            return _HOPELESS, np.zeros_like(logs)
        alpha, _ = _potrs(factor, scores, lower=1)
        offset = (logs - self._centre) / self._spread
        # Equation 5.8 without its constant, plus the log-normal priors.
        value = 0.5 * scores @ alpha + np.log(factor.diagonal()).sum() + 0.5 * offset @ offset
        half, _ = _potri(factor, lower=1)
        inverse = half + half.T
        np.fill_diagonal(inverse, half.diagonal())
        # Equation 5.9: tr((K^-1 - alpha alpha^T) dK) / 2, here as the derivative by each entry of
        # K.
        by_covariance = 0.5 * (inverse - np.outer(alpha, alpha))
        by_distance = by_covariance * (scale * slope)
        # Derivatives by the weighted features come as matrix products: with W = by_distance, the
        # derivative of sum_jk W_jk |z_j - z_k|**2 by z_j is 4 (sum_k W_jk z_j - (W z)_j).
        pull = 4 * (by_distance.sum(axis=1)[:, None] * weighted - by_distance @ weighted)
        count = len(form.members)
        gradient = offset / self._spread
        gradient[:count] -= encoding.gather((pull * weighted).sum(axis=0))[form.members]
        gradient[count] += scale * np.vdot(by_covariance, correlation)
        gradient[count + 1] += noise * by_covariance.trace()
        if exponents is not None:
            by_row = encoding.gather(pull / by_feature * encoding.slopes(rows))[:, form.warped]
            by_first, by_second = warp_slopes(self._rows[:, form.warped], exponents)
            gradient[count + 2 :] += np.concatenate(
                [(by_row * by_first).sum(axis=0), (by_row * by_second).sum(axis=0)]
            )
        return float(value), gradient


class Form:
    """Layout of the hyperparameter vector of a process.

    Attributes:
        members: the hyperparameters (columns of a row) that have features.
        place: shape (f,), the position among ``members`` of each feature's hyperparameter.
        warped: columns that are warped.
        noise: position of the noise variance.
    """

    def __init__(self, encoding: Encoding, warp: bool) -> None:
        self.members, self.place = np.unique(encoding.owner, return_inverse=True)
        self.warped = np.flatnonzero(encoding.numeric) if warp else np.empty(0, int)
        self.noise = len(self.members) + 1

    def split(self, logs: np.ndarray) -> tuple[np.ndarray, float, float, np.ndarray | None]:
        """Split ``logs``, shape (p,), into length scales, signal variance, noise variance, and
        exponents of shape (2, w) if warped."""
        count, values = len(self.members), np.exp(logs)
        exponents = values[count + 2 :].reshape(2, -1) if len(self.warped) else None
        return values[:count], float(values[count]), float(values[count + 1]), exponents


class Process:
    """A process conditioned on scored rows: predicts mean and standard deviation of the score
    elsewhere.

    Args:
        encoding: of the space.
        logs: its hyperparameters, as in `Likelihood`.
        rows: shape (n, d).
        scores: shape (n,), standardised.
        warp: whether ``logs`` end with the exponents of a warping.
        believed: the last so many rows have scores without noise.

    Raises:
        numpy.linalg.LinAlgError: when the covariance of the rows is singular.
    """

    def __init__(
        self,
        encoding: Encoding,
        logs: np.ndarray,
        rows: np.ndarray,
        scores: np.ndarray,
        warp: bool = False,
        believed: int = 0,
    ) -> None:
        self.encoding, self.logs, self.rows, self.scores = encoding, logs, rows, scores
        self._form = Form(encoding, warp)
        self._lengths, self._scale, self.noise, self._exponents = self._form.split(logs)
        self._weighted = self._embed(rows)
        correlation, _ = matern(squared_distances(self._weighted, self._weighted, same=True))
        noise = np.full(len(rows), self.noise)
        noise[len(rows) - believed :] = _JITTER * self._scale
        factor = _cholesky(self._scale * correlation, noise)
        if factor is None:
            raise np.linalg.LinAlgError("singular covariance")
        self._alpha, _ = _potrs(factor, scores, lower=1)
        self._root, _ = _trtri(factor, lower=1)

    def with_believed(self, rows: np.ndarray) -> Process:
        """Condition on ``rows``, shape ``(m, d)``, at their predicted means (kriging believer;
        Ginsbourger et al. 2010, section 3.2): means stay, the variance at the rows vanishes."""
        if not len(rows):
            return self
        return Process(
            self.encoding,
            self.logs,
            np.concatenate([self.rows, rows]),
            np.concatenate([self.scores, self.predict(rows)[0]]),
            self._exponents is not None,
            believed=len(rows),
        )

    def predict(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict mean and standard deviation of the noise-free score at ``rows``, shape ``(m,
        d)``: each shape ``(m,)``."""
        correlation, _ = matern(squared_distances(self._embed(rows), self._weighted))
        cross = self._scale * correlation
        shed = cross @ self._root.T
        # Equations 2.25 (mean) and 2.26 (variance), with K = L L^T and shed = k L^-T.
        variance = self._scale - np.einsum("ij,ij->i", shed, shed)
        return cross @ self._alpha, np.sqrt(np.maximum(variance, 1e-12 * self._scale))

    def slopes(self, row: np.ndarray) -> tuple[float, float, np.ndarray, np.ndarray]:
        """Mean, standard deviation and their derivatives, shape ``(d,)`` each, at ``row``, shape
        ``(d,)``."""
        rows = row[None, :]
        mapped, inner = rows, np.ones(self.encoding.width)
        if self._exponents is not None:
            columns = self._form.warped
            mapped = warp(rows, columns, self._exponents)
            inner[columns] = warp_slope(rows[0, columns], self._exponents)
        lengths = self._lengths[self._form.place]
        weighted = (self.encoding.embed(mapped) / lengths)[0]
        apart = weighted - self._weighted
        correlation, slope = matern(np.einsum("ij,ij->i", apart, apart))
        cross = self._scale * correlation
        shed = self._root @ cross
        variance = self._scale - shed @ shed
        # Rounding may make the variance at a known row negative.
        floor = 1e-12 * self._scale
        sd = math.sqrt(max(variance, floor))
        # d mean = alpha . dk, and d sd = -(K^-1 k) . dk / sd.
        pulls = np.stack(
            [self._alpha, -(self._root.T @ shed) / sd if variance > floor else np.zeros_like(shed)]
        )
        by_feature = (pulls * (2 * self._scale * slope)) @ apart / lengths
        by_row = self.encoding.gather(by_feature * self.encoding.slopes(mapped)[0]) * inner
        return float(cross @ self._alpha), sd, by_row[0], by_row[1]

    def _embed(self, rows: np.ndarray) -> np.ndarray:
        if self._exponents is not None:
            rows = warp(rows, self._form.warped, self._exponents)
        return self.encoding.embed(rows) / self._lengths[self._form.place]


def conditioned(
    encoding: Encoding, logs: np.ndarray, rows: np.ndarray, scores: np.ndarray, warp: bool
) -> Process:
    """Condition a process, raising the noise tenfold at a time if rounding makes the covariance
    singular.

    Args:
        encoding: of the space.
        logs: hyperparameters, shape (p,).
        rows: shape (n, d).
        scores: shape (n,), standardised.
        warp: whether ``logs`` end with the exponents of a warping.

    Returns:
        The process.
    """
    raised = np.array(logs)
    noise = Form(encoding, warp).noise
    while True:
        try:
            return Process(encoding, raised, rows, scores, warp)
        except np.linalg.LinAlgError:
            # Ten times the noise at a time, from 1e-8 on: as little as makes it invertible.
            raised[noise] = max(raised[noise], math.log(1e-8)) + math.log(10)


def fit(likelihood: Likelihood, starts: Sequence[np.ndarray], iterations: int) -> np.ndarray:
    """Maximise the posterior density of the hyperparameters by L-BFGS-B from several starts.

    Args:
        likelihood: to be minimised.
        starts: shape (p,) each.
        iterations: of each run.

    Returns:
        Logarithms of the best, shape (p,); of equally good ones, those from the first start.
    """
    best, at = math.inf, starts[0]
    for start in starts:
        found = minimize(
            likelihood,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=likelihood.bounds,
            options={"maxiter": iterations, "maxfun": 2 * iterations, "ftol": 1e-5, "gtol": 1e-3},
        )
        if found.fun < best:
            best, at = float(found.fun), found.x
    return at


def _cholesky(covariance: np.ndarray, noise: float | np.ndarray) -> np.ndarray | None:
    """Lower Cholesky factor of ``covariance`` (overwritten) plus ``noise`` on its diagonal; None if
    it is numerically singular."""
    covariance[np.diag_indices_from(covariance)] += noise
    # LAPACK directly: scipy's wrapper would check and copy the matrix at every call.
    factor, info = _potrf(covariance, lower=1, clean=1, overwrite_a=1)
    return factor if info == 0 else None
