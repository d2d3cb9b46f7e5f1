"""Schedules of step sizes and momentum, learned by hypergradients (Maclaurin et al. 2015, 3.1).

    python tests/benchmarks/schedules.py [--only paper seen] [--steps 140] [--draws 2]

Digits, a tanh network 64-50-50-50-10 trained for 100 batches of 200: 800 step sizes, 800 momenta
and 8 initial scales by exact reversal. Initial weights and batches are drawn afresh every time;
losses are means over 20 new draws, at several hyper-steps and at the one of the lowest outer loss.

``paper`` is the paper's: 1,000 training rows whose loss is the outer loss, from a bad start (step
size 1/e, momentum 0.5, scale of the weights e^-3), 50 hyper-steps with one draw each. ``seen`` is
nearer to what a person does: the outer loss sees 300 validation rows beside the training rows, and
momentum starts at 0.9 and the scale where it usually is; two draws a hyper-step.

Beside each the best of 24 fixed settings (6 step sizes, 4 initial scales) with the paper's momentum
and with 0.9, the training and the test loss each at its own best; and random search over step size,
momentum and scale: the seconds that it needs for the outer loss that ours ended with (compiling
aside on either side), given up after half as long again as ours.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import math
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import jax
import jax.numpy as jnp
import numpy as np
from digits import fan_in, loss_on, rows, settings, training

from engine.errors import RunError
from engine.gradient import groups as grouped
from engine.gradient import outer
from engine.gradient.engines import ENGINES
from engine.gradient.engines.unrolled import advance
from engine.gradient.groups import Group
from engine.gradient.guard import as_found
from engine.gradient.network import Rows, data
from engine.gradient.outer import Found
from engine.gradient.problem import Hyper

STEPS, NEW = 100, 20
PROBLEM = training(STEPS)
TUNED = ("step_size", "momentum", "scale")
SHOWN = (0, 10, 25, 50, 75, 100, 150, 200, 300)
FIXED = [
    (rate, scale) for rate in np.exp(np.linspace(-1.5, 1.5, 6)) for scale in (0.3, 0.5, 1.0, 1.5)
]


class Losses(NamedTuple):
    """Means over draws."""

    train: float
    outer: float
    test: float


class Task:
    """Rows, and what is computed on them.

    Args:
        train, watched, test: rows to train on, those of the outer loss, and others.
    """

    def __init__(self, train: Rows, watched: Rows, test: Rows) -> None:
        self._rows = data(train, watched)
        self._reverse = ENGINES["reversal"]().prepare(PROBLEM, TUNED)

        def one(hyper: Hyper, draw: jax.Array) -> list[jax.Array]:
            state = advance(PROBLEM, hyper, draw)(PROBLEM.begin(hyper, draw), jnp.arange(STEPS))
            w = PROBLEM.dynamics.weights(state)
            return [loss_on(PROBLEM, w, hyper, of) for of in (train, watched, test)]

        @jax.jit
        def several(hyper: Hyper, draws: jax.Array) -> Any:
            return [part.mean() for part in jax.lax.map(lambda draw: one(hyper, draw), draws)]

        self._several = several

    def losses(self, hyper: Hyper, first: int = 1_000_000, count: int = NEW) -> Losses:
        """Over ``count`` draws from ``first``."""
        found = self._several({**self._rows, **hyper}, first + jnp.arange(count))
        return Losses(*(float(part) if math.isfinite(part) else math.inf for part in found))

    def hypergradient(self, hyper: Hyper, draw: int) -> Found:
        try:
            return as_found(self._reverse({**self._rows, **hyper}, draw))
        except RunError:  # it diverged
            return outer.lost(hyper)

    def learn(self, start: Hyper, halving: float, hyper_steps: int, draws: int) -> float:
        """Print the curve, and the losses with the best hyperparameters.

        Returns:
            Seconds of the hyper-steps.
        """
        groups = (
            Group("step_size", start["step_size"], "log", 1e-4, 1e3),
            Group("momentum", start["momentum"], "logit", 0.05, 0.999),
            Group("scale", start["scale"], "log", 1e-3, 1e2),
        )
        optimiser = outer.OPTIMISERS["adam"](outer.falling(0.04, halving))
        tuning, seconds = outer.begin(groups, optimiser), 0.0
        step = jax.jit(partial(outer.step, groups, optimiser, longest=1.0))
        lowest, self.best = math.inf, start
        self.hypergradient(start, 0)  # compiled
        heads = ("hyper-steps", *Losses._fields, "seconds")
        print("".join(f"{head:>12}" for head in heads))
        for number in range(hyper_steps):
            natural = grouped.natural(groups, tuning.free)
            if number in SHOWN:
                show(str(number), self.losses(natural), seconds)
            begin = time.perf_counter()
            found = [self.hypergradient(natural, number * draws + i) for i in range(draws)]
            mean = sum(math.inf if each.growth == math.inf else each.value for each in found)
            if mean < lowest:
                lowest, self.best = mean, natural
            tuning = jax.block_until_ready(step(tuning, found))
            seconds += time.perf_counter() - begin
        return seconds

    def search(self, goal: float, limit: float, draws: int) -> None:
        """Print the seconds that random search needs to come to an outer loss of ``goal``, also
        over `NEW` other draws, which cost it nothing: luck does not count."""
        rng, spent, best, tries = np.random.default_rng(0), 0.0, math.inf, 0
        self.losses(settings(STEPS, 1.0, 0.9), count=draws)  # compiled
        while best > goal and spent < limit:
            rate, momentum = np.exp(rng.uniform(-4, 2)), rng.uniform(0.1, 0.99)
            hyper = settings(STEPS, rate, momentum, np.exp(rng.uniform(-3, 1)))
            begin = time.perf_counter()
            found = self.losses(hyper, 2_000_000 + tries * draws, draws).outer
            spent += time.perf_counter() - begin
            tries += 1
            if found < best:
                best = min(best, self.losses(hyper).outer)
        how = "comes to" if best <= goal else f"at {best:.4f} does not come to"
        print(f"random search {how} {goal:.4f} in {spent:.0f} s, {tries} settings", flush=True)


def show(name: str, found: Losses, seconds: float) -> None:
    print(
        f"{name:>12}" + "".join(f"{loss:>12.4f}" for loss in found) + f"{seconds:>12.1f}",
        flush=True,
    )


def show_fixed(task: Task, momentum: float) -> None:
    """The best of 24."""
    hypers = {pair: settings(STEPS, pair[0], momentum, pair[1]) for pair in FIXED}
    tried = {pair: task.losses(hyper, 0, 4) for pair, hyper in hypers.items()}
    for at in ("train", "test"):
        pair = min(tried, key=lambda pair: getattr(tried[pair], at))
        best = task.losses(hypers[pair])
        print(
            f"24 fixed, momentum {momentum}, best {at} loss: train {best.train:.4f}, test "
            f"{best.test:.4f} (step size {pair[0]:.2f}, scale {pair[1]})",
            flush=True,
        )


def conclude(task: Task, first: Losses, seconds: float, draws: int) -> None:
    last = task.losses(task.best)
    show("best", last, seconds)
    print(f"training loss fell {first.train / last.train:.1f} times")
    task.search(last.outer, 1.5 * seconds, draws)


def paper() -> None:
    train, test = rows(0, 1000)
    task = Task(train, train, test)
    for momentum in (0.5, 0.9):
        show_fixed(task, momentum)
    small = jnp.asarray(math.exp(-3) * np.sqrt(fan_in()), jnp.float32)
    start = {**settings(STEPS, math.exp(-1), 0.5), "scale": small}
    conclude(task, task.losses(start), task.learn(start, 100, 51, 1), 1)


def seen(hyper_steps: int, draws: int) -> None:
    train, valid, test = rows(0, 1000, 300)
    features = jnp.concatenate([train.features, valid.features])
    task = Task(train, Rows(features, jnp.concatenate([train.target, valid.target])), test)
    for momentum in (0.5, 0.9):
        show_fixed(task, momentum)
    start = settings(STEPS, math.exp(-1), 0.9)
    seconds = task.learn(start, 25, hyper_steps, draws)
    conclude(task, task.losses(start), seconds, draws)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", choices=("paper", "seen"), default=["paper", "seen"])
    parser.add_argument("--steps", type=int, default=140)
    parser.add_argument("--draws", type=int, default=2)
    chosen = parser.parse_args()
    for name in chosen.only:
        print(f"--- {name}")
        paper() if name == "paper" else seen(chosen.steps, chosen.draws)


if __name__ == "__main__":
    main()
