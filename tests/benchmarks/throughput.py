"""A grid of forests and support vector machines on digits: our engine beside GridSearchCV.

    python tests/benchmarks/throughput.py [--repeats 3]

Five folds, two warm workers on either side, no refit, the same splits. Prints the ratio of wall
times (ours over GridSearchCV's, archive included), run by run in turn. Target: at most 1.0.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{name}_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from arguments import parse

from engine.archive import Archive
from engine.data.open import load, open_table
from engine.learners import LEARNERS
from engine.objective.fold_data import FoldData
from engine.objective.seeds import fold_seed
from engine.plan import (
    Budget,
    Configurations,
    DataPlan,
    EvaluationPlan,
    LearnerPlan,
    MethodPlan,
    Plan,
    PreparationPlan,
    Resampling,
)
from engine.runs import folder as files
from engine.runs.run_executor import WORKER_MODULES
from engine.search import Search, SearchSpec
from engine.tuners.base import Proposal, TuningProblem
from engine.tuners.random_search import RandomSearch
from engine.workers import LocalPool

GRIDS = {
    "random_forest": {"n_estimators": [50, 100, 150], "max_features": [0.05, 0.1, 0.2]},
    "svm": {"C": [1.0, 10.0, 100.0], "gamma": [0.001, 0.005, 0.02]},
}


class Grid(RandomSearch):
    """The configurations of a grid, one after another."""

    def __init__(self, problem, points):
        super().__init__(problem)
        self._points = points

    @property
    def exhausted(self):
        return self._next >= len(self._points)

    def ask(self):
        if self.exhausted:
            return None
        proposal = Proposal(self._next, self._next, self._points[self._next], origin="grid")
        self.adopt(proposal)
        return proposal


class Deaf:
    def changed(self, trial, fold):
        pass

    def progressed(self, counts):
        pass

    def paused(self, error):
        raise error

    def resumed(self):
        pass


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--points", type=int, default=9, help="so many of the nine of a grid")
    chosen = parse(parser, repeats=1, points=2)
    print(f"{'model':>14}  {'ours s':>8}  {'GridSearchCV s':>15}  {'ratio':>6}")
    with LocalPool(2, WORKER_MODULES) as pool:
        # Our workers make way for other programs; theirs, started after this, then do as well.
        if hasattr(os, "nice"):
            os.nice(10)
        for learner, grid in GRIDS.items():
            points = [
                dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
            ][: chosen.points]
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch) / "run"
                plan, problem = prepare(folder, learner, points)
                theirs(problem, points[:1])  # warm both sides up
                ours(folder, plan, points[:1], pool, scratch)
                pairs = []
                for _ in range(chosen.repeats):
                    mine = ours(folder, plan, points, pool, scratch)
                    pairs.append((mine, theirs(problem, points)))
            ratio = statistics.median(a / b for a, b in pairs)
            mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(f"{learner:>14}  {mine:8.2f}  {other:15.2f}  {ratio:6.2f}")


def prepare(folder: Path, learner: str, points) -> tuple[Plan, FoldData]:
    data = open_table(DataPlan("builtin:digits")).data
    loaded = load(data)
    plan = Plan(
        data=data,
        learner=LearnerPlan(learner),
        search=Configurations(LEARNERS[learner].space(loaded.facts), MethodPlan("random")),
        evaluation=EvaluationPlan("accuracy", Resampling("kfold", folds=5), test_share=0.0),
        budget=Budget(evaluations=len(points)),
        preparation=PreparationPlan(scale="none"),
        workers=2,
    )
    files.create(folder, plan, loaded)
    return plan, FoldData(folder)


def ours(folder: Path, plan: Plan, points, pool: LocalPool, scratch: str) -> float:
    begun = time.perf_counter()
    with (
        tempfile.TemporaryDirectory(dir=scratch) as archive_folder,
        Archive(Path(archive_folder), plan.space, maximise=True) as archive,
    ):
        problem = TuningProblem(plan.space, points[0], maximise=True, n_folds=5)
        spec = SearchSpec(
            plan,
            archive,
            Grid(problem, points),
            n_folds=5,
            maximise=True,
            arguments=lambda trial, fold, fidelity: (
                str(folder),
                trial.configuration,
                fold,
                fold_seed(plan.seed, trial.number, fold),
            ),
            faults_pause=False,
        )
        Search(spec, pool, Deaf()).run()
    return time.perf_counter() - begun


def theirs(problem: FoldData, points) -> float:
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline

    from engine.objective.pipeline import estimator, preparation

    model = estimator(problem.plan, problem.learner, points[0], 0, problem.schema)
    prepare = preparation(problem.schema, problem.plan.preparation, scales=False)
    step = type(model).__name__.lower()
    grid = [{f"{step}__{k}": [v] for k, v in point.items()} for point in points]
    search = GridSearchCV(
        make_pipeline(prepare, model),
        grid,
        scoring="accuracy",
        cv=problem.folds,
        n_jobs=2,
        refit=False,
    )
    begun = time.perf_counter()
    search.fit(problem.features, problem.target)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
