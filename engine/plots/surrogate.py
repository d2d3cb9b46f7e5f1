"""A method's own model: its expected score along each hyperparameter, its uncertainty, and
where it would look next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import (
    FixedLocator,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
)

from engine.domain.trials import Snapshot
from engine.domain.understanding import SurrogateSlice
from engine.plots import draw, panels, slices
from engine.plots.colour import mix
from engine.plots.draw import Label, Labels
from engine.plots.picture import Live, Picture
from engine.plots.ranges import HUGE, score_range
from engine.plots.style import (
    LINE,
    LogNumbers,
    Theme,
    background,
    number,
    points,
    style_axes,
)
from engine.space import Categorical, Value

MOST = 12
"""Hyperparameters shown at most: those along which the expected score changes most."""
MOST_DOTS = 1_000
"""Observed trials shown in each panel: the latest, the best among them."""

_STRIP = 0.2
"""Share of a panel's height for how promising the method finds it."""
_BAR = 0.6
"""Width of a choice's bar."""
_LETTER = 7.2
"""About the width of a letter, in pixels."""
_KEY_WIDTH = 400.0
"""Width in pixels from which on there is room for the words on what is shown."""


@dataclass(frozen=True)
class Panel:
    """One hyperparameter.

    Attributes:
        name: words above the panel.
        x: shape (k,), where the model was asked; the index of a choice.
        mean, low, high: shape (k,), score expected, and its 95 % band.
        promise: shape (k,), 0 to 1.
        dots: shape (j, 2), position and score of complete trials within the axes.
        cut: positions of complete trials with worse scores than the axes show.
        best: (position, score) of the best trial, or None.
        xlim: limits of the axis.
        log, whole: whether it is logarithmic, and has whole numbers only.
        ticks: (position, word) of choices; empty for numbers.
    """

    name: str
    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    promise: np.ndarray
    dots: np.ndarray
    cut: np.ndarray
    best: tuple[float, float] | None
    xlim: tuple[float, float]
    log: bool
    whole: bool
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Prepared:
    """Panels, the one along which the expected score changes most first.

    Attributes:
        panels: at most `MOST`.
        total: hyperparameters that the model was asked about.
        ylim: limits of the scores.
        worse_low: whether the worse end of the scores is at the bottom.
        ylabel, summary: words.
    """

    panels: tuple[Panel, ...]
    total: int
    ylim: tuple[float, float]
    worse_low: bool
    ylabel: str
    summary: str


def prepare(
    model: Sequence[SurrogateSlice], snapshot: Snapshot, most_dots: int = MOST_DOTS
) -> Prepared:
    """Compute a panel for each hyperparameter of ``model``: expected score, promise, and trials.

    Hyperparameters that the search does not know, and values that have no place on an axis, are
    left out.

    Args:
        model: expected scores of the method's model along each hyperparameter.
        snapshot: the search.
        most_dots: most trials in a panel.

    Returns:
        At most `MOST` panels, the one with the largest change of expected score first.
    """
    usable = {s.name: columns for s in model if (columns := _columns(s, snapshot)) is not None}
    changes = {name: float(np.ptp(columns[1])) for name, columns in usable.items()}
    names = sorted(usable, key=lambda name: -changes[name])[:MOST]
    known = [usable[name][row] for name in names for row in (1, 2, 3)]
    best = snapshot.best
    reached = [np.array([snapshot.value[best]])] if best is not None else []
    ylim = _ylim(np.concatenate([*known, *reached, []]), snapshot.maximise)
    return Prepared(
        panels=tuple(_panel(name, usable[name], snapshot, ylim, most_dots) for name in names),
        total=len(usable),
        ylim=ylim,
        worse_low=snapshot.maximise,
        ylabel=snapshot.measure_label,
        summary=_summary(snapshot, usable, names),
    )


def _ylim(values: np.ndarray, maximise: bool) -> tuple[float, float]:
    """A range for ``values``, closer than one that must hold still: a model comes seldom."""
    limits = score_range(values, maximise)
    kept = values[limits.shown(values)]
    if not kept.size:
        return limits.low, limits.high
    room = 0.08 * float(np.ptp(kept)) or limits.high - limits.low
    return max(limits.low, float(kept.min()) - room), min(limits.high, float(kept.max()) + room)


def _columns(model: SurrogateSlice, snapshot: Snapshot) -> np.ndarray | None:
    """Position, mean, low, high and promise where all are usable, shape (5, k); None if nowhere."""
    if model.name not in snapshot.space.names:
        return None
    parameter = snapshot.space[model.name]

    def place(value: Value) -> float:
        if isinstance(parameter, Categorical):
            index = parameter.index(value)
            return float(index) if index >= 0 else math.nan
        plain = float(value) if isinstance(value, int | float) else math.nan
        return plain if plain > 0 or not parameter.log else math.nan

    columns = np.array(
        [list(map(place, model.x)), model.mean, model.low, model.high, model.acquisition], float
    )
    columns = columns[:, np.isfinite(columns).all(axis=0) & (np.abs(columns) < HUGE).all(axis=0)]
    columns = columns[:, np.argsort(columns[0], kind="stable")]
    return columns if columns.size else None


