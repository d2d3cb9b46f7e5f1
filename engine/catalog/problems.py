"""Whether a plan can run, and each reason why it can't."""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec

from engine.catalog.methods import DROP, method_card, method_ids, settle, working_card
from engine.catalog.refusals import field_error, mismatch, unknown
from engine.domain.advice import PlanProblem
from engine.errors import InputError, TunesmithError
from engine.gradient.spec import checks
from engine.gradient.spec.outlook import training_spec
from engine.gradient.spec.tunable import TUNABLES
from engine.guide.facts import Facts
from engine.learners import LEARNERS, Learner
from engine.objective.costs import COSTS
from engine.objective.measures import MEASURES
from engine.plan import Plan, Task
from engine.space import Categorical, Parameter
from engine.tuners import METHODS, drop_losers
from engine.tuners.auto import AUTO


def problems(plan: Plan, facts: Facts | None) -> tuple[PlanProblem, ...]:
    """Everything that keeps ``plan`` from running, each with its sentence and field.

    Args:
        plan: any plan.
        facts: figures of its table; without them, what depends on the table is not checked.
    """
    checks = (
        _learner,
        _space,
        _fixed,
        _evaluation,
        _further_measures,
        _rows,
        _method,
        _gradient,
        _own_options,
        _budget,
        _workers,
    )
    found = [error for check in checks for error in check(plan, facts)]
    return tuple(PlanProblem(error.code, str(error), error.field) for error in found)


_Errors = Iterator[TunesmithError]


def _learner(plan: Plan, facts: Facts | None) -> _Errors:
    if plan.learner.id not in LEARNERS:
        yield unknown("model", plan.learner.id, LEARNERS, "learner.id")
        return
    card, task = LEARNERS[plan.learner.id].card, _task(plan, facts)
    if card.pictures and facts is not None and facts.picture is None:
        yield InputError("learner.pictures", field="learner.id", learner=card.label)
    if task is not None and task not in card.tasks:
        yield mismatch(card.label, task, "Choose another model.", "learner.id")


def _space(plan: Plan, facts: Facts | None) -> _Errors:
    chosen = LEARNERS.get(plan.learner.id)
    if chosen is None:
        return
    if plan.by_gradient:
        return
    if not plan.space.parameters:
        yield InputError("space.empty", field="space")
    known = _hyperparameters(chosen, facts)
    for parameter in plan.space.parameters:
        name = parameter.name
        if name not in known:
            yield unknown("hyperparameter", name, known, f"space.{name}")
            continue
        yield from _within(parameter, chosen.bounds[name])
        yield from _inactive(plan, chosen, facts, name, f"space.{name}")


def _fixed(plan: Plan, facts: Facts | None) -> _Errors:
    chosen = LEARNERS.get(plan.learner.id)
    if chosen is None:
        return
    known = tuple(dict.fromkeys((*_hyperparameters(chosen, facts), *chosen.card.fixed_only)))
    for name, value in plan.learner.fixed.items():
        field = f"learner.fixed.{name}"
        if name not in known:
            yield unknown("hyperparameter", name, known, field)
            continue
        if name in plan.space.names:
            yield field_error(field, value, "it is tuned as well; switch one of the two off")
        legal = chosen.bounds[name]
        if not legal.contains(value):
            yield InputError(
                "space.bounds", field=field, name=name, allowed=legal.allowed, value=value
            )
        yield from _inactive(plan, chosen, facts, name, field)


def _hyperparameters(chosen: Learner, facts: Facts | None) -> tuple[str, ...]:
    """Names that mean something for the learner, and for the task once it is known."""
    return chosen.card.hyperparameters if facts is None else chosen.space(facts).names


def _within(parameter: Parameter, legal: Parameter) -> _Errors:
    """Whether all values of ``parameter`` are values of ``legal``, at the end that is not."""
    name = parameter.name
    if isinstance(parameter, Categorical):
        ends = [("choices", choice) for choice in parameter.choices]
    else:
        ends = [("low", parameter.low), ("high", parameter.high)]
    for end, value in ends:
        if not legal.contains(value):
            yield InputError(
                "space.bounds",
                field=f"space.{name}.{end}",
                name=name,
                allowed=legal.allowed,
                value=value,
            )


def _inactive(plan: Plan, chosen: Learner, facts: Facts | None, name: str, field: str) -> _Errors:
    """Whether another hyperparameter is fixed so that ``name`` has no meaning."""
    if facts is None:
        return
    condition = chosen.space(facts).condition(name)
    fixed = plan.learner.fixed
    if condition and condition.parent in fixed and fixed[condition.parent] not in condition.values:
        parent = condition.parent
        yield InputError(
            "space.inactive", field=field, name=name, parent=parent, value=fixed[parent]
        )


