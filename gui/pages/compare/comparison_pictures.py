"""Which pictures the window offers of a comparison, and how they show its methods. No Qt."""

from __future__ import annotations

from engine.domain.comparison import Comparison
from engine.plots import series
from engine.plots.colour_tokens import Theme
from engine.plots.picture import ComparisonSource, Picture, pictures_on

FINAL = "final_scores"
"""The picture that nested resampling is about."""


def pictures_for(comparison: Comparison) -> dict[str, Picture]:
    """The pictures that say something of ``comparison``, by id, the one to begin with first."""
    nested = comparison.kind == "nested"
    case = comparison.cases[0].name if comparison.cases else ""
    source = ComparisonSource(comparison, case)
    found = [p for p in pictures_on("nested" if nested else "compare") if p.applies(source)]
    if nested:
        found.sort(key=lambda picture: picture.id != FINAL)
    return {picture.id: picture for picture in found}


def looks_of(comparison: Comparison, theme: Theme) -> list[tuple[str, str]]:
    """Colour and marker by which pictures on the window's background show each contender."""
    references = [one.reference for one in comparison.contenders]
    return [(look.colour, look.marker) for look in series.looks_on(references, theme.window, theme)]
