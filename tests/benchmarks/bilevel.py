"""Hypergradient engines where the hypergradient is known, and where thousands of numbers are tuned.

    python tests/benchmarks/bilevel.py [--only toy ridge modes online cleaning] [--seeds 3]

The toy and ridge regression have a closed form: relative errors, of going through the training and
of differentiating at its end. Forward and reverse mode: the difference between the two, and the
time by the number of hyperparameters, in reverse mode's. Online: step size, momentum and penalty
tuned by forward mode while one training goes on, with and without forgetting the derivatives at
every move, beside trainings from the start, with the same number of steps in all. Hyper-cleaning
(Franceschi et al. 2017, section 5.1): half of the training labels of digits are wrong, one weight
an example is tuned; how well low weights tell the wrong ones (F1), and test accuracy beside
training on all labels, on the right ones, and on the validation rows alone.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
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
from sklearn.datasets import load_diabetes, load_digits
from sklearn.metrics import f1_score

from engine.gradient import groups as grouped
from engine.gradient import outer
from engine.gradient.dynamics import GradientDescent, Momentum
from engine.gradient.engines import ENGINES
from engine.gradient.engines.implicit import ConjugateGradients
from engine.gradient.groups import Group
from engine.gradient.network import Architecture, Rows, data, network_problem
from engine.gradient.online import Online
from engine.gradient.problem import Bilevel, Hyper


def toy(steps: int) -> Bilevel:
    """L = Σ e w^2 + (w - a)^2, E = Σ (w - b)^2."""
    a, b = jnp.asarray([0.0, -1.0, 12.0, 18.0]), jnp.asarray([0.1, -1.1, 12.1, 18.1])
    return Bilevel(
        lambda hyper, draw: jnp.asarray([1.0, 2.0, -1.0, -5.0]),
        lambda w, hyper, t, draw: (hyper["e"] * w**2 + (w - a) ** 2).sum(),
        lambda w, hyper: ((w - b) ** 2).sum(),
        GradientDescent(),
        steps,
        np.zeros(4, dtype=int),
    )


def show_toy(lengths: Sequence[int] = (5, 10, 20, 50, 100, 200)) -> None:
    exact = np.array([0, 0.28290681, 36.6, 51.66040571])
    hyper = {"e": jnp.asarray([3.0, 1.1, 1.0, 0.1]), "step_size": jnp.asarray(0.1)}
    engines = ("unrolled", "straight_line", "implicit_cg", "neumann")
    print("toy, relative error\n" + f"{'steps':>6}" + "".join(f"{e:>16}" for e in engines))
    for steps in lengths:
        errors = []
        for engine in engines:
            found = ENGINES[engine]().prepare(toy(steps), ("e",))(hyper, 0).gradient["e"]
            errors.append(np.linalg.norm(found - exact) / np.linalg.norm(exact))
        print(f"{steps:>6}" + "".join(f"{error:>16.1e}" for error in errors), flush=True)


def show_ridge(lengths: Sequence[int] = (100, 200, 400)) -> None:
    x, y = load_diabetes(return_X_y=True)
    x, y = (x - x.mean(axis=0)) / x.std(axis=0), (y - y.mean()) / y.std()
    a, b, c, d = x[:220], y[:220], x[220:], y[220:]
    h = a.T @ a / 220 + 0.1 * np.eye(10)
    w = np.linalg.solve(h, a.T @ b / 220)
    exact = float(-(c.T @ (c @ w - d) / 222) @ np.linalg.solve(h, w) * 0.1)
    low, high = np.linalg.eigvalsh(h)[[0, -1]]
    rate = 2 / (low + high)

    def inner(w: jax.Array, hyper: Hyper, t: jax.Array, draw: jax.Array) -> jax.Array:
        return ((a @ w - b) ** 2).sum() / 440 + 0.5 * jnp.exp(hyper["log_l2"]) * (w**2).sum()

    def error(steps: int, engine: Any) -> float:
        problem = Bilevel(
            lambda hyper, draw: jnp.zeros(10),
            inner,
            lambda w, hyper: ((c @ w - d) ** 2).sum() / 444,
            GradientDescent(),
            steps,
            np.zeros(10, dtype=int),
        )
        hyper = {"log_l2": jnp.log(jnp.asarray(0.1)), "step_size": jnp.asarray(rate)}
        found = engine.prepare(problem, ("log_l2",))(hyper, 0)
        return abs(float(found.gradient["log_l2"]) / exact - 1)

    print(f"ridge on diabetes: exact {exact:.4g}; relative errors; the bound is T q^T")
    print(f"{'steps':>6}{'bound':>10}{'unrolled':>10}{'cg 5':>10}{'cg 10':>10}")
    for steps in lengths:
        engines = (ENGINES["unrolled"](), ConjugateGradients(5), ConjugateGradients(10))
        cells = [steps * (1 - rate * low) ** steps, *(error(steps, e) for e in engines)]
        print(f"{steps:>6}" + "".join(f"{cell:>10.1e}" for cell in cells), flush=True)


def digits(seed: int, flipped: float) -> tuple[Rows, Rows, Rows, np.ndarray]:
    """600 rows to train on, of which a share is labelled as another class, 400 to validate, 797 to
    test; and which training labels are wrong."""
    features, target = load_digits(return_X_y=True)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(target))
    features, target = features[order] / 16, target[order].copy()
    wrong = rng.permutation(600) < round(600 * flipped)
    target[:600][wrong] = (target[:600][wrong] + rng.integers(1, 10, wrong.sum())) % 10
    train, valid, test = (
        Rows(jnp.asarray(features[part]), jnp.asarray(target[part]))
        for part in (slice(0, 600), slice(600, 1000), slice(1000, None))
    )
    return train, valid, test, wrong


SOFTMAX = Architecture(64, (), 10)


SOFTMAX_REGRESSION = network_problem(
    SOFTMAX, classes=10, dynamics=GradientDescent(), steps=200, batch=10_000
)
STILL = {"initial": jnp.zeros(650), "step_size": jnp.asarray(1.0)}


def clean(train: Rows, valid: Rows, engine: str, hyper_steps: int) -> tuple[jax.Array, jax.Array]:
    """Tuned example weights, and the model's."""
    differentiate = ENGINES[engine]().prepare(SOFTMAX_REGRESSION, ("examples",))
    groups = [Group("examples", jnp.full(600, 0.5), "logit", 1e-4, 1 - 1e-4)]
    optimiser = outer.OPTIMISERS["adam"](0.1)
    tuning = outer.begin(groups, optimiser)
    given = {**STILL, **data(train, valid)}
    for _ in range(hyper_steps):
        natural = grouped.natural(groups, tuning.free)
        found = differentiate({**given, **natural}, 0)
        gradient = outer.FoldGradient(dict(found.gradient))
        tuning = outer.step(groups, optimiser, tuning, [gradient], longest=1e9)
    weights = grouped.natural(groups, tuning.free)["examples"]
    return weights, differentiate({**given, "examples": weights}, 0).weights


