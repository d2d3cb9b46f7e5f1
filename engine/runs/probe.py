"""The probe: folds of the default configuration, from which costs and noise are estimated.

The first fold shows whether folds are quick. If they are, more follow for a moment, so that the
guide knows how much scores differ from fold to fold. A worker's first fold takes longer than later
ones (it opens the table, and libraries load their parts when first used), so the cost of a fold is
estimated from the others where there are any.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, median

from engine import catalog
from engine.domain.advice import ProbeResult
from engine.domain.trials import FoldResult
from engine.errors import RunError
from engine.objective.partial import FULL_SIZE
from engine.objective.seeds import fold_seed
from engine.plan import Plan
from engine.runs import folder as files
from engine.runs.jobs import carry_out
from engine.runs.planning import load_data
from engine.space import Configuration
from engine.workers.base import Job, JobResult, Workers

ALLOWANCE = 2.0
"""Seconds within which folds are started after the first, if that took no longer."""
MOST = 10
"""Most folds: their standard deviation is then known to within about a quarter."""
_FIRST_JOB = -2
"""Job ids count down from here: those of searches count up."""


def probe(
    plan: Plan, workers: Workers, cancelled: Callable[[], bool] = lambda: False
) -> ProbeResult:
    """Fit the first fold of the default configuration of ``plan``, and more where they are quick.

    Args:
        plan: of the run.
        workers: that fit.
        cancelled: called whenever the workers are woken; true ends the probe.

    Returns:
        Cost, memory and scores of the folds.

    Raises:
        InputError: if the plan or its table make no sense.
        Cancelled: if ``cancelled()`` returned true.
        RunError: ``run.no_default`` if the first fit failed.
    """
    loaded = load_data(plan.data)
    default = catalog.default_configuration(plan, loaded.facts)
    scratch = Path(tempfile.mkdtemp(prefix="tunesmith-probe-"))
    try:
        folder = scratch / "run"
        files.create(folder, plan, loaded)

        def fitted(folds: Sequence[int], until: float = math.inf) -> list[JobResult]:
            jobs = [_job(plan, folder, default, fold) for fold in folds]
            return carry_out(jobs, workers, cancelled, until)

        done = fitted([0])
        if done[0].cause is not None:
            raise RunError("run.no_default", why=done[0].message)
        if done[0].value.seconds <= ALLOWANCE:
            folds = range(min(plan.evaluation.resampling.n_folds, MOST))
            until = time.monotonic() + ALLOWANCE
            done += fitted(folds[1:2])  # alone, so on the worker that has done one
            done += fitted(folds[2:], until)
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(scratch)
    # A later fold that fails is for the search to report.
    return _result(plan, default, [result for result in done if result.cause is None])


def _job(plan: Plan, folder: Path, default: Configuration, fold: int) -> Job:
    args = (str(folder), default, fold, fold_seed(plan.seed, 0, fold))
    function, limits = catalog.work(plan).fold, plan.limits
    return Job(_FIRST_JOB - fold, function, args, limits.seconds, limits.memory_mb)


def _result(plan: Plan, default: Configuration, results: Sequence[JobResult]) -> ProbeResult:
    done: list[FoldResult] = [result.value for result in results]
    scores = {name: _defined(name, done) for name in done[0].scores}
    measure, resampling = plan.evaluation.measure, plan.evaluation.resampling
    seconds = median(_warm(results))
    fidelity_parameter = catalog.learner(plan.learner.id).card.fidelity_parameter
    size = (
        {**plan.learner.fixed, **default}.get(fidelity_parameter, FULL_SIZE)
        if fidelity_parameter
        else 0
    )
    return ProbeResult(
        seconds=seconds,
        evaluation_seconds=seconds * resampling.n_folds,
        memory_mb=max(result.memory_mb for result in results),
        score=fmean(scores[measure]) if scores[measure] else math.nan,
        fidelity_parameter=fidelity_parameter,
        size=float(size) if isinstance(size, int | float) else 0.0,
        fold_scores=scores,
        resampling=resampling,
    )


def _warm(results: Sequence[JobResult]) -> list[float]:
    """Seconds of the folds that were not the first of their worker; of all, if each was."""
    begun: set[int] = set()
    warm = []
    for result in sorted(results, key=lambda result: result.started):
        if result.worker in begun:
            warm.append(result.value.seconds)
        begun.add(result.worker)
    return warm or [result.value.seconds for result in results]


def _defined(measure: str, folds: Sequence[FoldResult]) -> tuple[float, ...]:
    """Scores of the folds where there is one."""
    scores = (fold.scores.get(measure, math.nan) for fold in folds)
    return tuple(score for score in scores if math.isfinite(score))
