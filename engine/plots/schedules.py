"""Step size and momentum over the steps of the training, a curve for each layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter, NullLocator

from engine.domain.hypergradients import TunedGroup, Tuning
from engine.plots import draw, hyper_step_axes, panels
from engine.plots.draw import Label, Labels
from engine.plots.hyper_step_axes import AS_IT_STANDS, groups_by
from engine.plots.picture import Live, Picture, SearchSource
from engine.plots.style import Numbers, Theme, number, style_axes
from engine.plots.weight_maps import matrix

SCHEDULES = ("step_size", "momentum", "beta1")
"""Names of the groups that can follow the steps of a training."""
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
"""Okabe and Ito's, those that can be told apart on light and on dark; of the layers."""

_SIDE = 54.0
"""Pixels left of the panels, for the words at their ticks."""
_BELOW = 46.0
"""Pixels below the last panel, for its ticks and the name of the axis."""
_LETTER = 6.8
"""About the width of a letter, in pixels."""


@dataclass(frozen=True)
class Curve:
    """One layer: its name, values of shape (k,), and how its line looks."""

    name: str
    y: np.ndarray
    colour: str
    dashed: bool


@dataclass(frozen=True)
class Panel:
    """One setting of the inner optimiser.

    Attributes:
        title: words above.
        x: steps of the training, shape (k,).
        curves: a layer each.
        start: value at the start of the tuning, or None.
        ylim, log: limits and scale.
    """

    title: str
    x: np.ndarray
    curves: tuple[Curve, ...]
    start: float | None
    ylim: tuple[float, float]
    log: bool


@dataclass(frozen=True)
class Prepared:
    """Panels, the limits of their common axis of steps, and words."""

    panels: tuple[Panel, ...]
    xlim: tuple[float, float]
    summary: str


def prepare(tuning: Tuning | None) -> Prepared:
    """Compute the curves of the settings of the inner optimiser that are tuned by step."""
    groups = [
        group
        for group in (tuning.groups if tuning is not None else ())
        if group.name in SCHEDULES and group.layout == "steps" and group.parts
    ]
    last = max((at for group in groups for at in group.at), default=1)
    made = tuple(_panel(group) for group in groups)
    return Prepared(made, (0.0, float(max(last, 1))), _summary(tuning, groups))


def _panel(group: TunedGroup) -> Panel:
    values = matrix(group.parts[0])
    names = group.names or ("all layers",) * values.shape[1]
    log = group.scale == "log"
    known = values[hyper_step_axes.usable(values, log=log)]
    reached = np.append(known, [] if group.start is None else [group.start])
    curves = tuple(
        Curve(name, values[:, n], *_look(n, name)) for n, name in enumerate(names[: len(values.T)])
    )
    return Panel(
        title=group.label,
        x=np.asarray(group.at, dtype=float),
        curves=curves,
        start=group.start,
        ylim=hyper_step_axes.log_range(reached) if log else _linear(reached),
        log=log,
    )


def _look(place: int, name: str) -> tuple[str, bool]:
    """Weights and biases of a layer share a colour; biases are dashed."""
    paired = name.startswith(("weights ", "biases "))
    layer = place // 2 if paired else place
    return COLOURS[layer % len(COLOURS)], name.startswith("biases ")


def _linear(values: np.ndarray) -> tuple[float, float]:
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    room = 0.08 * (high - low) or 0.02
    return low - room, high + room


def _summary(tuning: Tuning | None, groups: list[TunedGroup]) -> str:
    if tuning is None or not groups:
        return "No setting of the training is tuned by step."
    words = []
    for group in groups:
        low, _, _, _, high = group.spread
        words.append(f"{group.label.lower()} from {number(low, 2)} to {number(high, 2)}")
    return f"Over the steps of the training at hyper-step {tuning.number:,}: {'; '.join(words)}."


@dataclass(frozen=True)
class _PanelArtists:
    axes: Axes
    start: Line2D
    curves: list[Line2D]
    words: Labels


@dataclass(frozen=True)
class Artists:
    """Matplotlib artists of the picture, updated in place."""

    theme: Theme
    panels: list[_PanelArtists]
    notice: Text


def _create(axes: Axes, theme: Theme) -> Artists:
    """Style empty axes and make the artists that `_update` fills."""
    axes.set_axis_off()
    return Artists(theme, [], draw.message(axes, theme))


