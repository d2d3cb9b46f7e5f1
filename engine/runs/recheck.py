"""Recheck of a configuration on folds drawn anew: how much of its score is luck of its folds.

The score that made a trial the best is of the folds that chose it. On other folds of the same rows
it is an unbiased comparison with the default configuration on the same new folds, which takes out
what is easy or hard about them. The outer test rows stay out, so this is no look at them.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import msgspec

from engine import catalog
from engine.data.open import Loaded
from engine.data.split import outer_rows
from engine.data.table_store import load_arrow
from engine.domain.trials import TrialRecord, TrialState
from engine.domain.trust import Recheck
from engine.errors import InputError, RunError
from engine.objective.seeds import fold_seed
from engine.plan import Plan
from engine.runs import folder as files
from engine.runs.jobs import carry_out
from engine.space import Configuration
from engine.workers.base import Job, Workers

_NO_TRIAL = 2**31 - 1
"""In place of a trial's number, for seeds apart from those of the search's own fits."""
_FIRST_JOB = -10_000
"""Jobs count down from here: neither those of searches nor those of the probe."""


def recheck(
    folder: Path,
    trials: Sequence[TrialRecord],
    number: int,
    workers: Workers,
    *,
    redraw: int = 1,
    cancelled: Callable[[], bool] = lambda: False,
) -> Recheck:
    """Score the trial ``number`` of the run in ``folder`` on other folds, and the default on the
    same.

    Args:
        folder: of the run.
        trials: of the run; the first is the default's.
        number: of a complete trial.
        workers: that fit.
        redraw: number of the draw of folds, from 1.
        cancelled: called whenever the workers are woken; true ends the recheck.

    Returns:
        Scores of both on the new folds, with a sentence.

    Raises:
        InputError: ``run.no_enqueue`` for a gradient run, whose trials are steps of one path.
        RunError: ``run.no_such_trial``, ``run.unscored``, or ``run.no_recheck`` if a fit failed.
        Cancelled: if ``cancelled()`` returned true.
    """
    plan = files.load_plan(folder)
    if plan.by_gradient:
        raise InputError("run.no_enqueue")
    found = {trial.number: trial for trial in trials}
    trial = found.get(number)
    if trial is None:
        raise RunError("run.no_such_trial", number=number)
    if trial.state is not TrialState.COMPLETE or trial.value is None:
        raise RunError("run.unscored", number=number)
    default = found[0] if number and found[0].value is not None else None
    asked = [trial] if default is None else [trial, default]
    scratch = Path(tempfile.mkdtemp(prefix="tunesmith-recheck-"))
    try:
        other, loaded = _other_folds(plan, load_arrow(folder / files.DATA), redraw)
        files.create(scratch / "run", other, loaded)
        configurations = [one.configuration for one in asked]
        scores = _scores(other, scratch / "run", configurations, workers, cancelled)
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(scratch)
    told = Recheck(
        trial=number,
        redraw=redraw,
        before=trial.value,
        scores=scores[0],
        default_before=None if default is None else default.value,
        default_scores=() if default is None else scores[1],
    )
    maximise = catalog.measure_card(plan.evaluation.measure).maximise
    return msgspec.structs.replace(told, sentence=_sentence(told, maximise))


def _other_folds(plan: Plan, loaded: Loaded, redraw: int) -> tuple[Plan, Loaded]:
    """The same search over its own rows alone, its folds drawn with another seed."""
    schema, evaluation = loaded.schema, plan.evaluation
    if loaded.test is not None:
        evaluation = msgspec.structs.replace(evaluation, test_share=0.0, outer=None)
    rows, _ = outer_rows(
        loaded.target,
        schema.task,
        evaluation,
        plan.seed,
        classes=schema.classes,
        name=schema.target,
    )
    kept = replace(
        loaded,
        features=loaded.features.iloc[rows].reset_index(drop=True),
        target=loaded.target[rows],
        test=None,
    )
    evaluation = msgspec.structs.replace(evaluation, test_share=0.0, outer=None, watch_outer=False)
    seed = fold_seed(plan.seed, _NO_TRIAL, redraw)
    data = msgspec.structs.replace(plan.data, test_source=None, test_sha256=None)
    return msgspec.structs.replace(plan, data=data, evaluation=evaluation, seed=seed), kept


def _scores(
    plan: Plan,
    folder: Path,
    configurations: Sequence[Configuration],
    workers: Workers,
    cancelled: Callable[[], bool],
) -> list[tuple[float, ...]]:
    """The scores of each configuration, fold by fold."""
    folds, limits = plan.evaluation.resampling.n_folds, plan.limits
    function = catalog.work(plan).fold
    jobs = []
    for place, configuration in enumerate(configurations):
        for fold in range(folds):
            # The same seed of the fit for all, as a search has it for each trial of its own.
            args = (str(folder), configuration, fold, fold_seed(plan.seed, 0, fold))
            number = _FIRST_JOB - place * folds - fold
            jobs.append(Job(number, function, args, limits.seconds, limits.memory_mb))
    found = []
    for result in carry_out(jobs, workers, cancelled):
        if result.cause is not None:
            raise RunError("run.no_recheck", why=result.message)
        score = result.value.scores.get(plan.evaluation.measure, math.nan)
        if not math.isfinite(score):
            raise RunError("run.no_recheck", why="Its score is no finite number.")
        found.append(float(score))
    return [tuple(found[start : start + folds]) for start in range(0, len(found), folds)]


def _sentence(told: Recheck, maximise: bool) -> str:
    sign = 1 if maximise else -1
    now = fmean(told.scores)
    change = sign * (now - told.before)
    text = f"On other folds trial {told.trial} scores {now:.4g}, where it had {told.before:.4g}"
    if abs(change) > 1e-12:
        text += f": {abs(change):.2g} {'better' if change > 0 else 'worse'}"
    if told.default_before is None or not told.default_scores:
        return f"{text}."
    beside = fmean(told.default_scores)
    gain, before = sign * (now - beside), sign * (told.before - told.default_before)
    wins = sum(sign * a > sign * b for a, b in zip(told.scores, told.default_scores, strict=True))
    of = len(told.scores)
    text += f". The default configuration scores {beside:.4g} there, so the gain is {gain:.2g}"
    text += f" (it was {before:.2g}), and trial {told.trial} is ahead on {wins} of {of} folds."
    return text
