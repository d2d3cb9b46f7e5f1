"""Figures of a planned gradient run, before it starts: sizes, costs of the engines, advice."""

from __future__ import annotations

import math

import msgspec

from engine.domain.hypergradients import EngineOutlook, HyperGroup, TuningOutlook
from engine.gradient.engines import ENGINES
from engine.gradient.engines.base import Engine
from engine.gradient.spec import engine_advice
from engine.gradient.spec.checks import engine_of, hindrance
from engine.gradient.spec.hyper_steps import settled
from engine.gradient.spec.training_spec import TrainingSpec
from engine.gradient.spec.tunable import TUNABLES, Tunable
from engine.gradients import Gradients
from engine.guide.facts import Facts
from engine.learners import LEARNERS
from engine.plan import Plan


def outlook(plan: Plan, facts: Facts) -> TuningOutlook | None:
    """Work out what a plan would tune, and the cost of each engine for it.

    Args:
        plan: options can be left out, but those given must be legal.
        facts: figures of its table.

    Returns:
        Groups, engines and advice; None for a method or a learner without gradients.
    """
    spec = training_spec(plan, facts)
    if spec is None:
        return None
    # Without groups: what the inner optimiser lacks, such as momentum of gradient descent.
    kinds = [kind for kind in TUNABLES if kind.with_choice(spec, kind.choices[-1])]
    groups = tuple(_group(kind, spec) for kind in kinds)
    rows = spec.rows * _training_share(plan)
    batch = min(float(spec.settings["batch_size"]), rows)  # type: ignore[arg-type]
    found = TuningOutlook(
        groups=groups,
        engines=tuple(_engine(kind, spec) for kind in ENGINES.values()),
        size=sum(group.size for group in groups),
        weights=spec.weights,
        steps=spec.steps,
        epochs=spec.steps * batch / rows,
        side=0 if facts.picture is None else facts.picture.side,
        pixels=() if facts.picture is None else facts.picture.places,
    )
    return msgspec.structs.replace(found, advice=engine_advice.recommend(found))


def training_spec(plan: Plan, facts: Facts) -> TrainingSpec | None:
    """Return the training that a plan differentiates.

    Args:
        plan: options can be left out, but those given must be legal.
        facts: figures of its table.

    Returns:
        Sizes and start values; None for a method or a learner without gradients.
    """
    learner = LEARNERS.get(plan.learner.id)
    search = plan.search
    if not isinstance(search, Gradients) or learner is None or not learner.card.differentiable:
        return None
    return TrainingSpec(
        options=settled(search).options,
        settings={**learner.default(facts), **plan.learner.fixed},
        fixed=plan.learner.fixed,
        inputs=facts.columns if plan.preparation.encode == "ordinal" else facts.encoded,
        rows=_search_rows(plan, facts.rows),
        classes=len(facts.classes),
        picture=facts.picture,
    )


def _group(kind: Tunable, spec: TrainingSpec) -> HyperGroup:
    specs = kind.chosen(spec) or kind.with_choice(spec, kind.choices[-1])
    shown = specs[0]
    return HyperGroup(
        option=kind.option,
        label=kind.label,
        choice=spec.options[kind.option],
        size=sum(spec.size for spec in kind.chosen(spec)),
        sizes=tuple(
            (choice, sum(spec.size for spec in kind.with_choice(spec, choice)))
            for choice in kind.choices
        ),
        scale=shown.scale,
        start=shown.start,
        low=shown.low,
        high=shown.high,
        hindrance=str(hindrance(kind, spec) or ""),
    )


def _engine(kind: type[Engine], spec: TrainingSpec) -> EngineOutlook:
    card = kind.card
    engine = engine_of({**spec.options, "engine": card.id})
    size = engine.planned_size(spec)
    cost = engine.takes(size)
    return EngineOutlook(
        id=card.id,
        label=card.label,
        exact=card.exact,
        stored_bytes=cost.stored_bytes,
        stored_share=cost.stored_bytes / (spec.steps * spec.weights * size.item),
        times=cost.trainings,
        refusal=str(engine.refusal(spec) or ""),
        suits=card.suits,
    )


def _search_rows(plan: Plan, rows: int) -> int:
    """Number of rows that are not outer test rows (`engine.data.split.outer_rows`)."""
    if plan.data.test_source is not None:
        return rows
    outer = plan.evaluation.outer
    if outer is None:
        return rows - math.ceil(rows * plan.evaluation.test_share)
    return rows - rows // outer.folds - (outer.fold < rows % outer.folds)


def _training_share(plan: Plan) -> float:
    """Share of the search's rows on which a fold trains."""
    resampling = plan.evaluation.resampling
    return 1 - (resampling.share if resampling.kind == "holdout" else 1 / resampling.folds)
