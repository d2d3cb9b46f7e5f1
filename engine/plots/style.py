"""Style of pictures in matplotlib, from the colour tokens: parameters, axes and numbers.

Sizes are logical pixels of 1/96 inch, as in the window; matplotlib counts in points of 1/72 inch,
hence `points`. Nothing here touches the global rcParams: `styled` sets them for the length of a
``with`` block.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.font_manager import fontManager
from matplotlib.ticker import LogFormatter, ScalarFormatter
from matplotlib.typing import RcKeyType

from engine.plots.colour_tokens import DARK, HIGH_CONTRAST, LIGHT, PRINT, THEMES, Theme

DPI = 96
"""Logical pixels per inch of a picture on the screen."""

GRID, AXIS, LINE = 1.0, 1.0, 2.0
"""Widths of grid lines, axes and main lines, in pixels."""


def points(pixels: float) -> float:
    """Logical pixels as matplotlib's points."""
    return pixels * 72 / DPI


@cache
def families(theme: Theme) -> tuple[str, ...]:
    """The theme's font families that are installed (so that matplotlib logs no complaint)."""
    installed = set(fontManager.get_font_names())
    return tuple(name for name in theme.font if name in installed) or ("DejaVu Sans",)


def rc(theme: Theme) -> dict[RcKeyType, Any]:
    """What matplotlib's rcParams should be while a figure in ``theme`` is made."""
    label, small = points(theme.size - 1), points(theme.size - 2)
    return {
        "figure.dpi": DPI,
        "figure.facecolor": theme.window,
        "figure.edgecolor": theme.window,
        "savefig.facecolor": theme.window,
        "axes.facecolor": "none",
        "axes.edgecolor": theme.border_strong,
        "axes.labelcolor": theme.muted,
        "axes.labelsize": label,
        "axes.unicode_minus": True,
        "font.family": list(families(theme)),
        "font.size": label,
        "legend.fontsize": small,
        "text.color": theme.text,
        "xtick.color": theme.muted,
        "ytick.color": theme.muted,
        "xtick.labelsize": label,
        "ytick.labelsize": label,
        # Text stays text in saved vector pictures, so it can be found and edited.
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
    }


def styled(theme: Theme) -> AbstractContextManager[None]:
    """A ``with`` block in which matplotlib makes things in ``theme``."""
    return mpl.rc_context(rc(theme))


def style_axes(
    axes: Axes, theme: Theme, *, grid: Literal["x", "y", "both", "none"] = "y", frame: bool = True
) -> None:
    """Style ``axes``: no frame at top and right, ticks outside, quiet grid, thousands separators.

    The background is left transparent, so that it is the figure's. Ticks that appear later look
    alike, since the parameters are the axis's own.

    Args:
        axes: axes to style.
        theme: colours and fonts.
        grid: where lines run: across at the ticks of ``y``, up at those of ``x``, both, or nowhere.
        frame: whether axis lines are drawn at the left and the bottom.
    """
    axes.set_facecolor("none")
    for side, spine in axes.spines.items():
        spine.set_visible(frame and side in ("left", "bottom"))
        spine.set_color(theme.border_strong)
        spine.set_linewidth(points(AXIS))
    axes.tick_params(
        which="both",
        direction="out",
        length=points(4),
        width=points(AXIS),
        color=theme.border_strong,
        labelcolor=theme.muted,
        labelsize=points(theme.size - 1),
        labelfontfamily=list(families(theme)),
        grid_color=theme.border,
        grid_linewidth=points(GRID),
        grid_linestyle="-",
    )
    axes.tick_params(which="minor", length=points(2))
    axes.set_axisbelow(True)
    axes.grid(False)
    if grid != "none":
        axes.grid(True, axis=grid, which="major")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(Numbers())
        axis.label.set(color=theme.muted, fontsize=points(theme.size - 1))
        axis.label.set_fontfamily(list(families(theme)))


def style_rows(axes: Axes, theme: Theme) -> None:
    """Style ``axes`` for rows of bars or dots with a name each: an axis at the bottom alone."""
    style_axes(axes, theme, grid="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def background(axes: Axes, theme: Theme) -> str:
    """The colour behind ``axes``: that of its figure, or the window's where that is transparent."""
    colour: Any = axes.get_figure(root=True).get_facecolor()  # type: ignore[union-attr]
    return to_hex(colour) if colour[3] == 1 else theme.window


class Numbers(ScalarFormatter):
    """Plain numbers with thousands separators and no offset."""

    def __init__(self) -> None:
        super().__init__(useOffset=False)

    def __call__(self, x: float, pos: int | None = None) -> str:
        text = super().__call__(x, pos)
        digits, point, rest = text.partition(".")
        sign, whole = ("−", digits[1:]) if digits[:1] in ("−", "-") else ("", digits)
        return f"{sign}{int(whole):,}{point}{rest}" if whole.isascii() and whole.isdigit() else text


class LogNumbers(LogFormatter):
    """Labels of a log axis: ``0.001``, ``1``, ``1,000``, and ``1e−6`` where zeros would pile up."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return number(x) if super().__call__(x, pos) else ""


def number(x: float, digits: int = 4) -> str:
    """``x`` with ``digits`` significant digits, thousands separators and a true minus sign."""
    if 1e-4 <= abs(x) < 1e6 or x == 0:
        text = f"{x:,.{digits}g}"
        if "e" in text:
            text = f"{x:,.0f}"
    else:
        mantissa, _, power = f"{x:.{digits - 1}e}".partition("e")
        plain = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        text = f"{plain}e{int(power)}" if power else plain
    return text.replace("-", "−")


def score(x: float) -> str:
    """A score as pictures and tables show it: four decimals near 1, significant digits beyond."""
    return f"{x:.4f}".replace("-", "−") if abs(x) < 10 else number(x, 5)


__all__ = [
    "DARK",
    "DPI",
    "HIGH_CONTRAST",
    "LIGHT",
    "LINE",
    "PRINT",
    "THEMES",
    "LogNumbers",
    "Numbers",
    "Theme",
    "background",
    "families",
    "number",
    "points",
    "rc",
    "score",
    "style_axes",
    "style_rows",
    "styled",
]
