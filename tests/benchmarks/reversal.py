"""Exact reversal of a training on digits: is it exact, what does it keep, how long does it take.

    python tests/benchmarks/reversal.py [--only bits accuracy memory time] [--rounds 9]

A tanh network 64-50-50-50-10 of 8,860 weights, batches of 200, step size and momentum by step and
group. ``bits``: whether weights, velocities and buffer come back, up to 10,000 steps, and how far
the same way back in floating point misses. ``accuracy``: relative error of the hypergradient of
every group of hyperparameters against reverse mode through the unrolled training, in float64 (at
most 1e-6). ``memory``: of the arrays that live between the sweeps, what the process takes for the
trajectory in float32 over what it takes for the buffer (at least 150 at momentum 0.9 and 700 at
0.98, 1,000 steps). ``time``: of training and hypergradient over plain compiled training in float32
(at most 4), and over compiled reverse mode (at most 1.3); all in turn, medians over the rounds;
with batches of 200 of 1,000 rows, and with all of them. Of matrix products a layer takes 3 in
training, and 12 in both sweeps.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import gc
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import jax
import jax.numpy as jnp
import numpy as np
from arguments import parse
from digits import DEEP, rows, settings, training
from jax import lax

from engine.errors import RunError
from engine.gradient import fixed_point as fixed
from engine.gradient.engines import ENGINES
from engine.gradient.engines.reversal import Reversal
from engine.gradient.network import data
from engine.gradient.problem import Bilevel, Hyper
from engine.gradient.sweeps import Sweeps

TUNED = ("step_size", "momentum", "scale")


def there_and_back_in_floats(problem: Bilevel, hyper: Hyper) -> Callable[[], float]:
    """Largest error of the initial weights after the same way in floating point."""

    @jax.jit
    def go(hyper: Hyper) -> jax.Array:
        draw = jnp.asarray(0)
        first = problem.begin(hyper, draw)
        w, v = problem.advance(hyper, draw)(first, jnp.arange(problem.steps))

        def back(state: Any, t: jax.Array) -> Any:
            w, v = state
            now = problem.settings(hyper, t)
            w = w - now["step_size"] * v
            gradient = problem.gradient(w, hyper, t, draw)
            return (w, (v + (1 - now["momentum"]) * gradient) / now["momentum"]), None

        (w, _), _ = lax.scan(back, (w, v), jnp.arange(problem.steps), reverse=True)
        return jnp.abs(w - first[0]).max()

    return lambda: float(go(hyper))


def widened(hyper: Hyper) -> Hyper:
    """In float64."""
    return {n: v.astype(jnp.float64) if v.dtype == jnp.float32 else v for n, v in hyper.items()}


def show_bits(lengths: Sequence[int], momenta: Sequence[float]) -> None:
    print(
        "exact reversal: bytes kept of a float32 trajectory; error of the start in float64 floats"
    )
    print(f"{'steps':>8}{'momentum':>10}{'reversed':>10}{'1/kept':>9}{'floats miss by':>16}")
    for steps in lengths:
        problem = training(steps)
        engine = Reversal().prepare(problem, ("scale",))
        for momentum in momenta:
            train, valid = rows(0, 1000)
            hyper = {**data(train, valid), **settings(steps, 0.1, momentum)}
            try:
                kept = engine(hyper, 0).figures["stored_bytes"]
                said = "exactly"
            except RunError:
                kept, said = np.nan, "NO"
            wide = {
                n: v.astype(jnp.float64) if v.dtype == jnp.float32 else v for n, v in hyper.items()
            }
            missed = there_and_back_in_floats(problem, wide)()
            ratio = 4 * DEEP.groups.size * steps / kept
            print(f"{steps:>8}{momentum:>10}{said:>10}{ratio:>9.0f}{missed:>16.1e}", flush=True)


def show_accuracy(steps: int) -> None:
    train, valid = rows(0, 1000, dtype=jnp.float64)
    problem, rng = training(steps), np.random.default_rng(0)
    wide = settings(steps, 0.1, 0.9, dtype=jnp.float64)
    count = len(DEEP.names)
    hyper = {
        **data(train, valid),
        **wide,
        "step_size": jnp.asarray(0.1 * rng.uniform(0.5, 1.5, (steps, count))),
        "momentum": jnp.asarray(rng.uniform(0.5, 0.98, (steps, count))),
        "l2": jnp.asarray(rng.uniform(0, 1e-3, DEEP.groups.size)),
        "examples": jnp.asarray(rng.uniform(0.5, 1.5, 1000)),
        "inputs": jnp.asarray(rng.uniform(0.5, 1.5, 64)),
    }
    # What is multiplied by is a fraction of 2^16; both get the same.
    applied = np.asarray(fixed.numerators(hyper["momentum"])) / fixed.DENOMINATOR
    tuned = (*TUNED, "l2", "examples", "inputs")
    drawn = {**hyper, "initial": problem.initial(hyper, jnp.asarray(0))}
    print(f"hypergradients against unrolled autodiff, float64, {steps} steps: relative error")
    for names, given in ((tuned, hyper), (("initial",), drawn)):
        exact = {**given, "momentum": jnp.asarray(applied)}
        near = {**given, "momentum": jnp.asarray(applied - 1e-9)}
        found = Reversal().prepare(problem, names)(near, 0).gradient
        expected = ENGINES["unrolled"]().prepare(problem, names)(exact, 0).gradient
        for name in names:
            error = jnp.linalg.norm(found[name] - expected[name])
            relative = float(error / jnp.linalg.norm(expected[name]))
            print(f"{name:>12}{found[name].size:>8,} numbers{relative:>12.1e}", flush=True)


def living() -> int:
    """Bytes of all arrays that JAX holds for us now."""
    gc.collect()
    return sum(array.nbytes for array in jax.live_arrays())


def kept_by_reversal(problem: Bilevel, hyper: Hyper) -> tuple[int, int]:
    """Bytes alive where the way back begins, beyond those before the training: of the buffer, and
    with weights and velocities in fixed point, which training itself needs in some form."""
    found: list[tuple[int, int]] = []
    turn, before = Sweeps.turn, 0

    def watched(self: Sweeps, state: Any, *rest: Any) -> Any:
        whole = living() - before
        found.append((whole - state.w.nbytes - state.v.nbytes, whole))
        return turn(self, state, *rest)

    Sweeps.turn = watched  # type: ignore[method-assign]
    try:
        engine = Reversal().prepare(problem, TUNED)
        engine(hyper, 0)
        before = living()
        engine(hyper, 0)
    finally:
        Sweeps.turn = turn  # type: ignore[method-assign]
    return found[-1]


def kept_by_a_trajectory(problem: Bilevel, hyper: Hyper) -> int:
    """Bytes of the weights before every step, in float32."""

    @jax.jit
    def go(hyper: Hyper) -> jax.Array:
        draw = jnp.asarray(0)

        def step(state: Any, t: jax.Array) -> Any:
            return problem.step(state, hyper, t, draw), state[0]

        return lax.scan(step, problem.begin(hyper, draw), jnp.arange(problem.steps))[1]

    before = living()
    trajectory = go(hyper).block_until_ready()
    return living() - before if trajectory.size else 0


def show_memory(steps: int, momenta: Sequence[float]) -> None:
    train, valid = rows(0, 1000)
    problem = training(steps)
    print(f"memory between the sweeps, measured, {steps} steps, {DEEP.groups.size:,} weights")
    headers = ("momentum", "trajectory", "buffer", "ratio", "with state", "ratio")
    print("".join(f"{head:>12}" for head in headers))
    for momentum in momenta:
        hyper = {**data(train, valid), **settings(steps, 0.1, momentum)}
        whole = kept_by_a_trajectory(problem, hyper)
        buffer, state = kept_by_reversal(problem, hyper)
        cells = (f"{whole:,}", f"{buffer:,}", f"{whole / buffer:.0f}")
        cells += (f"{state:,}", f"{whole / state:.0f}")
        print(f"{momentum:>12}" + "".join(f"{cell:>12}" for cell in cells), flush=True)


def show_time(steps: int, rounds: int, batch: int) -> None:
    train, valid = rows(0, 1000)
    problem = training(steps, batch=batch)
    hyper = {**data(train, valid), **settings(steps, 0.1, 0.9)}

    @jax.jit
    def plain(hyper: Hyper, draw: jax.Array) -> jax.Array:
        state = problem.advance(hyper, draw)(problem.begin(hyper, draw), jnp.arange(steps))
        return problem.end(state, hyper)

    def train_only() -> None:
        plain(hyper, jnp.asarray(0)).block_until_ready()

    engines = ("reversal", "checkpointed", "unrolled")
    runs = {name: partial(ENGINES[name]().prepare(problem, TUNED), hyper, 0) for name in engines}
    runs = {"training": train_only, **runs}
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(1 + rounds):
        for name, run in runs.items():
            begin = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - begin)
    table = {name: np.asarray(used[1:]) for name, used in seconds.items()}  # but the first
    print(
        f"time of {steps} steps on {batch:,} rows each forwards and back, float32; "
        f"medians over {rounds} rounds"
    )
    headers = ("", "seconds", "of training", "of unrolled", "least", "of least training")
    print("".join(f"{head:>18}" for head in headers))
    for name, used in table.items():
        ratios = [np.median(used / table[other]) for other in ("training", "unrolled")]
        least = used.min()
        cells = (np.median(used), *ratios, least, least / table["training"].min())
        print(f"{name:>18}" + "".join(f"{cell:>18.2f}" for cell in cells), flush=True)


def main() -> None:
    shows = ("bits", "accuracy", "memory", "time")
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", choices=shows, default=list(shows))
    parser.add_argument("--rounds", type=int, default=9)
    chosen = parse(parser, rounds=1)
    for name in chosen.only:
        if chosen.small:
            small = {
                "bits": lambda: show_bits((30,), (0.9,)),
                "accuracy": lambda: show_accuracy(30),
                "memory": lambda: show_memory(30, (0.9,)),
                "time": lambda: show_time(30, chosen.rounds, 200),
            }
            small[name]()
        elif name == "bits":
            show_bits((1_000, 10_000), (0.3, 0.9, 0.98, 0.999))
        elif name == "accuracy":
            show_accuracy(1_000)
        elif name == "memory":
            show_memory(1_000, (0.5, 0.9, 0.98))
        else:
            for batch in (200, 1000):
                show_time(1_000, chosen.rounds, batch)
        print()


if __name__ == "__main__":
    main()
