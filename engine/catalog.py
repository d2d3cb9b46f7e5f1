"""What there is to choose from, as data, and whether a plan made of it can run.

Adding an HPO method is one file in `engine.tuners` and one line in `_METHODS`; adding a learner,
one file in `engine.learners` and one line there. Everything else is drawn from the catalog.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Iterator

import msgspec

from engine.data.builtin import builtin_tables
from engine.errors import InputError, TunesmithError
from engine.guide.facts import Facts
from engine.learners import LEARNERS, Learner
from engine.objective.measures import MEASURES
from engine.plan import Plan, Task
from engine.protocol import Catalog, MeasureCard, MethodCard, Option, Problem
from engine.space import Categorical, Configuration, Parameter, Value
from engine.tuners import base, drop_losers
from engine.tuners.asha import Asha
from engine.tuners.auto import AUTO
from engine.tuners.base import Tuner
from engine.tuners.bohb import Bohb
from engine.tuners.cmaes import CmaEs
from engine.tuners.differential_evolution import DifferentialEvolution
from engine.tuners.evolution import Evolution
from engine.tuners.gp import GaussianProcess
from engine.tuners.grid import GridSearch
from engine.tuners.halving import Halving
from engine.tuners.hyperband import Hyperband
from engine.tuners.quasi_random import LatinHypercubeSearch, SobolSearch
from engine.tuners.racing import Racing
from engine.tuners.random_search import RandomSearch
from engine.tuners.rf_bo import ForestBo
from engine.tuners.tpe import Tpe

_METHODS: dict[str, type[Tuner]] = {
    method.card.id: method
    for method in (
        GaussianProcess,
        ForestBo,
        Tpe,
        RandomSearch,
        GridSearch,
        SobolSearch,
        LatinHypercubeSearch,
        CmaEs,
        Evolution,
        DifferentialEvolution,
        Halving,
        Hyperband,
        Asha,
        Bohb,
        Racing,
    )
}


_FIDELITY = Option(
    name="fidelity",
    label="What small fits save",
    kind="choice",
    default="auto",
    help="Fewer trees or rounds of the model, or fewer training rows. Automatic: the model's own "
    "where it has trees or rounds, else rows.",
    choices=("auto", "model", "rows"),
)
_MIN_FIDELITY = Option(
    name="min_fidelity",
    label="Smallest fit",
    kind="float",
    default=0.0,
    help="As a share of a full fit; 0 leaves it to the guide, which looks at the rows.",
    low=0.0,
    high=1.0,
)
DROP = drop_losers.OPTION.name
LOWEST = 1 / 27
"""Smallest fit, as a share of a full one, where nobody says."""


def _card(method: type[Tuner]) -> MethodCard:
    """The method's card with the options that its kind shares."""
    card, shared = method.card, ()
    if card.partial_fits:
        shared = (_FIDELITY, _MIN_FIDELITY)
    elif not card.partial_folds:
        shared = (drop_losers.OPTION,)
    return msgspec.structs.replace(card, options=(*card.options, *shared))


@functools.cache
def CATALOG() -> Catalog:  # noqa: N802 - it reads as the constant it is, made on first use
    """All there is to choose from."""
    return Catalog(
        learners=tuple(learner.card for learner in LEARNERS.values()),
        methods=tuple(method_card(id) for id in (AUTO.id, *_METHODS)),
        measures=tuple(measure.card for measure in MEASURES.values()),
        datasets=builtin_tables(),
    )


def learner(name: str) -> Learner:
    """The learner with the id ``name``.

    Raises:
        InputError: if there is none.
    """
    if name not in LEARNERS:
        raise _unknown("model", name, LEARNERS, "learner.id")
    return LEARNERS[name]


def method_card(name: str) -> MethodCard:
    """The card of the method with the id ``name``.

    Raises:
        InputError: if there is none.
    """
    if name == AUTO.id:
        return AUTO
    if name not in _METHODS:
        raise _unknown("method", name, (AUTO.id, *_METHODS), "method.id")
    return _card(_METHODS[name])


def working_card(plan: Plan) -> MethodCard:
    """The card of the method that does the plan's work: for ``auto`` the one that was picked.

    Raises:
        InputError: if there is no such method, or none was picked.
    """
    if plan.method.id != AUTO.id:
        return method_card(plan.method.id)
    if plan.method.picks not in _METHODS:
        raise _unknown("method", plan.method.picks, _METHODS, "method.picks")
    return method_card(plan.method.picks)


def measure_card(name: str) -> MeasureCard:
    """The card of the measure with the id ``name``.

    Raises:
        InputError: if there is none.
    """
    if name not in MEASURES:
        raise _unknown("measure", name, MEASURES, "evaluation.measure")
    return MEASURES[name].card


