"""Where a method's time goes: into fits, or into thinking of the next configuration and waiting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from engine.domain.comparison import DEFAULT, Comparison
from engine.plots import marks, series
from engine.plots.colour import mix
from engine.plots.marks import Label, Labels
from engine.plots.ranges import stepped
from engine.plots.style import Theme, number, points

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
    """The picture as columns: a bar for each method that searched.

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
    """Columns of the picture, over the ended searches of ``case`` or of all cases.

    A worker's time is shared out: with two workers, a second in which one of them fits is half a
    second in fits and half a second of other things.
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


@dataclass(frozen=True)
class Artists:
    """What `draw` made, to be handed to it again."""

    theme: Theme
    fits: PolyCollection
    other: PolyCollection
    labels: Labels
    notice: Text


def draw(axes: Axes, prepared: Prepared, theme: Theme, artists: Artists | None = None) -> Artists:
    """Draw or update the picture on ``axes``."""
    return marks.show(axes, prepared, theme, artists, _create, _update)


def _create(axes: Axes, theme: Theme) -> Artists:
    marks.begin(axes)
    marks.rows(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    behind = marks.ground(axes, theme)
    return Artists(
        theme=theme,
        fits=marks.bars(axes, zorder=2),
        other=marks.bars(axes, linewidths=points(1.2), zorder=2),
        labels=Labels(axes, theme, halo=behind),
        notice=marks.notice(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    k = len(prepared.names)
    known = np.flatnonzero(np.isfinite(prepared.fits))
    looks = series.looks(prepared.references, axes, artists.theme)
    behind = marks.ground(axes, artists.theme)
    low = known - _THICK / 2
    fits, other = prepared.fits[known], prepared.other[known]
    artists.fits.set_verts(marks.rectangles(np.zeros(known.size), low, fits, _THICK))
    artists.fits.set_facecolor([looks[i].colour for i in known.tolist()])
    artists.other.set_verts(marks.rectangles(fits, low, other, _THICK))
    artists.other.set_facecolor([mix(behind, looks[i].colour, 0.25) for i in known.tolist()])
    artists.other.set_edgecolor([looks[i].colour for i in known.tolist()])
    labels = _words(prepared, known.tolist(), artists.theme)
    # Room for the words beyond the longest bar.
    room = series.margin(axes, [label.text for label in labels[: known.size]], 0.6)
    longest = float((fits + other).max(initial=0.0))
    axes.set_xlim(0, max(prepared.limit, longest / (1 - room)))
    marks.name_rows(axes, prepared.names, room=max(k, _SLOTS), above=0.95, below=0.45)
    axes.set_xlabel(prepared.xlabel)
    artists.labels.show(labels)
    artists.notice.set_text("" if known.size else "No search has ended yet.")
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
