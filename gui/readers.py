"""Kinds of files that can be opened, by their names: file dialogs, and reading options."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.domain.cards import ReaderCard
from engine.plan import PictureOptions, ReadOptions, TextOptions, TypedOptions

_OPTIONS = {"text": TextOptions, "pictures": PictureOptions, "typed": TypedOptions}


def file_filter(readers: Sequence[ReaderCard]) -> str:
    """The filter of a file dialog."""
    suffixes = " ".join(f"*{suffix}" for card in readers for suffix in card.suffixes)
    return f"Tables ({suffixes});;All files (*)" if suffixes else "All files (*)"


def said(readers: Sequence[ReaderCard]) -> str:
    """The kinds of files in brackets, with a space before."""
    labels = ", ".join(card.label for card in readers if card.suffixes)
    return f" ({labels})" if labels else ""


def open_options(source: str, readers: Sequence[ReaderCard]) -> ReadOptions:
    """The reading options that ``source`` has, all of them open. The engine, which looks into the
    file, may know better once it is read."""
    path = Path(source)
    folder = path.is_dir()
    for card in readers:
        if card.folders if folder else path.suffix.lower() in card.suffixes:
            return _OPTIONS[card.options]()
    return TextOptions()
