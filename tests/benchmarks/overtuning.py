"""How often the alarm of overtuning rings: planted and clean searches, twenty seeds each.

python tests/benchmarks/overtuning.py [--seeds 20]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from arguments import parse

from engine.analysis.overtuning_estimate import overtuning
from engine.testing.overtuned import CLEAN, OVERTUNED, subset_search


def main(seeds: int) -> None:
    """Print a line for each setting."""
    headers = f"{'overtuning':>11} {'flattery':>9} {'gain outside':>13}"
    print(f"{'search':10} {'rings':>9} {'default better':>15} {headers}")
    for name, setting in (("planted", OVERTUNED), ("clean", CLEAN)):
        found = [overtuning(subset_search(seed, setting), maximise=True) for seed in range(seeds)]
        rings = [f.alarm for f in found if f.alarm is not None]
        print(
            f"{name:10} {len(rings):>4} of {seeds:<3} {sum(a.trial == 0 for a in rings):>14} "
            f"{np.mean([f.overtuning for f in found]):>11.4f} "
            f"{np.mean([f.flattery for f in found]):>9.4f} "
            f"{np.mean([f.path[-1].outer - f.path[0].outer for f in found]):>13.4f}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    main(parse(parser, seeds=1).seeds)
