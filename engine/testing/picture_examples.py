"""`examples`: what each picture of the table shows in tests, so that none is left out of them.

A picture from the trials of a search, or from a comparison, needs nothing here. One that asks the
engine for something needs an entry in `REPLIES` under that request, and one of the forms, which
have arguments of their own, an entry in `FORMS`; without it `examples` raises `KeyError`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np

from engine.domain.cards import Sketch
from engine.domain.comparison import Comparison, Counterfactual, Curve, Finding, Findings, Ranking
from engine.domain.results import Confusion, Residuals
from engine.domain.trials import Snapshot
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
from engine.plots.picture import ComparisonSource, Picture, SearchSource
from engine.protocol import replies
from engine.space import SearchSpace
from engine.testing.tunings import tuning

LONG = "a_hyperparameter_with_a_forty_letter_name"
QUALITY = ModelQuality(trials=100, r2=0.7)
COMPARED = {"compare", "nested", "comparison report", "comparison report, once"}
"""Pages whose pictures are made from a comparison."""


def of_search(picture: Picture) -> bool:
    """Whether ``picture`` is made from a search."""
    return not of_comparison(picture) and "forms" not in picture.pages


def of_comparison(picture: Picture) -> bool:
    """Whether ``picture`` is made from a comparison."""
    return bool(COMPARED & set(picture.pages))


def examples(
    picture: Picture, snapshots: Sequence[Snapshot], comparisons: Sequence[Comparison]
) -> list[tuple[Any, ...]]:
    """Prepared values of ``picture``, for each of several stages.

    Args:
        picture: of the table.
        snapshots: an empty search, one that has begun, and one that is well under way.
        comparisons: the same of comparisons.

    Raises:
        KeyError: if it isn't known what the engine replies to the picture, or what a form has.
    """
    if "forms" in picture.pages:
        return [(picture.prepare(*given),) for given in FORMS[picture.id]]
    if of_comparison(picture):
        return [
            picture.prepared(compared(comparison, stage))
            for stage, comparison in enumerate(comparisons)
        ]
    return [
        picture.prepared(searched(picture, snapshot, stage))
        for stage, snapshot in enumerate(snapshots)
    ]


def searched(picture: Picture, snapshot: Snapshot, stage: int = 2) -> SearchSource:
    """What ``picture`` is made from, of the search ``snapshot``.

    Args:
        stage: of the reply: 0 before there is anything to tell, 1 and 2 with little and with more.
    """
    reply = REPLIES[picture.asks](snapshot, stage) if picture.asks else None
    names = snapshot.space.names
    chosen = tuple(names[-1 - i] for i in range(len(picture.hyperparameters)))
    source = SearchSource(snapshot, reply, hyperparameters=chosen)
    choices = picture.choices(source) if picture.choices is not None else ()
    return replace(source, choice=choices[0][0]) if choices else source


def compared(comparison: Comparison, stage: int = 2) -> ComparisonSource:
    """What pictures of ``comparison`` are made from, with the findings of ``stage``."""
    names = ("a", "b", "c")
    rankings = (
        None,
        Ranking(names[:2], (1.2, 1.8), 8, 0.01),
        Ranking(names, (1.5, 1.75, 2.75), 12, 0.01, 1.0, ((0, 1),)),
    )
    said = Findings((Finding("headline", "So it is."),), ranking=rankings[stage])
    case = comparison.cases[0].name if comparison.cases else "none"
    return ComparisonSource(comparison, case, said)


# --- values ---------------------------------------------------------------------------------------


def shares(count: int) -> tuple[Importance, ...]:
    """Importances, the first of which has a long name."""
    found = [Importance(f"h{i}", 0.02, 0.01, 0.03) for i in range(count)]
    return (Importance(LONG, 0.7, 0.6, 0.8), *found[1:]) if count else ()


def confusion(size: int) -> Confusion:
    """A confusion matrix of ``size`` classes with some confusions."""
    counts = np.diag(np.arange(size)) + (np.arange(size * size).reshape(size, size) % 7 == 3)
    return Confusion(
        tuple(f"class {i}" for i in range(size)), tuple(tuple(row) for row in counts.tolist())
    )


def residuals(count: int) -> Residuals:
    """Predictions of ``count`` rows that are off by up to 1."""
    truth = np.linspace(0, 9, count)
    off = truth + np.sin(np.arange(count))
    return Residuals(tuple(truth.tolist()), tuple(off.tolist()))


def model(space: SearchSpace) -> tuple[SurrogateSlice, ...]:
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


def effects(space: SearchSpace) -> dict[str, Effect]:
    """The effect of every hyperparameter of ``space``, as `model` has it."""
    return {
        s.name: Effect(s.name, s.x, s.mean, s.low, s.high, (s.low, s.high)) for s in model(space)
    }


def plane(space: SearchSpace, one: str, other: str) -> Plane:
    """The effect of two hyperparameters of ``space``."""
    across, upwards = effects(space)[one], effects(space)[other]
    mean = np.add.outer(upwards.mean, across.mean)
    rows = tuple(tuple(row) for row in mean.tolist())
    doubt = tuple(tuple(row) for row in (0.01 * mean).tolist())
    return Plane(one, other, across.x, upwards.x, rows, doubt)


def path(count: int) -> tuple[AblationStep, ...]:
    """The steps of a path, every third of which harms."""
    made, at = [], 0.8
    for i in range(count):
        gain = -0.01 if i % 3 == 2 else 0.02
        at += gain
        bounds = (at, at - 0.01, at + 0.01, gain, gain - 0.01, gain + 0.01)
        made.append(AblationStep(f"{LONG}{i}", 0.001 * i, 10.0**i, (), *bounds))
    return tuple(made)


WATCHED = Overtuning(
    (
        WatchedIncumbent(0, 0.80, 0.84, 0.01),
        WatchedIncumbent(12, 0.86, 0.85, 0.01),
        WatchedIncumbent(60, 0.93, 0.79, float("nan")),
    ),
    overtuning=0.06,
    alarm=OvertuningAlarm(12, 0.06, 0.02, "Trial 12 scores better on the test rows."),
)

NOT_LUCKY = Counterfactual(
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


# --- replies, by request --------------------------------------------------------------------------


def _fanova(_: Snapshot, stage: int) -> replies.FanovaReady:
    pairs = (PairImportance(LONG, "h0", 0.3, 0.2, 0.4),) if stage == 2 else ()
    return replies.FanovaReady(QUALITY, shares((0, 49, 3)[stage]), pairs, 0.2 * (stage == 2), id=0)


def _ablation(_: Snapshot, stage: int) -> replies.AblationReady:
    start, low, high = (0.8, 0.7, 0.9) if stage else (float("nan"),) * 3
    steps = path((0, 2, 20)[stage])
    return replies.AblationReady(QUALITY, 1, start, low, high, steps, id=0)


def _effects(snapshot: Snapshot, stage: int) -> replies.EffectsReady:
    found = list(effects(snapshot.space).values())
    if not stage:
        found = [Effect("unknown", (1,), (1.0,), (1.0,), (1.0,))]
    return replies.EffectsReady(QUALITY, tuple(found[:stage] if stage else found), id=0)


def _contour(snapshot: Snapshot, stage: int) -> replies.ContourReady:
    names = snapshot.space.names
    found = plane(snapshot.space, names[-1], names[-2] if stage == 2 else names[0])
    if not stage:
        found = Plane("unknown", "unknown too", (1,), (1,), ((0.5,),), ((0.0,),))
    return replies.ContourReady(QUALITY, found, id=0)


def _results(_: Snapshot, stage: int) -> Any:
    # A whole result has much that no picture shows.
    return SimpleNamespace(
        result=SimpleNamespace(prediction_rows="test"),
        confusion=confusion((0, 10, 3)[stage]),
        residuals=residuals((0, 4, 40)[stage]),
    )


def _trust(_: Snapshot, stage: int) -> replies.TrustReady:
    found = (Overtuning(()), Overtuning(WATCHED.path[:2], overtuning=0.0), WATCHED)[stage]
    return replies.TrustReady(True, found, (), 1, id=0)


def _counterfactual(_: Snapshot, stage: int) -> replies.CounterfactualReady:
    found = NOT_LUCKY if stage == 2 else Counterfactual(False, 3, 20, None)
    return replies.CounterfactualReady(found, id=0)


def _tuning(_: Snapshot, stage: int) -> replies.HyperparametersReady:
    made = tuning(40, noisy=(12, 13), lost=(20,))
    if stage == 1:
        made = msgspec.structs.replace(tuning(3), whole_bytes=0.0)
    return replies.HyperparametersReady(made if stage else None, id=0)


REPLIES: dict[str, Callable[[Snapshot, int], Any]] = {
    "Surrogate": lambda snapshot, stage: replies.SurrogateReady(
        model(snapshot.space)[: (0, 1, 99)[stage]], 100, id=0
    ),
    "Importances": lambda _, stage: replies.ImportancesReady(shares((0, 49, 3)[stage]), 100, id=0),
    "Results": _results,
    "Trust": _trust,
    "AskCounterfactual": _counterfactual,
    "Fanova": _fanova,
    "Permutation": lambda _, stage: replies.PermutationReady(
        QUALITY, shares((0, 49, 3)[stage]), id=0
    ),
    "Effects": _effects,
    "Contour": _contour,
    "Ablation": _ablation,
    "Hyperparameters": _tuning,
}
"""What the engine replies to what pictures ask, for a search and a stage of it."""

FORMS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "resampling": (
        (Resampling("kfold", 5), 0, 0.2),
        (Resampling("kfold", 10), 178, 0.2),
        (Resampling("repeated_kfold", 5, 3), 178, 0.0),
    ),
    "sketch": ((Sketch("Nothing.", ""),), (Sketch("Two.", "130:111 850"),), (Sketch("One.", "9"),)),
}
"""Arguments of the pictures in forms, by picture and stage."""
