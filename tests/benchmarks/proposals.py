"""What a proposal costs: milliseconds to ask for one after n results, with one BLAS thread.

    python tests/benchmarks/proposals.py [--methods gp rf_bo tpe] [--results 100 300 1000 3000]

Medians over asks of processor and of wall time, in spaces of 6 mixed and of 10 real
hyperparameters. Targets for gp: at most 60 ms at 100 results, 400 ms at 1,000, and no more beyond.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from arguments import parse

from engine.space import Categorical, Float, Integer, SearchSpace
from engine.tuners.base import Proposal, Result, Tuner, TuningProblem
from engine.tuners.gp import GaussianProcess
from engine.tuners.rf_bo import ForestBo
from engine.tuners.tpe import Tpe

METHODS: dict[str, type[Tuner]] = {"gp": GaussianProcess, "rf_bo": ForestBo, "tpe": Tpe}

SPACES = {
    "6 mixed": SearchSpace(
        (
            Float("a", 1e-4, 1.0, log=True),
            Float("b", 0.0, 1.0),
            Float("c", 0.0, 1.0),
            Float("d", 1e-3, 1e3, log=True),
            Integer("e", 1, 1000),
            Categorical("f", ("x", "y", "z")),
        )
    ),
    "10 real": SearchSpace(tuple(Float(f"x{i}", 0.0, 1.0) for i in range(10))),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--results", nargs="+", type=int, default=[100, 300, 1000, 3000])
    parser.add_argument("--asks", type=int, default=5)
    chosen = parse(parser, results=[20], asks=1)
    headers = "".join(f"{f'n = {n}':>18}" for n in chosen.results)
    print(f"{'method':<8}{'space':<10}{headers}   ms of processor (wall) an ask")
    for method in chosen.methods:
        for label, space in SPACES.items():
            cells = [measure(METHODS[method], space, n, chosen.asks) for n in chosen.results]
            figures = "".join(f"{f'{cpu:.0f} ({wall:.0f})':>18}" for cpu, wall in cells)
            print(f"{method:<8}{label:<10}{figures}", flush=True)


def measure(
    method: type[Tuner], space: SearchSpace, results: int, asks: int
) -> tuple[float, float]:
    """Median milliseconds of processor and wall time of an ask that follows a result."""
    tuner = method(TuningProblem(space, {}, maximise=False))
    rng = np.random.default_rng(0)
    for number in range(results):
        tell(tuner, Proposal(number, number, space.sample(rng)))
    times = []
    # The first ask pays for imports too.
    for _ in range(asks + 1):
        start = time.process_time(), time.perf_counter()
        proposal = tuner.ask()
        times.append((time.process_time() - start[0], time.perf_counter() - start[1]))
        assert proposal is not None
        tuner.tell(proposal, Result(score(space, proposal)))
    cpu, wall = 1e3 * np.median(times[1:], axis=0)
    return float(cpu), float(wall)


def tell(tuner: Tuner, proposal: Proposal) -> None:
    tuner.adopt(proposal)
    tuner.tell(proposal, Result(score(tuner.space, proposal)))


def score(space: SearchSpace, proposal: Proposal) -> float:
    """A curved valley with small ripples, to be minimised."""
    unit = space.to_unit(proposal.configuration)
    valley = 10 * np.sum((unit[1:] - unit[:-1] ** 2) ** 2) + np.sum((unit - 0.7) ** 2)
    return float(valley + 0.05 * np.sum(np.sin(20 * unit)))


if __name__ == "__main__":
    main()
