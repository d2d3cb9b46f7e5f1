"""Racing and dropping of losers against Optuna's WilcoxonPruner, on real fold scores.

    python tests/benchmarks/racing.py [--seeds 20] [--evaluations 20 40] [--folds 10]

Every configuration of a grid is cross-validated once; then each method searches the table of fold
scores, one job at a time, until its jobs are worth the given number of full evaluations. A fold
that a method asks for again costs nothing. The result is the best trial that has all folds. Printed
is its regret: how far its mean score is behind the table's best, in units of the distance between
the best and the median configuration; medians over the seeds, each method's average rank, and how
far it is from that of Optuna's TPE with its pruner, with a 95 % interval (bootstrap, of tables and
of seeds within them). How racing draws was settled on other tables and seeds.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec
import numpy as np
import optuna
import scipy.stats
from bootstrap import print_differences, ranks
from scipy.stats import rankdata
from sklearn import datasets
from sklearn.linear_model import ElasticNet
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from engine.space import Categorical, Configuration, Integer, SearchSpace
from engine.tuners.base import Problem, Result, Tuner
from engine.tuners.drop_losers import DropLosers
from engine.tuners.racing import Racing
from engine.tuners.random_search import RandomSearch
from engine.tuners.tpe import Tpe


def exact_wilcoxon(differences, alternative: str, zero_method: str) -> SimpleNamespace:
    """What `scipy.stats.wilcoxon` gives for few differences with ties, a thousand times faster.

    Optuna's pruner calls it after every fold; with ties scipy tries all signs one by one, which
    takes it most of a second for ten folds.
    """
    assert zero_method == "zsplit" and len(differences) <= 13
    doubled = np.rint(2 * rankdata(np.abs(differences))).astype(int)
    null, positive = np.array([1.0]), 0
    for rank, difference in zip(doubled, differences, strict=True):
        if difference != 0:  # zeros count half for either side, whatever the signs
            positive += rank * (difference > 0)
            null = (np.pad(null, (0, rank)) + np.pad(null, (rank, 0))) / 2
    at = np.arange(len(null))
    tail = at <= positive if alternative == "less" else at >= positive
    return SimpleNamespace(pvalue=null[tail].sum())


@dataclass
class Table:
    """Fold scores, larger is better, of every configuration of a space."""

    name: str
    space: SearchSpace
    scores: dict[tuple, np.ndarray]
    default: Configuration

    def of(self, configuration: Configuration) -> np.ndarray:
        return self.scores[tuple(configuration[n] for n in self.space.names)]

    def regret(self, mean: float) -> float:
        means = [scores.mean() for scores in self.scores.values()]
        return (max(means) - mean) / (max(means) - float(np.median(means)))


class Counter:
    """Jobs done for one search; each (configuration, fold) counts once."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.done: set[tuple] = set()
        self.best = -np.inf

    def fold(self, configuration: Configuration, fold: int) -> float:
        self.done.add((*configuration.values(), fold))
        return float(self.table.of(configuration)[fold])

    def complete(self, configuration: Configuration) -> None:
        self.best = max(self.best, self.table.of(configuration).mean())


def ours(make: Callable[[Problem], Tuner]) -> Callable[[Table, int, int, int], float]:
    def search(table: Table, folds: int, evaluations: int, seed: int) -> float:
        problem = Problem(table.space, table.default, True, seed, folds, budget=evaluations)
        tuner, counter = make(problem), Counter(table)
        done: dict[int, set[int]] = {}
        while len(counter.done) < folds * evaluations:
            proposal = tuner.ask()
            if proposal is None:
                break
            wanted = range(folds) if proposal.folds is None else proposal.folds
            values = {fold: counter.fold(proposal.configuration, fold) for fold in wanted}
            if len(counter.done) > folds * evaluations:
                break
            tuner.tell(proposal, Result(float(np.mean(list(values.values()))), values))
            done.setdefault(proposal.trial, set()).update(values)
            if len(done[proposal.trial]) == folds:
                counter.complete(proposal.configuration)
        return counter.best

    return search


def optunas(
    sampler: Callable[[int], optuna.samplers.BaseSampler], prune: bool
) -> Callable[[Table, int, int, int], float]:
    def search(table: Table, folds: int, evaluations: int, seed: int) -> float:
        pruner = optuna.pruners.WilcoxonPruner() if prune else optuna.pruners.NopPruner()
        study = optuna.create_study(direction="maximize", sampler=sampler(seed), pruner=pruner)
        study.enqueue_trial(dict(table.default))
        counter, rng = Counter(table), np.random.default_rng(seed)
        for _ in range(20 * evaluations):
            trial = study.ask()
            configuration: Configuration = {}
            for p in table.space.parameters:
                if isinstance(p, Categorical):
                    configuration[p.name] = trial.suggest_categorical(p.name, p.choices)
                else:
                    assert isinstance(p, Integer)
                    configuration[p.name] = trial.suggest_int(p.name, p.low, p.high)
            values: list[float] = []
            # As its documentation advises: folds in random order, and a pruned trial's mean so far
            # as its value.
            for fold in rng.permutation(folds):
                values.append(counter.fold(configuration, int(fold)))
                if len(counter.done) >= folds * evaluations and len(values) < folds:
                    return counter.best
                trial.report(values[-1], int(fold))
                if trial.should_prune():
                    break
            study.tell(trial, float(np.mean(values)))
            if len(values) == folds:
                counter.complete(configuration)
            if len(counter.done) >= folds * evaluations:
                break
        return counter.best

    return search


