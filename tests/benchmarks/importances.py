"""Whether importances find the two hyperparameters of eight that matter: planted searches of some
lengths and amounts of noise, twenty seeds each.

    python tests/benchmarks/importances.py [--seeds 20]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from arguments import parse

from engine.analysis.forest_model import learn
from engine.analysis.functional_anova import fanova
from engine.analysis.ped_anova import importances
from engine.analysis.permutation import permutation
from engine.errors import RunError
from engine.testing.planted import planted

MATTER = {"rate", "kind"}


def main(seeds: int) -> None:
    """Print a line for each setting: how often each kind ranks the two first."""
    print("trials  noise  PED-ANOVA  fANOVA permut.     R2", end="")
    print(f" {'refused':>8}")
    for trials, noise in ((50, 0.05), (100, 0.05), (100, 0.2), (300, 0.2)):
        found = {"ped": 0, "fanova": 0, "permutation": 0}
        quality, refused = [], 0
        for seed in range(seeds):
            snapshot = planted(trials, seed=seed, noise=noise)
            found["ped"] += {i.name for i in importances(snapshot)[:2]} == MATTER
            try:
                model = learn(snapshot, trees=32)
            except RunError:
                refused += 1
                continue
            quality.append(model.quality.r2)
            found["fanova"] += {i.name for i in fanova(model, paired=2).importances[:2]} == MATTER
            shuffled = permutation(model, repeats=5)
            found["permutation"] += {i.name for i in shuffled[:2]} == MATTER
        made = seeds - refused
        print(
            f"{trials:>6} {noise:>6} {found['ped']:>6}/{seeds:<3} {found['fanova']:>4}/{made:<3}"
            f"{found['permutation']:>5}/{made:<3} {np.mean(quality):>6.2f} {refused:>8}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    main(parse(parser, seeds=1).seeds)
