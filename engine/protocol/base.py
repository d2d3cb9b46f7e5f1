"""Base of every message, and the version of the protocol."""

from __future__ import annotations

import msgspec

VERSION = 1


class RequestHead(msgspec.Struct, frozen=True, tag_field="type", tag=True, kw_only=True):
    id: int


class ReplyHead(msgspec.Struct, frozen=True, tag_field="type", tag=True, kw_only=True):
    id: int


class EventHead(msgspec.Struct, frozen=True, tag_field="type", tag=True, kw_only=True):
    seq: int = 0
