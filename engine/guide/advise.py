"""Advice for a situation, and a whole plan made of the first recommendation of each choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from engine import plan as plans
from engine.errors import InputError
from engine.guide import budget, learner, measure, method, resampling, workers
from engine.guide.facts import Facts
from engine.guide.situation import Situation
from engine.plan import (
    Budget,
    DataPlan,
    EvaluationPlan,
    LearnerPlan,
    MethodPlan,
    Plan,
    Resampling,
)
from engine.protocol import Advice, Catalog, ProbeResult
from engine.space import SearchSpace


def advise(situation: Situation) -> Advice:
    """Ranked recommendations for every choice.

    What the situation leaves open is taken as recommended where a later choice depends on it:
    resampling for the cost of an evaluation, the budget for the method. Budget and method need a
    space; without one they are empty.
    """
    ranked_resampling = resampling.recommend(situation)
    if situation.resampling is None:
        chosen = resampling.resampling_of(ranked_resampling[0].choice)
        situation = msgspec.structs.replace(situation, resampling=chosen)
    ranked_budget = budget.recommend(situation)
    if situation.evaluations is None and ranked_budget:
        evaluations = budget.budget_of(ranked_budget[0].choice).evaluations
        situation = msgspec.structs.replace(situation, evaluations=evaluations)
    return Advice(
        learner=learner.recommend(situation),
        measure=measure.recommend(situation),
        resampling=ranked_resampling,
        method=method.recommend(situation),
        budget=ranked_budget,
        workers=workers.recommend(situation),
    )


def recommended_plan(
    data: DataPlan,
    facts: Facts,
    *,
    catalog: Catalog,
    space_of: Callable[[str], SearchSpace],
    workers_available: int = 1,
    learner_id: str | None = None,
    probe: ProbeResult | None = None,
    seconds: float | None = None,
    changes: Mapping[str, object] | None = None,
) -> tuple[Plan, Advice]:
    """A complete plan, and the advice it rests on.

    Args:
        data: the table, with everything settled.
        space_of: the recommended space of a learner, by its id.
        learner_id: the person's choice; the guide's first recommendation when left out.
        probe: what the first fold of that learner's default configuration cost, if known.
        seconds: wall time the person has.
        changes: plan fields the person has set, by dotted path. They are kept and the rest is
            recommended around them. Any of the budget takes the place of the whole recommendation.

    Raises:
        InputError: if a learner is unknown, or a change does not fit the plan.
    """
    changes = dict(changes or {})
    workers_set = changes.get("workers")
    situation = Situation(
        facts=facts,
        catalog=catalog,
        # What is no number is refused when the changes are laid over the plan.
        workers=workers_set if isinstance(workers_set, int) else workers_available,
        learner=learner_id,
        seconds=seconds,
        probe=probe,
    )
    chosen = changes.get("learner.id", learner_id) or learner.recommend(situation)[0].choice
    known = [card.id for card in catalog.learners]
    if chosen not in known:
        raise InputError(
            "plan.unknown", kind="learner", name=chosen, known=", ".join(known), field="learner.id"
        )
    situation = msgspec.structs.replace(situation, learner=str(chosen), space=space_of(str(chosen)))
    draft = plans.replace(_plan(data, situation, advise(situation), changes), changes)
    # Once more around what the person has set: their folds, say, change what the time has room for.
    settled = _settled(situation, draft, changes)
    advice = advise(settled)
    return plans.replace(_plan(data, settled, advice, changes), changes), advice


def _plan(
    data: DataPlan, situation: Situation, advice: Advice, changes: Mapping[str, object]
) -> Plan:
    """The first recommendation of each choice, ready for ``changes`` to be laid over it."""
    assert situation.learner is not None
    assert situation.space is not None
    ends = budget.budget_of(advice.budget[0].choice) if advice.budget else Budget(evaluations=1)
    return Plan(
        data=data,
        learner=LearnerPlan(id=situation.learner),
        space=situation.space,
        evaluation=EvaluationPlan(
            measure=advice.measure[0].choice,
            resampling=_base_resampling(advice.resampling[0].choice, changes),
            test_share=0.0 if data.test_source else resampling.test_share(situation.facts),
        ),
        method=MethodPlan(id=advice.method[0].choice),
        budget=Budget() if _touches(changes, "budget") else ends,
        workers=int(advice.workers[0].choice),
    )


def _base_resampling(choice: str, changes: Mapping[str, object]) -> Resampling:
    """What changes of single fields are laid over: folds alone mean plain k-fold, repeats alone
    repeated 10-fold, whatever was recommended."""
    if not _touches(changes, "evaluation.resampling"):
        return resampling.resampling_of(choice)
    if "evaluation.resampling.repeats" in changes:
        return Resampling(kind="repeated_kfold", folds=10)
    return Resampling()


def _settled(situation: Situation, plan: Plan, changes: Mapping[str, object]) -> Situation:
    own_budget = _touches(changes, "budget")
    return msgspec.structs.replace(
        situation,
        space=plan.space,
        resampling=(
            plan.evaluation.resampling if _touches(changes, "evaluation.resampling") else None
        ),
        evaluations=plan.budget.evaluations if own_budget else None,
        seconds=(plan.budget.seconds if own_budget else None) or situation.seconds,
    )


def _touches(changes: Mapping[str, object], path: str) -> bool:
    """Whether a change sets ``path``, something in it, or something that holds it."""
    return any(
        key == path or key.startswith(f"{path}.") or path.startswith(f"{key}.") for key in changes
    )
