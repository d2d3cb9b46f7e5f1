"""How much memory there is, and how much that is in words."""

from __future__ import annotations

from pathlib import Path

import psutil

from engine.errors import InputError


def available_memory() -> int:
    """Bytes of memory that can be had without swapping."""
    return psutil.virtual_memory().available


def readable(size: float) -> str:
    """``size`` in bytes as a person says it."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(size, 1e5) / 1e6:.1f} MB"


def check_fits(path: Path, row_bytes: float, rows: float) -> None:
    """Refuse a table that would take over half the free memory.

    Args:
        path: the file, for the sentence.
        row_bytes: memory that a row takes.
        rows: so many are to be read.

    Raises:
        InputError: ``file.too_large``, with a number of rows that would fit.
    """
    free = available_memory()
    if row_bytes * rows > free / 2:
        raise InputError(
            "file.too_large",
            field="data.read.rows",
            path=path,
            needed=readable(row_bytes * rows),
            free=readable(free),
            rows=max(1, _round_down(int(free / 2 / row_bytes))),
        )


def _round_down(rows: int) -> int:
    """``rows`` with at most two leading digits that are not 0."""
    step = 10 ** max(0, len(str(rows)) - 2)
    return rows // step * step
