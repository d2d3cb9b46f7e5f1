"""Configurations as dots in two dimensions, near ones near, with the path of the best so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from engine.analysis.incumbent import anytime
from engine.analysis.principal_components import footprint
from engine.domain.trials import Snapshot, TrialState
from engine.plots import draw, scores
from engine.plots.colour import merit
from engine.plots.draw import Label
from engine.plots.picture import Picture
from engine.plots.places import Places
from engine.plots.style import Theme, background, points, score, style_axes

MOST = 4_000
"""Dots at most: the latest."""


@dataclass(frozen=True)
class Prepared:
    """Configurations as points in two dimensions.

    Attributes:
        dots: shape (k, 2), complete trials, the better the later, so that they lie on top.
        number: shape (k,), of these trials.
        rank: shape (k,), 0 for the worst to 1 for the best of them.
        others: shape (j, 2), trials without a final score.
        path: shape (p, 2), the best so far, from the first to the last.
        default: place of trial 0, or None.
        best: (place, words) of the best, or None.
        xlim, ylim: limits of the axes.
        xlabel, summary: words.
    """

    dots: np.ndarray
    number: np.ndarray
    rank: np.ndarray
    others: np.ndarray
    path: np.ndarray
    default: tuple[float, float] | None
    best: tuple[tuple[float, float], str] | None
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    xlabel: str
    summary: str

    @property
    def places(self) -> Places:
        return Places(self.number, self.dots)


def prepare(snapshot: Snapshot, most: int = MOST) -> Prepared:
    """Place configurations in two dimensions, near ones near; those outside the space have no
    place."""
    found = footprint(snapshot)
    where = np.full((snapshot.number.size, 2), np.nan)
    where[found.index] = found.place
    placed = np.isfinite(where[:, 0])
    complete = snapshot.is_state(TrialState.COMPLETE) & np.isfinite(snapshot.value)
    index = np.flatnonzero(placed & complete)[-most:]
    sign = 1.0 if snapshot.maximise else -1.0
    order = index[np.argsort(sign * snapshot.value[index], kind="stable")]
    steps = anytime(snapshot).index
    best, path = snapshot.best, where[steps[placed[steps]]]
    limits = [_limits(found.place[:, axis]) for axis in (0, 1)]
    at = None if best is None else _place(where, best)
    begun = snapshot.number.size > 0 and snapshot.number[0] == 0
    return Prepared(
        dots=where[order],
        number=snapshot.number[order],
        rank=np.linspace(0, 1, order.size),
        others=where[np.flatnonzero(placed & ~complete)[-most:]],
        path=path,
        default=_place(where, 0) if begun else None,
        best=None
        if at is None or best is None
        else (at, f"best {score(float(snapshot.value[best]))}"),
        xlim=limits[0],
        ylim=limits[1],
        xlabel=f"two dimensions that show {found.kept:.0%} of how configurations differ",
        summary=_summary(snapshot, int(placed.sum()), len(path), found.kept),
    )


def _place(where: np.ndarray, index: int) -> tuple[float, float] | None:
    x, y = where[index].tolist()
    return None if np.isnan(x) else (x, y)


def _limits(values: np.ndarray) -> tuple[float, float]:
    """Room for the values, in steps, so that the axes hold still while trials arrive."""
    reach = float(np.abs(values).max(initial=0.1))
    reach = np.ceil(reach / 0.2) * 0.2
    return -1.08 * reach, 1.08 * reach


def _summary(snapshot: Snapshot, count: int, steps: int, kept: float) -> str:
    if not count:
        return "No trial yet."
    words = f"{count:,} configurations in two dimensions ({kept:.0%} of their differences)"
    times = "once" if steps == 1 else f"{steps:,} times"
    return f"{words}; the best so far changed {times}." if steps else f"{words}; no score yet."


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw trials as dots shaded by rank, and the path of the best so far through them."""
    style_axes(axes, theme, grid="none")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(NullLocator())
    behind = background(axes, theme)
    axes.scatter(
        *prepared.dots.T,
        s=points(6 if len(prepared.dots) <= 500 else 4) ** 2,
        c=prepared.rank,
        cmap=merit(behind, theme.muted, theme.accent),
        vmin=0,
        vmax=1,
        linewidths=0,
        zorder=2,
    ).set_in_layout(False)
    axes.set_xlim(prepared.xlim)
    axes.set_ylim(prepared.ylim)
    axes.set_xlabel(prepared.xlabel)
    cross = {"marker": "x", "size": 4.5, "markeredgewidth": points(1)}
    draw.dots(axes, theme.muted, *prepared.others.T, zorder=1.5, **cross)
    rim = {"markerfacecolor": behind, "markersize": points(4.5), "markeredgewidth": points(1.4)}
    draw.line(axes, theme.text, 1.2, *prepared.path.T, marker="o", zorder=3, **rim)
    if prepared.default is not None:
        x, y = prepared.default
        rim = {"markerfacecolor": behind, "markeredgewidth": points(1.6)}
        draw.dots(axes, theme.text, [x], [y], marker="D", size=8, zorder=4, **rim)
    scores.put(scores.best(axes, theme), prepared.best[0] if prepared.best else None)
    draw.labels(axes, theme, _words(prepared, theme), halo=behind)
    empty = not len(prepared.dots) and not len(prepared.others)
    draw.message(axes, theme, "No trial yet." if empty else "")
    axes.xaxis.set_visible(not empty)


def _words(prepared: Prepared, theme: Theme) -> list[Label]:
    labels = []
    if prepared.best is not None:
        place, words = prepared.best
        side = scores.inner_side(place[0], prepared.xlim)
        right = 10 if side == "left" else -10
        labels.append(Label(*place, words, theme.accent, align=side, shift=(right, 8), bold=True))
    if prepared.default is not None and (not prepared.best or prepared.default != prepared.best[0]):
        side = scores.inner_side(prepared.default[0], prepared.xlim)
        right = 10 if side == "left" else -10
        labels.append(
            Label(*prepared.default, "default", theme.text, align=side, shift=(right, -8))
        )
    return labels


PICTURE = Picture(
    id="footprint",
    title="Where it looked",
    says="Configurations in two dimensions: the closer, the more alike. The line is the way of the "
    "best so far.",
    prepare=lambda search: prepare(search.snapshot),
    paint=paint,
    pages=("understand",),
    order=106,
)
