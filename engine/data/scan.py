"""A pass over a file's bytes: its SHA-256, its encoding, and whether it is text at all."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError

CHUNK = 1 << 20

FALLBACK = "cp1252"
"""Encoding assumed for text that is not UTF-8, if it has no byte that this encoding lacks."""

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

OTHERS = "cp1252, cp1251, shift_jis or gb18030"
"""Encodings to suggest to the user."""


@dataclass(frozen=True)
class Scan:
    """Findings of a pass over a file.

    Attributes:
        sha256: of the bytes, in hexadecimal.
        encoding: a codec that decodes every byte.
    """

    sha256: str
    encoding: str


def scan(path: Path, encoding: str | None = None) -> Scan:
    """Read every byte of ``path``, without keeping it.

    Without ``encoding`` it is found: a byte order mark, else UTF-8, else Windows-1252.

    Raises:
        InputError: ``file.unreadable``, ``file.empty``, ``file.binary`` for NUL bytes,
            ``file.encoding`` for bytes that the encoding does not have, ``plan.field`` for an
            encoding that does not exist.
    """
    with _open(path) as file:
        head = file.read(4)
    if not head:
        raise InputError("file.empty", path=path)
    marked = next((name for mark, name in BYTE_ORDER_MARKS.items() if head.startswith(mark)), None)
    wanted = _codec(encoding) if encoding else marked or "utf-8"
    wide = wanted.replace("_", "-").lower().startswith(("utf-16", "utf-32"))

    sha256, fault = _decoded(path, wanted, wide)
    if fault is None:
        return Scan(sha256, wanted)
    if not (encoding or marked) and _decoded(path, FALLBACK, wide)[1] is None:
        return Scan(sha256, FALLBACK)
    line, byte = fault
    raise InputError(
        "file.encoding",
        field="data.read.encoding",
        path=path,
        encoding=wanted,
        line=line,
        byte=f"0x{byte:02X}",
        suggestion=OTHERS,
    )


def _decoded(path: Path, encoding: str, wide: bool) -> tuple[str, tuple[int, int] | None]:
    """SHA-256 of a file, and the line and value of the first byte that ``encoding`` lacks, if any.

    Raises:
        InputError: ``file.binary`` for NUL bytes, unless characters are ``wide``.
    """
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder(encoding)()
    found: tuple[int, int] | None = None
    offset, line = 0, 1
    with _open(path) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            if not wide and (place := chunk.find(0)) >= 0:
                raise InputError("file.binary", path=path, byte=offset + place)
            if found is None:
                fault = _fault(decoder, chunk)
                if fault is not None:
                    found = (line + chunk.count(b"\n", 0, fault), chunk[fault])
                line += chunk.count(b"\n")
            offset += len(chunk)
    try:
        if found is None:
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        found = (line, error.object[error.start])
    return digest.hexdigest(), found


def head(path: Path, size: int) -> bytes:
    """The first ``size`` bytes of a file.

    Raises:
        InputError: ``file.unreadable``.
    """
    with _open(path) as file:
        return file.read(size)


def _open(path: Path):
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError("file.unreadable", path=path, why=error.strerror or str(error)) from error


def _codec(name: str) -> str:
    try:
        codecs.getincrementaldecoder(name)
        codecs.lookup(name)
        "".encode(name)
    except LookupError as error:
        raise InputError(
            "plan.field",
            field="data.read.encoding",
            path="data.read.encoding",
            value=f"“{name}”",
            why="no such encoding is known",
        ) from error
    return name


def _fault(decoder: codecs.IncrementalDecoder, chunk: bytes) -> int | None:
    """Offset in ``chunk`` of the first byte that can't be decoded."""
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError as error:
        carried = len(error.object) - len(chunk)
        return max(0, error.start - carried)
    return None
