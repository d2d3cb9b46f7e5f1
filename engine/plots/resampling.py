"""Resampling plan: outer test part and folds of the rows, to scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator

from engine.plan import Resampling
from engine.plots import draw
from engine.plots.colour import mix
from engine.plots.draw import Label
from engine.plots.picture import Picture
from engine.plots.style import Theme, background, points, style_axes

_MOST = 12
"""Folds that are drawn; of more, the first ones and a word on the others."""
_THICK = 0.68


@dataclass(frozen=True)
class Prepared:
    """Parts of the table for each fold, in rows of the table.

    Attributes:
        rows: rows of the table that have a target.
        test: outer test rows, at the right; 0 for none.
        valid: shape (k, 2), first validation row and the one after the last, for every drawn fold.
        words: k words on the drawn folds.
        more: a word on what is not drawn, or empty.
        summary: words.
    """

    rows: int
    test: int
    valid: np.ndarray
    words: tuple[str, ...]
    more: str
    summary: str


def prepare(resampling: Resampling, rows: int, test_share: float) -> Prepared:
    """Compute the folds of ``rows`` rows, ``test_share`` of which are outer test rows.

    Parts are drawn side by side; the search picks their rows at random. Sizes are those of
    scikit-learn's ``train_test_split`` (test part rounded up) and ``KFold`` (the first parts one
    row larger).

    Args:
        resampling: how folds are made.
        rows: number of rows with a target.
        test_share: share of the outer test rows, from 0 to 1.

    Returns:
        Bounds of the parts, in rows.
    """
    rows = max(rows, 0)
    test = min(math.ceil(test_share * rows), rows)
    train = rows - test
    if resampling.kind == "holdout":
        valid = min(math.ceil(resampling.share * train), train)
        bounds = np.array([[train - valid, train]])
        return Prepared(
            rows, test, bounds, ("holdout",), "", _summary(rows, test, train, valid, "one holdout")
        )
    k = max(resampling.folds, 1)
    sizes = np.full(k, train // k) + (np.arange(k) < train % k)
    ends = np.cumsum(sizes)
    shown = k if k <= _MOST else _MOST - 1
    bounds = np.column_stack([ends - sizes, ends])[:shown]
    repeats = resampling.repeats if resampling.kind == "repeated_kfold" else 1
    more = [f"and {k - shown} more folds"] if k > shown else []
    if repeats > 1:
        more.append(f"then {repeats - 1} more times with the rows shuffled anew")
    kind = f"{k} folds" if repeats == 1 else f"{repeats} times {k} folds"
    return Prepared(
        rows=rows,
        test=test,
        valid=bounds,
        words=tuple(f"fold {i + 1}" for i in range(shown)),
        more=", ".join(more),
        summary=_summary(rows, test, train, int(sizes[0]), kind),
    )


def _summary(rows: int, test: int, train: int, valid: int, kind: str) -> str:
    kept = f"{test:,} of {rows:,} rows are kept out as outer test" if test else "No outer test rows"
    return (
        f"{kept}; the other {train:,} are used in {kind}, "
        f"each validated on about {valid:,} rows and fitted on {train - valid:,}."
    )


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw a row for each fold: training, validation and outer test rows to scale."""
    style_axes(axes, theme, grid="none", frame=False)
    axes.tick_params(length=0)
    axes.xaxis.set_visible(False)
    drawn = len(prepared.valid) if prepared.rows else 0
    # The folds' names are ticks, since those get the room they need.
    axes.yaxis.set_major_locator(FixedLocator(list(range(drawn))))
    axes.set_yticklabels(prepared.words[:drawn])
    axes.set_xlim(0, 1.01 * max(prepared.rows, 1))
    axes.set_ylim(drawn + 1.2, -1.6)
    if drawn:
        _draw_parts(axes, prepared, theme)
    draw.message(axes, theme, "" if drawn else "No rows yet.")


def _draw_parts(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """The rows fitted on, validated on and kept out, in a bar for each fold."""
    behind, drawn = background(axes, theme), len(prepared.valid)
    top = np.arange(drawn) - _THICK / 2
    train = prepared.rows - prepared.test
    begin, end = prepared.valid.astype(float).T
    before = draw.rectangles(np.zeros(drawn), top, begin, _THICK)
    after = draw.rectangles(end, top, train - end, _THICK)
    draw.bars(axes, [*before, *after], facecolors=mix(behind, theme.muted, 0.28))
    valid = draw.rectangles(begin, top, end - begin, _THICK)
    draw.bars(axes, valid, facecolors=theme.accent)
    if prepared.test:
        gap, height = 0.008 * prepared.rows, np.array([drawn - 1 + _THICK])
        left, width = np.array([train + gap]), np.array([prepared.test - gap])
        draw.bars(
            axes,
            draw.rectangles(left, np.array([-_THICK / 2]), width, height),
            facecolors=mix(behind, theme.caution, 0.12),
            edgecolors=theme.caution,
            linewidths=points(1),
            hatch="///",
            hatch_linewidth=points(0.75),
        )
    draw.labels(axes, theme, _words(prepared, theme))


def _words(prepared: Prepared, theme: Theme) -> list[Label]:
    """Sizes of the parts, above and below them."""
    train = prepared.rows - prepared.test
    first, last = prepared.valid[0]
    size, foot = last - first, len(prepared.valid) - 0.35
    words = [Label(0, -0.75, f"search, {train:,} rows", theme.text, align="left")]
    if prepared.test:
        test = f"outer test, {prepared.test:,} rows"
        words.append(Label(prepared.rows, -0.75, test, theme.caution, align="right", bold=True))
    fitted, validated = f"fitted on {train - size:,}", f"validated on {size:,}"
    words.append(Label(0, foot, fitted, theme.muted, align="left", vertical="top"))
    words.append(
        Label(train, foot, validated, theme.accent, align="right", vertical="top", bold=True)
    )
    if prepared.more:
        words.append(
            Label(0, foot, prepared.more, theme.muted, align="left", vertical="top", shift=(0, -20))
        )
    return words


PICTURE = Picture(
    id="resampling",
    title="Folds",
    prepare=prepare,
    paint=paint,
    pages=("forms",),
    order=401,
)