def _panel(
    name: str, columns: np.ndarray, snapshot: Snapshot, ylim: tuple[float, float], most: int
) -> Panel:
    seen = slices.prepare(snapshot, name, most)
    inside = (seen.y >= ylim[0]) & (seen.y <= ylim[1])
    worse = seen.y < ylim[0] if snapshot.maximise else seen.y > ylim[1]
    x, mean, low, high, promise = columns
    return Panel(
        name=draw.shorten(name, 40),
        x=x,
        mean=mean,
        low=low,
        high=high,
        promise=promise.clip(0, 1),
        dots=np.column_stack([seen.x, seen.y])[inside],
        cut=np.concatenate([seen.x[worse], seen.cut]),
        best=seen.best,
        xlim=seen.xlim,
        log=seen.log,
        whole=seen.whole,
        ticks=seen.ticks,
    )


def _summary(snapshot: Snapshot, usable: dict[str, np.ndarray], names: list[str]) -> str:
    if not names:
        return "There is no model of the scores yet."
    count = len(usable)
    words = (
        f"The model's expected {snapshot.measure_label} along {count:,} "
        f"hyperparameter{'s' * (count != 1)}; it changes most with {', '.join(names[:3])}."
    )
    promising = []
    for name in names[:3]:
        place = float(usable[name][0][np.argmax(usable[name][4])])
        parameter = snapshot.space[name]
        if isinstance(parameter, Categorical):
            promising.append(f"{name} {parameter.choices[int(place)]}")
        else:
            promising.append(f"{name} {number(place, 3)}")
    return f"{words} Most promising: {', '.join(promising)}."


@dataclass(frozen=True)
class _PanelArtists:
    """Matplotlib artists of one panel, updated in place."""

    axes: Axes
    band: PolyCollection
    promise: PolyCollection
    mean: LineCollection
    dots: Line2D
    cut: Line2D
    best: Line2D
    title: Labels


@dataclass(frozen=True)
class Artists:
    """Matplotlib artists of the picture, updated in place."""

    theme: Theme
    panels: list[_PanelArtists]
    """Those not needed at present are hidden."""
    notice: Text


def _create(axes: Axes, theme: Theme) -> Artists:
    """Style empty axes and make the artists that `_update` fills."""
    style_axes(axes, theme, grid="none", frame=False)
    axes.tick_params(axis="both", length=0)
    axes.xaxis.set_major_locator(NullLocator())
    axes.set_xlim(0, 1)
    return Artists(theme, [], draw.message(axes, theme))


def _create_panel(host: Axes, theme: Theme) -> _PanelArtists:
    axes = panels.panel(host)
    style_axes(axes, theme)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, labelleft=False)
    behind = background(host, theme)
    edge = {"transform": axes.get_xaxis_transform(), "clip_on": False}
    return _PanelArtists(
        axes=axes,
        band=draw.bars(axes, facecolors=mix(behind, theme.accent, 0.22), zorder=1.6),
        promise=draw.bars(
            axes,
            facecolors=mix(behind, theme.good, 0.7),
            transform=axes.get_xaxis_transform(),
            zorder=1.7,
        ),
        mean=draw.segments(axes, LINE, colors=theme.accent, zorder=3),
        dots=draw.dots(axes, theme.muted, size=4, alpha=0.55, zorder=2),
        cut=draw.dots(axes, theme.muted, marker="v", size=4, alpha=0.55, zorder=2, **edge),
        best=draw.dots(
            axes,
            theme.accent,
            size=9,
            markerfacecolor="none",
            markeredgewidth=points(2),
            zorder=4,
            clip_on=False,
        ),
        title=Labels(axes, theme, transform=axes.transAxes),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    """Show a panel for each hyperparameter: expected score, its band, promise, and trials."""
    width, height = panels.size(axes)
    places = panels.layout(width, height, len(prepared.panels))
    while len(artists.panels) < len(places):
        artists.panels.append(_create_panel(axes, artists.theme))
    low, high = prepared.ylim
    bottom = low - (high - low) * _STRIP / (1 - _STRIP)
    ticks = np.asarray(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]).tick_values(low, high))
    ticks = ticks[(ticks >= low) & (ticks <= high)]
    for panel in artists.panels[len(places) :]:
        panel.axes.set_visible(False)
    for panel, made, place in zip(prepared.panels, artists.panels, places, strict=False):
        made.axes.set_visible(True)
        panels.move(made.axes, axes, place)
        made.axes.set_ylim(bottom, high)
        made.axes.yaxis.set_major_locator(FixedLocator(ticks.tolist()))
        _fill(panel, made, artists.theme, place.width * width, prepared.worse_low)
    # The scores' words stand beside the first panel of each row.
    rows = sorted({(place.y0, place.height) for place in places})
    at = [y + height * (t - bottom) / (high - bottom) for y, height in rows for t in ticks]
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_locator(FixedLocator(at))
    axes.set_yticklabels(_words(ticks) * len(rows))
    axes.set_ylabel(prepared.ylabel)
    axes.set_xlabel(_key(prepared, len(places), width))
    axes.yaxis.set_visible(bool(places))
    axes.xaxis.set_visible(bool(places))
    artists.notice.set_text("" if places else prepared.summary)


