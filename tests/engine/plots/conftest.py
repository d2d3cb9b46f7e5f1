"""Searches to draw, and figures to draw them on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from engine.plots import style
from engine.records import STATES, Snapshot, TrialState
from engine.space import Categorical, Float, Integer, SearchSpace

SPACE = SearchSpace(
    (
        Float("C", 1e-4, 1e4, log=True),
        Float("max_features", 0.1, 1.0),
        Integer("min_samples_leaf", 1, 64, log=True),
        Categorical("criterion", ("gini", "entropy", None)),
    )
)


@pytest.fixture
def search() -> Callable[..., Snapshot]:
    """Makes a snapshot of a search with given scores and states; the rest is drawn at random."""

    def make(
        values,
        states=None,
        *,
        maximise=True,
        planned=None,
        folds=2,
        space=SPACE,
        label="accuracy, 5-fold mean",
    ) -> Snapshot:
        values = np.asarray(values, dtype=float)
        n = values.size
        states = ["complete"] * n if states is None else states
        random = np.random.default_rng(1)
        number = np.arange(n)
        configurations = {
            p.name: np.array([p.from_unit(u) for u in random.random(n)] + [None], object)[:-1]
            for p in space.parameters
        }
        columns = {
            "trial": np.repeat(number, folds),
            "fold": np.tile(np.arange(folds), n),
            "worker": np.arange(n * folds) % 2,
            "started": 1.7e9 + np.arange(n * folds) * 0.6,
            "seconds": np.full(n * folds, 1.0),
            "ok": np.repeat(np.array([s != "failed" for s in states], bool), folds),
        }
        return Snapshot(
            measure="accuracy",
            measure_label=label,
            maximise=maximise,
            number=number,
            state=np.array([STATES.index(TrialState(s)) for s in states], np.int8),
            value=values,
            started=1.7e9 + number,
            ended=1.7e9 + number + 1.0,
            seconds=np.ones(n),
            configurations=configurations,
            space=space,
            folds=columns,
            planned=planned,
        )

    return make


@pytest.fixture
def figure() -> Callable[..., Figure]:
    """Makes a figure with a canvas of its own, in a theme."""

    def make(
        theme: style.Theme = style.LIGHT, width: int = 480, height: int = 300, **options
    ) -> Figure:
        with style.styled(theme):
            size = width / 96, height / 96
            made = Figure(figsize=size, **({"layout": "constrained"} | options))
        FigureCanvasAgg(made)
        return made

    return make
