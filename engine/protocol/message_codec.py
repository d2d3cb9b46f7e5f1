"""Messages as lines of JSON."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import msgspec

from engine.errors import InputError
from engine.protocol.events import Event
from engine.protocol.replies import Reply
from engine.protocol.requests import Request

MAX_LINE = 64 * 1024 * 1024
"""Longest line either side accepts, in bytes."""


Message = Reply | Event


def encode(message: Request | Message) -> bytes:
    """``message`` as one line, newline included."""
    data = msgspec.json.encode(message)
    if b"null" in data:  # what is not finite became null, silently
        data = msgspec.json.encode(_tagged(msgspec.to_builtins(message)))
    return data + b"\n"


def decode_request(line: bytes) -> Request | None:
    """The request on ``line``; None for a type this version does not know.

    Raises:
        InputError: if the line is no message.
    """
    return _decode(line, Request)


def decode_message(line: bytes) -> Message | None:
    """The reply or event on ``line``; None for a type this version does not know.

    Raises:
        InputError: if the line is no message.
    """
    return _decode(line, Message)


def request_id(line: bytes) -> int | None:
    """The id on a ``line`` that is no request otherwise, so that it can be answered; None without
    one."""
    try:
        return msgspec.json.decode(line, type=_Numbered).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class _Numbered(msgspec.Struct):
    id: int


def known_types(union: Any) -> frozenset[str]:
    """The tags of a union of messages."""
    return frozenset(member.__name__ for member in union.__args__)


def _decode(line: bytes, union: Any) -> Any:
    if len(line) > MAX_LINE:
        raise InputError("protocol.malformed", why=f"a line of {len(line)} bytes")
    if b'"$float"' not in line:
        # Nearly every line: trials come by the thousand.
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return msgspec.json.decode(line, type=union)
    try:
        tree = msgspec.json.decode(line)
        if not isinstance(tree, dict):
            raise InputError("protocol.malformed", why="not an object")
        kind = tree.get("type")
        if not isinstance(kind, str):
            raise InputError("protocol.malformed", why="no type")
        if kind not in known_types(union):
            return None
        return msgspec.convert(_untagged(tree), union)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError("protocol.malformed", why=str(error)) from error


def _tagged(tree: Any) -> Any:
    if isinstance(tree, float) and not math.isfinite(tree):
        return {"$float": "nan" if math.isnan(tree) else "inf" if tree > 0 else "-inf"}
    if isinstance(tree, dict):
        return {key: _tagged(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_tagged(value) for value in tree]
    return tree


def _untagged(tree: Any) -> Any:
    if isinstance(tree, dict):
        if len(tree) == 1 and tree.get("$float") in ("nan", "inf", "-inf"):
            return float(tree["$float"])
        return {key: _untagged(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_untagged(value) for value in tree]
    return tree
