"""Runs on disk without a single fit: random configurations with scores from a function."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine import catalog
from engine.domain.trials import FoldResult, TrialState
from engine.plan import Plan
from engine.runs import folder as files
from engine.runs import planning
from engine.runs.run_executor import open_archive
from engine.search.folds import mean
from engine.tuners.base import Proposal

Score = Callable[[np.ndarray, int], float]
"""(point of the cube, fold) -> score."""


def record_run(folder: Path, plan: Plan, score: Score, trials: int, *, seed: int = 0) -> Path:
    """Make ``folder`` a run of ``plan`` that has evaluated ``trials`` configurations, the default
    first, and was then interrupted. Returns it."""
    loaded = planning.load_data(plan.data)
    files.create(folder, plan, loaded)
    random = np.random.default_rng(seed)
    default = plan.space.nearest(catalog.default_configuration(plan, loaded.facts))
    measure = plan.evaluation.measure
    with open_archive(folder, plan) as archive:
        for number in range(trials):
            configuration = plan.space.sample(random) if number else default
            proposal = Proposal(
                number, number, configuration, origin=plan.method.id if number else "default"
            )
            archive.begin(proposal)
            unit = plan.space.to_unit(configuration)
            scores = []
            for fold in range(plan.evaluation.resampling.n_folds):
                scores.append(float(score(unit, fold)))
                archive.add_fold(
                    FoldResult(
                        number,
                        fold,
                        {measure: scores[-1]},
                        started=time.time(),
                        seconds=0.01,
                        fit_seconds=0.01 * (1 + float(unit[0])),
                    )
                )
            archive.finish(number, TrialState.COMPLETE, value=mean(scores), told=proposal)
    return folder
