"""``list``: what there is to choose from."""

from __future__ import annotations

import argparse

import msgspec

from engine import catalog


def choices(call: argparse.Namespace) -> int:
    """Print learners, methods, measures or bundled tables, a line each."""
    cards = getattr(catalog.CATALOG(), call.what)
    if call.json:
        print(msgspec.json.encode(cards).decode())
        return 0
    lines = [(getattr(c, "id", None) or c.source, c.label, c.summary) for c in cards]
    first, second = (max(len(line[i]) for line in lines) + 2 for i in (0, 1))
    for id, label, summary in lines:
        print(f"{id:{first}}{label:{second}}{summary}")
    return 0
