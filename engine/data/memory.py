"""How much memory there is, and how much that is in words."""

from __future__ import annotations

import psutil


def available_memory() -> int:
    """Bytes of memory that can be had without swapping."""
    return psutil.virtual_memory().available


def readable(size: float) -> str:
    """``size`` in bytes as a person says it."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(size, 1e5) / 1e6:.1f} MB"