def accuracy(w: jax.Array, rows: Rows) -> float:
    return float((SOFTMAX.apply(w, rows.features).argmax(axis=1) == rows.target).mean())


def train_on(rows: Rows) -> jax.Array:
    """Weights of the model after plain training, which any engine begins with."""
    engine = ENGINES["truncated"]().prepare(SOFTMAX_REGRESSION, ("examples",))
    ones = jnp.ones(len(rows.target))
    return engine({**STILL, **data(rows, rows), "examples": ones}, 0).weights


def show_cleaning(seeds: int, hyper_steps: int) -> None:
    print("hyper-cleaning of digits, half of 600 labels wrong; test accuracy in %")
    headers = ("seed", "F1", "all labels", "cleaned", "validation", "right ones", "seconds")
    print("".join(f"{head:>12}" for head in headers))
    for seed in range(seeds):
        train, valid, test, wrong = digits(seed, 0.5)
        begin = time.perf_counter()
        weights, w = clean(train, valid, "unrolled", hyper_steps)
        seconds = time.perf_counter() - begin
        right = Rows(train.features[~wrong], train.target[~wrong])
        models = (train_on(train), w, train_on(valid), train_on(right))
        cells = [seed, f"{f1_score(wrong, np.asarray(weights) < 0.5):.3f}"]
        cells += [f"{100 * accuracy(model, test):.1f}" for model in models]
        print("".join(f"{cell:>12}" for cell in (*cells, f"{seconds:.0f}")), flush=True)


