"""Our methods beside Optuna's and SciPy's on COCO's functions: who finds more in 100 evaluations.

    python tests/benchmarks/samplers.py [--suite bbob bbob-mixint] [--dimensions 5 10]
        [--functions 1 3 5-9] [--seeds 5] [--first-seed 0] [--budget 100]
        [--methods gp cmaes optuna-tpe ...] [--processes 2] [--keep FILE]

Each seed is another instance of each function (another optimum, another rotation). Every method
evaluates COCO's initial solution, the middle of the space, first: it stands for the learner's
default configuration. No evaluations are made in parallel. With ``--keep`` every run's outcome is
appended to a file, and a later call takes from it what is there.

Prints for each suite and dimension: the average rank of the best value found (1 is best, among all
methods that ran, within function and seed), the average regret (0: the lowest value that any method
found; 1: that of the initial solution), and the median time from the end of an evaluation to the
start of the next. Then for each pair of ours and a rival the share of functions and seeds on which
ours found less (ties count half), with Wilcoxon's signed-rank test of the regrets.

Targets: gp ahead of every Optuna method in rank; cmaes, evolution and de at least level with
optuna-cmaes and scipy-de.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import math
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{name}_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from arguments import parse
from kept import Kept

from engine.space import Configuration, Float, Integer, SearchSpace
from engine.tuners.base import Result, Tuner, TuningProblem

OURS = {
    "gp": "engine.tuners.gp",
    "rf_bo": "engine.tuners.rf_bo",
    "tpe": "engine.tuners.tpe",
    "cmaes": "engine.tuners.cmaes",
    "evolution": "engine.tuners.evolution",
    "de": "engine.tuners.differential_evolution",
    "sobol": "engine.tuners.quasi_random",
    "lhs": "engine.tuners.quasi_random",
    "random": "engine.tuners.random_search",
}
"""The modules of our methods, by id; those that don't exist are skipped with a word."""

FUNCTIONS = "1 3 5 6 8 9 10 12 14 15 17 19 20 21 23"
"""Three of each of COCO's five groups."""


class Spent(Exception):
    """The budget is used up."""


class Objective:
    """One COCO function as a search space with a score to be minimised.

    Keeps what was found and how long the method took between evaluations.
    """

    def __init__(self, suite: str, function: int, dimension: int, seed: int, budget: int) -> None:
        import cocoex

        chosen = f"function_indices:{function} dimensions:{dimension}"
        # The suite owns its problems, so it must be kept.
        self._suite = cocoex.Suite(suite, f"instances: {seed + 1}", chosen)
        self._problem = next(iter(self._suite))
        lows, highs = self._problem.lower_bounds, self._problem.upper_bounds
        integers = int(self._problem.number_of_integer_variables)
        self.space = SearchSpace(
            tuple(
                Integer(f"x{i:02}", int(low), int(high))
                if i < integers
                else Float(f"x{i:02}", float(low), float(high))
                for i, (low, high) in enumerate(zip(lows, highs, strict=True))
            )
        )
        self.initial = self.configuration(self._problem.initial_solution)
        self.budget = budget
        self.values: list[float] = []
        self.gaps: list[float] = []
        self._left: float | None = None

    def configuration(self, x: Sequence[float] | np.ndarray) -> Configuration:
        return {
            p.name: round(value) if isinstance(p, Integer) else float(value)
            for p, value in zip(self.space.parameters, x, strict=True)
        }

    def __call__(self, configuration: Configuration) -> float:
        """The value of ``configuration``.

        Raises:
            Spent: instead of an evaluation beyond the budget.
        """
        if len(self.values) == self.budget:
            raise Spent
        if self._left is not None:
            self.gaps.append(time.perf_counter() - self._left)
        self.space.validate(configuration)
        value = float(self._problem([configuration[name] for name in self.space.names]))
        self.values.append(value)
        self._left = time.perf_counter()
        return value


# --- the methods ----------------------------------------------------------------------------------


