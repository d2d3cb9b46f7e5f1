"""``list``: the catalog."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

import resources
from engine import catalog
from engine.cli.plan_options import GALLERY
from engine.domain.cards import DatasetCard, ReaderCard
from engine.gradient.engines import ENGINES
from engine.gradient.engines.base import EngineCard


def list_components(call: argparse.Namespace) -> int:
    """Print the components of one kind, bundled tables or ready plans, a line each."""
    if call.what == "gallery":
        return _gallery(json=call.json)
    cards, left_out = _pictures() if call.what == "pictures" else _components(call.what)
    if call.json:
        print(msgspec.json.encode({call.what: cards, "left_out": left_out}).decode())
        return 0
    for sentence in left_out:
        print(sentence, file=sys.stderr)
    lines = [(_name(c), c.label, _about(c)) for c in cards]
    first, second = (max(len(line[i]) for line in lines) + 2 for i in (0, 1))
    for id, label, summary in lines:
        print(f"{id:{first}}{label:{second}}{summary}")
    return 0


def _components(what: str) -> tuple[Sequence[Any], Sequence[str]]:
    """The cards of one kind, and what was left out."""
    listed = catalog.CATALOG()
    if what == "engines":
        return [engine.card for engine in ENGINES.values()], listed.left_out
    return getattr(listed, what), listed.left_out


class PictureCard(msgspec.Struct, frozen=True):
    """A picture as it is listed: ``summary`` says where it is shown."""

    id: str
    label: str
    summary: str


def _pictures() -> tuple[Sequence[PictureCard], Sequence[str]]:
    from engine.plots.picture import PICTURES  # loads matplotlib

    cards = [PictureCard(one.id, one.title, ", ".join(one.pages)) for one in PICTURES.values()]
    return cards, [rejected.sentence for rejected in PICTURES.rejected]


def _name(card: Any) -> str:
    """What a plan calls it."""
    return card.source if isinstance(card, DatasetCard) else card.id


def _about(card: Any) -> str:
    """A few words about a component."""
    if isinstance(card, ReaderCard):
        return ", ".join(card.suffixes) or ("a folder" if card.folders else "")
    if isinstance(card, EngineCard):
        return "exact" if card.exact else "approximate"
    return card.summary


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
