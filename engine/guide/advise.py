"""Advice for a situation, and a whole plan from the first recommendation of each choice."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import msgspec

from engine import plan as plans
from engine.domain.advice import Advice, ProbeResult, Recommendation
from engine.domain.cards import Catalog, MethodCard
from engine.errors import InputError
from engine.gradients import Gradients
from engine.guide import (
    budget,
    estimate,
    fidelity,
    learner,
    method,
    recommend_measure,
    recommend_resampling,
    size,
    workers,
)
from engine.guide.facts import Facts
from engine.guide.method_rules import AUTO
from engine.guide.situation import Fidelity, FitSeconds, Situation
from engine.plan import (
    Budget,
    DataPlan,
    EvaluationPlan,
    LearnerPlan,
    Plan,
    Resampling,
)
from engine.space import SearchSpace, Value


def advise(situation: Situation) -> Advice:
    """Recommend for every choice, ranked.

    What the situation leaves open is taken as recommended where a later choice depends on it:
    resampling for the cost of an evaluation, the budget for the method. Budget and method need a
    space; without one they are empty.
    """
    filled = _filled(situation)
    with_folds = msgspec.structs.replace(situation, resampling=filled.resampling)
    return Advice(
        learner=learner.recommend(filled),
        measure=recommend_measure.recommend(filled),
        resampling=recommend_resampling.recommend(situation),
        method=method.recommend(filled),
        budget=budget.recommend(with_folds),
        workers=workers.recommend(filled),
        estimate=estimate.recommend(situation),
    )


def pick(situation: Situation) -> Recommendation:
    """Choose the method that ``auto`` stands for, never ``auto`` itself; what the situation leaves
    open is taken as recommended.

    Raises:
        ValueError: if there is no space, or no method for it.
    """
    return method.pick(_filled(situation))


def method_options(
    situation: Situation, card: MethodCard, chosen: Mapping[str, Value] | None = None
) -> dict[str, Value]:
    """Complete a method's options (`fidelity.options`).

    Args:
        situation: of the search.
        card: of the method.
        chosen: options set by the user, which are kept.

    Returns:
        Options by name.
    """
    return fidelity.options(card, _filled(situation), chosen)


def situation_of(
    plan: Plan,
    facts: Facts,
    catalog: Catalog,
    costs: Mapping[str, FitSeconds],
    *,
    probe: ProbeResult | None = None,
    test_rows: int | None = None,
) -> Situation:
    """Describe a whole plan as a situation, for `pick` when the search starts.

    Args:
        plan: of the run.
        facts: figures of its table.
        catalog: learners, methods and measures.
        costs: cost of a fit of each learner of the catalog, by its id.
        probe: cost and scores of folds of the default configuration, if known.
        test_rows: rows of a separate test file.

    Returns:
        The situation.
    """
    return Situation(
        facts=facts,
        catalog=catalog,
        costs=costs,
        workers=plan.workers,
        learner=plan.learner.id,
        space=plan.space,
        resampling=plan.evaluation.resampling,
        evaluations=_evaluations(plan.budget),
        seconds=plan.budget.seconds,
        probe=probe,
        fixed=plan.learner.fixed,
        measure=plan.evaluation.measure,
        further_measures=plan.evaluation.further_measures,
        fidelity=_fidelity(plan),
        test_share=plan.evaluation.held_out,
        test_rows=test_rows,
    )


def decided(
    plan: Plan,
    facts: Facts,
    catalog: Catalog,
    costs: Mapping[str, FitSeconds],
    *,
    probe: ProbeResult | None = None,
    test_rows: int | None = None,
) -> Plan:
    """Complete ``plan`` with what its method leaves to the guide: the method that ``auto`` picks,
    with the reason, and the smallest fidelity. What the plan says already is kept.

    Args:
        plan: of the run.
        facts: figures of its table.
        catalog: learners, methods and measures.
        probe: cost and scores of folds of the default configuration, if known.
        test_rows: rows of a separate test file.

    Returns:
        The completed plan.

    Raises:
        ValueError: if ``auto`` finds no method for the space.
    """
    situation = situation_of(plan, facts, catalog, costs, probe=probe, test_rows=test_rows)
    return _decided(plan, situation)


def _decided(plan: Plan, situation: Situation) -> Plan:
    chosen = plan.method
    if isinstance(chosen, Gradients):
        return plan
    if chosen.id == AUTO and not chosen.resolved_id:
        picked = pick(situation)
        chosen = msgspec.structs.replace(chosen, resolved_id=picked.choice, reason=picked.reason)
    cards = {card.id: card for card in situation.catalog.methods}
    if chosen.working_id in cards:
        options = method_options(situation, cards[chosen.working_id], chosen.options)
        chosen = msgspec.structs.replace(chosen, options=options)
    return plans.with_method(plan, chosen)


def _filled(situation: Situation) -> Situation:
    """Fill in measure, resampling and budget as recommended where they are open."""
    measures = recommend_measure.recommend(situation) if situation.measure is None else ()
    if measures:
        situation = msgspec.structs.replace(situation, measure=measures[0].choice)
    situation = _with_folds(situation)
    ranked = budget.recommend(situation) if situation.evaluations is None else ()
    if ranked:
        ends = budget.budget_of(ranked[0].choice)
        situation = msgspec.structs.replace(
            situation, evaluations=ends.evaluations, seconds=ends.seconds
        )
    return situation


def _with_folds(situation: Situation) -> Situation:
    """Fill in resampling as recommended where it is open."""
    if situation.resampling is not None:
        return situation
    scheme = recommend_resampling.resampling_of(recommend_resampling.recommend(situation)[0].choice)
    return msgspec.structs.replace(situation, resampling=scheme)


def recommended_plan(
    data: DataPlan,
    facts: Facts,
    *,
    catalog: Catalog,
    costs: Mapping[str, FitSeconds],
    space_of: Callable[[str], SearchSpace],
    workers_available: int = 1,
    learner_id: str | None = None,
    probe: ProbeResult | None = None,
    seconds: float | None = None,
    changes: Mapping[str, object] | None = None,
    test_rows: int | None = None,
) -> tuple[Plan, Advice, SearchSpace]:
    """Make a complete plan around the user's settings.

    Args:
        data: the table, with everything settled.
        facts: its figures.
        catalog: learners, methods and measures.
        costs: cost of a fit of each learner of the catalog, by its id.
        space_of: returns the recommended space of a learner, by its id.
        workers_available: physical cores.
        learner_id: the user's choice; the guide's first recommendation when left out.
        probe: cost and scores of folds of that learner's default configuration, if known.
        seconds: wall time the user has.
        changes: plan fields set by the user, by dotted path. They are kept and the rest is
            recommended around them. Any field of the budget replaces the whole recommendation.
        test_rows: rows of the test file, if there is one.

    Returns:
        The plan, the advice it rests on, and the recommended space.

    Raises:
        InputError: if a learner is unknown, or a change does not fit the plan.
    """
    changes = dict(changes or {})
    workers_set = changes.get("workers")
    situation = Situation(
        facts=facts,
        catalog=catalog,
        costs=costs,
        # What is no number is refused when the changes are laid over the plan.
        workers=workers_set if isinstance(workers_set, int) else workers_available,
        learner=learner_id,
        seconds=seconds,
        probe=probe,
        test_share=0.0 if data.test_source else None,
        test_rows=test_rows,
    )
    chosen = changes.get("learner.id", learner_id) or learner.recommend(situation)[0].choice
    known = [card.id for card in catalog.learners]
    if chosen not in known:
        raise InputError(
            "plan.unknown", kind="learner", name=chosen, known=", ".join(known), field="learner.id"
        )
    situation = msgspec.structs.replace(situation, learner=str(chosen), space=space_of(str(chosen)))
    # First pass: the user's settings on top of what is recommended without them.
    base = _plan(data, situation, advise(situation), changes)
    draft = plans.replace(base, changes)
    if draft.by_gradient:
        # Advice on other methods and their budget needs a space.
        spaces = {p: v for p, v in changes.items() if p.partition(".")[0] == "space"}
        space = plans.replace(base, spaces).space
    else:
        space = draft.space
    # Once more around the user's settings: their folds, say, change how much fits the time.
    settled = _settled(situation, draft, space, changes)
    recommended = size.within_time(
        msgspec.structs.replace(_with_folds(settled), space=situation.space)
    )
    if not _touches(changes, "space"):
        settled = msgspec.structs.replace(settled, space=recommended, whole=situation.space)
    advice = advise(settled)
    plan = plans.replace(_plan(data, settled, advice, changes), changes)
    return _decided(plan, settled), advice, recommended


def _plan(
    data: DataPlan, situation: Situation, advice: Advice, changes: Mapping[str, object]
) -> Plan:
    """Plan of the first recommendation of each choice, before ``changes`` are applied."""
    assert situation.learner is not None
    assert situation.space is not None
    ends = budget.budget_of(advice.budget[0].choice) if advice.budget else Budget(evaluations=1)
    return Plan(
        data=data,
        learner=LearnerPlan(id=situation.learner),
        search=plans.search_of(situation.space, plans.method_of(advice.method[0].choice)),
        evaluation=EvaluationPlan(
            measure=advice.measure[0].choice,
            resampling=_base_resampling(advice.resampling[0].choice, changes),
            test_share=0.0
            if data.test_source
            else recommend_resampling.test_share(situation.facts),
        ),
        budget=Budget() if _touches(changes, "budget") else ends,
        workers=int(advice.workers[0].choice),
    )


def _base_resampling(choice: str, changes: Mapping[str, object]) -> Resampling:
    """Resampling that changes of single fields are applied to: folds alone mean plain k-fold,
    repeats alone repeated 10-fold, whatever was recommended."""
    if not _touches(changes, "evaluation.resampling"):
        return recommend_resampling.resampling_of(choice)
    if "evaluation.resampling.repeats" in changes:
        return Resampling(kind="repeated_kfold", folds=10)
    return Resampling()


def _settled(
    situation: Situation, plan: Plan, space: SearchSpace, changes: Mapping[str, object]
) -> Situation:
    own_budget = _touches(changes, "budget")
    return msgspec.structs.replace(
        situation,
        space=space,
        fixed=plan.learner.fixed,
        measure=plan.evaluation.measure,
        further_measures=plan.evaluation.further_measures,
        resampling=(
            plan.evaluation.resampling if _touches(changes, "evaluation.resampling") else None
        ),
        evaluations=_evaluations(plan.budget) if own_budget else None,
        seconds=(plan.budget.seconds if own_budget else None) or situation.seconds,
        fidelity=_fidelity(plan),
        test_share=(
            plan.evaluation.held_out
            if _touches(changes, "evaluation.test_share") or _touches(changes, "evaluation.outer")
            else situation.test_share
        ),
    )


def _evaluations(ends: Budget) -> float | None:
    """Full evaluations that ``ends`` allows; infinite where only the time ends it."""
    return math.inf if ends.evaluations is None and ends.seconds is not None else ends.evaluations


def _fidelity(plan: Plan) -> Fidelity | None:
    kind = plan.method.options.get("fidelity")
    return kind if kind in ("model", "rows", "folds") else None  # type: ignore[return-value]


def _touches(changes: Mapping[str, object], path: str) -> bool:
    """Whether a change sets ``path``, a part of it, or a whole that contains it."""
    return any(
        key == path or key.startswith(f"{path}.") or path.startswith(f"{key}.") for key in changes
    )
