"""Advice on the hypergradient engine, by what is tuned, length of training, and bytes to store.

Source: Franceschi et al. 2017, section 3 (forward mode for few hyperparameters, reverse mode for
many); Maclaurin et al. 2015, section 2.3 (memory of exact reversal). Thresholds without a source
are rules of thumb of our own.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.domain.advice import Recommendation
from engine.domain.hypergradients import EngineOutlook, Suits, TuningOutlook
from engine.guide.sentences import bytes_in_words, count

FEW = 2
"""Tuned numbers up to which forward mode takes about as long as reverse mode."""
LONG = 1_000
"""Steps from which forward mode is advised for so few numbers, to avoid storing every state."""
ROOM = 256e6
"""Bytes up to which storing all states for the backward sweep is no concern."""
CONVERGED = 200.0
"""Epochs from which training is likely to end near a minimum."""

FRANCESCHI = "Franceschi et al. 2017, section 3"
MACLAURIN = "Maclaurin et al. 2015"
PEDREGOSA = "Pedregosa 2016; Lorraine et al. 2020"
GRIEWANK = "Griewank and Walther 2000"


def recommend(tuning: TuningOutlook) -> tuple[Recommendation, ...]:
    """Recommend an engine.

    Args:
        tuning: the planned tuning in figures, with an outlook for every engine.

    Returns:
        A recommendation for every engine: the advised one first, with reason and source; those that
        can't do it last.
    """
    able: _Able = {}
    for engine in tuning.engines:
        if engine.suits is not None and not engine.refusal:
            able.setdefault(engine.suits, engine)
    best = next((r for rule in RULES if (r := rule(tuning, able)) is not None), None)
    others = [
        Recommendation(
            choice=engine.id,
            label=engine.label,
            reason=engine.refusal or cost(engine),
            source="",
            fits=not engine.refusal,
            figures=_figures(tuning, engine),
        )
        for engine in tuning.engines
        if best is None or engine.id != best.choice
    ]
    others.sort(key=lambda r: not r.fits)
    return (*([best] if best is not None else []), *others)


_Able = dict[Suits, EngineOutlook]
"""Engines that can do the planned tuning, by the training for which they are made."""


def _at_the_minimum(tuning: TuningOutlook, able: _Able) -> Recommendation | None:
    if "minimum" not in able or tuning.epochs < CONVERGED:
        return None
    return _advised(
        tuning,
        able["minimum"],
        f"only what decides where the minimum lies is tuned, and {tuning.epochs:,.0f} epochs come "
        "near it, so training need not be gone back through.",
        PEDREGOSA,
        f"training had fewer than {CONVERGED:,.0f} epochs, or step sizes, momentum or initial "
        "scales were tuned",
    )


def _few_and_long(tuning: TuningOutlook, able: _Able) -> Recommendation | None:
    if "few" not in able or tuning.size > FEW or tuning.steps < LONG:
        return None
    return _advised(
        tuning,
        able["few"],
        f"derivatives by so few go along with the training, and none of its {tuning.steps:,} "
        "steps is stored.",
        FRANCESCHI,
        f"you tuned more than {count(FEW, 'number')}, or training had fewer than {LONG:,} steps",
    )


def _small(tuning: TuningOutlook, able: _Able) -> Recommendation | None:
    if "short" not in able or able["short"].stored_bytes > ROOM:
        return None
    return _advised(
        tuning,
        able["short"],
        f"{tuning.steps:,} steps of {count(tuning.weights, 'weight')} are small enough to store, "
        "and then nothing is computed twice.",
        FRANCESCHI,
        f"steps times weights needed more than {bytes_in_words(ROOM)}",
    )


def _reversible(tuning: TuningOutlook, able: _Able) -> Recommendation | None:
    if "reversible" not in able:
        return None
    whole = _whole(tuning)
    return _advised(
        tuning,
        able["reversible"],
        f"to store every step would take {bytes_in_words(whole)}; SGD with momentum can be run "
        "backwards bit by bit instead.",
        MACLAURIN,
        "training were shorter or the network smaller, or it were trained by another optimiser",
    )


def _not_reversible(tuning: TuningOutlook, able: _Able) -> Recommendation | None:
    if "long" not in able:
        return None
    whole = _whole(tuning)
    return _advised(
        tuning,
        able["long"],
        f"to store every step would take {bytes_in_words(whole)}, and this optimiser can't be run "
        "backwards; a state now and then is enough.",
        GRIEWANK,
        "training were shorter or the network smaller, or it were trained by SGD with momentum",
    )


def _whole(tuning: TuningOutlook) -> float:
    """Bytes of all states of a training, as the engine that stores every step counts them."""
    return next(engine for engine in tuning.engines if engine.suits == "short").stored_bytes


RULES: tuple[Callable[[TuningOutlook, _Able], Recommendation | None], ...] = (
    _at_the_minimum,
    _few_and_long,
    _small,
    _reversible,
    _not_reversible,
)


def _advised(
    tuning: TuningOutlook, engine: EngineOutlook, why: str, source: str, would_change: str
) -> Recommendation:
    return Recommendation(
        choice=engine.id,
        label=engine.label,
        reason=f"{count(tuning.size, 'hyperparameter')}: {why} {cost(engine)}",
        source=source,
        would_change=f"It would change if {would_change}.",
        figures=_figures(tuning, engine),
    )


def cost(engine: EngineOutlook) -> str:
    """Describe time and memory of a hyper-step in a sentence or two."""
    exact = "" if engine.exact else " The result is approximate."
    return (
        f"A hyper-step takes about {engine.times:.2g} trainings and stores "
        f"{bytes_in_words(engine.stored_bytes)}.{exact}"
    )


def _figures(tuning: TuningOutlook, engine: EngineOutlook) -> tuple[tuple[str, str], ...]:
    return (
        ("hyperparameters", f"{tuning.size:,}"),
        ("steps times weights", f"{tuning.steps:,} x {tuning.weights:,}"),
        ("time", f"{engine.times:.2g} trainings"),
        ("stored", bytes_in_words(engine.stored_bytes)),
    )