def _fill(panel: Panel, made: _PanelArtists, theme: Theme, width: float, worse_low: bool) -> None:
    """Show ``panel``, ``width`` pixels wide."""
    _scale(made.axes, panel, width)
    line = np.column_stack([panel.x, panel.mean])
    if panel.ticks:
        left, bar = panel.x - _BAR / 2, np.full(panel.x.size, _BAR)
        band = draw.rectangles(left, panel.low, bar, panel.high - panel.low)
        promise = draw.rectangles(left, 0 * left, bar, _STRIP * panel.promise)
        half = np.array([_BAR / 2, 0.0])
        mean = list(np.stack([line - half, line + half], axis=1))
    else:
        band = [_between(panel.x, panel.low, panel.high)]
        promise = [_between(panel.x, 0 * panel.x, _STRIP * panel.promise)]
        mean = [line]
    made.band.set_verts(band)
    made.promise.set_verts(promise)
    made.mean.set_segments(mean)
    made.dots.set_data(panel.dots[:, 0], panel.dots[:, 1])
    made.dots.set_markersize(points(4 if len(panel.dots) <= 200 else 2.5))
    made.cut.set_data(panel.cut, np.full(len(panel.cut), _STRIP + 0.03 if worse_low else 0.98))
    made.cut.set_marker("v" if worse_low else "^")
    made.best.set_data(*([[panel.best[0]], [panel.best[1]]] if panel.best else [[], []]))
    title = draw.shorten(panel.name, max(int(width / _LETTER), 4))
    made.title.show([Label(0, 1, title, theme.text, "left", "bottom", shift=(0, 3))])


def _between(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Corners of the area between two curves, shape (2 k, 2)."""
    there, back = np.column_stack([x, low]), np.column_stack([x, high])
    return np.concatenate([there, back[::-1]])


def _scale(axes: Axes, panel: Panel, width: float) -> None:
    """Give the hyperparameter's axis its scale and few ticks, as wide as it is."""
    axis = axes.xaxis
    if panel.log != (axes.get_xscale() == "log"):
        axes.set_xscale("log" if panel.log else "linear")
    axes.set_xlim(panel.xlim)
    if panel.ticks:
        most = max(int(width / len(panel.ticks) / _LETTER), 3)
        axis.set_major_locator(FixedLocator([place for place, _ in panel.ticks]))
        axes.set_xticklabels([draw.shorten(word, most) for _, word in panel.ticks])
    elif panel.log:
        low, high = panel.xlim
        wide = math.log10(high / low) >= 2.2
        axis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 3.0), numticks=4))
        axis.set_major_formatter(LogNumbers(labelOnlyBase=wide, minor_thresholds=(math.inf, 1)))
    else:
        ticks = _fitting(panel, width)
        axis.set_major_locator(FixedLocator([place for place, _ in ticks]))
        axes.set_xticklabels([word for _, word in ticks])
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def _fitting(panel: Panel, width: float) -> list[tuple[float, str]]:
    """Ticks of a linear axis whose words don't reach beyond the panel, ``width`` pixels wide."""
    low, high = panel.xlim
    locator = MaxNLocator(nbins=4, integer=panel.whole, steps=[1, 2, 5, 10])
    ticks = []
    for place in locator.tick_values(low, high):
        word, from_left = number(place), (place - low) / (high - low) * width
        reach = _LETTER / 2 * len(word) - panels.GAP / 3
        if reach <= from_left <= width - reach and low <= place <= high:
            ticks.append((float(place), word))
    return ticks


def _words(ticks: np.ndarray) -> list[str]:
    """The scores of an axis, all with the same decimals."""
    step = float(np.min(np.diff(ticks), initial=math.inf))
    if not 1e-6 <= step < HUGE or np.abs(ticks).max() >= 1e6:
        return [number(t) for t in ticks.tolist()]
    decimals = max(-math.floor(math.log10(step) + 1e-9), 0)
    return [f"{t:,.{decimals}f}".replace("-", "−") for t in (ticks + 0.0).tolist()]


def _key(prepared: Prepared, shown: int, width: float) -> str:
    """What is to be seen, in a line below."""
    left_out = f" ({shown} of {prepared.total:,} shown)" if shown < prepared.total else ""
    if width < _KEY_WIDTH:
        return left_out.strip(" ()")
    return f"expected score with its 95% band; below, how promising{left_out}"


PICTURE = Picture(
    id="surrogate",
    title="Model of the scores",
    prepare=lambda search: prepare(search.answer("slices") or (), search.snapshot),
    live=Live(_create, _update),
    pages=("method at work",),
    asks="Surrogate",
    order=20,
)