def default_configuration(plan: Plan, facts: Facts) -> Configuration:
    """The learner's default configuration as a point of the plan's space: trial 0.

    Where the space leaves the default out, the nearest point of the space stands for it.
    """
    if plan.preparation.encode == "ordinal":
        facts = msgspec.structs.replace(facts, encoded=facts.columns)
    return plan.space.nearest(learner(plan.learner.id).default(facts))


def make_tuner(plan: Plan, default: Configuration, jobs: int) -> Tuner:
    """The plan's method, ready to be asked.

    Args:
        plan: without problems (`problems`).
        default: configuration of trial 0.
        jobs: folds that one full evaluation takes.

    Raises:
        InputError: if there is no such method.
    """
    plan = settle(plan)
    card = working_card(plan)
    lowest = plan.method.options.get("min_fidelity") or LOWEST
    problem = base.Problem(
        space=plan.space,
        default=default,
        maximise=measure_card(plan.evaluation.measure).maximise,
        seed=plan.seed,
        jobs=jobs,
        options=plan.method.options,
        budget=plan.budget.evaluations,
        lowest=float(lowest) if card.partial_fits else 1.0,  # type: ignore[arg-type]
        continues=continues(plan),
    )
    tuner = _METHODS[card.id](problem)
    return drop_losers.wrap(tuner) if plan.method.options.get(DROP) else tuner


def settle(plan: Plan) -> Plan:
    """``plan`` with every option of its method spelled out, so that it means the same for ever.

    An ``auto`` for which nothing is picked yet has none.

    Raises:
        InputError: if there is no such method.
    """
    if plan.method.id == AUTO.id and not plan.method.picks:
        return plan
    spelled = {option.name: option.default for option in working_card(plan).options}
    options = {**spelled, **plan.method.options}
    if options.get("fidelity") == "auto":
        grows = plan.learner.id in LEARNERS and LEARNERS[plan.learner.id].card.grows
        options["fidelity"] = "model" if grows else "rows"
    method = msgspec.structs.replace(plan.method, options=options)
    return msgspec.structs.replace(plan, method=method)


def continues(plan: Plan) -> bool:
    """Whether a promoted trial's fits go on where they stopped."""
    return settle(plan).method.options.get("fidelity") == "model"


def problems(plan: Plan, facts: Facts | None) -> tuple[Problem, ...]:
    """Everything that keeps ``plan`` from running, each with its sentence and field.

    Args:
        plan: any plan.
        facts: figures of its table; without them, what depends on the table is not checked.
    """
    checks = (_learner, _space, _fixed, _evaluation, _rows, _method, _budget, _workers)
    found = [error for check in checks for error in check(plan, facts)]
    return tuple(Problem(error.code, str(error), error.field) for error in found)


_Errors = Iterator[TunesmithError]


def _learner(plan: Plan, facts: Facts | None) -> _Errors:
    if plan.learner.id not in LEARNERS:
        yield _unknown("model", plan.learner.id, LEARNERS, "learner.id")
        return
    card, task = LEARNERS[plan.learner.id].card, _task(plan, facts)
    if task is not None and task not in card.tasks:
        yield _mismatch(card.label, task, "Choose another model.", "learner.id")


def _space(plan: Plan, facts: Facts | None) -> _Errors:
    chosen = LEARNERS.get(plan.learner.id)
    if chosen is None:
        return
    if not plan.space.parameters:
        yield InputError("space.empty", field="space")
    known = _hyperparameters(chosen, facts)
    for parameter in plan.space.parameters:
        name = parameter.name
        if name not in known:
            yield _unknown("hyperparameter", name, known, f"space.{name}")
            continue
        yield from _within(parameter, chosen.bounds[name])
        yield from _inactive(plan, chosen, facts, name, f"space.{name}")


def _fixed(plan: Plan, facts: Facts | None) -> _Errors:
    chosen = LEARNERS.get(plan.learner.id)
    if chosen is None:
        return
    known = _hyperparameters(chosen, facts)
    for name, value in plan.learner.fixed.items():
        field = f"learner.fixed.{name}"
        if name not in known:
            yield _unknown("hyperparameter", name, known, field)
            continue
        if name in plan.space.names:
            yield _field(field, value, "it is tuned as well; switch one of the two off")
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
        yield _unknown("measure", name, MEASURES, "evaluation.measure")
    elif task is not None and task not in MEASURES[name].card.tasks:
        remedy = "Choose a measure for this task."
        yield _mismatch(MEASURES[name].card.label, task, remedy, "evaluation.measure")
    resampling, at = plan.evaluation.resampling, "evaluation.resampling"
    if resampling.kind == "holdout":
        if not 0 < resampling.share < 1:
            yield _field(f"{at}.share", resampling.share, "it must lie between 0 and 1")
    elif resampling.folds < 2:
        yield _field(f"{at}.folds", resampling.folds, "at least two folds are needed")
    if resampling.kind == "repeated_kfold" and resampling.repeats < 1:
        yield _field(f"{at}.repeats", resampling.repeats, "it must be at least 1")
    share = plan.evaluation.test_share
    if not 0 <= share < 1:
        yield _field("evaluation.test_share", share, "it must be at least 0 and below 1")
    if plan.preparation.max_categories < 2:
        count = plan.preparation.max_categories
        yield _field("preparation.max_categories", count, "it must be at least 2")


