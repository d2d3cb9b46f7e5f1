"""The edge of chaos: where hypergradients cease to say where the loss falls (Maclaurin et al. 2015)

    python tests/benchmarks/chaos.py [--points 240]

Digits, 1,000 training rows, a tanh network 64-50-50-50-10 with weights of scale e^-2, 50 batches of
250, momentum 0.9, one step size whose logarithm goes from 0 to 2.5; the outer loss is the training
loss. By range of the step size: how often the sign of the hypergradient agrees with the slope
over ±0.05 (half the time is chance), the longest hypergradient, how much changes of the weights
grow on the way back, the share of points the guard warns of, and the share the tuning leaves out.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import jax.numpy as jnp
import numpy as np
from arguments import parse
from digits import fan_in, rows, training

from engine.gradient.engines import ENGINES
from engine.gradient.guard import judge
from engine.gradient.network import data
from engine.gradient.outer import NOISE

HIGHEST, APART = 2.5, 0.05
RANGES = ((0.0, 0.5), (0.5, 1.0), (1.0, 1.5), (1.5, 2.0), (2.0, HIGHEST))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=240)
    count = parse(parser, points=27).points
    train, _ = rows(0, 1000)
    differentiate = ENGINES["unrolled"]().prepare(training(50, batch=250), ("step_size",))
    given = {
        **data(train, train),
        "momentum": jnp.asarray(0.9, jnp.float32),
        "scale": jnp.asarray(math.exp(-2) * np.sqrt(fan_in()), jnp.float32),
    }
    logs = np.linspace(-APART, HIGHEST + APART, count)
    values, slopes, growths = [], [], []
    for log in logs:
        rate = jnp.asarray(math.exp(log), jnp.float32)
        found = differentiate({**given, "step_size": rate}, 0)
        values.append(found.value)
        slopes.append(float(found.gradient["step_size"]) * math.exp(log))
        growths.append(found.figures["growth"])
    values, slopes, growths = map(np.asarray, (values, slopes, growths))
    wide = np.interp(logs + APART, logs, values) - np.interp(logs - APART, logs, values)
    agree = np.sign(wide) == np.sign(slopes)
    headers = ("log step size", "loss", "agreement", "longest", "growth", "guard warns", "left out")
    print("".join(f"{head:>16}" for head in headers))
    for low, high in RANGES:
        here = (logs >= low) & (logs < high)
        warned = [not judge(growth, 1.0).useful for growth in growths[here]]
        cells = (
            f"{low} to {high}",
            f"{np.median(values[here]):.3f}",
            f"{agree[here].mean():.2f}",
            f"{np.abs(slopes[here]).max():.2g}",
            f"{np.median(growths[here]):.2g}",
            f"{np.mean(warned):.2f}",
            f"{np.mean(~(growths[here] <= NOISE)):.2f}",
        )
        print("".join(f"{cell:>16}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