def _evaluation(plan: Plan, facts: Facts | None) -> _Errors:
    name, task = plan.evaluation.measure, _task(plan, facts)
    if name not in MEASURES:
        yield unknown("measure", name, MEASURES, "evaluation.measure")
    elif task is not None and task not in MEASURES[name].card.tasks:
        remedy = "Choose a measure for this task."
        yield mismatch(MEASURES[name].card.label, task, remedy, "evaluation.measure")
    resampling, at = plan.evaluation.resampling, "evaluation.resampling"
    if resampling.kind == "holdout":
        if not 0 < resampling.share < 1:
            yield field_error(f"{at}.share", resampling.share, "it must lie between 0 and 1")
    elif resampling.folds < 2:
        yield field_error(f"{at}.folds", resampling.folds, "at least two folds are needed")
    if resampling.kind == "repeated_kfold" and resampling.repeats < 1:
        yield field_error(f"{at}.repeats", resampling.repeats, "it must be at least 1")
    share = plan.evaluation.test_share
    if not 0 <= share < 1:
        yield field_error("evaluation.test_share", share, "it must be at least 0 and below 1")
    yield from _outer(plan)
    yield from _watched(plan)
    if plan.preparation.max_categories < 2:
        count = plan.preparation.max_categories
        yield field_error("preparation.max_categories", count, "it must be at least 2")


def _watched(plan: Plan) -> _Errors:
    """Whether there is something to watch."""
    if not plan.evaluation.watch_outer:
        return
    at = "evaluation.watch_outer"
    if plan.data.test_source is None and not plan.evaluation.held_out:
        yield field_error(at, "true", "there are no test rows to watch; set a test share")
    elif plan.by_gradient:
        yield field_error(at, "true", "a tuning by gradient has no incumbents to watch")


def _outer(plan: Plan) -> _Errors:
    outer, at = plan.evaluation.outer, "evaluation.outer"
    if outer is None:
        return
    if outer.folds < 2:
        yield field_error(f"{at}.folds", outer.folds, "at least two outer folds are needed")
    elif not 0 <= outer.fold < outer.folds:
        why = f"it must lie between 0 and {outer.folds - 1}"
        yield field_error(f"{at}.fold", outer.fold, why)
    if plan.data.test_source is not None:
        yield field_error(at, "a fold", "the outer test rows come from a file of their own")


def _further_measures(plan: Plan, facts: Facts | None) -> _Errors:
    """Whether what is to be optimised at once goes together, and with the method."""
    evaluation, task, field = plan.evaluation, _task(plan, facts), "evaluation.further_measures"
    known = (*COSTS, *(m for m in MEASURES if task is None or task in MEASURES[m].card.tasks))
    for place, name in enumerate(evaluation.further_measures):
        if name not in COSTS and name not in MEASURES:
            yield unknown("measure", name, known, field)
        elif name not in known and task is not None:
            yield mismatch(
                MEASURES[name].card.label, task, "Choose a measure for this task.", field
            )
        elif name == evaluation.measure or name in evaluation.further_measures[:place]:
            yield field_error(field, name, "each measure can be optimised once only")
        elif name in COSTS and plan.reproducible:
            why = "times are never the same twice, so such a search can't be made repeatable"
            yield field_error(field, name, why)
    id = plan.method.working_id
    if id == AUTO.id or id not in method_ids():
        return
    card = method_card(id)
    if card.multi_objective == bool(evaluation.further_measures):
        return
    label = card.label
    if evaluation.further_measures:
        able = ", ".join(
            method.card.label for method in METHODS.values() if method.card.multi_objective
        )
        yield InputError("method.one_measure", field="method.id", method=label, able=able)
    else:
        yield InputError("method.several_measures", field=field, method=label)


def _rows(plan: Plan, facts: Facts | None) -> _Errors:
    """Whether the table has rows enough for the outer test, then for the folds.

    Works from counts; `engine.data.split` refuses the same when it has the rows.
    """
    resampling, share = plan.evaluation.resampling, plan.evaluation.held_out
    if facts is None or not 0 <= share < 1:
        return
    rows, classes = facts.rows, facts.classes
    if share > 0 and plan.data.test_source is None:
        outer = plan.evaluation.outer
        if outer is None:
            errors = [*_too_few_for(share, rows, facts, "evaluation.test_share")]
        else:
            errors = [*_too_few_folds(outer.folds, facts, "evaluation.outer.folds")]
        yield from errors
        if errors:
            return
        rows -= math.ceil(rows * share)
        # Stratified: a class loses its share, rounded one way or the other.
        classes = tuple((label, n - math.floor(n * share)) for label, n in classes)
    left = msgspec.structs.replace(facts, rows=rows, classes=classes)
    if resampling.kind == "holdout":
        if 0 < resampling.share < 1:
            yield from _too_few_for(resampling.share, rows, left, "evaluation.resampling.share")
        return
    yield from _too_few_folds(resampling.folds, left, "evaluation.resampling.folds")


def _too_few_folds(parts: int, facts: Facts, field: str) -> _Errors:
    """Whether the rows can't be cut into so many folds that each holds every class."""
    if facts.rows < parts:
        yield InputError("rows.too_few", field=field, rows=facts.rows, parts=parts, most=facts.rows)
    else:
        yield from _classes_too_few(facts, parts, field)


