"""Resources of this machine."""

from __future__ import annotations

import os

import psutil


def cores() -> int:
    """Number of physical cores that fits may use, at least 1."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(psutil.cpu_count(logical=False) or 1, usable or 1))
