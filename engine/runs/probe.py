"""The probe: one fold of the default configuration, from which costs are estimated."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from engine import catalog
from engine.errors import Cancelled, RunError
from engine.objective.seeds import fold_seed
from engine.plan import Plan
from engine.protocol import ProbeResult
from engine.records import Cause
from engine.runs import folder as files
from engine.runs.planning import load_data
from engine.search.loop import FOLD_FUNCTION
from engine.workers.base import Job, Workers

_JOB = -2


def probe(
    plan: Plan, workers: Workers, cancelled: Callable[[], bool] = lambda: False
) -> ProbeResult:
    """Fit the first fold of the default configuration of ``plan``.

    ``cancelled`` is looked at whenever the workers are woken.

    Raises:
        InputError: if the plan or its table make no sense.
        Cancelled: if it was.
        RunError: ``run.no_default`` if the fit failed.
    """
    loaded = load_data(plan.data)
    default = catalog.default_configuration(plan, loaded.facts)
    scratch = Path(tempfile.mkdtemp(prefix="tunesmith-probe-"))
    try:
        folder = scratch / "run"
        files.create(folder, plan, loaded)
        limits = plan.limits
        seed = fold_seed(plan.seed, 0, 0)
        args = (str(folder), default, 0, seed)
        workers.submit(Job(_JOB, FOLD_FUNCTION, args, limits.seconds, limits.memory_mb))
        outcomes = []
        while not outcomes:
            if cancelled():
                workers.kill(_JOB)
            outcomes = workers.poll(None)
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(scratch)
    outcome = outcomes[0]
    if outcome.cause is Cause.KILLED:
        raise Cancelled
    if outcome.cause is not None:
        raise RunError("run.no_default", why=outcome.message)
    return ProbeResult(
        seconds=outcome.value.seconds,
        evaluation_seconds=outcome.value.seconds * plan.evaluation.resampling.jobs,
        memory_mb=outcome.memory_mb,
        score=outcome.value.scores[plan.evaluation.measure],
    )
