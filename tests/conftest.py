"""Settings that every test runs under; they must be in place before Qt and numpy load."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# One thread per library: tests run real worker processes side by side.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC"):
    os.environ.setdefault(_variable, "1")

# Deadlines measure the machine, not the code. And a check that fails must fail for whoever looks:
# the same examples each time, but for `--hypothesis-profile=explore`.
settings.register_profile("explore", deadline=None)
settings.register_profile("tunesmith", deadline=None, derandomize=True)
settings.load_profile("tunesmith")


@pytest.fixture(scope="module", autouse=True)
def compiled() -> Iterator[None]:
    """What JAX has compiled for a module's tests goes with it: kept, it comes to gigabytes."""
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()
        gc.collect()


@pytest.fixture
def paint(tmp_path: Path) -> Callable[..., Path]:
    """Saves a picture in the folder ``shapes``: white for the left ``share`` of its width, and
    black beside it."""
    import numpy as np
    from PIL import Image

    def paint(name: str, share: float = 0.5, size: tuple[int, int] = (8, 8)) -> Path:
        path = tmp_path / "shapes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        width, height = size
        gray = np.zeros((height, width), dtype=np.uint8)
        gray[:, : round(share * width)] = 255
        Image.fromarray(gray).convert("RGB").save(path)
        return path

    return paint


@pytest.fixture
def shapes(paint: Callable[..., Path], tmp_path: Path) -> Path:
    """A folder with two classes of ten pictures each, in files of different kinds."""
    for number in range(10):
        paint(f"left/{number}.png", 0.125 + 0.125 * (number % 3))
        paint(f"wide/{number}.bmp", 0.625 + 0.125 * (number % 3))
    return tmp_path / "shapes"
