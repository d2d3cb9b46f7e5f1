"""Scores of trials along one hyperparameter."""

from __future__ import annotations

import math
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator, NullFormatter, NullLocator

from engine.domain.trials import Snapshot, TrialState
from engine.plots import draw
from engine.plots.colour import luminance
from engine.plots.picture import Live, Picture
from engine.plots.places import Places
from engine.plots.ranges import score_range
from engine.plots.style import LogNumbers, Numbers, Theme, number, points, style_axes
from engine.space import Categorical, Parameter

MOST = 5_000
"""Dots shown at most: the latest, the best among them."""
MOST_SMALL = 2_000
"""The same in the small pictures beside a running search."""

_EDGE = 0.05
_JITTER = 0.5
"""Width over which the trials of one choice are spread."""
_MOST_CHOICES = 6
"""Choices that get a word on the axis; of more, every second, third, ..."""


@dataclass(frozen=True)
class Prepared:
    """Scores along one hyperparameter.

    Attributes:
        x, y: shape (k,), position on the hyperparameter's axis and score, by trial number.
        number: shape (k,), of the trials.
        order: shape (k,), 0 for the search's first trial to 1 for its last.
        cut, lost: positions of trials with a score beyond the axis, and of failed ones.
        best: (x, y) of the best trial, or None.
        xlim, ylim: limits of the axes.
        log: whether the hyperparameter's axis is logarithmic.
        ticks: (position, word) of choices; empty for numbers.
        whole: whether ticks are whole numbers.
        worse_low: whether the worse end of the scores is at the bottom.
        xlabel, ylabel, summary: words.
    """

    x: np.ndarray
    y: np.ndarray
    number: np.ndarray
    order: np.ndarray
    cut: np.ndarray
    lost: np.ndarray
    best: tuple[float, float] | None
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    log: bool
    ticks: tuple[tuple[float, str], ...]
    whole: bool
    worse_low: bool
    xlabel: str
    ylabel: str
    summary: str

    @property
    def places(self) -> Places:
        return Places(self.number, np.column_stack([self.x, self.y]))


def prepare(snapshot: Snapshot, name: str, most: int = MOST) -> Prepared:
    """Compute scores along the hyperparameter ``name``, the latest ``most`` of them.

    Trials in which it is inactive are left out.

    Args:
        snapshot: the search.
        name: of the hyperparameter; for one that the search does not know, the picture says that
            there is nothing to show.
        most: most trials shown.

    Returns:
        Positions on the hyperparameter's axis and scores, by trial number.
    """
    parameter = snapshot.space[name] if name in snapshot.space.names else None
    place = _places(snapshot, name, parameter)
    complete, failed = snapshot.is_state(TrialState.COMPLETE), snapshot.is_state(TrialState.FAILED)
    limits = score_range(np.where(complete, snapshot.value, np.nan), snapshot.maximise)
    active = np.isfinite(place)
    chosen = np.flatnonzero(active & complete & limits.shown(snapshot.value))[-most:]
    best = snapshot.best
    if best is not None and active[best] and best not in chosen:
        chosen = np.insert(chosen[1:], 0, best)
    last = max(snapshot.number.size - 1, 1)
    return Prepared(
        x=place[chosen],
        y=snapshot.value[chosen].astype(float),
        number=snapshot.number[chosen],
        order=chosen / last,
        cut=place[active & complete & limits.is_cut(snapshot.value)][-most:],
        lost=place[active & failed][-most:],
        best=None if best is None or not active[best] else _point(place, snapshot.value, best),
        xlim=_xlim(parameter, place[active]),
        ylim=(limits.low, limits.high),
        log=_is_log(parameter),
        ticks=_ticks(parameter),
        whole=parameter is not None and isinstance(getattr(parameter, "low", 0.0), int),
        worse_low=snapshot.maximise,
        xlabel=draw.shorten(name, 40),
        ylabel=snapshot.measure_label,
        summary=_summary(snapshot, name, int((active & complete).sum())),
    )


def _point(x: np.ndarray, y: np.ndarray, index: int) -> tuple[float, float]:
    return float(x[index]), float(y[index])


def _is_log(parameter: Parameter | None) -> bool:
    return parameter is not None and getattr(parameter, "log", False)


def _places(snapshot: Snapshot, name: str, parameter: Parameter | None) -> np.ndarray:
    """Position of every trial on the axis, NaN where the hyperparameter is inactive."""
    places = np.full(snapshot.number.size, math.nan)
    column = snapshot.configurations.get(name)
    if parameter is None or column is None:
        return places
    if isinstance(parameter, Categorical):
        # The golden ratio spreads consecutive trials evenly, and alike in every picture.
        jitter = (snapshot.number * 0.6180339887498949 % 1 - 0.5) * _JITTER
        index = np.array([parameter.index(value) for value in column], dtype=float)
        parent = snapshot.space.condition(name)
        active = np.array([v is not None for v in column]) if parent is not None else True
        return np.where((index >= 0) & active, index + jitter, math.nan)
    for i, value in enumerate(column):
        usable = isinstance(value, int | float) and not isinstance(value, bool)
        if usable and (value > 0 or not parameter.log):
            places[i] = value
    return places


