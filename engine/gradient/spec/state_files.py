"""Where a tuning by gradient keeps its states in the run's folder, readable without JAX.

`engine.gradient.states` writes them.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

FOLDER = "hyper"
"""In the run's folder."""
VALUES = "hyperparameters.npz"
"""In the folder of a finished run: what was tuned, by name, as it was in the best hyper-step."""
FREE = "free "
"""Begins the names of the free values in the file of a state."""


def state_path(run: Path, number: int) -> Path:
    """The file of the state before hyper-step ``number`` of the run in ``run``."""
    return run / FOLDER / f"state-{number}.npz"


def numbers(run: Path) -> list[int]:
    """The hyper-steps whose states are stored."""
    found = [path.stem.removeprefix("state-") for path in (run / FOLDER).glob("state-*.npz")]
    return sorted(int(number) for number in found if number.isdecimal())


def free(run: Path, number: int) -> dict[str, np.ndarray] | None:
    """The free values before hyper-step ``number`` by name; None where they are not stored."""
    arrays = read_arrays(state_path(run, number))
    if arrays is None:
        return None
    return {n.removeprefix(FREE): a for n, a in arrays.items() if n.startswith(FREE)}


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write ``arrays``, in place at once or not at all. Without room on the disk, not: what they
    say can be computed again."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        with part.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)


def read_arrays(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays in ``path``; None where there are none, or not all of them."""
    try:
        # Opened here: numpy leaves a damaged file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return dict(kept)
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