def _rows(plan: Plan, facts: Facts | None) -> _Errors:
    """Whether the table has rows enough for the outer test, then for the folds.

    In figures what `engine.data.split` refuses when it has the rows.
    """
    resampling, share = plan.evaluation.resampling, plan.evaluation.test_share
    if facts is None or not 0 <= share < 1:
        return
    rows, classes = facts.rows, facts.classes
    if share > 0 and plan.data.test_source is None:
        yield from (errors := [*_too_few_for(share, rows, facts, "evaluation.test_share")])
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
    parts, field = resampling.folds, "evaluation.resampling.folds"
    if rows < parts:
        yield InputError("rows.too_few", field=field, rows=rows, parts=parts, most=rows)
    else:
        yield from _classes_too_few(left, parts, field)


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
    if plan.method.id != AUTO.id and plan.method.id not in _METHODS:
        yield _unknown("method", plan.method.id, (AUTO.id, *_METHODS), "method.id")
        return
    if plan.method.id == AUTO.id and plan.method.picks not in ("", *_METHODS):
        yield _unknown("method", plan.method.picks, _METHODS, "method.picks")
        return
    if plan.method.id == AUTO.id and not plan.method.picks:
        return
    options = {option.name: option for option in working_card(plan).options}
    for name, value in plan.method.options.items():
        field = f"method.options.{name}"
        if name not in options:
            yield _unknown("option", name, options, field)
        elif why := _misfit(options[name], value):
            yield _field(field, value, why)
    jobs = plan.evaluation.resampling.jobs
    if plan.method.options.get(DROP) is True and jobs <= drop_losers.FEWEST:
        why = f"at least {drop_losers.FEWEST + 1} folds are needed, to drop a trial before the last"
        yield _field(f"method.options.{DROP}", "true", why)
    if plan.method.options.get("fidelity") == "model" and plan.learner.id in LEARNERS:
        card = LEARNERS[plan.learner.id].card
        if not card.grows:
            why = f"{card.label} has no trees or rounds to save; choose rows"
            yield _field("method.options.fidelity", "model", why)


def _misfit(option: Option, value: Value) -> str:
    """Why ``value`` is none for ``option``; empty if it is."""
    if option.kind == "boolean":
        return "" if isinstance(value, bool) else "it must be true or false"
    if option.kind == "choice":
        known = ", ".join(option.choices)
        return "" if value in option.choices else f"it must be one of {known}"
    kinds = int if option.kind == "integer" else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        return "it must be a whole number" if option.kind == "integer" else "it must be a number"
    if option.low is not None and not value >= option.low:
        return f"it must be at least {option.low:g}"
    if option.high is not None and not value <= option.high:
        return f"it must be at most {option.high:g}"
    return ""


def _budget(plan: Plan, facts: Facts | None) -> _Errors:
    budget = msgspec.structs.asdict(plan.budget)
    if all(bound is None for bound in budget.values()):
        yield _field("budget", "empty", "set evaluations, seconds, a target or stagnation")
    bounds = {f"budget.{name}": bound for name, bound in budget.items() if name != "target"}
    bounds["limits.seconds"] = plan.limits.seconds
    bounds["limits.memory_mb"] = plan.limits.memory_mb
    for field, bound in bounds.items():
        if bound is not None and not (math.isfinite(bound) and bound > 0):
            yield _field(field, bound, "it must be a finite number above 0")
    target = plan.budget.target
    if target is not None and not math.isfinite(target):
        yield _field("budget.target", target, "it must be a finite number")


def _workers(plan: Plan, facts: Facts | None) -> _Errors:
    for field, count in (("workers", plan.workers), ("outstanding", plan.outstanding)):
        if count < 1:
            yield _field(field, count, "it must be at least 1")


def _task(plan: Plan, facts: Facts | None) -> Task | None:
    return plan.data.task if facts is None else facts.task


def _unknown(kind: str, name: str, known: Iterable[str], field: str) -> InputError:
    names = ", ".join(known)
    return InputError("plan.unknown", field=field, kind=kind, name=name, known=names)


def _field(path: str, value: object, why: str) -> InputError:
    return InputError("plan.field", field=path, path=path, value=value, why=why)


def _mismatch(what: str, task: Task, remedy: str, field: str) -> InputError:
    other = {
        "binary": "predicting one of two classes",
        "multiclass": "predicting one of several classes",
        "regression": "predicting a number",
    }[task]
    return InputError("plan.mismatch", field=field, what=what, other=other, remedy=remedy)