def find(method: str) -> type[Tuner]:
    """Our method of the id ``method``.

    Raises:
        ImportError: if there is none.
    """
    module = importlib.import_module(OURS[method])
    for member in vars(module).values():
        card = getattr(member, "card", None)
        if isinstance(member, type) and card is not None and card.id == method:
            return member
    raise ImportError(f"{OURS[method]} has no method {method}")


def with_ours(method: str) -> Callable[[Objective, int], None]:
    def run(objective: Objective, seed: int) -> None:
        problem = TuningProblem(
            objective.space, objective.initial, False, seed, budget=float(objective.budget)
        )
        tuner = find(method)(problem)
        while (proposal := tuner.ask()) is not None:
            tuner.tell(proposal, Result(objective(proposal.configuration), seconds=1.0))

    return run


def with_optuna(sampler: str) -> Callable[[Objective, int], None]:
    def run(objective: Objective, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        made = {
            "tpe": lambda: optuna.samplers.TPESampler(seed=seed),
            "cmaes": lambda: optuna.samplers.CmaEsSampler(seed=seed),
            "random": lambda: optuna.samplers.RandomSampler(seed=seed),
        }[sampler]()
        distributions: dict[str, optuna.distributions.BaseDistribution] = {
            p.name: optuna.distributions.IntDistribution(p.low, p.high)
            if isinstance(p, Integer)
            else optuna.distributions.FloatDistribution(p.low, p.high)  # type: ignore[union-attr]
            for p in objective.space.parameters
        }
        study = optuna.create_study(sampler=made)
        study.enqueue_trial(objective.initial)
        while True:
            trial = study.ask(distributions)
            study.tell(trial, objective(dict(trial.params)))

    return run


def scipy_de(objective: Objective, seed: int) -> None:
    """With the settings that did best here in a hundred evaluations, of populations from 5 to 30,
    five strategies, and four pairs of factors. SciPy's own population, 15 a dimension, would hardly
    evolve."""
    from scipy.optimize import differential_evolution

    space, names = objective.space, objective.space.names
    bounds = [(p.low, p.high) for p in space.parameters]  # type: ignore[union-attr]
    differential_evolution(
        lambda x: objective(objective.configuration(x)),
        bounds,
        popsize=max(1, 10 // len(space)),  # times the dimension
        mutation=(0.5, 0.7),
        recombination=0.7,
        maxiter=10**6,
        tol=0,
        polish=False,
        rng=np.random.default_rng(seed),
        x0=[float(objective.initial[name]) for name in names],  # type: ignore[arg-type]
        integrality=[isinstance(p, Integer) for p in space.parameters],
    )


RIVALS: dict[str, Callable[[Objective, int], None]] = {
    "optuna-tpe": with_optuna("tpe"),
    "optuna-cmaes": with_optuna("cmaes"),
    "optuna-random": with_optuna("random"),
    "scipy-de": scipy_de,
}


class Task(NamedTuple):
    suite: str
    dimension: int
    function: int
    seed: int
    method: str
    budget: int

    @property
    def name(self) -> str:
        return "/".join(map(str, self))


class Outcome(NamedTuple):
    task: Task
    initial: float
    best: float
    seconds: float
    """Median time between evaluations."""


def carry_out(task: Task) -> Outcome:
    """Run one method on one function."""
    warnings.simplefilter("ignore")
    objective = Objective(task.suite, task.function, task.dimension, task.seed, task.budget)
    run = RIVALS[task.method] if task.method in RIVALS else with_ours(task.method)
    with contextlib.suppress(Spent):
        run(objective, task.seed)
    gaps = objective.gaps
    seconds = statistics.median(gaps) if gaps else math.nan
    return Outcome(task, objective.values[0], min(objective.values), seconds)


# --- the report -----------------------------------------------------------------------------------


def report(outcomes: list[Outcome], methods: list[str]) -> None:
    """Print the tables of one suite and dimension."""
    from scipy.stats import rankdata, wilcoxon

    cells = sorted({(o.task.function, o.task.seed) for o in outcomes})
    best = np.full((len(methods), len(cells)), np.nan)
    initial = np.full(len(cells), np.nan)
    for o in outcomes:
        column = cells.index((o.task.function, o.task.seed))
        best[methods.index(o.task.method), column] = o.best
        initial[column] = o.initial
    ranks = rankdata(best, axis=0).mean(axis=1)
    min_fidelity = best.min(axis=0)
    regrets = (best - min_fidelity) / np.maximum(initial - min_fidelity, np.finfo(float).tiny)
    first = outcomes[0].task
    functions = len({function for function, _ in cells})
    print(
        f"\n{first.suite}, {first.dimension} dimensions: {functions} functions x "
        f"{len(cells) // functions} seeds, {first.budget} evaluations\n"
    )
    print(f"{'method':>14}  {'average rank':>12}  {'regret':>8}  {'ms a proposal':>13}")
    for i in np.argsort(ranks, kind="stable"):
        times = [o.seconds for o in outcomes if o.task.method == methods[i]]
        milliseconds = 1e3 * statistics.median(times)
        print(f"{methods[i]:>14}  {ranks[i]:12.2f}  {regrets[i].mean():8.4f}  {milliseconds:13.2f}")
    rivals = [method for method in methods if method in RIVALS]
    print("\n" + " " * 14 + "".join(f"{'against ' + rival:>23}" for rival in rivals))
    for i, method in enumerate(methods):
        if method in RIVALS:
            continue
        line = f"{method:>14}"
        for rival in rivals:
            j = methods.index(rival)
            wins = np.mean((best[i] < best[j]) + 0.5 * (best[i] == best[j]))
            differences = regrets[i] - regrets[j]
            p = wilcoxon(differences)[1] if np.any(differences) else 1.0
            line += f"{100 * wins:9.0f} %  p {p:8.1g}"
        print(line)


def functions(texts: list[str]) -> list[int]:
    """Numbers and ranges such as ``5-9``."""

    def numbers() -> Iterator[int]:
        for text in " ".join(texts).replace(",", " ").split():
            first, _, last = text.partition("-")
            yield from range(int(first), int(last or first) + 1)

    return sorted(set(numbers()))


def available(methods: list[str]) -> list[str]:
    """``methods`` without those that are not there, of which it says so."""
    found = []
    for method in methods:
        if method not in RIVALS:
            if method not in OURS:
                sys.exit(f"There is no method {method}. Known: {', '.join([*OURS, *RIVALS])}.")
            try:
                find(method)
            except ImportError as error:
                print(f"{method} is skipped: {error}", file=sys.stderr)
                continue
        found.append(method)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--suite", nargs="+", default=["bbob", "bbob-mixint"])
    parser.add_argument("--dimensions", nargs="+", type=int, default=[5, 10])
    parser.add_argument("--functions", nargs="+", default=[FUNCTIONS])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--budget", type=int, default=100)
    parser.add_argument("--methods", nargs="+", default=[*OURS, *RIVALS])
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="file of outcomes, added to")
    arguments = parse(
        parser,
        suite=["bbob"],
        dimensions=[2],
        functions=["1"],
        seeds=1,
        budget=8,
    )
    methods = available(arguments.methods)
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    kept = Kept(arguments.keep, Outcome)
    # Spawned, not forked: some of the libraries have threads.
    with ProcessPoolExecutor(arguments.processes, get_context("spawn")) as pool:
        for suite in arguments.suite:
            for dimension in arguments.dimensions:
                tasks = [
                    Task(suite, dimension, function, seed, method, arguments.budget)
                    for function in functions(arguments.functions)
                    for seed in seeds
                    for method in methods
                ]
                outcomes = []
                for _, outcome in kept.each(
                    tasks, lambda task: task.name, lambda missing: pool.map(carry_out, missing)
                ):
                    outcomes.append(outcome)
                    print(f"\r{len(outcomes)} of {len(tasks)} runs", end="", file=sys.stderr)
                print(file=sys.stderr)
                report(outcomes, methods)


if __name__ == "__main__":
    main()
