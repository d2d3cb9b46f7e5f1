"""Files that come with Tunesmith: icons, style sheets, help pages. Imports nothing of ours."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import NamedTuple


def path(name: str) -> Path:
    """Where the resource ``name`` (for example ``"help/index.md"``) lies on disk; it may not exist.

    Tunesmith is always installed as plain files, never zipped, so a resource has a path.
    """
    return Path(str(files("resources").joinpath(name)))


def text(name: str) -> str:
    """The resource ``name`` as text.

    Raises:
        FileNotFoundError: if there is no such resource.
    """
    return path(name).read_text(encoding="utf-8")


class Recipe(NamedTuple):
    """A plan of the gallery.

    Attributes:
        id: its name.
        title: a few words.
        text: what it shows, paragraphs apart by an empty line, Markdown stars included.
        source: the last paragraph: whose experiment it is.
        plan: the file of the plan.
    """

    id: str
    title: str
    text: str
    source: str
    plan: Path


def gallery() -> tuple[Recipe, ...]:
    """The ready plans, in order."""
    return tuple(map(_recipe, sorted(path("gallery").glob("*.md"))))


def _recipe(page: Path) -> Recipe:
    title, *paragraphs = page.read_text(encoding="utf-8").strip().split("\n\n")
    *text, source = (" ".join(paragraph.split()) for paragraph in paragraphs)
    id = page.stem.partition("-")[2]
    return Recipe(
        id, title.removeprefix("# "), "\n\n".join(text), source, page.with_suffix(".json")
    )
