"""A copy of all trials beside the journal, so that a large run opens at once.

``cache.msgpack`` says which journal it was made from (size and end). It is believed only when that
still fits, and rebuilt otherwise; it can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import msgspec

from engine.domain.trials import TrialRecord

NAME = "cache.msgpack"
FORMAT = 2
_TAIL = 4096


class _Cache(msgspec.Struct, frozen=True):
    format: int
    journal: str
    trials: list[TrialRecord]
    study: dict[str, object]


def load(folder: Path, made_from: str) -> tuple[list[TrialRecord], dict[str, object]] | None:
    """Trials and study attributes, or None when there is no cache of the journal with the
    fingerprint ``made_from``."""
    try:
        data = (folder / NAME).read_bytes()
        cache = msgspec.msgpack.decode(data, type=_Cache)
    except (OSError, msgspec.DecodeError):
        return None
    if cache.format != FORMAT or cache.journal != made_from:
        return None
    return cache.trials, cache.study


def save(folder: Path, made_from: str, trials: list[TrialRecord], study: dict[str, object]) -> None:
    """Write the cache of the journal with the fingerprint ``made_from``; where that is not possible
    (full disk, read-only folder) there is just none."""
    cache = _Cache(FORMAT, made_from, trials, study)
    temporary = folder / f"{NAME}.{os.getpid()}.new"
    with contextlib.suppress(OSError):
        try:
            temporary.write_bytes(msgspec.msgpack.encode(cache))
            temporary.replace(folder / NAME)
        finally:
            temporary.unlink(missing_ok=True)


def fingerprint(journal: Path) -> str:
    """Tells one state of an append-only journal from another: its size and a hash of its end."""
    with journal.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _TAIL, 0))
        return f"{size}:{hashlib.sha256(file.read()).hexdigest()}"