METHODS = {
    "random": ours(RandomSearch),
    "random, drop losers": ours(lambda p: DropLosers(RandomSearch(p))),
    "TPE": ours(Tpe),
    "TPE, drop losers": ours(lambda p: DropLosers(Tpe(p))),
    "racing": ours(Racing),
    "racing, elites": ours(
        lambda p: Racing(msgspec.structs.replace(p, options={"sampling": "elites"}))
    ),
    "Optuna random, Wilcoxon": optunas(lambda s: optuna.samplers.RandomSampler(s), True),
    "Optuna TPE, Wilcoxon": optunas(lambda s: optuna.samplers.TPESampler(seed=s), True),
}


def tables(folds: int) -> list[Table]:
    """Cross-validated grids; about two minutes."""
    support = SearchSpace((Integer("C", 0, 15), Integer("gamma", 0, 14)))
    tree = SearchSpace(
        (Integer("depth", 2, 12), Integer("leaf", 1, 12), Categorical("split", ("gini", "entropy")))
    )
    neighbours = SearchSpace(
        (
            Integer("k", 1, 30),
            Categorical("weights", ("uniform", "distance")),
            Categorical("p", (1, 2, 4)),
        )
    )
    linear = SearchSpace((Integer("alpha", 0, 24), Integer("ratio", 0, 12)))

    def svm(c):
        return make_pipeline(
            StandardScaler(), SVC(C=2.0 ** (c["C"] - 4), gamma=2.0 ** (c["gamma"] - 12))
        )

    def decision_tree(c):
        return DecisionTreeClassifier(
            max_depth=c["depth"], min_samples_leaf=c["leaf"], criterion=c["split"], random_state=0
        )

    def knn(c):
        return KNeighborsClassifier(c["k"], weights=c["weights"], p=c["p"], algorithm="brute")

    def elastic(c):
        model = ElasticNet(alpha=10.0 ** (c["alpha"] / 4 - 4), l1_ratio=c["ratio"] / 12)
        return make_pipeline(StandardScaler(), model)

    digits, pixels = datasets.load_digits(return_X_y=True), slice(0, 500)
    digits = (digits[0][pixels], digits[1][pixels])
    wine, cancer = datasets.load_wine(return_X_y=True), datasets.load_breast_cancer(return_X_y=True)
    diabetes = datasets.load_diabetes(return_X_y=True)
    grids = [
        ("SVM, wine", support, svm, wine, {"C": 4, "gamma": 8}),
        ("SVM, breast cancer", support, svm, cancer, {"C": 4, "gamma": 7}),
        ("tree, breast cancer", tree, decision_tree, cancer, {"depth": 12, "leaf": 1}),
        ("tree, digits", tree, decision_tree, digits, {"depth": 12, "leaf": 1}),
        ("neighbours, wine", neighbours, knn, wine, {"k": 5, "weights": "uniform", "p": 2}),
        ("elastic net, diabetes", linear, elastic, diabetes, {"alpha": 16, "ratio": 6}),
    ]
    found = []
    for name, space, make, (X, y), default in grids:
        classes = len(np.unique(y)) < 20
        split = (StratifiedKFold if classes else KFold)(folds, shuffle=True, random_state=0)
        scoring = "accuracy" if classes else "r2"
        axes = [
            p.choices if isinstance(p, Categorical) else range(p.low, p.high + 1)  # type: ignore[union-attr]
            for p in space.parameters
        ]
        scores = {
            values: cross_val_score(
                make(dict(zip(space.names, values, strict=True))), X, y, cv=split, scoring=scoring
            )
            for values in itertools.product(*axes)
        }
        found.append(Table(name, space, scores, space.nearest(default)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--evaluations", type=int, nargs="+", default=[20, 40])
    parser.add_argument("--folds", type=int, default=10)
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore")
    if args.folds <= 13:
        scipy.stats.wilcoxon = exact_wilcoxon
    grids = tables(args.folds)
    for evaluations in args.evaluations:
        regrets = np.array(
            [
                [
                    [t.regret(m(t, args.folds, evaluations, s)) for m in METHODS.values()]
                    for s in range(args.seeds)
                ]
                for t in grids
            ]
        )
        print(f"\n{evaluations} full evaluations of {args.folds} folds, {args.seeds} seeds")
        print(
            f"{'median regret':>24}  " + "  ".join(f"{t.name:>22}" for t in grids) + "  rank  mean"
        )
        ranked = ranks(np.moveaxis(regrets, 2, 0))
        order = ranked.mean(axis=(1, 2))
        for i, name in enumerate(METHODS):
            medians = np.median(regrets[:, :, i], axis=1)
            cells = "  ".join(f"{value:22.3f}" for value in medians)
            print(f"{name:>24}  {cells}  {order[i]:4.2f}  {regrets[:, :, i].mean():.3f}")
        print_differences(list(METHODS), ["Optuna TPE, Wilcoxon"], ranked)


if __name__ == "__main__":
    main()
