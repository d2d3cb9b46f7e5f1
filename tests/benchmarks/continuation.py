"""What it saves that a promoted fit goes on where it stopped: trees, rounds and seconds.

    python tests/benchmarks/continuation.py [--learners random_forest gradient_boosting] [--unit 5]
        [--large] [--seed 0]

The brackets of Hyperband with R = 81 and eta = 3 (143 configurations) on a fold of a built-in
table, or with ``--large`` of a generated one of 4,000 rows, each fit done twice, by going on from
the one before and from scratch. Trees and rounds are counted where scikit-learn grows them, seconds
are of the processor: of the whole fold with preparing, saving and loading the state, predicting and
scoring. Prints the ratio for the widest bracket and for all five, and that the scores were the
same.

Targets: at most 1.05 times what the arithmetic of brackets says, 0.73 and 0.83, with equal scores.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{name}_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from arguments import parse
from real_pairs import Pair, prepare
from sklearn.ensemble import _forest
from sklearn.ensemble._hist_gradient_boosting import gradient_boosting

from engine.objective.fold_data import fold_data
from engine.objective.fold_job import evaluate_fold
from engine.tuners.brackets import Bracket, hyperband

DEPTH, ETA = 4, 3
ENDS = {
    "random_forest": (Pair("random_forest", "diabetes", "rmse", 5), "n_estimators"),
    "gradient_boosting": (Pair("gradient_boosting", "breast_cancer", "log_loss", 5), "max_iter"),
}


@contextmanager
def counted() -> Iterator[list[int]]:
    """Counts the trees that scikit-learn grows for forests and boosting: a list of one number."""
    grown, plant, grower = [0], _forest._parallel_build_trees, gradient_boosting.TreeGrower

    def planted(*given, **named):
        grown[0] += 1
        return plant(*given, **named)

    def started(*given, **named):
        grown[0] += 1
        return grower(*given, **named)

    _forest._parallel_build_trees, gradient_boosting.TreeGrower = planted, started  # type: ignore[assignment]
    try:
        yield grown
    finally:
        _forest._parallel_build_trees, gradient_boosting.TreeGrower = plant, grower


def run(
    bracket: Bracket, folder: Path, states: Path, size: tuple[str, int], rng: np.random.Generator
) -> tuple[np.ndarray, bool]:
    """One bracket, both ways.

    Args:
        size: the hyperparameter that counts trees, and its value in a full fit.

    Returns:
        Trees and seconds, shape (2, 2): first going on, then from scratch; and whether all scores
        were the same.
    """
    task, name = fold_data(str(folder)), size[0]
    measure, sign = task.plan.evaluation.measure, -1 if task.plan.evaluation.measure == "r2" else 1
    alive = [
        (i, {**task.plan.space.sample(rng), name: size[1]}) for i in range(bracket.configurations)
    ]
    spent, same = np.zeros((2, 2)), True
    for fidelity, kept in zip(bracket.fidelities, (*bracket.sizes[1:], 0), strict=True):
        found = []
        for number, configuration in alive:
            given = []
            ways = [(0, str(states / f"{bracket.s}-{number}.state")), (1, "")]
            for way, state in ways if rng.random() < 0.5 else ways[::-1]:
                with counted() as grown:
                    begun = time.process_time()
                    scores = evaluate_fold(str(folder), configuration, 0, 1, fidelity, state).scores
                    spent[way] += grown[0], time.process_time() - begun
                given.append(scores)
            same &= given[0] == given[1]
            found.append(sign * given[0][measure])
        alive = [alive[i] for i in np.argsort(found, kind="stable")[:kept]]
    return spent, same


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--learners", nargs="+", choices=ENDS, default=list(ENDS))
    parser.add_argument("--unit", type=int, default=5, help="trees or rounds of the smallest fit")
    parser.add_argument("--large", action="store_true", help="on a table of 4,000 rows")
    parser.add_argument("--seed", type=int, default=0)
    call = parse(parser, learners=["random_forest"], unit=1)
    warnings.simplefilter("ignore")
    brackets = hyperband(DEPTH, ETA)
    costs = [[float(b.cost(warm_starts=way)) for b in brackets] for way in (True, False)]
    print(f"{'going on / from scratch':24}{'arithmetic':>12}{'trees':>10}{'seconds':>10}  scores")
    for learner in call.learners:
        pair, name = ENDS[learner]
        if call.large:
            pair = pair._replace(table="large", measure="rmse")
        rng = np.random.default_rng(call.seed)
        with tempfile.TemporaryDirectory() as scratch:
            folder = prepare(pair, Path(scratch))
            evaluate_fold(str(folder), {}, 0, 1)  # pays for imports
            size = name, call.unit * ETA**DEPTH
            runs = [run(bracket, folder, Path(scratch), size, rng) for bracket in brackets]
        for label, some in (("widest bracket", slice(1)), ("Hyperband", slice(None))):
            ratio = np.sum(costs[0][some]) / np.sum(costs[1][some])
            trees, seconds = np.divide(*np.sum([spent for spent, _ in runs[some]], axis=0))
            equal = "equal" if all(same for _, same in runs[some]) else "DIFFER"
            line = f"{ratio:12.3f}{trees:10.3f}{seconds:10.3f}  {equal}"
            print(f"{learner + ', ' + label:24}{line}", flush=True)


if __name__ == "__main__":
    main()