def _create_panel(host: Axes, theme: Theme) -> _PanelArtists:
    axes = panels.panel(host)
    style_axes(axes, theme)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, steps=[1, 2, 5, 10]))
    start = draw.line(axes, theme.muted, 1, linestyle=(0, (1, 2)), zorder=1.5)
    words = Labels(axes, theme, transform=axes.transAxes)
    return _PanelArtists(axes, start, [], words)


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    """Show a panel for each setting, with a curve over steps for each layer."""
    width, height = panels.size(axes)
    places = panels.stacked(width, height, len(prepared.panels), below=_BELOW)
    side = min(_SIDE / width, 0.4)
    while len(artists.panels) < len(places):
        artists.panels.append(_create_panel(axes, artists.theme))
    for made in artists.panels[len(places) :]:
        made.axes.set_visible(False)
    for row, (panel, made, place) in enumerate(
        zip(prepared.panels, artists.panels, places, strict=False)
    ):
        made.axes.set_visible(True)
        inner = panels.box(side, place.y0, 0.98 - side, place.height)
        panels.move(made.axes, axes, inner)
        last = row == len(places) - 1
        made.axes.tick_params(axis="x", labelbottom=last)
        made.axes.set_xlabel("step of the training" if last else "")
        _fill(panel, made, prepared.xlim, artists.theme, inner.width * width)
    artists.notice.set_text("" if places else prepared.summary)


def _fill(
    panel: Panel, made: _PanelArtists, xlim: tuple[float, float], theme: Theme, width: float
) -> None:
    axes = made.axes
    axes.set_xlim(xlim)
    hyper_step_axes.scale_y(axes, *panel.ylim, log=panel.log)
    if not panel.log:
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    elif not _has_ticks(axes):
        _place_ticks(axes, panel)
    made.start.set_data(*((xlim, [panel.start] * 2) if panel.start is not None else ([], [])))
    while len(made.curves) < len(panel.curves):
        made.curves.append(draw.line(axes, theme.accent, 1.8, zorder=3))
    for line in made.curves[len(panel.curves) :]:
        line.set_data([], [])
    for curve, line in zip(panel.curves, made.curves, strict=False):
        flat = len(panel.x) == 1
        line.set_data(xlim if flat else panel.x, np.repeat(curve.y, 2) if flat else curve.y)
        line.set_color(curve.colour)
        line.set_linestyle((0, (3, 1.6)) if curve.dashed else "-")
    made.words.show(_key(panel, theme, width))


def _has_ticks(axes: Axes) -> bool:
    low, high = axes.get_ylim()
    return sum(low <= tick <= high for tick in axes.yaxis.get_majorticklocs()) >= 2


def _place_ticks(axes: Axes, panel: Panel) -> None:
    axes.yaxis.set_major_locator(FixedLocator([*panel.ylim]))
    axes.yaxis.set_major_formatter(Numbers())
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())


def _key(panel: Panel, theme: Theme, width: float) -> list[Label]:
    """The panel's name at the left above it, and the layers' names in their colours at the
    right, as far as there is room."""
    labels = [Label(0, 1, panel.title, theme.text, "left", "bottom", shift=(0, 4), bold=True)]
    named = [c for c in panel.curves if not c.dashed] or [*panel.curves]
    words = [(c.name.replace("weights", "layer"), c.colour) for c in named]
    if len(named) < len(panel.curves):
        words.append(("biases dashed", ""))
    room = width - _LETTER * len(panel.title) - 24
    offset = 0.0
    for text, colour in reversed(words):
        wide = _LETTER * len(text) + (24 if colour else 12)
        if offset + wide > room:
            break
        place = {"align": "right", "vertical": "bottom", "size": 11.0}
        labels.append(Label(1, 1, text, theme.muted, shift=(-offset, 4), **place))  # type: ignore[arg-type]
        if colour:
            left = offset + _LETTER * len(text)
            labels.append(Label(1, 1, "●", colour, shift=(-left, 4), **place))  # type: ignore[arg-type]
        offset += wide
    return labels


def _choices(search: SearchSource) -> list[tuple[str, str]]:
    return [("", "Schedules")] if groups_by(search.answer("tuning"), "steps") else []


PICTURE = Picture(
    id="schedules",
    title="Schedules",
    prepare=lambda search: prepare(search.answer("tuning")),
    live=Live(_create, _update),
    pages=("tuning", "report"),
    says=AS_IT_STANDS,
    asks="Hyperparameters",
    choices=_choices,
    order=300,
)
