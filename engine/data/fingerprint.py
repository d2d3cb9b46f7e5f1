"""Fingerprint of a file's state. An exported script carries this file's source."""

from __future__ import annotations

import hashlib
from os import PathLike
from pathlib import Path


def file_sha256(path: str | PathLike[str]) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
