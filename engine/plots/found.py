"""Best configurations of all searches by method, in one space."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from engine.domain.comparison import Comparison
from engine.plots import draw, series
from engine.plots.draw import Label
from engine.plots.panels import size
from engine.plots.picture import Picture
from engine.plots.style import Theme, background, number, style_axes
from engine.space import Categorical, Configuration, SearchSpace, Value

MOST = 8
"""Hyperparameters shown at most."""

_WIDE = 20.0
"""Times between the smallest and the largest value from which an unknown range is logarithmic."""
_DODGE = 0.34
"""Width over which the methods stand beside each other at an axis."""
_MOST_TICKS = 5
_JITTER = 0.09
"""Height over which the searches of one choice are spread."""
_LETTER = 6.6


Place = Callable[[Value, int], float]
"""From a value and the number of the search to its place on an axis, NaN for none."""


@dataclass(frozen=True)
class Scale:
    """A hyperparameter's axis: its name, and words at places from 0 to 1."""

    name: str
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Prepared:
    """Best configurations as places on the axes of hyperparameters.

    Attributes:
        names: of the k contenders, and which are references.
        scales: the d axes.
        places: of each contender shape (searches, d), from 0 to 1, NaN where inactive.
        left_out: hyperparameters that there is no room for.
        summary: words.
    """

    names: tuple[str, ...]
    references: tuple[bool, ...]
    scales: tuple[Scale, ...]
    places: tuple[np.ndarray, ...]
    left_out: int
    summary: str


def prepare(comparison: Comparison, case: str, space: SearchSpace | None = None) -> Prepared:
    """Place the best configuration of every search on the axes of its hyperparameters.

    Args:
        comparison: searches of several methods.
        case: name of the table and model.
        space: gives the axes; None: they span the values found.

    Returns:
        Places from 0 to 1 on each axis.
    """
    found: list[list[Configuration]] = [
        [
            m.configuration
            for m in comparison.members
            if m.case == case and m.contender == contender.name and m.configuration
        ]
        for contender in comparison.contenders
    ]
    every = [configuration for group in found for configuration in group]
    names = space.names if space else tuple(dict.fromkeys(n for c in every for n in c))
    shown = names[:MOST]
    axes = [_axis(name, [c[name] for c in every if name in c], space) for name in shown]
    places = tuple(_places(group, shown, [place for _, place in axes]) for group in found)
    count = len(every)
    searches = f"{count:,} search{'es' * (count != 1)}"
    return Prepared(
        names=series.names([c.short for c in comparison.contenders]),
        references=tuple(c.reference for c in comparison.contenders),
        scales=tuple(scale for scale, _ in axes) if every else (),
        places=places,
        left_out=len(names) - len(shown),
        summary=f"Best configurations of {searches} along {', '.join(shown)}."
        if every
        else "No search has a best configuration yet.",
    )


def _places(
    group: Sequence[Configuration], names: Sequence[str], place: Sequence[Place]
) -> np.ndarray:
    """Where the configurations stand on the axes, shape (searches, d)."""
    found = np.full((len(group), len(names)), math.nan)
    for i, configuration in enumerate(group):
        for j, name in enumerate(names):
            if name in configuration:
                found[i, j] = place[j](configuration[name], i)
    return found