def _too_few_for(share: float, rows: int, facts: Facts, field: str) -> _Errors:
    """Whether ``rows`` can't be cut in two so that both parts hold every class."""
    test = math.ceil(rows * share)
    train = rows - test
    if min(test, train) < 1:
        yield InputError("rows.too_few", field=field, rows=rows, parts=2, most=rows)
    elif found := [*_classes_too_few(facts, 2, field)]:
        yield from found
    elif min(test, train) < len(facts.classes):
        yield InputError(
            "rows.test_too_few",
            field=field,
            share=share,
            test=test,
            train=train,
            classes=len(facts.classes),
            target=facts.target,
        )


def _classes_too_few(facts: Facts, parts: int, field: str) -> _Errors:
    if facts.classes:
        label, count = min(facts.classes, key=lambda pair: pair[1])
        if count < parts:
            yield InputError(
                "rows.class_too_few",
                field=field,
                label=label,
                target=facts.target,
                rows=count,
                parts=parts,
            )


def _method(plan: Plan, facts: Facts | None) -> _Errors:
    if plan.method.id not in method_ids():
        yield unknown("method", plan.method.id, method_ids(), "method.id")
        return
    if plan.method.id == AUTO.id and plan.method.resolved_id not in ("", *METHODS):
        yield unknown("method", plan.method.resolved_id, METHODS, "method.resolved_id")
        return
    if plan.method.id == AUTO.id and not plan.method.resolved_id:
        return
    options = {option.name: option for option in working_card(plan).options}
    for name, value in plan.method.options.items():
        field = f"method.options.{name}"
        if name not in options:
            yield unknown("option", name, options, field)
        elif why := options[name].misfit(value):
            yield field_error(field, value, why)
    n_folds = plan.evaluation.resampling.n_folds
    if plan.method.options.get(DROP) is True and n_folds <= drop_losers.FEWEST:
        why = f"at least {drop_losers.FEWEST + 1} folds are needed, to drop a trial before the last"
        yield field_error(f"method.options.{DROP}", "true", why)
    if plan.method.options.get("fidelity") == "model" and plan.learner.id in LEARNERS:
        card = LEARNERS[plan.learner.id].card
        if not card.fidelity_parameter:
            why = f"{card.label} has no trees, rounds or epochs to save; choose rows"
            yield field_error("method.options.fidelity", "model", why)
    if plan.method.options.get("fidelity") == "folds":
        eta = settle(plan).method.options.get("eta")
        if isinstance(eta, int) and n_folds < eta:
            why = f"with fewer than {eta} folds there are none to begin with; choose rows"
            yield field_error("method.options.fidelity", "folds", why)


def _gradient(plan: Plan, facts: Facts | None) -> _Errors:
    """Whether a tuning by gradient goes with the model, and its engine with what it tunes."""
    if not plan.by_gradient:
        return
    card = LEARNERS[plan.learner.id].card if plan.learner.id in LEARNERS else None
    if card is not None and not card.differentiable:
        able = ", ".join(x.card.label for x in LEARNERS.values() if x.card.differentiable)
        yield InputError("gradient.learner", field="method.id", learner=card.label, able=able)
    if [*_method(plan, facts), *_fixed(plan, facts)]:
        return  # these say what is wrong
    settled = settle(plan).method.options
    if all(settled[kind.option] == kind.choices[0] for kind in TUNABLES):
        yield InputError("gradient.nothing", field="method.options.l2")
    spec = None if facts is None else training_spec(plan, facts)
    if spec is not None:
        error = checks.unfit(spec) or checks.engine_of(settled).refusal(spec)
        if error is not None:
            yield error


def _own_options(plan: Plan, facts: Facts | None) -> _Errors:
    """Whether the options of a method go with the search space."""
    method = METHODS.get(plan.method.id)
    if method is None:
        return
    try:
        options = method.options_from(plan.method.options)
    except msgspec.ValidationError:
        return  # `_method` says what is wrong
    yield from method.refusals(options, plan.space)


def _budget(plan: Plan, facts: Facts | None) -> _Errors:
    budget = msgspec.structs.asdict(plan.budget)
    if all(bound is None for bound in budget.values()):
        yield field_error("budget", "empty", "set evaluations, seconds, a target or stagnation")
    bounds = {f"budget.{name}": bound for name, bound in budget.items() if name != "target"}
    bounds["limits.seconds"] = plan.limits.seconds
    bounds["limits.memory_mb"] = plan.limits.memory_mb
    for field, bound in bounds.items():
        if bound is not None and not (math.isfinite(bound) and bound > 0):
            yield field_error(field, bound, "it must be a finite number above 0")
    target = plan.budget.target
    if target is not None and not math.isfinite(target):
        yield field_error("budget.target", target, "it must be a finite number")


def _workers(plan: Plan, facts: Facts | None) -> _Errors:
    for field, count in (("workers", plan.workers), ("max_pending", plan.max_pending)):
        if count < 1:
            yield field_error(field, count, "it must be at least 1")


def _task(plan: Plan, facts: Facts | None) -> Task | None:
    return plan.data.task if facts is None else facts.task
