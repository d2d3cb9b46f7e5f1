"""A plan that tunes by gradient as figures, before it starts."""

from __future__ import annotations

import math

import msgspec

from engine.catalog.methods import METHODS, settle
from engine.domain.hypergradients import EngineOutlook, HyperGroup, TuningOutlook
from engine.guide import engine as guide
from engine.guide.facts import Facts
from engine.learners import LEARNERS
from engine.plan import Plan
from engine.tuners.hyper import engines
from engine.tuners.hyper.groups import KINDS, Kind
from engine.tuners.hyper.training import Trained


def outlook(plan: Plan, facts: Facts) -> TuningOutlook | None:
    """What ``plan`` would tune and what each engine would take for it; None for a method or a
    learner that knows no gradient.

    Args:
        plan: its options may be left out, but those that are there are legal.
        facts: figures of its table.
    """
    trained = trained_of(plan, facts)
    if trained is None:
        return None
    # A momentum, say, that the inner optimiser does not have has no specs.
    kinds = [kind for kind in KINDS if kind.with_choice(trained, kind.choices[-1])]
    groups = tuple(_group(kind, trained) for kind in kinds)
    rows = trained.rows * _training_share(plan)
    batch = min(float(trained.settings["batch_size"]), rows)  # type: ignore[arg-type]
    found = TuningOutlook(
        groups=groups,
        engines=tuple(_engine(id, trained) for id in engines.ENGINES),
        size=sum(group.size for group in groups),
        weights=trained.weights,
        steps=trained.steps,
        epochs=trained.steps * batch / rows,
        side=0 if facts.picture is None else facts.picture.side,
        pixels=() if facts.picture is None else facts.picture.places,
    )
    return msgspec.structs.replace(found, advice=guide.recommend(found))


def trained_of(plan: Plan, facts: Facts) -> Trained | None:
    """The training that ``plan`` tunes through, in figures; None where there is none."""
    method, learner = METHODS.get(plan.method.id), LEARNERS.get(plan.learner.id)
    if method is None or learner is None:
        return None
    if not (method.card.gradient and learner.card.differentiable):
        return None
    return Trained(
        options=settle(plan).method.options,
        settings={**learner.default(facts), **plan.learner.fixed},
        fixed=plan.learner.fixed,
        inputs=facts.columns if plan.preparation.encode == "ordinal" else facts.encoded,
        rows=_search_rows(plan, facts.rows),
        classes=len(facts.classes),
        picture=facts.picture,
    )


def _group(kind: Kind, trained: Trained) -> HyperGroup:
    specs = kind.chosen(trained) or kind.with_choice(trained, kind.choices[-1])
    shown = specs[0]
    return HyperGroup(
        option=kind.option,
        label=kind.label,
        choice=trained.options[kind.option],
        size=sum(spec.size for spec in kind.chosen(trained)),
        sizes=tuple(
            (choice, sum(spec.size for spec in kind.with_choice(trained, choice)))
            for choice in kind.choices
        ),
        scale=shown.scale,
        start=shown.start,
        low=shown.low,
        high=shown.high,
        hindrance=str(engines.hindrance(kind, trained) or ""),
    )


def _engine(id: str, trained: Trained) -> EngineOutlook:
    card, figures = engines.ENGINES[id], engines.figures(trained)
    stored = card.stored(figures)
    return EngineOutlook(
        id=id,
        label=card.label,
        exact=card.exact,
        stored_bytes=stored,
        stored_share=stored / (trained.steps * trained.weights * figures.item),
        times=card.gradients(figures),
        refusal=str(engines.refusal(id, trained) or ""),
    )


def _search_rows(plan: Plan, rows: int) -> int:
    """Those of a table that are not its outer test rows (`engine.data.split.outer_rows`)."""
    if plan.data.test_source is not None:
        return rows
    outer = plan.evaluation.outer
    if outer is None:
        return rows - math.ceil(rows * plan.evaluation.test_share)
    return rows - rows // outer.folds - (outer.fold < rows % outer.folds)


def _training_share(plan: Plan) -> float:
    """Of the search's rows, those that a fold trains on."""
    resampling = plan.evaluation.resampling
    return 1 - (resampling.share if resampling.kind == "holdout" else 1 / resampling.folds)
