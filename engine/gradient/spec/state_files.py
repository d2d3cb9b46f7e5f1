"""Files of a gradient run's states in its folder, readable without JAX.

`engine.gradient.states` writes them.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

FOLDER = "hyper"
"""Folder of the states, in the run's folder."""
VALUES = "hyperparameters.npz"
"""File in the folder of a finished run: natural values of the best hyper-step, by name."""
FREE = "free "
"""Prefix of the names of the free values in the file of a state."""


def state_path(run: Path, number: int) -> Path:
    """Return the path of the state before hyper-step ``number`` in ``run``, a run's folder."""
    return run / FOLDER / f"state-{number}.npz"


def numbers(run: Path) -> list[int]:
    """Return the hyper-steps before which a state is stored, ascending."""
    found = [path.stem.removeprefix("state-") for path in (run / FOLDER).glob("state-*.npz")]
    return sorted(int(number) for number in found if number.isdecimal())


def free(run: Path, number: int) -> dict[str, np.ndarray] | None:
    """Read the free values before a hyper-step.

    Args:
        run: folder of the run.
        number: number of the hyper-step.

    Returns:
        Arrays by name; None if they are not stored.
    """
    arrays = read_arrays(state_path(run, number))
    if arrays is None:
        return None
    return {n.removeprefix(FREE): a for n, a in arrays.items() if n.startswith(FREE)}


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays to a file, atomically.

    If it can't be written, as on a full disk, there is no file and no error: the arrays can be
    computed again.

    Args:
        path: file to write; its folder is made, but not the one above.
        arrays: by name.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        with part.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)


def read_arrays(path: Path) -> dict[str, np.ndarray] | None:
    """Read the arrays in ``path`` by name; None if the file is missing or damaged."""
    try:
        # Opened here, since numpy leaves a damaged file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return dict(kept)
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
