"""What the engine takes for a fold beside the fit: random search over a free objective.

    python tests/benchmarks/overhead.py [--trials 5000]

Prints the engine's time for a fold job (its processor time, and wall time in all) in windows of
trials; the archive is on disk and the workers are real processes. Target: at most 3 ms, flat.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from arguments import parse

from engine import catalog
from engine.archive import Archive
from engine.plan import (
    Budget,
    Configurations,
    DataPlan,
    EvaluationPlan,
    LearnerPlan,
    MethodPlan,
    Plan,
    Resampling,
)
from engine.search import Search, SearchSpec
from engine.space import Categorical, Float, Integer, SearchSpace
from engine.workers import LocalPool

FOLDS = 5
SPACE = SearchSpace(
    (
        Float("a", 1e-4, 1.0, log=True),
        Float("b", 0.0, 1.0),
        Float("c", 0.0, 1.0),
        Float("d", 1e-3, 1e3, log=True),
        Integer("e", 1, 1000),
        Categorical("f", ("x", "y", "z")),
    )
)


class Clock:
    """Notes wall and processor time when a trial is begun."""

    def __init__(self) -> None:
        self.at: dict[int, tuple[float, float]] = {}

    def changed(self, trial, fold):
        self.at.setdefault(trial.number, (time.perf_counter(), time.process_time()))

    def progressed(self, counts):
        pass

    def paused(self, error):
        raise error

    def resumed(self):
        pass


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=5000)
    trials = parse(parser, trials=100).trials
    plan = Plan(
        data=DataPlan("builtin:digits"),
        learner=LearnerPlan("random_forest"),
        search=Configurations(SPACE, MethodPlan("random")),
        evaluation=EvaluationPlan("accuracy", Resampling("kfold", folds=FOLDS)),
        budget=Budget(evaluations=trials),
        workers=2,
    )
    clock = Clock()
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalPool(2, ["engine.testing.free_objective"]) as pool,
        Archive(Path(folder), SPACE, maximise=True) as archive,
    ):
        default = SPACE.from_unit(0.5 * SPACE.to_unit(SPACE.sample(catalog_rng())))
        spec = SearchSpec(
            plan,
            archive,
            catalog.make_tuner(plan, default, FOLDS),
            n_folds=FOLDS,
            maximise=True,
            arguments=lambda trial, fold, fidelity: (trial.configuration, fold),
            function="engine.testing.free_objective:evaluate",
            faults_pause=False,
        )
        Search(spec, pool, clock).run()
    print(f"{'trials':>14}  {'engine ms a fold':>17}  {'wall ms a fold':>15}")
    width = max(trials // 10, 20)
    for start in (10, trials // 4, trials // 2, trials - width - 1):
        stop = min(start + width, trials - 1)
        (wall, cpu), (wall_2, cpu_2) = clock.at[start], clock.at[stop]
        folds = (stop - start) * FOLDS
        span = f"{start} to {stop}"
        engine, all_of_it = 1e3 * (cpu_2 - cpu) / folds, 1e3 * (wall_2 - wall) / folds
        print(f"{span:>14}  {engine:17.2f}  {all_of_it:15.2f}")


def catalog_rng():
    import numpy as np

    return np.random.default_rng(0)


if __name__ == "__main__":
    main()
