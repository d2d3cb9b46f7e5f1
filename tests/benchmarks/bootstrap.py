"""How far a mean over problems and seeds may be off."""

from __future__ import annotations

import numpy as np

RESAMPLES = 10_000


def interval(differences: np.ndarray) -> tuple[float, float]:
    """95 % bootstrap interval of the mean: problems are drawn, then seeds within each.

    Args:
        differences: shape (problems, seeds).
    """
    rng = np.random.default_rng(0)
    problems, seeds = differences.shape
    rows = rng.integers(problems, size=(RESAMPLES, problems, 1))
    columns = rng.integers(seeds, size=(RESAMPLES, problems, seeds))
    low, high = np.quantile(differences[rows, columns].mean(axis=(1, 2)), [0.025, 0.975])
    return float(low), float(high)


def ranks(regrets: np.ndarray) -> np.ndarray:
    """Ranks from 1 along the first axis, the methods; equals share the mean of their ranks."""
    rounded = regrets.round(9)
    below = np.sum(rounded[:, None] > rounded[None, :], axis=1)
    equal = np.sum(rounded[:, None] == rounded[None, :], axis=1)
    return 1 + below + (equal - 1) / 2


def print_differences(names: list[str], rivals: list[str], ranked: np.ndarray) -> None:
    """Print how far each method's rank is from each rival's, with its interval.

    Args:
        names: of the methods.
        rivals: those of them that the others are held against.
        ranked: shape (methods, problems, seeds).
    """
    if len(rivals := [rival for rival in rivals if rival in names]) == 0:
        return
    width = max(map(len, names))
    print("\n" + " " * width + "".join(f"{'minus ' + rival:>34}" for rival in rivals))
    for m, name in enumerate(names):
        if name in rivals:
            continue
        cells = ""
        for rival in rivals:
            difference = ranked[m] - ranked[names.index(rival)]
            low, high = interval(difference)
            cells += f"{difference.mean():+16.2f} [{low:+.2f}, {high:+.2f}]"
        print(f"{name:{width}}{cells}")
