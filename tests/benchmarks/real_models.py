"""The automatic method on real models, beside Optuna's TPE and scikit-learn's two random searches.

    python tests/benchmarks/real_models.py [--pairs svm/digits ...] [--seeds 5] [--first-seed 0]
        [--evaluations 25] [--seconds 15] [--workers 2] [--pool 100] [--probe] [--keep FILE]
        [--methods auto gp optuna-tpe ...]

Pairs of a learner and a table (`real_pairs.py`). On each pair all methods have the same space,
preparation and folds, and know the score of the learner's default configuration. They are compared
twice:

- at equal full evaluations, one after another. A halving search pays for its smaller fits by their
  share of the rows; it is repeated with other seeds, and the repeat that reaches the budget counts;
- at equal wall time, each as its users run it, with as many warm processes: ours as a whole run
  with its archive, Optuna over `cross_val_score`, RandomizedSearchCV in batches that suit the time
  left, HalvingRandomSearchCV over and over. Loading the table and refitting are not timed.

What a method found is scored once more, on all folds and rows, with the same ``random_state``
for every configuration. Of the repeats of a halving search the best by that score is taken. The
normalised regret is 0 at the best configuration that any method or a random pool found, and 1 at
the default. Prints the medians of each pair, the means, and how far each of our methods is below
each rival, with a 95 % interval (bootstrap, of pairs and of seeds within them).

Target: auto below every rival, the intervals against sklearn-random and sklearn-halving below 0.
With ``--keep`` what every search found is appended to a file, and a later call takes from it what
is there.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{name}_NUM_THREADS"] = "1"
os.environ["PYTHONWARNINGS"] = "ignore"  # of the processes that scikit-learn starts
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from arguments import parse
from bootstrap import interval
from kept import Kept
from real_pairs import PAIRS, Objective, objective, prepare
from real_rivals import RIVALS, Found

from engine import catalog
from engine.runs import folder as files
from engine.runs import planning
from engine.runs.run_executor import WORKER_MODULES, Phase, RunExecutor
from engine.tuners.base import Result
from engine.workers import LocalPool


class Task(NamedTuple):
    """A search to carry out."""

    pair: str
    folder: Path
    method: str
    """``pool`` and ``default`` stand for random evaluations and the default configuration."""
    seed: int
    evaluations: int
    probe: bool = False

    @property
    def name(self) -> str:
        return "/".join(map(str, (self.pair, *self[2:])))


class Outcome(NamedTuple):
    task: Task
    found: Found


# --- our methods ----------------------------------------------------------------------------------


def engine_counted(pair: Objective, task: Task) -> Found:
    """One of our methods, asked and told."""
    plan = pair.planned(task.method, task.seed, 1, task.probe, evaluations=task.evaluations)
    tuner = catalog.make_tuner(plan, pair.default, pair.n_folds)
    saves = catalog.warm_starts(plan)
    reached: dict[tuple[int, int], float] = {}
    full: dict[int, dict[int, float]] = {}
    spent = 0.0
    while spent < task.evaluations - 1e-9 and (proposal := tuner.ask()) is not None:
        fidelity = proposal.fidelity
        folds = proposal.folds if proposal.folds is not None else range(pair.n_folds)
        values = {f: pair.fold(proposal.configuration, f, fidelity) for f in folds}
        for fold in folds:
            before = reached.get((proposal.trial, fold), 0.0)
            if fidelity > before:
                spent += (fidelity - (before if saves else 0.0)) / pair.n_folds
                reached[proposal.trial, fold] = fidelity
        tuner.tell(proposal, Result(float(np.mean([*values.values()])), values, seconds=1.0))
        if fidelity == 1.0:
            full.setdefault(proposal.trial, {}).update(values)
    means = [np.mean([*values.values()]) for values in full.values() if len(values) == pair.n_folds]
    best = -max(means) if pair.maximise else min(means)
    return Found(float(best), spent, picked=plan.method.resolved_id)


def engine_timed(pair: Objective, task: Task, seconds: float, pool: LocalPool) -> Found:
    """One of our methods as a run, from opening its archive to the end of the search."""
    watch = Watch()
    plan = pair.planned(task.method, task.seed, pool.size, task.probe, seconds=seconds)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "run"
        files.create(folder, plan, planning.load_data(plan.data))
        begun = time.perf_counter()
        executor = Run(folder, plan, pool, watch)
        executor.pair = pair
        try:
            result = executor.run()
        finally:
            executor.close()
    assert result is not None
    cost = pair.cost(result.configuration)
    return Found(cost, result.evaluations, watch.over - begun, plan.method.resolved_id)


class Run(RunExecutor):
    """A run on the folds of the pair, which would else depend on the seed."""

    pair: Objective

    def _arguments(self, trial, fold, fidelity):
        return (str(self.pair.folder), *super()._arguments(trial, fold, fidelity)[1:])


class Watch:
    """Notes when the search was over."""

    def __init__(self) -> None:
        self.over = 0.0

    def entered(self, phase: Phase) -> None:
        self.over = time.perf_counter() if phase is Phase.FITTING else 0.0

    def changed(self, trial, fold):
        pass

    def progressed(self, counts):
        pass

    def paused(self, error):
        raise error

    def resumed(self):
        pass


# --- carrying out ---------------------------------------------------------------------------------


def carry_out(task: Task) -> Found:
    """A search at equal evaluations."""
    pair, begun = objective(task.folder), time.perf_counter()
    if task.method == "default":
        found = Found(pair.cost(pair.default), 1)
    elif task.method == "pool":
        rng = np.random.default_rng(2**32)
        costs = [pair.cost(pair.plan.space.sample(rng)) for _ in range(task.evaluations)]
        found = Found(min(costs), len(costs))
    elif task.method in RIVALS:
        found = RIVALS[task.method][0](pair, task.seed, task.evaluations)
    else:
        found = engine_counted(pair, task)
    return found._replace(seconds=time.perf_counter() - begun)


def timed(task: Task, seconds: float, pool: LocalPool) -> Found:
    """A search at equal wall time."""
    pair = objective(task.folder)
    if task.method in RIVALS:
        return RIVALS[task.method][1](pair, task.seed, seconds, pool.size)
    return engine_timed(pair, task, seconds, pool)


def at_equal_evaluations(tasks: list[Task], workers: int, kept: Kept[Found]) -> list[Outcome]:
    # Spawned, not forked: some of the libraries have threads.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        found = kept.each(tasks, lambda task: task.name, lambda left: pool.map(carry_out, left))
        return counted(found, len(tasks), "searches")


def at_equal_time(
    tasks: list[Task], seconds: float, workers: int, kept: Kept[Found]
) -> list[Outcome]:
    def work(left: Iterable[Task]) -> Iterator[Found]:
        with LocalPool(workers, WORKER_MODULES) as pool:
            # Our workers make way for other programs; theirs, started after this, then do as well.
            if hasattr(os, "nice"):
                os.nice(10)
            for task in {task.method: task for task in tasks}.values():
                timed(task, 1.0, pool)  # warm both sides up
            for task in left:
                yield timed(task, seconds, pool)

    found = kept.each(tasks, lambda task: f"{task.name}/{seconds:g} s/{workers}", work)
    return counted(found, len(tasks), "timed searches")


def counted(found: Iterable[tuple[Task, Found]], number: int, what: str) -> list[Outcome]:
    """All of ``found``, with a line that counts them."""
    outcomes = []
    for task, each in found:
        outcomes.append(Outcome(task, each))
        print(f"\r{len(outcomes)} of {number} {what}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return outcomes


# --- the report -----------------------------------------------------------------------------------


def report(
    title: str, outcomes: list[Outcome], methods: list[str], ends: Mapping[str, tuple[float, float]]
) -> None:
    """Print the tables of one comparison.

    Args:
        outcomes: of every method, pair and seed.
        ends: costs of the best configuration and of the default, by pair.
    """
    pairs, seeds = list(ends), sorted({task.seed for task, _ in outcomes})
    shape = len(methods), len(pairs), len(seeds)
    regrets, spent, seconds = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    for task, found in outcomes:
        best, default = ends[task.pair]
        at = methods.index(task.method), pairs.index(task.pair), seeds.index(task.seed)
        regrets[at] = (found.cost - best) / max(default - best, np.finfo(float).tiny)
        spent[at], seconds[at] = found.evaluations, found.seconds
    print(f"\n{title}: {len(pairs)} pairs x {len(seeds)} seeds\n")
    width = max(map(len, [*pairs, *methods]))
    print(f"{'median regret':{width}}" + "".join(f"{method:>17}" for method in methods))
    for i, pair in enumerate(pairs):
        medians = "".join(f"{value:17.3f}" for value in np.median(regrets[:, i], axis=1))
        picked = sorted({found.picked for task, found in outcomes if task.pair == pair} - {""})
        print(f"{pair:{width}}{medians}" + (f"  auto: {', '.join(picked)}" if picked else ""))
    for label, values, digits in (
        ("mean regret", regrets, 4),
        ("mean evaluations", spent, 1),
        ("mean seconds", seconds, 1),
    ):
        means = "".join(f"{value:17.{digits}f}" for value in values.mean(axis=(1, 2)))
        print(f"{label:{width}}{means}")
    rivals = [method for method in methods if method in RIVALS]
    print("\n" + " " * width + "".join(f"{'minus ' + rival:>28}" for rival in rivals))
    for i, method in enumerate(methods):
        if method in RIVALS:
            continue
        line = f"{method:{width}}"
        for rival in rivals:
            difference = regrets[i] - regrets[methods.index(rival)]
            low, high = interval(difference)
            line += f"{difference.mean():+10.3f} [{low:+.3f}, {high:+.3f}]"
        print(line)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", nargs="+", choices=PAIRS, default=list(PAIRS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--evaluations", type=int, default=25, help="full ones; 0 to leave out")
    parser.add_argument("--seconds", type=float, default=15.0, help="0 to leave out")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pool", type=int, default=100, help="random evaluations of each pair")
    parser.add_argument("--methods", nargs="+", default=["auto", *RIVALS])
    parser.add_argument("--probe", action="store_true", help="the guide knows the cost of a fit")
    parser.add_argument("--keep", type=Path, help="file of what was found, added to")
    call = parse(
        parser,
        pairs=["svm/breast_cancer"],
        seeds=1,
        evaluations=3,
        seconds=1.0,
        pool=3,
        methods=["auto", *RIVALS],
    )
    known = [*(card.id for card in catalog.CATALOG().methods), *RIVALS]
    if strange := [method for method in call.methods if method not in known]:
        parser.error(f"no method {', '.join(strange)}; known: {', '.join(known)}")
    kept = Kept(call.keep, Found)
    with tempfile.TemporaryDirectory() as scratch:
        folders = {name: prepare(PAIRS[name], Path(scratch)) for name in call.pairs}
        tasks = [
            Task(name, folders[name], method, seed, call.evaluations, call.probe)
            for name in call.pairs
            for seed in range(call.first_seed, call.first_seed + call.seeds)
            for method in call.methods
        ]
        shared = [
            Task(name, folders[name], method, 0, call.pool)
            for name in call.pairs
            for method in ("default", "pool")
        ]
        if call.evaluations:
            shared += tasks
        shared.sort(key=lambda task: task.pair)  # a process seldom has to prepare another table
        found = at_equal_evaluations(shared, call.workers, kept)
        clocked = at_equal_time(tasks, call.seconds, call.workers, kept) if call.seconds else []
    every, ends = [*found, *clocked], {}
    for name in call.pairs:
        of_pair = [(task.method, found.cost) for task, found in every if task.pair == name]
        default = dict(of_pair)["default"]
        ends[name] = min(cost for _, cost in of_pair), default
    searches = [outcome for outcome in found if outcome.task.method in call.methods]
    if searches:
        report(f"Equal evaluations, {call.evaluations}", searches, call.methods, ends)
    if clocked:
        report(f"Equal time, {call.seconds:g} s", clocked, call.methods, ends)


if __name__ == "__main__":
    main()
