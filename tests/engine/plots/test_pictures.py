"""What every picture promises, whatever it is given: it draws, leaves no trace, and updates."""

from __future__ import annotations

import logging
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest

from engine.domain.comparison import Counterfactual, Curve, Ranking
from engine.domain.results import Confusion, Residuals
from engine.domain.trials import Objective
from engine.domain.trust import Overtuning, OvertuningAlarm, WatchedIncumbent
from engine.domain.understanding import (
    AblationStep,
    Effect,
    Importance,
    ModelQuality,
    PairImportance,
    Plane,
    SurrogateSlice,
)
from engine.plan import Resampling
from engine.plots import (
    ablation,
    anytime,
    confusion,
    contour,
    convergence,
    counterfactual,
    critical_difference,
    distribution,
    effect,
    example_weights,
    fanova,
    final_scores,
    footprint,
    found,
    gradient_norm,
    group_values,
    histogram,
    history,
    importance,
    learned_rows,
    learning_curves,
    memory,
    outer_loss,
    overtuning,
    parallel,
    pareto,
    population,
    race,
    rank_over_time,
    resampling,
    residuals,
    rungs,
    schedules,
    sharing,
    sketch,
    slices,
    style,
    surrogate,
    thinking,
    timeline,
    weight_maps,
    wins,
)
from engine.space import Categorical, Float, SearchSpace
from engine.testing.tunings import tuning
from engine.tuners import METHODS

LONG = "a_hyperparameter_with_a_forty_letter_name"
MANY = SearchSpace(
    (
        *(Float(f"h{i}", 0, 1) for i in range(48)),
        Float(LONG, 0, 1),
        Categorical("choice", tuple(f"a rather long choice, number {i}" for i in range(30))),
    )
)


