"""From a table to a plan that can run: the guide's recommendations around the user's settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from engine import catalog, terminators
from engine.data.open import Loaded, load
from engine.data.split import outer_rows
from engine.domain.advice import Advice, PlanProblem, ProbeResult
from engine.domain.hypergradients import TuningOutlook
from engine.errors import InputError
from engine.gradient.spec.outlook import outlook
from engine.guide.advise import decided, recommended_plan
from engine.plan import Budget, DataPlan, Plan
from engine.runs import folder as files
from engine.runs import run_library
from engine.space import Configuration, SearchSpace


class Draft(msgspec.Struct, frozen=True):
    """A whole plan with what it rests on."""

    plan: Plan
    advice: Advice
    space: SearchSpace
    """The recommended space of the plan's learner, within the time."""
    default: Configuration
    """Default configuration of the plan's learner, in the plan's space."""
    train_rows: int
    test_rows: int
    tuning: TuningOutlook | None
    """Of a tuning by gradient, as `tuning` gives it."""


def load_data(data: DataPlan) -> Loaded:
    """The typed table of ``data``; the last two tables are kept, so that asking again costs
    nothing.

    Raises:
        InputError: what is wrong with the table or the target.
    """
    return _load(msgspec.json.encode(data))


def draft(
    data: DataPlan,
    *,
    workers_available: int,
    learner: str | None = None,
    changes: Mapping[str, object] | None = None,
    probe: ProbeResult | None = None,
    seconds: float | None = None,
) -> Draft:
    """Make a plan for ``data`` by the guide.

    Args:
        data: the table.
        workers_available: physical cores.
        learner: the user's choice; the guide's if left out.
        changes: plan fields set by the user, by dotted path, which are kept.
        probe: cost and scores of folds of the default configuration, if known.
        seconds: wall time the user has.

    Returns:
        The plan with the advice it rests on.

    Raises:
        InputError: if the table, the learner or a change makes no sense.
    """
    loaded = load_data(data)

    def space_of(id: str) -> SearchSpace:
        return catalog.learner(id).space(loaded.facts)

    plan, advice, space = recommended_plan(
        data,
        loaded.facts,
        catalog=catalog.CATALOG(),
        costs=catalog.costs(),
        space_of=space_of,
        workers_available=workers_available,
        learner_id=learner,
        probe=probe,
        seconds=seconds,
        changes=changes,
        test_rows=None if loaded.test is None else len(loaded.test[1]),
    )
    plan = catalog.settle(plan)
    train_rows, test_rows = rows_of(plan, loaded)
    return Draft(
        plan=plan,
        advice=advice,
        space=space,
        default=catalog.default_configuration(plan, loaded.facts),
        train_rows=train_rows,
        test_rows=test_rows,
        tuning=tuning(plan),
    )


def problems(plan: Plan) -> tuple[PlanProblem, ...]:
    """List the reasons why ``plan`` can't run; empty when it can. Reads the table."""
    try:
        facts = load_data(plan.data).facts
    except InputError as error:
        return (PlanProblem(error.code, str(error), error.field),)
    return catalog.problems(plan, facts)


def tuning(plan: Plan) -> TuningOutlook | None:
    """What ``plan`` would tune by gradient and what each engine would take; None if it would not,
    or for a plan that can't run for other reasons than its engine. Reads the table."""
    try:
        facts = load_data(plan.data).facts
    except InputError:
        return None
    others = [p for p in catalog.problems(plan, facts) if not p.code.startswith("gradient.")]
    return None if others else outlook(plan, facts)


def checked(plan: Plan) -> Plan:
    """Check ``plan``, spell out every option, and decide what it leaves to the guide.

    Raises:
        InputError: the first reason why it can't run.
    """
    for problem in problems(plan):
        raise InputError("usage", what=problem.sentence, field=problem.field)
    return settled(plan, load_data(plan.data))


def settled(plan: Plan, loaded: Loaded) -> Plan:
    """Complete and check a plan like `checked`, for a table that is loaded already.

    Raises:
        InputError: the first reason why it can't run.
    """
    for problem in catalog.problems(plan, loaded.facts):
        raise InputError("usage", what=problem.sentence, field=problem.field)
    test_rows = None if loaded.test is None else len(loaded.test[1])
    return catalog.settle(
        decided(plan, loaded.facts, catalog.CATALOG(), catalog.costs(), test_rows=test_rows)
    )


def to_resume(folder: Path, budget: Budget | None) -> Plan:
    """Plan with which the run in ``folder`` is resumed, with ``budget`` in place of its own if
    given.

    Raises:
        InputError: if it is no run, the budget makes no sense, or (``run.finished``) there is
            nothing left to do.
    """
    plan = files.load_plan(folder)
    if budget is not None:
        plan = msgspec.structs.replace(plan, budget=budget)
        for problem in catalog.problems(plan, None):
            raise InputError("usage", what=problem.sentence, field=problem.field)
    run = run_library.summary(folder)
    spent = plan.budget.evaluations is not None and plan.budget.evaluations <= run.evaluations
    if run.state == "finished" and (budget is None or spent):
        raise InputError("run.finished", path=folder)
    return plan


def larger(folder: Path, evaluations: float | None, seconds: float | None) -> Budget | None:
    """Replace the limits of a run's budget.

    Target and stagnation are kept, unless they have ended the search: they would end it again at
    once.

    Args:
        folder: of the run.
        evaluations: new limit of full evaluations.
        seconds: new limit of time.

    Returns:
        The budget; None without either limit.

    Raises:
        InputError, RunError: if it is no run that can be read.
    """
    if evaluations is None and seconds is None:
        return None
    plan = files.load_plan(folder)
    budget = msgspec.structs.replace(plan.budget, evaluations=evaluations, seconds=seconds)
    if budget.target is None and budget.stagnation is None:
        return budget
    archived = run_library.archive_of(folder)
    if run_library.summary(folder, archived).state != "finished":
        return budget
    used = run_library.budget_used(plan, archived[0])
    maximise = catalog.measure_card(plan.evaluation.measure).maximise
    for name in ("target", "stagnation"):
        alone = Budget(**{name: getattr(budget, name)})
        if terminators.of(alone, maximise).reached(used):
            budget = msgspec.structs.replace(budget, **{name: None})
    return budget


def rows_of(plan: Plan, loaded: Loaded) -> tuple[int, int]:
    """Number of rows of the search and of the outer test."""
    rows = len(loaded.target)
    if loaded.test is not None:
        return rows, len(loaded.test[1])
    if not 0 < plan.evaluation.held_out < 1:
        return rows, 0
    try:
        train, test = outer_rows(loaded.target, loaded.schema.task, plan.evaluation, plan.seed)
    except InputError:
        return rows, 0  # `problems` says what is wrong with the share
    return len(train), len(test)


@lru_cache(maxsize=2)
def _load(data: bytes) -> Loaded:
    return load(msgspec.json.decode(data, type=DataPlan))
