"""How a method spends its budget, as a sketch on its card: scores in the order of evaluations.

The sketches are shaped, not measured: 28 evaluations of an easy problem, with the pattern that the
method's rules give. Small dots are evaluations that cost less than a full one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from engine.plots.picture import Picture
from engine.plots.style import Theme, points

_DOTS = 28
_WIDTHS = (2.4, 5.6)
"""Widths in pixels of the cheapest evaluation's dot and of a full one's; 4 where all are full."""
_PLAIN = 4.0


@dataclass(frozen=True)
class Prepared:
    """Evaluations from left to right, good ones up, in the unit square; what they cost; words.

    Attributes:
        dots: shape (k, 2).
        cost: shape (k,), in full evaluations, in (0, 1].
        summary: words.
    """

    dots: np.ndarray
    cost: np.ndarray
    summary: str


def prepare(key: str) -> Prepared:
    """The sketch called ``key`` (one of `KEYS`); an unknown one is empty."""
    if key not in _SKETCHES:
        return Prepared(np.empty((0, 2)), np.empty(0), "")
    shape, summary = _SKETCHES[key]
    heights, cost = shape()
    dots = np.column_stack([np.linspace(0, 1, _DOTS), heights.clip(0, 1)])
    return Prepared(dots, cost, summary)


Shape = tuple[np.ndarray, np.ndarray]
"""Heights and costs of the dots, each of shape (28,)."""


def _full(heights: np.ndarray) -> Shape:
    return heights, np.ones(_DOTS)


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


# --- full evaluations -----------------------------------------------------------------------------


def _random() -> Shape:
    """Heights all over the place, first to last, with clumps and gaps as chance makes them."""
    return _full(_rng(21).uniform(0, 1, _DOTS))


def _grid() -> Shape:
    """Row by row through a grid of 7 by 4: the same rise and fall at four levels."""
    along, across = np.arange(_DOTS) % 7, np.arange(_DOTS) // 7
    hump = 1 - ((along - 3.6) / 4.2) ** 2
    return _full(0.08 + hump * np.array([0.45, 0.75, 0.9, 0.6])[across])


def _sobol() -> Shape:
    """The base-2 van der Corput sequence: each dot in the largest gap that is left."""
    bits = (np.arange(_DOTS)[:, None] >> np.arange(5)) & 1
    return _full(bits @ 0.5 ** np.arange(1, 6) + 1 / 64)


def _lhs() -> Shape:
    """One dot in each of 28 equal strips, in any order."""
    return _full((_rng(6).permutation(_DOTS) + 0.5) / _DOTS)


def _tpe() -> Shape:
    """A few scattered trials, then denser and denser around what was good."""
    random = _rng(12)
    learnt = np.clip((np.arange(_DOTS) - 5) / (_DOTS - 6), 0, 1)
    near_good = 0.5 + 0.4 * np.sqrt(learnt) + random.normal(0, 0.2 - 0.14 * learnt)
    return _full(np.where(learnt > 0, near_good, random.uniform(0, 1, _DOTS)))


def _model(design: int, spread: float, looks: Sequence[int], seed: int) -> Shape:
    """An even design, then straight to the top, but for ``looks`` where little is known."""
    random = _rng(seed)
    step = np.arange(_DOTS - design)
    close = 0.94 - 0.4 * np.exp(-step / 2.5) - np.abs(random.normal(0, spread, step.size))
    first = (random.permutation(design) + 0.5) / design * 0.8
    heights = np.concatenate([first, close])
    heights[list(looks)] = random.uniform(0.15, 0.5, len(looks))
    return _full(heights)


def _gp() -> Shape:
    return _model(6, 0.025, (9, 15, 22), 3)


def _rf_bo() -> Shape:
    return _model(7, 0.075, (10, 14, 19, 25), 8)


def _generations(size: int, centres: Sequence[float], spreads: Sequence[float], seed: int) -> Shape:
    """Clouds of ``size`` dots, each with its own middle and width."""
    offsets = np.linspace(-1.4, 1.4, size)
    random = _rng(seed)
    clouds = [c + s * random.permutation(offsets) for c, s in zip(centres, spreads, strict=True)]
    return _full(np.concatenate(clouds))


def _cmaes() -> Shape:
    return _generations(7, (0.42, 0.62, 0.8, 0.92), (0.29, 0.2, 0.1, 0.04), 4)


def _evolution() -> Shape:
    """Children stay about as far from their parents, so the cloud keeps its width as it rises."""
    return _generations(7, (0.45, 0.58, 0.7, 0.78), (0.3, 0.24, 0.2, 0.17), 9)


def _de() -> Shape:
    """Seven individuals, each of which only ever moves up; those low down move farthest."""
    random = _rng(2)
    heights = [random.permutation((np.arange(7) + 0.5) / 7) * 0.75]
    for _ in range(3):
        heights.append(heights[-1] + (0.96 - heights[-1]) * random.uniform(0.1, 0.62, 7))
    return _full(np.concatenate(heights))


def _nsga2() -> Shape:
    """First anywhere, then spread ever more evenly over what can be had: good in one measure or in
    the other, and between."""
    random = _rng(5)
    step = np.arange(_DOTS - 8)
    front = 0.3 + 0.65 * random.permutation(step.size) / (step.size - 1)
    lag = np.abs(random.normal(0, 0.2, step.size)) * np.exp(-step / 8)
    return _full(np.concatenate([random.uniform(0, 0.7, 8), front - lag]))


def _auto() -> Shape:
    """Even looks around, then half of the dots where a model would go and half a cloud."""
    random = _rng(17)
    look = (random.permutation(8) + 0.5) / 8 * 0.85
    step = np.arange(_DOTS - 8)
    rise = 0.9 - 0.45 * np.exp(-step / 6) + random.normal(0, 0.09 * np.exp(-step / 14))
    return _full(np.concatenate([look, rise]))


# --- evaluations in parts -------------------------------------------------------------------------

_ETA = 3


def _bracket(random: np.random.Generator, size: int, promotions: int, lift: float = 0.0) -> Shape:
    """Rungs of one bracket: the best third goes on, with three times the fit and higher scores."""
    heights, costs = [], []
    quality = random.permutation((np.arange(size) + 0.5) / size) ** (1 - lift)
    for rung in range(promotions + 1):
        cost = float(_ETA) ** (rung - promotions)
        fit = cost**0.25
        heights.append(fit * (0.08 + 0.88 * quality))
        costs.append(np.full(quality.size, cost))
        # In the order they were, as the schedule promotes them.
        quality = quality[np.sort(np.argsort(-quality)[: quality.size // _ETA])]
    return np.concatenate(heights), np.concatenate(costs)


def _brackets(seed: int, lift: float) -> Shape:
    """Hyperband with fits of 1/9, 1/3 and 1 (9, 5 and 3 begun), and the start of its next turn.

    The number of dots is 13 + 6 + 3 + 6.
    """
    random = _rng(seed)
    parts = [
        _bracket(random, 9, 2),
        _bracket(random, 5, 1, lift / 2),
        _bracket(random, 3, 0, lift),
        _bracket(random, 9, 2, lift),
    ]
    heights, costs = (np.concatenate([part[i] for part in parts])[:_DOTS] for i in (0, 1))
    return heights, costs


def _halving() -> Shape:
    heights, costs = _bracket(_rng(3), 20, 2)
    return heights[:_DOTS], costs[:_DOTS]


def _hyperband() -> Shape:
    return _brackets(5, 0.0)


def _bohb() -> Shape:
    return _brackets(5, 0.85)


def _asha() -> Shape:
    """Asynchronous halving itself: a rung owes its best third, the highest rung is asked first."""
    random = _rng(14)
    quality: list[float] = []
    rungs: list[list[int]] = [[], [], []]
    heights, costs = np.empty(_DOTS), np.empty(_DOTS)
    for dot in range(_DOTS):
        rung, trial = 0, len(quality)
        for low in (1, 0):
            ranked = sorted(rungs[low], key=lambda t: -quality[t])[: len(rungs[low]) // _ETA]
            owed = [t for t in ranked if t not in rungs[low + 1]]
            if owed:
                rung, trial = low + 1, owed[0]
                break
        if rung == 0:
            quality.append(random.uniform())
        rungs[rung].append(trial)
        costs[dot] = float(_ETA) ** (rung - 2)
        heights[dot] = costs[dot] ** 0.25 * (0.08 + 0.88 * quality[trial])
    return heights, costs


def _racing() -> Shape:
    """Three races: few get all the folds, and each race draws nearer to the best of the last."""
    random = _rng(7)
    races = ((13, 0.0, 0.95), (9, 0.4, 0.95), (6, 0.66, 0.97))
    heights = [random.permutation(np.linspace(low, high, size)) for size, low, high in races]
    costs = [np.where(h >= np.sort(h)[-2], 1.0, 0.3 + 0.25 * (h - h.min())) for h in heights]
    return np.concatenate(heights), np.concatenate(costs)


def _hypergradient() -> Shape:
    """A walk uphill, a step from the one before, flattening out."""
    steps = np.linspace(0, 1, _DOTS)
    return _full(0.08 + 0.84 * (1 - np.exp(-3.2 * steps)) + _rng(5).normal(0, 0.012, _DOTS))


_SKETCHES: dict[str, tuple[Callable[[], Shape], str]] = {
    "hypergradient": (_hypergradient, "A walk uphill, each trial a step from the one before."),
    "random": (_random, "Trials scattered over all scores, from the first to the last."),
    "grid": (_grid, "The same rise and fall again and again, row by row through the grid."),
    "sobol": (_sobol, "Trials spread evenly at every moment, each into the largest gap left."),
    "lhs": (_lhs, "Trials spread evenly by the end, one in each of as many equal strips."),
    "tpe": (_tpe, "A few scattered trials, then more and more of them near the best."),
    "gp": (
        _gp,
        "A few spread trials, then straight to the best, with some looks where little is known.",
    ),
    "rf_bo": (
        _rf_bo,
        "A few spread trials, then soon near the best, a little scattered, with looks elsewhere.",
    ),
    "cmaes": (_cmaes, "Clouds of trials, each narrower and better than the one before."),
    "evolution": (_evolution, "Generations that rise steadily and stay varied."),
    "de": (_de, "Generations in which every member keeps its place or moves up."),
    "nsga2": (_nsga2, "Scattered trials, then even steps along a front of trade-offs."),
    "halving": (
        _halving,
        "Many cheap trials; the best third of them longer, and few of those in full.",
    ),
    "hyperband": (
        _hyperband,
        "Halving in turns: first many cheap trials, then fewer longer ones, then only full ones.",
    ),
    "asha": (
        _asha,
        "Cheap trials all the time, and between them longer ones of whichever are the best so far.",
    ),
    "bohb": (
        _bohb,
        "Halving in turns from many cheap trials to full ones, with better beginnings each time.",
    ),
    "racing": (
        _racing,
        "Races in which most trials stop after a few folds, each race nearer to the best.",
    ),
    "auto": (_auto, "First an even look around, then ever nearer to the best, by what suits."),
}

KEYS: tuple[str, ...] = tuple(_SKETCHES)
"""The sketches there are."""


def paint(axes: Axes, prepared: Prepared, theme: Theme) -> None:
    """Draw the sketch on empty ``axes``."""
    axes.set_axis_off()
    axes.set_xlim(-0.04, 1.04)
    axes.set_ylim(-0.08, 1.08)
    sizes = points(1) ** 2 * _widths(prepared.cost) ** 2
    axes.scatter(*prepared.dots.T, s=sizes, color=theme.muted, linewidths=0, clip_on=False)


def _widths(cost: np.ndarray) -> np.ndarray:
    """Widths of dots in pixels: areas in steps with the cost, so that thirds can be told apart."""
    if not cost.size or cost.min() == 1:
        return np.full(cost.size, _PLAIN)
    least, most = _WIDTHS
    share = 1 + np.log(cost) / -np.log(cost.min())
    return least + (most - least) * share


PICTURE = Picture(
    id="sketch",
    title="How the method spends its budget",
    help="method",
    prepare=prepare,
    paint=paint,
    pages=("forms",),
    order=402,
)
