"""Time of each method in fits, and in other things: proposing configurations, and waiting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from engine.domain.comparison import DEFAULT, Comparison
from engine.plots import draw, series
from engine.plots.colour import mix
from engine.plots.draw import Label
from engine.plots.picture import Picture, rows_high
from engine.plots.ranges import stepped
from engine.plots.style import Theme, background, number, points, style_rows

_THICK = 0.5
_SLOTS = 4
_UNITS = (
    (7_200.0, 3_600.0, "hours", "h"),
    (120.0, 60.0, "minutes", "min"),
    (0.0, 1.0, "seconds", "s"),
)
"""From which length on an axis counts in what."""


@dataclass(frozen=True)
class Prepared:
    """A bar in two parts for each method that searched.

    Attributes:
        names: of the k methods, and which are references.
        fits, other: shape (k,), mean time of a search in which workers fitted, and did not, in the
            unit of the axis; NaN without a search.
        unit: of the axis, short.
        limit: end of the axis.
        xlabel, summary: words.
    """

    names: tuple[str, ...]
    references: tuple[bool, ...]
    fits: np.ndarray
    other: np.ndarray
    unit: str
    limit: float
    xlabel: str
    summary: str


def prepare(comparison: Comparison, case: str | None = None) -> Prepared:
    """Compute the mean time in fits and in other things of each method's ended searches.

    A worker's time is shared out: with two workers, a second in which one of them fits is half a
    second in fits and half a second of other things.

    Args:
        comparison: at least one search of a method must have ended for it to have a bar.
        case: name of the table and model; None for all of them.
    """
    methods = [c for c in comparison.contenders if c.name != DEFAULT]
    times = np.array([_mean(comparison, c.name, case) for c in methods]).reshape(-1, 2)
    longest = float(np.nanmax(times.sum(axis=1), initial=0.0))
    size, unit, short = next(each[1:] for each in _UNITS if longest >= each[0])
    return Prepared(
        names=series.names([c.short for c in methods]),
        references=tuple(c.reference for c in methods),
        fits=times[:, 0] / size,
        other=times[:, 1] / size,
        unit=short,
        limit=stepped(0.0, longest / size)[1] if longest else 1.0,
        xlabel=f"mean time of a search, {unit}",
        summary=_summary([c.short for c in methods], times),
    )


def _mean(comparison: Comparison, contender: str, case: str | None) -> tuple[float, float]:
    """Mean seconds in fits and in other things."""
    found = [
        (min(m.fit_seconds / max(m.workers, 1), m.seconds), m.seconds)
        for m in comparison.members
        if m.contender == contender and case in (None, m.case) and m.state == "finished"
    ]
    usable = [pair for pair in found if np.isfinite(pair).all() and pair[1] > 0]
    if not usable:
        return np.nan, np.nan
    fits, seconds = np.mean(usable, axis=0).tolist()
    return fits, seconds - fits


def _summary(labels: list[str], times: np.ndarray) -> str:
    known = [
        f"{name} {other / (fits + other):.0%}"
        for name, (fits, other) in zip(labels, times.tolist(), strict=True)
        if np.isfinite(fits)
    ]
    if not known:
        return "No search has ended yet."
    return f"Share of the workers' time that was not spent in fits: {', '.join(known)}."


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a bar for each method, filled for time in fits and pale for other time."""
    style_rows(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    behind, known = background(axes, theme), np.flatnonzero(np.isfinite(prepared.fits))
    looks = series.looks(prepared.references, axes, theme)
    colours = [looks[i].colour for i in known.tolist()]
    low = known - _THICK / 2
    fits, other = prepared.fits[known], prepared.other[known]
    filled = draw.rectangles(np.zeros(known.size), low, fits, _THICK)
    draw.bars(axes, filled, facecolors=colours, zorder=2)
    pale = [mix(behind, colour, 0.25) for colour in colours]
    rim = {"edgecolors": colours, "linewidths": points(1.2)}
    draw.bars(axes, draw.rectangles(fits, low, other, _THICK), facecolors=pale, zorder=2, **rim)
    labels = _words(prepared, known.tolist(), theme)
    # Room for the words beyond the longest bar.
    room = series.margin(axes, [label.text for label in labels[: known.size]], 0.6)
    longest = float((fits + other).max(initial=0.0))
    axes.set_xlim(0, max(prepared.limit, longest / (1 - room)))
    names = prepared.names
    draw.name_rows(axes, names, room=max(len(names), _SLOTS), above=0.95, below=0.45)
    axes.set_xlabel(prepared.xlabel)
    draw.labels(axes, theme, labels, halo=behind)
    draw.message(axes, theme, "" if known.size else "No search has ended yet.")
    axes.yaxis.set_visible(known.size > 0)
    axes.xaxis.set_visible(known.size > 0)


def _words(prepared: Prepared, known: list[int], theme: Theme) -> list[Label]:
    """What each bar's end means, and above the first what its two parts are."""
    labels = []
    for i in known:
        whole = prepared.fits[i] + prepared.other[i]
        share = prepared.other[i] / whole if whole else 0.0
        words = f"{number(float(whole), 2)} {prepared.unit}, {share:.0%} not in fits"
        labels.append(Label(whole, i, words, theme.muted, align="left", shift=(6, 0)))
    if known:
        first = known[0]
        y = first - _THICK / 2
        words = "filled: fits; pale: thinking and waiting"
        labels.append(
            Label(0, y, words, theme.muted, align="left", vertical="bottom", shift=(0, 4))
        )
    return labels


PICTURE = Picture(
    id="thinking",
    title="Time in fits and in thinking",
    short="Thinking",
    prepare=lambda source: prepare(source.comparison, source.case or None),
    paint=paint,
    pages=("compare", "comparison report, once"),
    inches=lambda prepared: rows_high(len(prepared.names) + 1),
    order=208,
)