def show_modes() -> None:
    """On a small network, with step sizes by step and penalties by group."""
    train, valid, _, _ = digits(0, 0.0)
    architecture = Architecture(64, (16,), 10)
    print("forward and reverse mode, digits, 64-16-10, 100 steps: time in that of unrolled")
    headers = ("numbers", "difference", "forward", "checkpointed", "straight line")
    print("".join(f"{head:>15}" for head in headers))
    for tuned in (("l2",), ("l2", "step_size")):
        problem = network_problem(
            architecture, classes=10, dynamics=Momentum(), steps=100, batch=100
        )
        hyper = {
            **data(train, valid),
            "step_size": jnp.full(100, 0.5),
            "momentum": jnp.asarray(0.9),
        }
        hyper["l2"] = jnp.full(4, 1e-3)
        found, seconds = {}, {}
        for engine in ("unrolled", "forward", "checkpointed", "straight_line"):
            differentiate = ENGINES[engine]().prepare(problem, tuned)
            found[engine] = flat(differentiate(hyper, 0).gradient)
            seconds[engine] = fastest(partial(differentiate, hyper, 0))
        whole = found["unrolled"]
        apart = np.linalg.norm(found["forward"] - whole) / np.linalg.norm(whole)
        ratios = [seconds[e] / seconds["unrolled"] for e in [*seconds][1:]]
        print(f"{whole.size:>15}{apart:>15.1e}" + "".join(f"{r:>15.2f}" for r in ratios))


def show_online(steps: int = 4000, stretch: int = 50, whole: int = 200) -> None:
    train, valid, test, _ = digits(0, 0.0)
    architecture = Architecture(64, (16,), 10)
    problem = network_problem(architecture, classes=10, dynamics=Momentum(), steps=whole, batch=100)
    groups = (
        Group("step_size", jnp.asarray(0.02), "log", 1e-5, 10.0),
        Group("momentum", jnp.asarray(0.5), "logit", 0.05, 0.999),
        Group("l2", jnp.asarray(1e-3), "log", 1e-9, 10.0),
    )
    online = Online(problem, tuple(group.name for group in groups))
    print(f"online, {steps:,} steps in all: outer loss and test accuracy in % at the end")
    for name in ("online", "forgetting", "from the start"):
        often = whole if name == "from the start" else stretch
        optimiser = outer.OPTIMISERS["adam"](0.1)
        tuning = outer.begin(groups, optimiser)
        hyper = {**data(train, valid), **grouped.natural(groups, tuning.free)}
        running = online.begin(hyper, 0)
        value = np.nan
        for _ in range(steps // often):
            running = online.advance(running, hyper, 0, often)
            value, gradient = online.hypergradient(running, hyper)
            found = [outer.FoldGradient(gradient, value)]
            tuning = outer.step(groups, optimiser, tuning, found, longest=1.0)
            now = running.state[0]
            hyper = {**hyper, **grouped.natural(groups, tuning.free)}
            if name == "forgetting":
                running = online.forget(running)
            elif name == "from the start":
                running = online.begin(hyper, 0)
        right = architecture.apply(now, test.features).argmax(axis=1) == test.target
        found_values = ", ".join(f"{g.name} {float(hyper[g.name]):.2g}" for g in groups)
        print(
            f"{name:>16}{value:>10.4f}{100 * float(right.mean()):>8.1f}   {found_values}",
            flush=True,
        )


def flat(gradient: Any) -> np.ndarray:
    return np.concatenate([np.ravel(gradient[name]) for name in sorted(gradient)])


def fastest(run: Callable[[], object], times: int = 3) -> float:
    """Seconds."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        jax.block_until_ready(run())
        found.append(time.perf_counter() - begin)
    return min(found)


def main() -> None:
    parts = ("toy", "ridge", "modes", "online", "cleaning")
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parse(parser, seeds=1)
    shows = {
        "toy": show_toy,
        "ridge": show_ridge,
        "modes": show_modes,
        "online": show_online,
        "cleaning": lambda: show_cleaning(chosen.seeds, 150),
    }
    if chosen.small:
        shows |= {
            "toy": lambda: show_toy((5,)),
            "ridge": lambda: show_ridge((100,)),
            "online": lambda: show_online(steps=400),
            "cleaning": lambda: show_cleaning(chosen.seeds, 2),
        }
    for name in chosen.only:
        shows[name]()
        print()


if __name__ == "__main__":
    main()
