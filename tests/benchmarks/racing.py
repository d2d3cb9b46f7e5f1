"""Racing and dropping of losers against Optuna's WilcoxonPruner, on real fold scores.

    python tests/benchmarks/racing.py [--seeds 20] [--first-seed 0] [--evaluations 20 40]
        [--folds 10] [--methods racing ...] [--keep FILE]

Every configuration of a grid is cross-validated once; then each method searches the table of fold
scores, one job at a time, until its jobs are worth the given number of full evaluations. A fold
that a method asks for again costs nothing. The result is the best trial that has all folds. Printed
is its regret: how far its mean score is behind the table's best, in units of the distance between
the best and the median configuration; medians over the seeds, each method's average rank, and how
far it is from that of Optuna's TPE with its pruner, with a 95 % interval (bootstrap, of tables and
of seeds within them). How racing draws was settled on other tables and seeds. With
``--keep`` fold scores and regrets are appended to a file, and a later call takes them from there.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec
import numpy as np
import optuna
import scipy.stats
from arguments import parse
from bootstrap import print_differences, ranks
from kept import Kept
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
from engine.tuners.base import Result, Tuner, TuningProblem
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


def ours(make: Callable[[TuningProblem], Tuner]) -> Callable[[Table, int, int, int], float]:
    def search(table: Table, folds: int, evaluations: int, seed: int) -> float:
        problem = TuningProblem(table.space, table.default, True, seed, folds, budget=evaluations)
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


def tables(count: int, folds: int, kept: Kept[list[float]]) -> list[Table]:
    """The first ``count`` grids, cross-validated, which takes about two minutes for all six, or as
    kept by an earlier call."""
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

    def scores(space, make, X, y) -> Iterator[float]:
        classes = len(np.unique(y)) < 20
        split = (StratifiedKFold if classes else KFold)(folds, shuffle=True, random_state=0)
        scoring = "accuracy" if classes else "r2"
        for values in configurations(space):
            model = make(dict(zip(space.names, values, strict=True)))
            yield from cross_val_score(model, X, y, cv=split, scoring=scoring)

    found = []
    for grid, of_folds in kept.each(
        grids[:count],
        lambda grid: f"{grid[0]}/{folds}",
        lambda left: (list(scores(space, make, *data)) for _, space, make, data, _ in left),
    ):
        name, space, _, _, default = grid
        rows = np.reshape(of_folds, (-1, folds))
        table = dict(zip(configurations(space), rows, strict=True))
        found.append(Table(name, space, table, space.nearest(default)))
    return found


def configurations(space: SearchSpace) -> list[tuple]:
    """Every one, as values in the order of the space."""
    axes = [
        p.choices if isinstance(p, Categorical) else range(p.low, p.high + 1)  # type: ignore[union-attr]
        for p in space.parameters
    ]
    return list(itertools.product(*axes))


class Search(NamedTuple):
    table: Table
    method: str
    evaluations: int
    folds: int
    seed: int

    @property
    def name(self) -> str:
        return "/".join(map(str, (self.table.name, *self[1:])))

    def regret(self) -> float:
        search = METHODS[self.method]
        return self.table.regret(search(self.table, self.folds, self.evaluations, self.seed))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--evaluations", type=int, nargs="+", default=[20, 40])
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--keep", type=Path, help="file of regrets, added to")
    parser.add_argument("--tables", type=int, default=6, help="so many of the six")
    args = parse(
        parser,
        seeds=1,
        evaluations=[6],
        folds=3,
        tables=1,
        methods=["racing", "Optuna TPE, Wilcoxon"],
    )
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore")
    if args.folds <= 13:
        scipy.stats.wilcoxon = exact_wilcoxon
    kept = Kept(args.keep, list[float])
    grids = tables(args.tables, args.folds, kept)
    for evaluations in args.evaluations:
        searches = [
            Search(table, method, evaluations, args.folds, seed)
            for seed in range(args.first_seed, args.first_seed + args.seeds)
            for table in grids
            for method in args.methods
        ]
        found = {
            search.name: regret
            for search, (regret,) in kept.each(
                searches, lambda search: search.name, lambda left: ([s.regret()] for s in left)
            )
        }
        values = [found[search.name] for search in searches]
        regrets = np.array(values).reshape(args.seeds, len(grids), len(args.methods))
        print(f"\n{evaluations} full evaluations of {args.folds} folds, {args.seeds} seeds")
        print(
            f"{'median regret':>24}  " + "  ".join(f"{t.name:>22}" for t in grids) + "  rank  mean"
        )
        # Shape (methods, tables, seeds).
        ranked = ranks(regrets.transpose(2, 1, 0))
        order = ranked.mean(axis=(1, 2))
        for i, name in enumerate(args.methods):
            medians = np.median(regrets[:, :, i], axis=0)
            cells = "  ".join(f"{value:22.3f}" for value in medians)
            print(f"{name:>24}  {cells}  {order[i]:4.2f}  {regrets[:, :, i].mean():.3f}")
        print_differences(args.methods, ["Optuna TPE, Wilcoxon"], ranked)


if __name__ == "__main__":
    main()
