"""Schedules of step sizes and momentum, learned by hypergradients (Maclaurin et al. 2015, 3.1).

    python tests/benchmarks/schedules.py [--only bad good] [--steps 100] [--draws 2]

Digits, 1,000 training rows, a tanh network 64-50-50-50-10 trained for 100 batches of 200: 800 step
sizes, 800 momenta and 8 initial scales by exact reversal; the outer loss is the training loss.
Initial weights and batches are drawn afresh every time. ``bad`` begins where the paper does (step
size 1/e, momentum 0.5, scale of the weights e^-3), for 50 hyper-steps as there. ``good`` begins
with momentum 0.9 and the usual scale, as our method does. Losses on training and test rows are
means over 20 new draws, at several hyper-steps.

Beside it the best of 24 fixed settings (6 step sizes, 4 initial scales), with the paper's momentum
and with 0.9, each loss at its own best; and random search over step size, momentum and scale, for
the seconds that it needs to match the training loss (compiling aside on either side), given up
after three times ours.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import math
import sys
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import jax
import jax.numpy as jnp
import numpy as np
from digits import DEEP, fan_in, loss_on, rows, settings, training

from engine.errors import RunError
from engine.gradient import groups as grouped
from engine.gradient import outer
from engine.gradient.engines import ENGINES
from engine.gradient.engines.unrolled import advance
from engine.gradient.groups import Group
from engine.gradient.guard import as_found
from engine.gradient.network import data
from engine.gradient.outer import Found
from engine.gradient.problem import Hyper

STEPS, NEW = 100, 20
PROBLEM = training(STEPS)
TRAIN, TEST = rows(0, 1000)
ROWS = data(TRAIN, TRAIN)
REVERSAL = ENGINES["reversal"]().prepare(PROBLEM, ("step_size", "momentum", "scale"))
SHOWN = (0, 10, 25, 50, 75, 100, 150, 200, 300, 500)


class Losses(NamedTuple):
    """Of training and test rows."""

    train: float
    test: float


@jax.jit
def losses(hyper: Hyper, draws: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Means over draws."""

    def one(draw: jax.Array) -> tuple[jax.Array, jax.Array]:
        state = advance(PROBLEM, hyper, draw)(PROBLEM.begin(hyper, draw), jnp.arange(STEPS))
        w = PROBLEM.dynamics.weights(state)
        return PROBLEM.outer(w, hyper), loss_on(PROBLEM, w, hyper, TEST)

    train, test = jax.lax.map(one, draws)
    return train.mean(), test.mean()


def evaluate(hyper: Hyper, first: int = 1_000_000, count: int = NEW) -> Losses:
    """Over ``count`` draws from ``first``; not those that anything was tuned on."""
    return Losses(*map(float, losses({**ROWS, **hyper}, first + jnp.arange(count))))


def starting(start: Hyper) -> tuple[Group, ...]:
    """As the method has them."""
    return (
        Group("step_size", start["step_size"], "log", 1e-4, 1e3),
        Group("momentum", start["momentum"], "logit", 0.05, 0.999),
        Group("scale", start["scale"], "log", 1e-3, 1e2),
    )


def learn(start: Hyper, hyper_steps: int, draws: int) -> tuple[Losses, Losses, float]:
    """Print the curve; as in a run, the best hyper-step by what it was tuned on is taken.

    Returns:
        Losses before and of the best, and the seconds of the hyper-steps.
    """
    groups, seconds, lowest, best = starting(start), 0.0, math.inf, start
    optimiser = outer.OPTIMISERS["adam"](outer.falling(0.04, 100))
    tuning = outer.begin(groups, optimiser)
    first = evaluate(grouped.natural(groups, tuning.free))
    REVERSAL({**ROWS, **grouped.natural(groups, tuning.free)}, 0)  # compiled
    print(f"{'hyper-steps':>14}{'train loss':>12}{'test loss':>12}{'seconds':>10}")
    for number in range(hyper_steps + 1):
        natural = grouped.natural(groups, tuning.free)
        if number in SHOWN:
            show_losses(str(number), evaluate(natural), seconds)
        begin = time.perf_counter()
        found = [hypergradient(natural, number * draws + draw) for draw in range(draws)]
        mean = sum(each.value if each.growth < math.inf else math.inf for each in found) / draws
        if mean < lowest:
            lowest, best = mean, natural
        tuning = outer.step(groups, optimiser, tuning, found, longest=1.0)
        seconds += time.perf_counter() - begin
    last = evaluate(best)
    show_losses("best", last, seconds)
    return first, last, seconds


def show_losses(when: str, found: Losses, seconds: float) -> None:
    print(f"{when:>14}{found.train:>12.4f}{found.test:>12.4f}{seconds:>10.1f}", flush=True)


def hypergradient(natural: Hyper, draw: int) -> Found:
    try:
        return as_found(REVERSAL({**ROWS, **natural}, draw))
    except RunError:  # it diverged
        return outer.lost(natural)


def show_fixed(momentum: float) -> None:
    """The best of 24."""
    tried = {
        (rate, scale): evaluate(settings(STEPS, rate, momentum, scale))
        for rate in np.exp(np.linspace(-1.5, 1.5, 6))
        for scale in (0.3, 0.5, 1.0, 1.5)
    }
    for at, name in enumerate(Losses._fields):
        rate, scale = min(tried, key=lambda pair: nan_last(tried[pair][at]))
        best = tried[rate, scale]
        print(
            f"best of 24 fixed, momentum {momentum}, by {name} loss: train {best.train:.4f}, "
            f"test {best.test:.4f} (step size {rate:.2f}, scale {scale})",
            flush=True,
        )


def nan_last(value: float) -> float:
    return value if math.isfinite(value) else math.inf


def show_random(goal: float, seconds: float, draws: int) -> None:
    """Seconds that random search needs to come to a training loss of ``goal``."""
    rng, spent, best = np.random.default_rng(0), 0.0, math.inf
    evaluate(settings(STEPS, 1.0, 0.9), count=draws)  # compiled
    tries = 0
    while best > goal and spent < 3 * seconds:
        rate, momentum = np.exp(rng.uniform(-4, 2)), rng.uniform(0.1, 0.99)
        hyper = settings(STEPS, rate, momentum, np.exp(rng.uniform(-3, 1)))
        begin = time.perf_counter()
        best = min(best, nan_last(evaluate(hyper, 2_000_000 + tries * draws, draws).train))
        spent += time.perf_counter() - begin
        tries += 1
    end = "matches" if best <= goal else "does not match"
    print(
        f"random search {end} train loss {goal:.4f} in {spent:.0f} s, {tries} settings of "
        f"{draws} draws each (best {best:.4f}); hypergradients took {seconds:.0f} s\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", choices=("bad", "good"), default=["bad", "good"])
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--draws", type=int, default=2)
    chosen = parser.parse_args()
    for momentum in (0.5, 0.9):
        show_fixed(momentum)
    small = {"scale": jnp.asarray(math.exp(-3) * np.sqrt(fan_in()), jnp.float32)}
    starts = {
        "bad": ({**settings(STEPS, math.exp(-1), 0.5), **small}, 50, 1),
        "good": (settings(STEPS, math.exp(-1), 0.9), chosen.steps, chosen.draws),
    }
    for name in chosen.only:
        print(f"\nfrom the {name} start, {DEEP.groups.size:,} weights, draws: {starts[name][2]}")
        first, last, seconds = learn(*starts[name])
        print(f"training loss fell {first.train / last.train:.0f} times")
        show_random(last.train, seconds, starts[name][2])


if __name__ == "__main__":
    main()