def _axis(name: str, values: Sequence[Value], space: SearchSpace | None) -> tuple[Scale, Place]:
    """The scale of a hyperparameter and what places its values on it."""
    parameter = space[name] if space is not None and name in space.names else None
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    finite = [float(v) for v in numbers if math.isfinite(v)]
    word = draw.shorten(name, 18)
    if isinstance(parameter, Categorical) or (parameter is None and len(finite) < len(values)):
        choices = list(parameter.choices) if isinstance(parameter, Categorical) else []
        choices += [v for v in dict.fromkeys(values) if v not in choices]
        return _choices(word, choices)
    if parameter is not None:
        finite += [float(parameter.low), float(parameter.high)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    log = parameter.log if parameter is not None else low > 0 and high > _WIDE * low
    return _numbers(word, low, high, log and low > 0)


def _choices(name: str, choices: Sequence[Value]) -> tuple[Scale, Place]:
    span = max(len(choices) - 1, 1)
    at = [i / span for i in range(len(choices))] if len(choices) > 1 else [0.5] * len(choices)
    every = -(-len(choices) // _MOST_TICKS)
    words = [draw.shorten(str(c), 10) for c in choices]
    ticks = tuple((a, w) for i, (a, w) in enumerate(zip(at, words, strict=True)) if i % every == 0)

    def place(value: Value, search: int) -> float:
        # The golden ratio keeps searches that chose alike apart.
        jitter = (search * 0.6180339887498949 % 1 - 0.5) * min(_JITTER, 0.5 / span)
        return at[choices.index(value)] + jitter if value in choices else math.nan

    return Scale(name, ticks), place


def _numbers(name: str, low: float, high: float, log: bool) -> tuple[Scale, Place]:
    bend = math.log if log else float
    start, end = bend(low), bend(high)
    span = end - start

    def place(value: Value, search: int = 0) -> float:
        if isinstance(value, str | bool) or value is None:
            return math.nan
        if not math.isfinite(value) or (log and value <= 0):
            return math.nan
        return (bend(value) - start) / span if span > 0 else 0.5

    middle = math.exp((start + end) / 2) if log else (low + high) / 2
    shown = (low, middle, high) if span > 0 else (low,)
    return Scale(name, tuple((place(v), number(v, 3)) for v in shown)), place


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a line for each search across the hyperparameters' axes, in its method's colour."""
    style_axes(axes, theme, grid="none", frame=False)
    axes.xaxis.set_visible(False)
    axes.yaxis.set_visible(False)
    behind, d, wide = background(axes, theme), len(prepared.scales), size(axes)[0]
    letters = max(map(len, prepared.names), default=0)
    key = min((_LETTER * letters + 30) / wide, 0.35)
    # Words stand left of the axes, and methods around them.
    left, right = -0.55, max(d - 1, 0) + 0.4
    axes.set_xlim(left, left + (right - left) / (1 - key))
    axes.set_ylim(-0.06, 1.16)
    poles = [[(x, 0), (x, 1)] for x in range(d)]
    draw.segments(axes, 1, poles, colors=theme.border_strong, zorder=1)
    looks = series.looks(prepared.references, axes, theme)
    shown = [i for i, places in enumerate(prepared.places) if len(places) and d]
    dodge = np.linspace(-0.5, 0.5, len(shown)) * _DODGE if len(shown) > 1 else np.zeros(1)
    for i, off in zip(shown, dodge[: len(shown)], strict=True):
        look, places = looks[i], prepared.places[i]
        pairs = np.stack([np.broadcast_to(np.arange(d) + off, places.shape), places], axis=-1)
        paths = np.stack([pairs[:, :-1], pairs[:, 1:]], axis=2).reshape(-1, 2, 2)
        paths = list(paths[np.isfinite(paths).all(axis=(1, 2))])
        draw.segments(axes, 1, paths, colors=look.colour, alpha=0.35, zorder=2)
        known = pairs[np.isfinite(places)]
        rim = {"markeredgewidth": 0.7, "markeredgecolor": behind}
        draw.dots(axes, look.colour, *known.T, marker=look.marker, size=7, zorder=3, **rim)
    draw.labels(axes, theme, _ticks(prepared, theme), halo=behind)
    headers = (Label(x, 1.12, scale.name, theme.text) for x, scale in enumerate(prepared.scales))
    draw.labels(axes, theme, headers)
    entries = [(prepared.names[i], looks[i]) for i in shown]
    series.draw_key(axes, theme, entries, 1 - key + 12 / wide, 40)
    draw.message(axes, theme, "" if d else prepared.summary)


def _ticks(prepared: Prepared, theme: Theme) -> list[Label]:
    off = -_DODGE / 2 - 0.04
    return [
        Label(x + off, y, word, theme.muted, align="right", size=theme.size - 2)
        for x, scale in enumerate(prepared.scales)
        for y, word in scale.ticks
    ]


PICTURE = Picture(
    id="found",
    title="Configurations found",
    short="Configurations",
    prepare=lambda source: prepare(source.comparison, source.case, source.space),
    paint=paint,
    pages=("compare", "nested", "comparison report"),
    order=209,
)
