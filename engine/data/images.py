"""Pictures as rows of pixels. An exported script carries this file's source, so it imports only the
standard library, numpy, pandas and Pillow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import zip_longest
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

SUFFIXES = frozenset(
    [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"]
)
UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)
"""Errors of opening a file that is not a complete picture."""
CLASS = "class"
"""The column with the names of the folders."""


class UnreadablePicture(ValueError):
    """A file that is no picture, or a broken one: its path, and why."""


def read_pictures(folder: str | PathLike[str], side: int, rows: int | None = None) -> pd.DataFrame:
    """The pictures of a folder as rows: ``pixel_ROW_COLUMN`` holds how light a pixel is, from 0 to
    255 (uint8), and ``class`` the name of the folder, unless all pictures lie loose.

    Each picture is made gray, cut to its middle square and brought to ``side`` by ``side`` pixels.

    Args:
        folder: with the pictures, in the order of `pictures`.
        side: pixels of an edge.
        rows: read only the first so many.
    """
    top = Path(folder)
    paths = pictures(top)[:rows]
    pixels = np.empty((side * side, len(paths)), dtype=np.uint8)
    for place, path in enumerate(paths):
        pixels[:, place] = _gray(path, side).ravel()
    names = [f"pixel_{place // side}_{place % side}" for place in range(side * side)]
    cells: dict[str, Any] = dict(zip(names, pixels, strict=True))
    labels = [path.relative_to(top).parts[0] if path.parent != top else "" for path in paths]
    if any(labels):
        cells[CLASS] = pd.Categorical(pd.array(labels, dtype="str"))
    return pd.DataFrame(cells, copy=False)


def pictures(folder: Path) -> list[Path]:
    """The pictures in ``folder``: loose ones by name, or else the first of each class, the second
    of each, and so on, so that the first few show all classes."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        if path.suffix.lower() in SUFFIXES and not hidden and path.is_file():
            found.setdefault(parts[0] if len(parts) > 1 else "", []).append(path)
    turns = zip_longest(*found.values())
    return [path for turn in turns for path in turn if path is not None]


def names(folder: Path) -> list[str]:
    """Names of the pictures in ``folder``, in their order."""
    return [path.relative_to(folder).as_posix() for path in pictures(folder)]


def fingerprint_of(folder: Path, rows: int | None = None) -> str:
    """SHA-256 of the names and bytes of the pictures in ``folder``, in hexadecimal."""
    digest = hashlib.sha256()
    for path in pictures(folder)[:rows]:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\x1f")
        digest.update(path.read_bytes() + b"\x1e")
    return digest.hexdigest()


def state(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Fingerprint of a folder's pictures: names, sizes and times."""
    for path in pictures(folder):
        found = path.stat()
        yield str(path), found.st_size, found.st_mtime_ns


def shorter_edge(path: Path) -> int:
    """Pixels of the shorter edge of a picture.

    Raises:
        UnreadablePicture: if it is none.
    """
    try:
        with Image.open(path) as picture:
            return min(picture.size)
    except UNREADABLE as error:
        raise UnreadablePicture(path, str(error)) from error


def _gray(path: Path, side: int) -> np.ndarray:
    """A picture, shape (side, side), from 0 to 255."""
    try:
        with Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture).convert("L")
        return np.asarray(ImageOps.fit(upright, (side, side)), dtype=np.uint8)
    except UNREADABLE as error:
        raise UnreadablePicture(path, str(error)) from error
