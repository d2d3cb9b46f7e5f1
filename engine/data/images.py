"""A folder of pictures as a table: a row a picture, a column a pixel.

The pictures of each class lie in a folder of their own, named after it; pictures to be predicted
may lie loose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from os import PathLike
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

from engine.data.memory import available_memory, readable
from engine.data.readers.csv import TextTable
from engine.errors import InputError
from engine.plan import ReadOptions

SUFFIXES = frozenset(
    [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"]
)
UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)
"""What opening a file that is no whole picture raises."""
CLASS = "class"
"""The column with the names of the folders."""
SIDES = (4, 100)
"""Least and most pixels of an edge."""
PROPOSED = 32
"""Pixels of an edge that are proposed at most: more take long and seldom tell more."""
CELL_BYTES = 40
"""Memory of a pixel's cell of text, and of the number it becomes."""


class UnreadablePicture(ValueError):
    """A file that is no picture, or a broken one: its path, and why."""


def read_folder(folder: Path, options: ReadOptions, *, loose: bool) -> TextTable:
    """The table of the pictures in ``folder``. Where ``options`` leave the edge open, it is that of
    most pictures, `PROPOSED` pixels at most.

    Args:
        loose: whether pictures may lie in no class's folder.

    Raises:
        InputError: ``folder.*``, or ``plan.field`` for an edge that makes no sense.
    """
    paths = pictures(folder)[: options.rows]
    if not paths:
        raise InputError("folder.empty", path=folder)
    lost = next((path for path in paths if path.parent == folder), None)
    if lost is not None and not loose:
        raise InputError("folder.unsorted", path=folder, name=lost.name)
    try:
        side = _side(paths, options.side)
        _check_memory(folder, len(paths), side)
        cells = read_pictures(folder, side, options.rows)
    except UnreadablePicture as error:
        path, why = error.args
        raise InputError("folder.picture", path=path, why=why) from error
    settled = ReadOptions(decimal=".", header=True, rows=options.rows, side=side)
    return TextTable(cells, settled, fingerprint_of(folder, options.rows))


def read_pictures(folder: str | PathLike[str], side: int, rows: int | None = None) -> pd.DataFrame:
    """The pictures of a folder as cells of text: ``pixel_ROW_COLUMN`` holds how light a pixel is,
    from 0 to 255, and ``class`` the name of the folder, unless all pictures lie loose.

    Each picture is made gray, cut to its middle square and brought to ``side`` by ``side`` pixels.

    Args:
        folder: with the pictures, in the order of `pictures`.
        side: pixels of an edge.
        rows: read only the first so many.
    """
    top = Path(folder)
    paths = pictures(top)[:rows]
    gray = np.stack([_gray(path, side) for path in paths]).reshape(len(paths), -1)
    texts = np.array([str(value) for value in range(256)], dtype=object)
    names = [f"pixel_{place // side}_{place % side}" for place in range(side * side)]
    cells = {
        name: pd.array(texts[column].tolist(), dtype="str")
        for name, column in zip(names, gray.T, strict=True)
    }
    labels = [path.relative_to(top).parts[0] if path.parent != top else "" for path in paths]
    if any(labels):
        cells[CLASS] = pd.array(labels, dtype="str")
    return pd.DataFrame(cells)


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
    """What the pictures in ``folder`` are called, in their order."""
    return [path.relative_to(folder).as_posix() for path in pictures(folder)]


def fingerprint_of(folder: Path, rows: int | None = None) -> str:
    """SHA-256 of the names and bytes of the pictures in ``folder``, in hexadecimal."""
    digest = hashlib.sha256()
    for path in pictures(folder)[:rows]:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\x1f")
        digest.update(path.read_bytes() + b"\x1e")
    return digest.hexdigest()


def state(folder: Path) -> Iterator[tuple[str, int, int]]:
    """What tells one state of a folder's pictures from another: names, sizes and times."""
    for path in pictures(folder):
        found = path.stat()
        yield str(path), found.st_size, found.st_mtime_ns


def _gray(path: Path, side: int) -> np.ndarray:
    """A picture, shape (side, side), from 0 to 255."""
    try:
        with Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture).convert("L")
        return np.asarray(ImageOps.fit(upright, (side, side)), dtype=np.uint8)
    except UNREADABLE as error:
        raise UnreadablePicture(path, str(error)) from error


def _side(paths: Sequence[Path], asked: int | None) -> int:
    least, most = SIDES
    if asked is None:
        return min(PROPOSED, max(least, int(median(_shorter_edge(path) for path in paths))))
    if not least <= asked <= most:
        field, why = "data.read.side", f"it must be from {least} to {most}"
        raise InputError("plan.field", field=field, path=field, value=f"“{asked}”", why=why)
    return asked


def _shorter_edge(path: Path) -> int:
    try:
        with Image.open(path) as picture:
            return min(picture.size)
    except UNREADABLE as error:
        raise UnreadablePicture(path, str(error)) from error


def _check_memory(folder: Path, count: int, side: int) -> None:
    needed, free = count * side * side * CELL_BYTES, available_memory()
    if needed > free / 2:
        raise InputError(
            "folder.too_large",
            field="data.read.side",
            path=folder,
            count=count,
            side=side,
            needed=readable(needed),
            free=readable(free),
        )
