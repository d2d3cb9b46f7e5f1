"""Small multiples within one axes, and how large axes are.

The outer axes alone takes part in the layout; its panels keep to places within it, in shares of its
size, so that they need no layout of their own and none while data arrive.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox, TransformedBbox

GAP = 18.0
"""Pixels between panels side by side."""
ABOVE, BELOW = 19.0, 24.0
"""Pixels above a panel for its name, and below for ticks."""
LEAST_WIDTH, LEAST_HEIGHT = 138.0, 112.0
"""Pixels that a panel needs, its words included."""


def size(axes: Axes) -> tuple[float, float]:
    """Width and height of ``axes`` in logical pixels, as it was last laid out; at least 1."""
    figure = axes.get_figure(root=True)
    assert figure is not None, "axes that are drawn on are in a figure"
    return max(axes.bbox.width / figure.dpi * 96, 1.0), max(axes.bbox.height / figure.dpi * 96, 1.0)


def layout(width: float, height: float, count: int) -> list[Bbox]:
    """Places for as many of ``count`` panels as there is room for, at least one if ``count`` is.

    Args:
        width, height: of the host, in pixels.
        count: panels wanted.

    Returns:
        Places row by row from the top, in shares of ``width`` and ``height``.
    """
    if not count:
        return []
    across = max(int((width + GAP) // (LEAST_WIDTH + GAP)), 1)
    rows = min(max(int(height // LEAST_HEIGHT), 1), -(-count // across))
    # As many rows as needed, evenly filled.
    columns = min(across, -(-count // rows))
    wide, tall = (width - (columns - 1) * GAP) / columns, height / rows
    # Words need their room, but never all of it.
    above, below = min(ABOVE, 0.25 * tall), min(BELOW, 0.3 * tall)
    places = []
    for place in range(min(count, columns * rows)):
        row, column = divmod(place, columns)
        left, bottom = column * (wide + GAP), height - (row + 1) * tall + below
        box = Bbox.from_bounds(left, bottom, wide, tall - above - below)
        places.append(Bbox(box.get_points() / (width, height)))
    return places


def stacked(width: float, height: float, count: int, *, below: float = BELOW) -> list[Bbox]:
    """Places for as many of ``count`` panels as there is room for, one under the other, like
    `layout`; at least one if ``count`` is.

    Args:
        width, height: of the host, in pixels.
        count: panels wanted.
        below: pixels under the last panel; the others have none.
    """
    shown = min(count, max(int((height - below) // (LEAST_HEIGHT - BELOW)), 1))
    if not shown:
        return []
    below = min(below, 0.3 * height)
    tall = (height - below) / shown
    above = min(ABOVE, 0.25 * tall)
    gap = 0.08 * tall
    return [
        box(0, (below + (shown - 1 - n) * tall + gap) / height, 1, (tall - above - gap) / height)
        for n in range(shown)
    ]


def tiled(
    width: float,
    height: float,
    shapes: Sequence[float],
    *,
    gap: float,
    above: float,
    least: float,
) -> list[Bbox]:
    """Places for tiles, row by row from the top, all of one size, as large as they can be.

    Args:
        width, height: in pixels.
        shapes: width by height of each tile; 0 for one that takes what there is.
        gap, above: pixels between tiles, and above each.
        least: pixels that a tile must be wide; where there is no room for that, fewer are placed.
    """
    if not shapes:
        return []
    fixed = [shape for shape in shapes if shape]
    widest = max(fixed, default=0.0)

    def size(columns: int, rows: int) -> tuple[float, float]:
        wide = (width - (columns - 1) * gap) / columns
        tall = (height - (rows - 1) * gap) / rows - above
        if widest and wide > 0 and tall > 0:
            wide, tall = min(wide, tall * widest), min(tall, wide / widest)
        return wide, tall

    count = len(shapes)
    while count > 1:
        options = [(columns, -(-count // columns)) for columns in range(1, count + 1)]
        columns, rows = max(options, key=lambda o: min(size(*o)[0], size(*o)[1] * (widest or 1)))
        if min(size(columns, rows)) >= min(least, least / (widest or 1)):
            break
        count -= 1
    else:
        columns, rows = 1, 1
    wide, tall = size(columns, rows)
    wide, tall = max(wide, 1.0), max(tall, 1.0)
    left = (width - columns * wide - (columns - 1) * gap) / 2
    places = []
    for place in range(count):
        row, column = divmod(place, columns)
        bottom = height - (row + 1) * (tall + above) - row * gap
        x = left + column * (wide + gap)
        places.append(box(x / width, bottom / height, wide / width, tall / height))
    return places


def box(left: float, bottom: float, width: float, height: float) -> Bbox:
    """A place, in shares of the host.

    Args:
        left, bottom: its corner.
        width, height: its size.
    """
    return Bbox.from_bounds(left, bottom, width, height)


def panel(host: Axes) -> Axes:
    """A new panel within ``host``, out of the layout; `move` places it."""
    axes = host.inset_axes((0, 0, 1, 1))
    axes.set_in_layout(False)
    return axes


def move(axes: Axes, host: Axes, place: Bbox) -> None:
    """Keep a panel at a place in its host, also when the host is resized.

    Args:
        axes: the panel.
        host: axes that it is within.
        place: in shares of the host.
    """
    figure = host.get_figure(root=True)
    assert figure is not None, "axes that are drawn on are in a figure"
    box = TransformedBbox(place, host.transAxes - figure.transFigure)
    axes.set_axes_locator(lambda axes, renderer: Bbox(box.get_points()))
