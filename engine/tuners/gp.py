"""Bayesian optimisation with a Gaussian process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import numpy as np

from engine.domain.cards import MethodCard, Sketch
from engine.options import shown
from engine.tuners.bayes.sampler import Surrogate, SurrogateOptions, SurrogateSampler

if TYPE_CHECKING:
    from engine.tuners.bayes.process import Process
    from engine.tuners.bayes.search import Effort, Slope
    from engine.tuners.bayes.told import Told


class ProcessOptions(SurrogateOptions, frozen=True):
    warping: Annotated[
        bool, shown("Warp the ranges", "Learns where in its range a hyperparameter matters most.")
    ] = False


class GaussianProcess(SurrogateSampler[ProcessOptions]):
    """Models the score as a smooth function and proposes by log expected improvement.

    A proposal's cost is bounded: the process holds at most `most` results, and its hyperparameters
    are fitted to `fitted` of them (`engine.tuners.bayes.told.share`).
    """

    card = MethodCard(
        id="gp",
        label="Bayesian optimisation (Gaussian process)",
        summary=(
            "Fits a smooth model to the scores so far and tries what promises the greatest "
            "improvement. The fewest evaluations where fits are slow and hyperparameters are few."
        ),
        source=(
            "Bischl et al. (2023), Bayesian optimisation; Hvarfner et al. (2022, 2024); "
            "Ament et al. (2023)"
        ),
        help="gp",
        picture="surrogate",
        sketch=Sketch(
            "A few spread trials, then straight to the best, with some looks where little is "
            "known.",
            "67 467 200 600 333 733 489 608 750 315 848 880 853 910 902 421 927 926 930 921 912 "
            "929 161 934 916 935 939 901",
        ),
        model_based=True,
    )
    order = 10
    options_type = ProcessOptions
    most = 400
    fitted = 150

    def fit(self, told: Told) -> Process:
        """Fit hyperparameters on a share of the results, then condition on all of them."""
        from engine.tuners.bayes import process
        from engine.tuners.bayes.told import share

        warping = self.options.warping
        part = share(told.scores, self.fitted)
        priors = process.usual_priors(len(np.unique(self.encoding.owner)), warping)
        likelihood = process.Likelihood(self.encoding, told.rows[part], told.scores[part], priors)
        # Fitting costs n^3 per iteration and conditioning n^3 once, hence the smaller share.
        logs = process.fit(likelihood, likelihood.starts(), iterations=25)
        return process.conditioned(self.encoding, logs, told.rows, told.scores, warping)

    def believing(self, surrogate: Surrogate, rows: np.ndarray) -> Surrogate:
        """Kriging believer: pending rows score their predicted mean."""
        return cast("Process", surrogate).with_believed(rows)

    def reluctance(self, rows: np.ndarray) -> np.ndarray:
        """Penalty near the ends of the ranges (`engine.tuners.bayes.edges`), shape ``(m,)``."""
        from engine.tuners.bayes.edges import reluctance

        return reluctance(self.encoding, rows)

    def effort(self) -> Effort:
        """Default search effort."""
        from engine.tuners.bayes.search import Effort

        return Effort()

    def slope(self, surrogate: Surrogate, best: float) -> Slope:
        """Gradient of the penalised log expected improvement at one row."""
        from engine.tuners.bayes.acquisition import improvement_slopes, log_expected_improvement
        from engine.tuners.bayes.edges import reluctance, reluctance_slope

        encoding, process = self.encoding, cast("Process", surrogate)

        def uphill(row: np.ndarray) -> tuple[float, np.ndarray]:
            mean, sd, by_mean, by_sd = process.slopes(row)
            at = np.array(mean), np.array(sd), best
            for_mean, for_sd = improvement_slopes(*at)
            height = log_expected_improvement(*at) - reluctance(encoding, row[None])[0]
            # Chain rule through mean and standard deviation.
            improving = for_mean * by_mean + for_sd * by_sd
            return float(height), improving - reluctance_slope(encoding, row)

        return uphill