SAID = [
    {"generation": i // 10, "race": 1 + i // 25, "bracket": i % 3, "rung": 0} for i in range(100)
]
"""What a method that does everything would say of a hundred trials."""


def searches(search):
    """Searches that have gone well, badly and oddly, by name."""
    random = np.random.default_rng(0)
    mixed = ["complete", "failed", "pruned", "running"] * 25
    scores = 0.9 + 0.05 * random.random(100)
    return {
        "usual": search(
            np.where(np.array(mixed) == "failed", np.nan, scores), mixed, planned=120, notes=SAID
        ),
        "no trials": search([]),
        "one trial": search([0.9]),
        "only failed": search([np.nan] * 5, ["failed"] * 5),
        "only running": search([np.nan] * 3, ["running"] * 3),
        "only pruned": search([0.2, 0.3], ["pruned"] * 2),
        "nan and inf": search([np.nan, np.inf, -np.inf, 0.5, 1e300, -1e300, 0.6]),
        "all inf": search([np.inf, -np.inf]),
        "constant": search([0.5] * 30),
        "zero": search([0.0] * 3),
        "minimised": search(1 - scores, maximise=False),
        "outlier": search([0.9, 0.91, -5000.0, *scores]),
        "tiny spread": search(1 + 1e-15 * np.arange(10)),
        "huge": search(np.array([1e15, 2e15, 3e15])),
        "long names": search(scores, space=MANY, label="x" * 40),
    }


SEARCHES = tuple(searches(lambda *_, **__: None))


def tables(size: int) -> Confusion:
    counts = np.diag(np.arange(size)) + (np.arange(size * size).reshape(size, size) % 7 == 3)
    return Confusion(
        tuple(f"class {i}" for i in range(size)), tuple(tuple(row) for row in counts.tolist())
    )


def model(space):
    """What a model would say along every hyperparameter of ``space``."""
    made = []
    for parameter in space.parameters:
        values = getattr(parameter, "choices", None) or tuple(
            dict.fromkeys(parameter.from_unit(unit) for unit in np.linspace(0, 1, 20))
        )
        rise = np.linspace(0, 1, len(values))
        columns = (0.9 + 0.05 * rise, 0.88 + 0.05 * rise, 0.92 + 0.05 * rise, rise)
        made.append(SurrogateSlice(parameter.name, values, *(tuple(c.tolist()) for c in columns)))
    return tuple(made)


QUALITY = ModelQuality(trials=100, r2=0.7)


WATCHED = Overtuning(
    (
        WatchedIncumbent(0, 0.80, 0.84, 0.01),
        WatchedIncumbent(12, 0.86, 0.85, 0.01),
        WatchedIncumbent(60, 0.93, 0.79, float("nan")),
    ),
    overtuning=0.06,
    alarm=OvertuningAlarm(12, 0.06, 0.02, "Trial 12 scores better on the test rows."),
)


LUCKY = Counterfactual(
    enough=True,
    random=300,
    length=200,
    best=0.97,
    search=Curve((1.0, 30.0, 200.0), (1.0, 30.0, 200.0), (0.8, 0.95, 0.97)),
    n=tuple(range(1, 201)),
    mean=tuple((0.95 - 0.15 / np.arange(1, 201)).tolist()),
    low=tuple((0.94 - 0.2 / np.arange(1, 201)).tolist()),
    high=tuple((0.96 - 0.1 / np.arange(1, 201)).tolist()),
    chance=0.02,
    sentence="Random search would hardly have got here.",
)


def effects(space):
    """The effect of every hyperparameter of ``space``, as `model` has it."""
    return {
        s.name: Effect(s.name, s.x, s.mean, s.low, s.high, (s.low, s.high)) for s in model(space)
    }


def plane(space, one, other):
    """The effect of two hyperparameters of ``space``."""
    across, upwards = effects(space)[one], effects(space)[other]
    mean = np.add.outer(upwards.mean, across.mean)
    rows = tuple(tuple(row) for row in mean.tolist())
    doubt = tuple(tuple(row) for row in (0.01 * mean).tolist())
    return Plane(one, other, across.x, upwards.x, rows, doubt)


def path(count):
    """The steps of a path, every third of which harms."""
    made, at = [], 0.8
    for i in range(count):
        gain = -0.01 if i % 3 == 2 else 0.02
        at += gain
        bounds = (at, at - 0.01, at + 0.01, gain, gain - 0.01, gain + 0.01)
        made.append(AblationStep(f"{LONG}{i}", 0.001 * i, 10.0**i, (), *bounds))
    return made


def with_time(snapshot):
    """``snapshot`` with fit times, so that it has a front."""
    times = np.random.default_rng(0).random(snapshot.number.size)
    return replace(snapshot, others=(Objective("fit_seconds", "fit time", False, times),))


def given_comparisons(compared):
    """Every picture of comparisons with two states of what it shows."""
    before, after = compared(methods=2, repetitions=2), compared(methods=5)
    ranks = (
        Ranking(("a", "b"), (1.2, 1.8), 8, 0.01),
        Ranking(("a", "b", "c"), (1.5, 1.75, 2.75), 12, 0.01, 1.0, ((0, 1),)),
    )
    runs = [
        [distribution.Scores(c.label, row) for c, row in zip(one.contenders, each, strict=True)]
        for one in (before, after)
        for each in one.scores()
    ]
    pictures = {
        "anytime": (anytime, lambda one: anytime.prepare(one, "t0")),
        "rank over time": (rank_over_time, rank_over_time.prepare),
        "final scores": (final_scores, lambda one: final_scores.prepare(one, "t0")),
        "wins": (wins, wins.prepare),
        "thinking": (thinking, thinking.prepare),
        "found": (found, lambda one: found.prepare(one, "t0")),
    }
    made = {name: (m, prepare(before), prepare(after)) for name, (m, prepare) in pictures.items()}
    diagram = (critical_difference, *map(critical_difference.prepare, ranks))
    spread = (distribution, *(distribution.prepare(each, "Accuracy", True) for each in runs))
    return made | {"critical difference": diagram, "distribution": spread}


def given(search, compared):
    """Every picture with two states of what it shows: (module, earlier, later)."""
    before, after = search([0.9, 0.8, 0.85]), searches(search)["usual"]
    shares = [Importance(f"h{i}", 0.02, 0.01, 0.03) for i in range(49)]
    truth = tuple(np.linspace(0, 9, 40).tolist())
    off = tuple((np.linspace(0, 9, 40) + np.sin(np.arange(40))).tolist())
    begun, tuned = tuning(3), tuning(40, noisy=(12, 13), lost=(20,))
    table = tuning(40, image=False)
    return {
        "history": (history, history.prepare(before), history.prepare(after)),
        "slice": (slices, slices.prepare(before, "C"), slices.prepare(after, "max_features")),
        "slice of choices": (
            slices,
            slices.prepare(before, "max_features"),
            slices.prepare(after, "criterion"),
        ),
        "timeline": (timeline, timeline.prepare(before), timeline.prepare(after)),
        "importance": (
            importance,
            importance.prepare(shares),
            importance.prepare([Importance(LONG, 0.7, 0.6, 0.8), *shares[:2]]),
        ),
        "confusion": (
            confusion,
            confusion.prepare(tables(10)),
            confusion.prepare(tables(3)),
        ),
        "residuals": (
            residuals,
            residuals.prepare(Residuals((), ())),
            residuals.prepare(Residuals(truth, off)),
        ),
        "resampling": (
            resampling,
            resampling.prepare(Resampling("kfold", 10), 178, 0.2),
            resampling.prepare(Resampling("repeated_kfold", 5, 3), 178, 0.0),
        ),
        "rungs": (rungs, rungs.prepare(before), rungs.prepare(after)),
        "race": (race, race.prepare(before), race.prepare(after)),
        "population": (population, population.prepare(before), population.prepare(after)),
        "surrogate": (
            surrogate,
            surrogate.prepare(model(before.space)[:1], before),
            surrogate.prepare(model(after.space), after),
        ),
        "fanova": (
            fanova,
            fanova.prepare(shares),
            fanova.prepare(shares[:3], [PairImportance(LONG, "h0", 0.3, 0.2, 0.4)], 0.2),
        ),
        "ablation": (
            ablation,
            ablation.prepare((0.8, 0.7, 0.9), path(2), measure="accuracy", maximise=True),
            ablation.prepare((0.8, 0.7, 0.9), path(20), measure="accuracy", maximise=False),
        ),
        "effect": (
            effect,
            effect.prepare(effects(before.space)["C"], before),
            effect.prepare(effects(after.space)["max_features"], after, QUALITY),
        ),
        "effect of choices": (
            effect,
            effect.prepare(effects(before.space)["C"], before),
            effect.prepare(effects(after.space)["criterion"], after, QUALITY),
        ),
        "contour": (
            contour,
            contour.prepare(plane(before.space, "C", "criterion"), before),
            contour.prepare(plane(after.space, "max_features", "C"), after, QUALITY),
        ),
        "parallel": (
            parallel,
            parallel.prepare(before, {"C": (0.2, 0.6)}),
            parallel.prepare(after),
        ),
        "footprint": (footprint, footprint.prepare(before), footprint.prepare(after)),
        "learning curves": (
            learning_curves,
            learning_curves.prepare(before),
            learning_curves.prepare(climbed(after)),
        ),
        "overtuning": (
            overtuning,
            overtuning.prepare(Overtuning(()), trials=0, measure="accuracy", maximise=True),
            overtuning.prepare(WATCHED, trials=90, measure="accuracy", maximise=True),
        ),
        "counterfactual": (
            counterfactual,
            counterfactual.prepare(Counterfactual(False, 3, 20, None), "accuracy", True),
            counterfactual.prepare(LUCKY, "accuracy", True),
        ),
        "pareto": (pareto, pareto.prepare(with_time(before)), pareto.prepare(with_time(after))),
        "outer loss": (outer_loss, outer_loss.prepare(begun), outer_loss.prepare(tuned, 60)),
        "gradient norm": (
            gradient_norm,
            gradient_norm.prepare(begun),
            gradient_norm.prepare(tuned, 60),
        ),
        "schedules": (schedules, schedules.prepare(begun), schedules.prepare(tuned)),
        "weight maps": (weight_maps, weight_maps.prepare(tuned), weight_maps.prepare(table)),
        "learned rows": (learned_rows, learned_rows.prepare(table), learned_rows.prepare(tuned)),
        "group values": (
            group_values,
            group_values.prepare(begun, "scale"),
            group_values.prepare(tuned, "scale"),
        ),
        "example weights": (
            example_weights,
            example_weights.prepare(begun),
            example_weights.prepare(tuned),
        ),
        "sharing": (sharing, sharing.prepare(None), sharing.prepare(tuned)),
        "convergence": (
            convergence,
            convergence.prepare(begun),
            convergence.prepare(tuned, 60),
        ),
        "memory": (memory, memory.prepare(None), memory.prepare(tuned)),
        "sketch": (sketch, sketched("random"), sketched("hyperband")),
        "histogram": (histogram, histogram.prepare([1, 2]), histogram.prepare([3, 0, 9], True)),
        **given_comparisons(compared),
    }


def sketched(method: str) -> sketch.Prepared:
    declared = METHODS[method].card.sketch
    assert declared is not None
    return sketch.prepare(declared)


PICTURES = (
    "history",
    "slice",
    "slice of choices",
    "timeline",
    "importance",
    "confusion",
    "residuals",
    "resampling",
    "rungs",
    "race",
    "population",
    "surrogate",
    "fanova",
    "ablation",
    "effect",
    "effect of choices",
    "contour",
    "parallel",
    "footprint",
    "learning curves",
    "overtuning",
    "counterfactual",
    "pareto",
    "outer loss",
    "gradient norm",
    "schedules",
    "weight maps",
    "learned rows",
    "group values",
    "example weights",
    "sharing",
    "convergence",
    "memory",
    "sketch",
    "histogram",
    "anytime",
    "rank over time",
    "final scores",
    "wins",
    "critical difference",
    "thinking",
    "found",
    "distribution",
)


def climbed(snapshot):
    """``snapshot`` with folds at three fidelities."""
    n = snapshot.number.size
    trial = np.repeat(snapshot.number, 3)
    fidelity = np.tile([1 / 9, 1 / 3, 1.0], n)
    score = np.repeat(np.nan_to_num(snapshot.value, nan=0.5), 3) - 0.1 * (1 - fidelity)
    columns = {"trial": trial, "fidelity": fidelity, "score": score}
    columns |= {"fold": 0 * trial, "worker": 0 * trial, "ok": trial >= 0}
    return replace(snapshot, folds=columns | {"started": 1.0 * trial, "seconds": 1.0 + 0 * trial})


def pixels(figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize("theme", [style.LIGHT, style.DARK], ids=lambda theme: theme.name)
def test_pictures_of_any_search_draw(search, figure, name, theme):
    snapshot = searches(search)[name]
    parameter = snapshot.space.names[-1]
    for module, prepared in (
        (history, history.prepare(snapshot)),
        (slices, slices.prepare(snapshot, parameter)),
        (slices, slices.prepare(snapshot, snapshot.space.names[0])),
        (slices, slices.prepare(snapshot, "unknown")),
        (timeline, timeline.prepare(snapshot)),
        (rungs, rungs.prepare(snapshot)),
        (race, race.prepare(snapshot)),
        (population, population.prepare(snapshot)),
        (surrogate, surrogate.prepare(model(snapshot.space), snapshot)),
        (surrogate, surrogate.prepare((), snapshot)),
        (effect, effect.prepare(effects(snapshot.space)[parameter], snapshot, QUALITY)),
        (effect, effect.prepare(Effect("unknown", (1,), (1.0,), (1.0,), (1.0,)), snapshot)),
        (contour, contour.prepare(plane(snapshot.space, "C", parameter), snapshot))
        if "C" in snapshot.space.names
        else (contour, contour.prepare(plane(snapshot.space, "h0", parameter), snapshot)),
        (parallel, parallel.prepare(snapshot)),
        (parallel, parallel.prepare(snapshot, {parallel.SCORE: (0.5, 1.0), "unknown": (0, 1)})),
        (footprint, footprint.prepare(snapshot)),
        (learning_curves, learning_curves.prepare(snapshot)),
        (learning_curves, learning_curves.prepare(climbed(snapshot))),
    ):
        made = figure(theme)
        module.draw(made.add_subplot(), prepared, theme)
        made.canvas.draw()
        assert prepared.summary.endswith(".")


@pytest.mark.parametrize("name", PICTURES)
def test_update_shows_what_a_fresh_drawing_shows(search, compared, figure, name):
    module, before, after = given(search, compared)[name]
    # Without a layout engine: that one starts from where it was, and ends a hair apart.
    updated, fresh = figure(layout=None), figure(layout=None)
    axes = updated.add_subplot()
    artists = module.draw(axes, before, style.LIGHT)
    first = pixels(updated)
    assert module.draw(axes, after, style.LIGHT, artists) is artists
    module.draw(fresh.add_subplot(), after, style.LIGHT)
    again = pixels(updated)
    assert (again != first).any()
    np.testing.assert_array_equal(again, pixels(fresh))


@pytest.mark.parametrize("name", PICTURES)
def test_a_change_of_theme_begins_anew(search, compared, figure, name):
    module, before, after = given(search, compared)[name]
    changed, fresh = figure(style.DARK, layout=None), figure(style.DARK, layout=None)
    axes = changed.add_subplot()
    artists = module.draw(axes, before, style.LIGHT)
    assert module.draw(axes, after, style.DARK, artists) is not artists
    module.draw(fresh.add_subplot(), after, style.DARK)
    np.testing.assert_array_equal(pixels(changed), pixels(fresh))


@pytest.mark.parametrize("name", PICTURES)
def test_a_hundred_updates_leak_no_artists(search, compared, figure, name):
    module, before, after = given(search, compared)[name]
    axes = figure().add_subplot()
    artists = module.draw(axes, before, style.LIGHT)
    module.draw(axes, after, style.LIGHT, artists)
    count = len(axes.get_children())
    for turn in range(100):
        module.draw(axes, (before, after)[turn % 2], style.LIGHT, artists)
    assert len(axes.get_children()) == count


@pytest.mark.parametrize("name", PICTURES)
def test_drawing_leaves_global_parameters_and_logs_alone(search, compared, figure, name, caplog):
    module, before, after = given(search, compared)[name]
    parameters = dict(mpl.rcParams)
    with caplog.at_level(logging.WARNING):
        made = figure(style.DARK)
        axes = made.add_subplot()
        artists = module.draw(axes, before, style.DARK)
        module.draw(axes, after, style.DARK, artists)
        made.canvas.draw()
    assert dict(mpl.rcParams) == parameters
    assert not caplog.records


@pytest.mark.parametrize("name", PICTURES)
def test_small_pictures_draw(search, compared, figure, name):
    module, before, after = given(search, compared)[name]
    for prepared in (before, after):
        made = figure(width=220, height=160)
        module.draw(made.add_subplot(), prepared, style.HIGH_CONTRAST)
        made.canvas.draw()


def test_ten_thousand_trials_draw(search, figure):
    values = 0.9 + 0.05 * np.random.default_rng(0).random(10_000)
    notes = [{"generation": i // 20, "race": 1 + i // 500, "bracket": i % 5} for i in range(10_000)]
    snapshot = search(values, folds=5, notes=notes)
    for module, prepared in (
        (history, history.prepare(snapshot)),
        (slices, slices.prepare(snapshot, "criterion")),
        (timeline, timeline.prepare(snapshot)),
        (rungs, rungs.prepare(snapshot)),
        (race, race.prepare(snapshot)),
        (population, population.prepare(snapshot)),
        (surrogate, surrogate.prepare(model(snapshot.space), snapshot)),
        (effect, effect.prepare(effects(snapshot.space)["criterion"], snapshot, QUALITY)),
        (contour, contour.prepare(plane(snapshot.space, "C", "max_features"), snapshot)),
        (parallel, parallel.prepare(snapshot, {"C": (0.2, 0.6)})),
        (footprint, footprint.prepare(snapshot)),
        (learning_curves, learning_curves.prepare(climbed(snapshot))),
    ):
        made = figure()
        module.draw(made.add_subplot(), prepared, style.LIGHT)
        made.canvas.draw()
