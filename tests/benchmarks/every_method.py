"""Every method through the command line on one table and learner, beside random search.

    python tests/benchmarks/every_method.py [FOLDER] [--data builtin:digits]
        [--learner hist_gradient_boosting] [--methods grid gp ...] [--seeds 3] [--trials 40]
        [--seconds 60] [--workers 2]

Each search ends after so many trials or seconds, whatever comes first; the methods take turns, so
that a noisy machine harms all alike. Runs stay in FOLDER, and a later call takes from there those
that have a result. Prints the exit statuses that are not 0, and for each method its validation
scores and full evaluations by seed. Target: every status 0, and no method's median below that of
random search.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import msgspec
from arguments import parse

ROOT = Path(__file__).resolve().parents[2]
METHODS = (
    *("random", "grid", "sobol", "tpe", "gp", "rf_bo", "cmaes", "evolution", "de"),
    *("halving", "hyperband", "asha", "bohb", "racing", "auto"),
)


class Ended(NamedTuple):
    """How a search ended."""

    status: int
    score: float
    """The validation score of what it chose; larger is better."""
    evaluations: float


def search(call: argparse.Namespace, method: str, seed: int) -> Ended:
    """One search, or what is left of it from an earlier call."""
    out = call.folder / f"{method}-{seed}"
    status = 0
    if not (out / "result.json").exists():
        words = [sys.executable, "-m", "engine", "tune", call.data, "--learner", call.learner]
        budget = ["--trials", call.trials, "--seconds", call.seconds, "--workers", call.workers]
        rest = ["--method", method, "--seed", seed, "--out", out, "--json"]
        status = subprocess.run(
            [*words, *map(str, [*budget, *rest])], cwd=ROOT, stdout=subprocess.DEVNULL
        ).returncode
    if not (out / "result.json").exists():
        return Ended(status or 1, float("nan"), 0.0)
    result = msgspec.json.decode((out / "result.json").read_bytes())
    return Ended(status, result["validation_best"], result["evaluations"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", help="a new one, if left out")
    parser.add_argument("--data", default="builtin:digits")
    parser.add_argument("--learner", default="hist_gradient_boosting")
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    call = parse(
        parser,
        data="builtin:wine",
        learner="svm",
        methods=["random", "tpe"],
        seeds=1,
        trials=3,
    )
    if call.folder is None:
        call.folder = Path(tempfile.mkdtemp())
    found: dict[str, list[Ended]] = {method: [] for method in call.methods}
    for seed in range(call.seeds):
        for method in call.methods:
            found[method].append(search(call, method, seed))
            print(f"{method}, seed {seed}: {found[method][-1]}", file=sys.stderr, flush=True)
    print(f"{'method':12}{'status':>8}{'median':>10}  scores (full evaluations) by seed")
    for method, ends in sorted(
        found.items(), key=lambda item: -statistics.median(end.score for end in item[1])
    ):
        status = max(end.status for end in ends)
        median = statistics.median(end.score for end in ends)
        each = ", ".join(f"{end.score:.4f} ({end.evaluations:.1f})" for end in ends)
        print(f"{method:12}{status:8}{median:10.4f}  {each}")


if __name__ == "__main__":
    main()
