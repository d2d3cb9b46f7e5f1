"""A penalty for every weight, tuned by hypergradients, beside the best single one.

    python tests/benchmarks/penalties.py [--seeds 5] [--steps 150] [--train 150] [--valid 600]

Digits, a tanh network 64-16-10: 1,210 weights, each with an L2 penalty of its own, from few
training rows; the outer loss is that of the validation rows. The rival tunes one penalty for all
weights with our Gaussian process: the same compiled training, the same rows, as long on the clock
as the hypergradients took (compiling aside). Either ends with its best model on the validation
rows; test error on all other digits. For honesty two models more: ``single, more rows``, the single
penalty found and then training and validation rows trained on together, which no tuning of
penalties replaces, and ``none``.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import jax
import jax.numpy as jnp
import numpy as np
from arguments import parse
from bootstrap import interval
from digits import rows

from engine.gradient import groups as grouped
from engine.gradient import outer
from engine.gradient.dynamics import Momentum
from engine.gradient.engines import ENGINES
from engine.gradient.groups import Group
from engine.gradient.guard import as_found
from engine.gradient.network import Architecture, Rows, data, network_problem
from engine.gradient.problem import Hyper
from engine.space import Float, SearchSpace
from engine.tuners.base import Result, TuningProblem
from engine.tuners.gp import GaussianProcess

SHAPE = Architecture(64, (16,), 10)
TRAINING = network_problem(SHAPE, classes=10, dynamics=Momentum(), steps=200, batch=10_000)
LOWEST, HIGHEST, START = 1e-6, 10.0, 1e-2
DTYPE = jnp.float32
REVERSAL = ENGINES["reversal"]().prepare(TRAINING, ("l2",))


class Tuned(NamedTuple):
    """The model with the lowest loss on the validation rows, and how it was found."""

    weights: jax.Array
    penalty: jax.Array
    valid: float
    tries: int
    seconds: float


def given(train: Rows, valid: Rows) -> Hyper:
    settings = {"step_size": jnp.asarray(0.5, DTYPE), "momentum": jnp.asarray(0.9, DTYPE)}
    return {**data(train, valid), **settings}


@jax.jit
def trained(hyper: Hyper, draw: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Loss on the validation rows, and weights."""
    state = TRAINING.advance(hyper, draw)(TRAINING.begin(hyper, draw), jnp.arange(TRAINING.steps))
    return TRAINING.end(state, hyper), TRAINING.dynamics.weights(state)


def by_hypergradients(hyper: Hyper, draw: int, steps: int) -> Tuned:
    group = Group("l2", jnp.full(SHAPE.groups.size, START, DTYPE), "log", LOWEST, HIGHEST)
    optimiser = outer.OPTIMISERS["adam"](outer.falling(0.2, 100))
    tuning, best = outer.begin([group], optimiser), None
    REVERSAL({**hyper, **grouped.natural([group], tuning.free)}, draw)  # compiled
    begin = time.perf_counter()
    for number in range(steps):
        natural = grouped.natural([group], tuning.free)
        found = REVERSAL({**hyper, **natural}, draw)
        if best is None or found.value < best.valid:
            best = Tuned(found.weights, natural["l2"], found.value, number + 1, 0.0)
        tuning = outer.step([group], optimiser, tuning, [as_found(found)], longest=1.0)
    assert best is not None
    return best._replace(seconds=time.perf_counter() - begin, tries=steps)


def by_gaussian_process(hyper: Hyper, draw: int, seconds: float, seed: int) -> Tuned:
    space = SearchSpace((Float("l2", LOWEST, HIGHEST, log=True),))
    tuner = GaussianProcess(TuningProblem(space, {"l2": START}, maximise=False, seed=seed))
    best, tries = None, 0
    trained({**hyper, "l2": jnp.asarray(START, DTYPE)}, jnp.asarray(draw))  # compiled
    begin = time.perf_counter()
    while best is None or time.perf_counter() - begin < seconds:
        proposal = tuner.ask()
        assert proposal is not None
        penalty = jnp.asarray(proposal.configuration["l2"], DTYPE)
        value, weights = trained({**hyper, "l2": penalty}, jnp.asarray(draw))
        tries += 1
        if best is None or float(value) < best.valid:
            best = Tuned(weights, penalty, float(value), 0, 0.0)
        tuner.tell(proposal, Result(float(value) if math.isfinite(value) else None))
    return best._replace(seconds=time.perf_counter() - begin, tries=tries)


def error(weights: jax.Array, test: Rows) -> float:
    """In %."""
    wrong = SHAPE.apply(weights, test.features).argmax(axis=1) != test.target
    return 100 * float(wrong.mean())


def compare(seed: int, steps: int, train_rows: int, valid_rows: int) -> list[float]:
    """Test errors in %: a penalty a weight, one for all, that with all rows, none."""
    train, valid, test = rows(seed, train_rows, valid_rows)
    hyper = given(train, valid)
    many = by_hypergradients(hyper, seed, steps)
    one = by_gaussian_process(hyper, seed, many.seconds, seed)
    joined = Rows(
        jnp.concatenate([train.features, valid.features]),
        jnp.concatenate([train.target, valid.target]),
    )
    draw = jnp.asarray(seed)
    more = trained({**given(joined, valid), "l2": one.penalty}, draw)[1]
    none = trained({**hyper, "l2": jnp.zeros((), DTYPE)}, draw)[1]
    errors = [error(w, test) for w in (many.weights, one.weights, more, none)]
    cells = [f"{e:.2f}" for e in errors]
    cells += [f"{many.valid:.3f}", f"{one.valid:.3f}", f"{float(one.penalty):.1e}"]
    cells += [f"{many.tries}", f"{one.tries}", f"{many.seconds:.1f}", f"{one.seconds:.1f}"]
    print(f"{seed:>6}" + "".join(f"{cell:>12}" for cell in cells), flush=True)
    return errors


def show(name: str, errors: np.ndarray) -> None:
    low, high = interval(errors[None])
    print(f"{name:>28}{errors.mean():8.2f} [{low:.2f}, {high:.2f}]")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--train", type=int, default=150)
    parser.add_argument("--valid", type=int, default=600)
    chosen = parse(parser, seeds=1, steps=2, train=60, valid=60)
    print(f"{SHAPE.groups.size:,} penalties; test error in %, loss on validation rows")
    headers = ("many", "single", "more rows", "none", "many valid", "one valid", "penalty")
    headers += ("hyper-steps", "trainings", "seconds", "seconds")
    print(f"{'seed':>6}" + "".join(f"{head:>12}" for head in headers), flush=True)
    compared: Callable[[int], list[float]] = lambda seed: compare(  # noqa: E731
        seed, chosen.steps, chosen.train, chosen.valid
    )
    table = np.asarray([compared(seed) for seed in range(chosen.seeds)])
    print("\nmean over seeds, 95 % interval")
    for name, column in zip(("many", "single", "single, more rows", "none"), table.T, strict=True):
        show(name, column)
    show("many minus single", table[:, 0] - table[:, 1])


if __name__ == "__main__":
    main()