def _xlim(parameter: Parameter | None, places: np.ndarray) -> tuple[float, float]:
    """The hyperparameter's range with a margin, wide enough for every trial."""
    if parameter is None:
        return 0.0, 1.0
    if isinstance(parameter, Categorical):
        return -0.6, len(parameter.choices) - 0.4
    low = min([float(parameter.low), *places.tolist()])
    high = max([float(parameter.high), *places.tolist()])
    if parameter.log:
        margin = (high / low) ** 0.03 if high > low else 2.0
        return low / margin, high * margin
    margin = 0.03 * (high - low) if high > low else max(abs(low) * 0.1, 0.5)
    return low - margin, high + margin


def _ticks(parameter: Parameter | None) -> tuple[tuple[float, str], ...]:
    if not isinstance(parameter, Categorical):
        return ()
    every = math.ceil(len(parameter.choices) / _MOST_CHOICES)
    most = max(6, 36 // min(len(parameter.choices), _MOST_CHOICES))
    words = [
        number(choice) if isinstance(choice, float) else str(choice) for choice in parameter.choices
    ]
    return tuple((float(i), draw.shorten(w, most)) for i, w in enumerate(words) if i % every == 0)


def _summary(snapshot: Snapshot, name: str, count: int) -> str:
    best = snapshot.best
    value = snapshot.configurations[name][best] if best is not None and count else None
    words = f"{snapshot.measure_label} against {name}, {count:,} trials"
    if value is None:
        return f"{words}."
    return f"{words}; the best has {name} {number(value) if isinstance(value, float) else value}."


@dataclass(frozen=True)
class Artists:
    """Matplotlib artists of the picture, updated in place."""

    theme: Theme
    dots: PathCollection
    cut: Line2D
    lost: Line2D
    best: Line2D
    notice: Text


def order_colours(theme: Theme) -> Colormap:
    """Cividis without the end that drowns in the theme's background."""
    dark = luminance(theme.window) < 0.2
    shades = np.linspace(0.22, 1.0, 256) if dark else np.linspace(0.0, 0.92, 256)
    return ListedColormap(mpl.colormaps["cividis"](shades))


def _create(axes: Axes, theme: Theme) -> Artists:
    """Style empty axes and make the artists that `_update` fills."""
    style_axes(axes, theme)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 4, 5, 10]))
    dots = axes.scatter(
        [], [], s=points(4.5) ** 2, c=[], cmap=order_colours(theme), linewidths=0, zorder=2
    )
    dots.set_clim(0, 1)
    dots.set_in_layout(False)
    edge = {"transform": axes.get_xaxis_transform(), "clip_on": False}
    return Artists(
        theme=theme,
        dots=dots,
        cut=draw.dots(axes, theme.muted, marker="v", size=6, **edge),
        lost=draw.dots(
            axes, theme.bad, marker="x", size=5, **edge, markeredgewidth=points(1.5), zorder=3
        ),
        best=draw.dots(
            axes,
            theme.accent,
            size=10,
            markerfacecolor="none",
            markeredgewidth=points(2),
            zorder=4,
            clip_on=False,
        ),
        notice=draw.message(axes, theme),
    )


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    """Show scores along the hyperparameter, coloured by order, and the best."""
    _scale(axes, prepared)
    axes.set_xlim(prepared.xlim)
    axes.set_ylim(prepared.ylim)
    axes.set_xlabel(prepared.xlabel)
    artists.dots.set_offsets(np.column_stack([prepared.x, prepared.y]))
    artists.dots.set_array(prepared.order)
    edge = _EDGE if prepared.worse_low else 1 - _EDGE
    for line, places in ((artists.cut, prepared.cut), (artists.lost, prepared.lost)):
        line.set_data(places, np.full(len(places), edge))
    artists.cut.set_marker("v" if prepared.worse_low else "^")
    artists.best.set_data(
        *([[prepared.best[0]], [prepared.best[1]]] if prepared.best else [[], []])
    )
    artists.notice.set_text("" if prepared.x.size else "No score yet.")
    axes.yaxis.set_visible(bool(prepared.x.size))


def _scale(axes: Axes, prepared: Prepared) -> None:
    """Give the hyperparameter's axis its scale, ticks and words."""
    axis = axes.xaxis
    if prepared.log != (axes.get_xscale() == "log"):
        axes.set_xscale("log" if prepared.log else "linear")
    if prepared.ticks:
        axis.set_major_locator(FixedLocator([place for place, _ in prepared.ticks]))
        axes.set_xticklabels([word for _, word in prepared.ticks])
        return
    if prepared.log:
        low, high = prepared.xlim
        wide = math.log10(high / low) >= 2.2
        axis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0), numticks=5))
        axis.set_major_formatter(LogNumbers(labelOnlyBase=wide, minor_thresholds=(math.inf, 1)))
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())
        return
    axis.set_major_locator(MaxNLocator(nbins=6, integer=prepared.whole, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(Numbers())


PICTURE = Picture(
    id="slices",
    title="Slice",
    prepare=lambda search: prepare(search.snapshot, search.hyperparameters[0], MOST_SMALL),
    live=Live(_create, _update),
    pages=("slices",),
    hyperparameters=("name",),
    order=40,
)
