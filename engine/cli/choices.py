"""``list``: the catalog."""

from __future__ import annotations

import argparse
import sys

import msgspec

import resources
from engine import catalog
from engine.cli.settings import GALLERY


def choices(call: argparse.Namespace) -> int:
    """Print learners, methods, measures, readers, bundled tables or ready plans, one per line."""
    if call.what == "gallery":
        return _gallery(json=call.json)
    listed = catalog.CATALOG()
    cards = getattr(listed, call.what)
    if call.json:
        print(msgspec.json.encode({call.what: cards, "left_out": listed.left_out}).decode())
        return 0
    for sentence in listed.left_out:
        print(sentence, file=sys.stderr)
    lines = [(getattr(c, "id", None) or c.source, c.label, c.summary) for c in cards]
    first, second = (max(len(line[i]) for line in lines) + 2 for i in (0, 1))
    for id, label, summary in lines:
        print(f"{id:{first}}{label:{second}}{summary}")
    return 0


def _gallery(*, json: bool) -> int:
    """Print the ready plans: what `run` takes, and what each shows."""
    recipes = resources.gallery()
    if json:
        listed = [recipe._asdict() | {"plan": str(recipe.plan)} for recipe in recipes]
        print(msgspec.json.encode({"gallery": listed}).decode())
        return 0
    width = max(len(recipe.id) for recipe in recipes) + len(GALLERY) + 2
    for recipe in recipes:
        print(f"{GALLERY + recipe.id:{width}}{recipe.title}. {recipe.source}")
    return 0
