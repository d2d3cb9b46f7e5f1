"""Cache of all trials next to the journal, so that a large run opens at once.

``cache.msgpack`` holds the fingerprint of the journal it was made from (size and end). It is used
only if that still matches, and rebuilt otherwise; it can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import msgspec

from engine.domain.trials import HyperStepRecord, TrialRecord

NAME = "cache.msgpack"
FORMAT = 3
_TAIL = 4096


class _Cache(msgspec.Struct, frozen=True):
    format: int
    journal: str
    trials: list[TrialRecord | HyperStepRecord]
    study: dict[str, object]


def load(folder: Path, made_from: str) -> tuple[list[TrialRecord], dict[str, object]] | None:
    """Load trials and study attributes; None without a cache of the journal with the fingerprint
    ``made_from``."""
    try:
        data = (folder / NAME).read_bytes()
        cache = msgspec.msgpack.decode(data, type=_Cache)
    except (OSError, msgspec.DecodeError):
        return None
    if cache.format != FORMAT or cache.journal != made_from:
        return None
    return [*cache.trials], cache.study


def save(folder: Path, made_from: str, trials: list[TrialRecord], study: dict[str, object]) -> None:
    """Write the cache; where that is not possible (full disk, read-only folder) there is none.

    Args:
        folder: of the run.
        made_from: fingerprint of the journal.
        trials: by number.
        study: free attributes of the run.
    """
    cache = _Cache(FORMAT, made_from, [*trials], study)
    temporary = folder / f"{NAME}.{os.getpid()}.new"
    with contextlib.suppress(OSError):
        try:
            temporary.write_bytes(msgspec.msgpack.encode(cache))
            # Atomic, since another process may be reading.
            temporary.replace(folder / NAME)
        finally:
            temporary.unlink(missing_ok=True)


def fingerprint(journal: Path) -> str:
    """Fingerprint of an append-only journal: its size and a hash of its end."""
    with journal.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _TAIL, 0))
        return f"{size}:{hashlib.sha256(file.read()).hexdigest()}"
