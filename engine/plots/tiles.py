"""Matrices as small images side by side, on one scale of colours with its key below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.text import Text
from matplotlib.ticker import NullLocator

from engine.plots import draw, panels
from engine.plots.colour import mix
from engine.plots.draw import Label, Labels
from engine.plots.picture import Live
from engine.plots.style import Theme, background, number

MOST = 64
"""Tiles at most."""

_GAP, _ABOVE = 10.0, 18.0
"""Pixels between tiles, and above each for its name."""
_KEY = 40.0
"""Pixels below for the key."""
_KEY_WIDTH, _KEY_HEIGHT = 180.0, 8.0
_LEAST = 44.0
"""Pixels that a tile is wide at least."""
_LETTER = 6.6
"""About the width of a letter, in pixels."""
_TAIL = 0.01
"""Share of the values at each end that may lie beyond the scale of colours."""


@dataclass(frozen=True)
class Tile:
    """One matrix.

    Attributes:
        name: words above.
        values: shape (rows, columns); NaN for what is left blank.
        square: whether its cells are squares; else it fills its place.
    """

    name: str
    values: np.ndarray
    square: bool = True


@dataclass(frozen=True)
class Prepared:
    """Matrices on one scale of colours.

    Attributes:
        tiles: at most `MOST`.
        total: how many there are.
        low, high: ends of the scale of colours.
        log: whether that is logarithmic.
        colours: cividis for sizes, grey for brightness.
        key: words for what the colours show.
        summary: words.
    """

    tiles: tuple[Tile, ...]
    total: int
    low: float
    high: float
    log: bool
    colours: Literal["cividis", "grey"]
    key: str
    summary: str


def prepared(
    tiles: Sequence[Tile],
    *,
    log: bool,
    key: str,
    summary: str,
    colours: Literal["cividis", "grey"] = "cividis",
    total: int | None = None,
) -> Prepared:
    """Fit one scale of colours to nearly all values of some tiles.

    Args:
        tiles: in their order; at most `MOST` are shown.
        log: whether the scale is logarithmic.
        key: words at the scale.
        summary: text alternative of the picture.
        colours: name of the colour map.
        total: tiles there are, if more than those given.
    """
    shown = tuple(tiles[:MOST])
    low, high = _ends([tile.values for tile in shown], log=log)
    count = len(tiles) if total is None else total
    return Prepared(shown, count, low, high, log, colours, key, summary)


def _ends(values: Sequence[np.ndarray], *, log: bool) -> tuple[float, float]:
    flat = np.concatenate([*(v.ravel() for v in values), np.empty(0)])
    usable = flat[np.isfinite(flat) & ((flat > 0) | (not log))]
    if not usable.size:
        return (0.1, 1.0) if log else (0.0, 1.0)
    low, high = (float(q) for q in np.quantile(usable, [_TAIL, 1 - _TAIL]))
    if log:
        # A scale that is too close would show noise as if it were something.
        room = max(1.05 / (high / low), 1.0) ** 0.5 if high / low < 1.05 else 1.0
        return low / room, high * room
    room = 1e-6 * max(abs(low), abs(high), 1.0)
    return (low - room, high + room) if high - low < room else (low, high)


@dataclass(frozen=True)
class _TileArtists:
    axes: Axes
    image: AxesImage
    title: Labels


@dataclass(frozen=True)
class Artists:
    """Matplotlib artists of the picture, updated in place."""

    theme: Theme
    tiles: list[_TileArtists]
    """Those not needed at present are hidden."""
    key: Axes
    bar: AxesImage
    ends: Labels
    notice: Text


def _create(axes: Axes, theme: Theme) -> Artists:
    """Style empty axes and make the artists that `_update` fills."""
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    key = _bare(axes)
    bar = key.imshow(np.zeros((1, 256, 3)), aspect="auto", extent=(0, 1, 0, 1), origin="lower")
    bar.set_in_layout(False)
    return Artists(theme, [], key, bar, Labels(key, theme), draw.message(axes, theme))


def _bare(host: Axes) -> Axes:
    axes = panels.panel(host)
    axes.set_facecolor("none")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(NullLocator())
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def _create_tile(host: Axes, theme: Theme) -> _TileArtists:
    axes = _bare(host)
    image = axes.imshow(np.zeros((1, 1, 3)), aspect="equal", interpolation="nearest")
    image.set_in_layout(False)
    return _TileArtists(axes, image, Labels(axes, theme))


def _update(axes: Axes, prepared: Prepared, artists: Artists) -> None:
    """Show the tiles as images on one scale of colours, with its key."""
    theme = artists.theme
    width, height = panels.size(axes)
    places = panels.tiled(
        width,
        max(height - _KEY, 1.0),
        [_shape(tile) for tile in prepared.tiles],
        gap=_GAP,
        above=_ABOVE,
        least=_LEAST,
    )
    while len(artists.tiles) < len(places):
        artists.tiles.append(_create_tile(axes, theme))
    for made in artists.tiles[len(places) :]:
        made.axes.set_visible(False)
    low, high = _scaled(np.array([prepared.low, prepared.high]), log=prepared.log)
    blank = mix(background(axes, theme), theme.border, 0.5)
    share = 1 - _KEY / max(height, _KEY + 1)
    for tile, made, place in zip(prepared.tiles, artists.tiles, places, strict=False):
        made.axes.set_visible(True)
        box = panels.box(place.x0, 1 - share * (1 - place.y0), place.width, share * place.height)
        panels.move(made.axes, axes, box)
        levels = (_scaled(tile.values, log=prepared.log) - low) / (high - low)
        made.image.set_data(_painted(levels, prepared.colours, blank))
        rows, columns = tile.values.shape
        made.image.set_extent((-0.5, columns - 0.5, rows - 0.5, -0.5))
        made.axes.set_aspect("equal" if tile.square else "auto")
        made.axes.set_xlim(-0.5, columns - 0.5)
        made.axes.set_ylim(rows - 0.5, -0.5)
        most = max(int(place.width * width / _LETTER), 3)
        title = draw.shorten(tile.name, most)
        made.title.show(
            [Label(-0.5, -0.5, title, theme.muted, "left", "bottom", shift=(0, 3), size=11)]
        )
    _show_key(axes, prepared, artists, len(places), width, height)


def _show_key(
    axes: Axes, prepared: Prepared, artists: Artists, shown: int, width: float, height: float
) -> None:
    theme = artists.theme
    artists.key.set_visible(bool(shown))
    artists.notice.set_text("" if shown else prepared.summary)
    if not shown:
        return
    wide = min(_KEY_WIDTH, 0.5 * width)
    left, size = (width - wide) / 2 / width, _KEY_HEIGHT / height
    panels.move(artists.key, axes, panels.box(left, 22 / height, wide / width, size))
    ramp = np.linspace(0, 1, 256)[None, :]
    artists.bar.set_data(_painted(ramp, prepared.colours, theme.border))
    artists.key.set_xlim(0, 1)
    artists.key.set_ylim(0, 1)
    more = f" ({shown} of {prepared.total:,} shown)" if shown < prepared.total else ""
    words = f"{prepared.key}{more}"
    words = draw.shorten(words, max(int(width / _LETTER), 8))
    artists.ends.show(
        [
            Label(0, 0.5, number(prepared.low, 2), theme.muted, "right", shift=(-6, 0), size=11),
            Label(1, 0.5, number(prepared.high, 2), theme.muted, "left", shift=(6, 0), size=11),
            Label(0.5, 0, words, theme.muted, "center", "top", shift=(0, -4)),
        ]
    )


def _shape(tile: Tile) -> float:
    """Width of a tile in shares of its height; 0 for one that fills its place."""
    rows, columns = tile.values.shape
    return columns / rows if tile.square else 0.0


def _scaled(values: np.ndarray, *, log: bool) -> np.ndarray:
    if not log:
        return values
    positive = np.where(values > 0, values, math.nan)
    return np.log10(positive)


def _painted(levels: np.ndarray, colours: str, blank: str) -> np.ndarray:
    """Colours of ``levels`` from 0 to 1, as bytes of shape (rows, columns, 3)."""
    ramp = mpl.colormaps["cividis" if colours == "cividis" else "gray"]
    painted = ramp(np.nan_to_num(levels, nan=0.0).clip(0, 1), bytes=True)[..., :3].copy()
    painted[np.isnan(levels)] = [int(blank[i : i + 2], 16) for i in (1, 3, 5)]
    return painted


LIVE = Live(_create, _update)
