"""Searches to draw, and figures to draw them on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from engine.domain.comparison import DEFAULT, Case, Comparison, Contender, Curve, Member
from engine.domain.trials import STATES, Snapshot, TrialState, note_columns
from engine.plan import Budget, MethodPlan
from engine.plots import style
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
        notes=None,
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
            "fidelity": np.ones(n * folds),
            "score": np.repeat(values, folds),
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
            notes=note_columns(notes or [{}] * n),
            planned=planned,
        )

    return make


@pytest.fixture
def halving(search) -> Callable[..., Snapshot]:
    """Makes a snapshot of brackets of halving after the default configuration.

    Each is (configurations, promotions); the best third goes on. A later trial of a bracket is
    better than an earlier one.
    """

    def make(*brackets: tuple[int, int], folds=2, maximise=True) -> Snapshot:
        values, states, notes = [0.5], ["complete"], [{}]
        rows = [(0, fold, 1.0, 0.5) for fold in range(folds)]
        sign = 1 if maximise else -1
        for iteration, (begun, promotions) in enumerate(brackets):
            first = len(values)
            for trial in range(first, first + begun):
                quality = (trial - first + 1) / begun
                last = max(
                    r for r in range(promotions + 1) if trial >= first + begun - begun // 3**r
                )
                for rung in range(last + 1):
                    fidelity = 1 / 3 ** (promotions - rung)
                    score = sign * (0.6 * quality + 0.3 * fidelity)
                    rows += [(trial, fold, fidelity, score) for fold in range(folds)]
                values.append(score)
                states.append("complete" if last == promotions else "pruned")
                notes.append({"iteration": iteration, "bracket": promotions, "rung": 0})
        snapshot = search(values, states, notes=notes, folds=0, maximise=maximise)
        trial, fold, fidelity, score = map(np.array, zip(*rows, strict=True))
        count = len(rows)
        columns = {
            "trial": trial,
            "fold": fold,
            "fidelity": fidelity,
            "score": score,
            "ok": np.ones(count, bool),
            "worker": np.zeros(count, int),
            "started": 1.7e9 + np.arange(count),
            "seconds": np.ones(count),
        }
        return replace(snapshot, folds=columns)

    return make


@pytest.fixture
def compared() -> Callable[..., Comparison]:
    """Makes a comparison of methods that get better with their place, on the budget of 20."""

    def make(
        methods=3, cases=1, repetitions=6, *, maximise=True, state="finished", scores=None
    ) -> Comparison:
        random = np.random.default_rng(0)
        sign = 1 if maximise else -1
        contenders = [
            *(Contender(f"m{i}", f"Method {i}", MethodPlan("tpe")) for i in range(methods)),
            Contender("random", "Random search", MethodPlan("random"), reference=True),
            Contender(DEFAULT, "Default", reference=True),
        ]
        members = []
        for case in range(cases):
            for i, contender in enumerate(contenders):
                for repetition in range(repetitions):
                    split = 0.02 * random.normal()
                    last = split + 0.8 + (0.01 * i if contender.method else -0.05)
                    last = last if scores is None else scores
                    at = (1.0, 3.0 + i, 9.0, 20.0)
                    rise = tuple(sign * (last - 0.05 * step) for step in (3, 2, 1, 0))
                    if contender.name == DEFAULT:
                        at = rise = ()
                    members.append(
                        Member(
                            f"t{case}",
                            contender.name,
                            repetition,
                            state,
                            seed=repetition,
                            validation=sign * last if state == "finished" else None,
                            test=sign * (last - 0.01) if state == "finished" else None,
                            configuration={"C": 10.0 ** (i - 1), "kernel": "rbf", "depth": 3 + i},
                            trials=20,
                            evaluations=20.0,
                            seconds=30.0 + i,
                            fit_seconds=40.0,
                            workers=2,
                            curve=Curve(at, tuple(1.5 * x for x in at), rise),
                        )
                    )
        return Comparison(
            kind="compare",
            measure="accuracy",
            measure_label="Accuracy",
            maximise=maximise,
            budget=Budget(evaluations=20),
            cases=tuple(Case(f"t{i}", f"builtin:t{i}", "y", "svm", 144, 36) for i in range(cases)),
            contenders=tuple(contenders),
            repetitions=repetitions,
            members=tuple(members),
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
