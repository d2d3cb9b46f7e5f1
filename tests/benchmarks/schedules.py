"""Schedules of step sizes and momentum, learned by hypergradients (Maclaurin et al. 2015, 3.1).

    python tests/benchmarks/schedules.py [--only paper fresh] [--splits 1 2 3] [--batches 20 200]

Digits, 1,000 training rows, a tanh network 64-50-50-50-10 trained for 100 batches: 800 step sizes,
800 momenta and 8 initial scales by exact reversal. Initial weights and batches are drawn afresh
every time; losses are means over 20 new draws.

``paper`` is the paper's: batches of 200, the loss of the training rows as the outer loss, from a
bad start (step size 1/e, momentum 0.5, scale of the weights e^-3), 50 hyper-steps with one draw
each, and the mean of the last 20. Beside it the best of 24 fixed settings (6 step sizes, 4 initial
scales), with the paper's momentum and with 0.9, the training and the test loss each at its own
best.

``fresh`` is what a person would do who wants to win: the outer loss is that of the training rows
and 300 validation rows together; the start is the best of 12 fixed settings, 4 draws each, whose
time counts; then 80 hyper-steps of 2 draws, the outer step size falling, and the mean of the last
20. Batches of 20 keep the paper's proportions: 2 % of the rows, two epochs in all. In those of 200,
20 epochs, noise matters little and the best fixed settings are at the edge of divergence. All of
this was chosen on split 0; what is reported are others. Beside it 48 fixed settings, and random
search over step size, momentum and scale, 2 draws each, for three times as long as ours took. Both
are judged by the best training loss and by the best test loss that any of their settings has, which
nobody could choose by. Times are those of the processor, compiling said apart.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import jax
import jax.numpy as jnp
import numpy as np
from arguments import parse
from digits import fan_in, loss_on, rows, settings, training

from engine.errors import RunError
from engine.gradient import groups as grouped
from engine.gradient import outer
from engine.gradient.engines import ENGINES
from engine.gradient.groups import Group
from engine.gradient.guard import as_found
from engine.gradient.network import Rows, data
from engine.gradient.outer import FoldGradient
from engine.gradient.problem import Hyper

STEPS, NEW, LAST = 100, 20, 20
TUNED = ("step_size", "momentum", "scale")
SHOWN = (0, 5, 10, 20, 30, 40, 50, 60, 70, 80)
RATES, SCALES = np.exp(np.linspace(-1.5, 1.5, 6)), (0.5, 1.0, 1.5, 2.0)
LONGER = 3.0
"""So many times as long as ours may random search take."""


class Losses(NamedTuple):
    """Means over draws."""

    train: float
    outer: float
    test: float


class Setting(NamedTuple):
    """The same in all steps and layers."""

    step_size: float
    momentum: float
    scale: float

    @property
    def hyper(self) -> Hyper:
        return settings(STEPS, *self)


def grid(momentum: float) -> list[Setting]:
    """The 24 fixed settings."""
    return [Setting(rate, momentum, scale) for rate in RATES for scale in SCALES]


class Task:
    """Rows, and what is computed on them.

    Args:
        batch: rows of a minibatch.
        train, watched, test: rows to train on, those of the outer loss, and others.
    """

    def __init__(self, batch: int, train: Rows, watched: Rows, test: Rows) -> None:
        problem = training(STEPS, batch)
        self._rows = data(train, watched)
        self._reverse = ENGINES["reversal"]().prepare(problem, TUNED)

        def one(hyper: Hyper, draw: jax.Array) -> list[jax.Array]:
            state = problem.advance(hyper, draw)(problem.begin(hyper, draw), jnp.arange(STEPS))
            w = problem.dynamics.weights(state)
            return [loss_on(problem, w, hyper, of) for of in (train, watched, test)]

        @jax.jit
        def several(hyper: Hyper, draws: jax.Array) -> Any:
            return [part.mean() for part in jax.lax.map(lambda draw: one(hyper, draw), draws)]

        self._several = several
        start, begin = grid(0.5)[0].hyper, time.process_time()
        self.hypergradient(start, 0)
        self.compiling, begin = time.process_time() - begin, time.process_time()
        for count in (2, 4, NEW):
            self.losses(start, 0, count)
        self.compiling_losses = time.process_time() - begin

    def losses(self, hyper: Hyper, first: int = 1_000_000, count: int = NEW) -> Losses:
        """Over ``count`` draws from ``first``."""
        found = self._several({**self._rows, **hyper}, first + jnp.arange(count))
        return Losses(*(float(part) if math.isfinite(part) else math.inf for part in found))

    def hypergradient(self, hyper: Hyper, draw: int) -> FoldGradient:
        try:
            return as_found(self._reverse({**self._rows, **hyper}, draw))
        except RunError:  # it diverged
            return outer.lost(hyper)

    def learn(
        self, start: Hyper, rate: float, halving: float, hyper_steps: int, draws: int
    ) -> tuple[Hyper, float, list[Losses]]:
        """Show the curve.

        Returns:
            Hyperparameters, the mean of the last `LAST` hyper-steps; seconds; the curve.
        """
        groups = (
            Group("step_size", start["step_size"], "log", 1e-4, 1e3),
            Group("momentum", start["momentum"], "logit", 0.05, 0.999),
            Group("scale", start["scale"], "log", 1e-3, 1e2),
        )
        optimiser = outer.OPTIMISERS["adam"](outer.falling(rate, halving))
        tuning, seconds = outer.begin(groups, optimiser), 0.0
        step = jax.jit(partial(outer.step, groups, optimiser, longest=1.0))
        step(tuning, [self.hypergradient(start, i) for i in range(draws)])  # compiled
        headers = ("hyper-steps", *Losses._fields, "seconds")
        print("".join(f"{head:>12}" for head in headers))
        curve, last = [], []
        for number in range(hyper_steps + 1):
            natural = grouped.natural(groups, tuning.free)
            if number in SHOWN:
                curve.append(self.losses(natural))
                show(str(number), curve[-1], seconds)
            if number > hyper_steps - LAST:
                last.append(tuning.free)
            if number == hyper_steps:
                break
            begin = time.process_time()
            found = [self.hypergradient(natural, number * draws + i) for i in range(draws)]
            tuning = jax.block_until_ready(step(tuning, found))
            seconds += time.process_time() - begin
        mean = jax.tree.map(lambda *values: jnp.stack(values).mean(axis=0), *last)
        return grouped.natural(groups, mean), seconds, curve

    def tried(self, all: Iterable[Setting]) -> dict[Setting, Losses]:
        """Over 4 draws, to choose by."""
        return {setting: self.losses(setting.hyper, 0, 4) for setting in all}

    def search(self, goal: Losses, limit: float) -> tuple[Losses, int, float]:
        """Random search, until it has come to ``goal`` in all or ``limit`` seconds are over.

        Luck does not count: losses are those over `NEW` other draws, which cost it nothing.

        Returns:
            The least of each loss, settings and seconds.
        """
        rng, spent, tries = np.random.default_rng(0), 0.0, 0
        lucky, best = [math.inf] * 3, [math.inf] * 3
        while spent < limit and any(b > g for b, g in zip(best, goal, strict=True)):
            rate, scale = np.exp(rng.uniform(-4, 2)), np.exp(rng.uniform(-1.5, 1))
            hyper = Setting(rate, 1 - np.exp(rng.uniform(-4, -0.1)), scale).hyper
            begin = time.process_time()
            found = self.losses(hyper, 2_000_000 + 2 * tries, 2)
            spent, tries = spent + time.process_time() - begin, tries + 1
            if any(f < b for f, b in zip(found, lucky, strict=True)):
                lucky = [*map(min, lucky, found)]
                best = [*map(min, best, self.losses(hyper))]
        return Losses(*best), tries, spent


def least(tried: dict[Setting, Losses], at: str) -> Setting:
    """With the least loss ``at``."""
    return min(tried, key=lambda setting: getattr(tried[setting], at))


def show(name: str, found: Losses, seconds: float | None = None) -> None:
    at = "" if seconds is None else f"{seconds:>12.1f}"
    print(f"{name:>12}" + "".join(f"{loss:>12.4f}" for loss in found) + at, flush=True)


def show_fixed(task: Task, momentum: float) -> Losses:
    """The best of 24; each loss at its own best."""
    tried, found = task.tried(grid(momentum)), []
    for at in Losses._fields:
        setting = least(tried, at)
        losses = task.losses(setting.hyper)
        found.append(getattr(losses, at))
        if at != "outer":
            print(
                f"24 fixed, momentum {momentum}, best {at} loss: train {losses.train:.4f}, test "
                f"{losses.test:.4f} (step size {setting.step_size:.2f}, scale {setting.scale})",
                flush=True,
            )
    return Losses(*found)


def paper(hyper_steps: int = 50) -> None:
    train, test = rows(0, 1000)
    task = Task(200, train, train, test)
    for momentum in (0.5, 0.9):
        show_fixed(task, momentum)
    small = jnp.asarray(math.exp(-3) * np.sqrt(fan_in()), jnp.float32)
    start = {**settings(STEPS, math.exp(-1), 0.5), "scale": small}
    found, seconds, curve = task.learn(start, 0.04, 100, hyper_steps, 1)
    last = task.losses(found)
    show("mean of last", last, seconds)
    print(f"training loss fell {curve[0].train / last.train:.1f} times")


class Outcome(NamedTuple):
    """Of a split."""

    ours: Losses
    fixed: Losses
    random: Losses
    curve: list[Losses]
    seconds: float
    random_seconds: float


def fresh(split: int, batch: int, hyper_steps: int = 80) -> Outcome:
    train, valid, test = rows(split, 1000, 300)
    features = jnp.concatenate([train.features, valid.features])
    watched = Rows(features, jnp.concatenate([train.target, valid.target]))
    task = Task(batch, train, watched, test)
    fixed = Losses(*map(min, show_fixed(task, 0.5), show_fixed(task, 0.9)))
    few = [Setting(r, m, s) for r in (0.3, 0.8, 1.6) for m in (0.5, 0.8) for s in (1.0, 1.6)]
    begin = time.process_time()
    start = least(task.tried(few), "outer")
    seconds = time.process_time() - begin
    found, more, curve = task.learn(start.hyper, 0.03, 30.0, hyper_steps, 2)
    seconds += more
    ours = task.losses(found)
    show("mean of last", ours, seconds)
    random, tries, spent = task.search(ours, LONGER * seconds)
    show("random", random, spent)
    print(
        f"{tries} settings; compiling took {task.compiling:.0f} s and {task.compiling_losses:.0f} s"
    )
    return Outcome(ours, fixed, random, curve, seconds, spent)


def conclude(found: list[Outcome]) -> None:
    """Medians over the splits."""

    def median(of: Callable[[Outcome], Any]) -> Any:
        return np.median([of(each) for each in found], axis=0)

    for number, losses in zip(SHOWN, median(lambda o: o.curve), strict=False):
        show(str(number), Losses(*losses))
    for name in ("ours", "fixed", "random"):
        show(name, Losses(*median(lambda o, name=name: getattr(o, name))))
    for name in ("fixed", "random"):
        better = np.sum([np.less(o.ours, getattr(o, name)) for o in found], axis=0)
        told = ", ".join(f"{at} {n}" for at, n in zip(Losses._fields, better, strict=True))
        print(f"better than {name}, of {len(found)} splits: {told}")
    seconds = median(lambda o: (o.seconds, o.random_seconds))
    print(f"seconds: ours {seconds[0]:.0f}, random search {seconds[1]:.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", choices=("paper", "fresh"), default=["paper", "fresh"])
    parser.add_argument("--splits", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--batches", type=int, nargs="+", default=[20, 200])
    chosen = parse(parser, splits=[1], batches=[200])
    few = (2,) if chosen.small else ()
    if "paper" in chosen.only:
        print("--- paper")
        paper(*few)
    for batch in chosen.batches if "fresh" in chosen.only else ():
        outcomes = []
        for split in chosen.splits:
            print(f"--- batches of {batch}, split {split}")
            outcomes.append(fresh(split, batch, *few))
        print(f"--- batches of {batch}, medians")
        conclude(outcomes)


if __name__ == "__main__":
    main()
