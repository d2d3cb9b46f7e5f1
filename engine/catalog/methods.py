"""The HPO methods by their ids, and `make_tuner`, which makes the one of a plan."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from engine.catalog.lookup import directions
from engine.catalog.refusals import unknown
from engine.domain.cards import MethodCard
from engine.gradient.spec import hyper_steps
from engine.gradient.spec.hyper_steps import HyperSteps
from engine.gradients import Gradients
from engine.learners import LEARNERS
from engine.options import Option, options_of
from engine.plan import Plan, with_method
from engine.space import Configuration
from engine.tuners import METHODS, base, drop_losers, few_folds
from engine.tuners.auto import AUTO
from engine.tuners.base import Tuner
from engine.tuners.few_folds import FewFolds
from engine.tuners.rung_tuners import Climbing


def method_ids() -> tuple[str, ...]:
    """Ids of all methods, in the order they are listed."""
    return (AUTO.id, *METHODS, HyperSteps.card.id)


_FIDELITY = Option(
    name="fidelity",
    label="What small fits save",
    kind="choice",
    default="auto",
    help="Fewer trees, rounds or epochs, fewer training rows, or fewer folds. Automatic: the "
    "model's own where it has some, else rows.",
    choices=("auto", "model", "rows", "folds"),
)
_MIN_FIDELITY = Option(
    name="min_fidelity",
    label="Smallest fit",
    kind="float",
    default=0.0,
    help="As a share of a full fit, or of the folds; 0 leaves it to the guide, which looks at the "
    "rows.",
    low=0.0,
    high=1.0,
)
DROP = drop_losers.OPTION.name
DEFAULT_MIN_FIDELITY = 1 / 27
"""Smallest fit, as a share of a full one, where neither the user nor the guide says."""


def _card(method: type[Tuner]) -> MethodCard:
    """Card of the method with the options that its kind shares."""
    card, shared = method.card, ()
    if card.partial_fits:
        shared = (_FIDELITY, _MIN_FIDELITY)
    elif not (card.partial_folds or card.multi_objective):
        # A race drops in its own way, and on a front there is no one best.
        shared = (drop_losers.OPTION,)
    return msgspec.structs.replace(
        card, options=(*card.options, *options_of(method.options_type), *shared)
    )


def method_card(name: str) -> MethodCard:
    """The card of the method with the id ``name``.

    Raises:
        InputError: if there is none.
    """
    if name == AUTO.id:
        return AUTO
    if name == HyperSteps.card.id:
        return HyperSteps.card
    if name not in METHODS:
        raise unknown("method", name, method_ids(), "method.id")
    return _card(METHODS[name])


def working_card(plan: Plan) -> MethodCard:
    """Card of the method that does the plan's work: for ``auto`` the one that was picked.

    Raises:
        InputError: if there is no such method, or none was picked.
    """
    if plan.method.id != AUTO.id:
        return method_card(plan.method.id)
    if plan.method.resolved_id not in METHODS:
        raise unknown("method", plan.method.resolved_id, METHODS, "method.resolved_id")
    return method_card(plan.method.resolved_id)


def make_tuner(plan: Plan, default: Configuration, n_folds: int) -> Tuner:
    """Make the plan's method.

    Args:
        plan: without problems (`problems`).
        default: configuration of trial 0.
        n_folds: folds of one full evaluation.

    Raises:
        InputError: if there is no such method.
    """
    plan = settle(plan)
    card = working_card(plan)
    min_fidelity = float(plan.method.options.get("min_fidelity") or DEFAULT_MIN_FIDELITY)  # type: ignore[arg-type]
    by_folds = card.partial_fits and plan.method.options.get("fidelity") == "folds"
    if by_folds:
        min_fidelity = few_folds.smallest(min_fidelity, n_folds)
    maximise, *further_maximise = directions(plan)
    problem = base.TuningProblem(
        space=plan.space,
        default=default,
        maximise=maximise,
        seed=plan.seed,
        n_folds=n_folds,
        options=plan.method.options,
        budget=plan.budget.evaluations,
        min_fidelity=min_fidelity if card.partial_fits else 1.0,
        # A promoted trial keeps its folds, as a resumed fit keeps its trees.
        warm_starts=by_folds or warm_starts(plan),
        further_maximise=tuple(further_maximise),
    )
    if plan.by_gradient:
        return HyperSteps(problem)
    tuner = METHODS[card.id](problem)
    if by_folds:
        assert isinstance(tuner, Climbing), "methods with partial fits climb rungs"
        return FewFolds(tuner)
    return drop_losers.wrap(tuner) if plan.method.options.get(DROP) else tuner


def settle(plan: Plan) -> Plan:
    """Spell out every option of the plan's method, so that the plan keeps its meaning.

    An ``auto`` for which nothing is picked yet has none.

    Raises:
        InputError: if there is no such method.
    """
    method = plan.method
    if isinstance(method, Gradients):
        return msgspec.structs.replace(plan, search=hyper_steps.settled(method))
    if method.id == AUTO.id and not method.resolved_id:
        return plan
    spelled = {option.name: option.default for option in working_card(plan).options}
    options = {**spelled, **method.options}
    if options.get("fidelity") == "auto":
        learner = LEARNERS.get(plan.learner.id)
        by_model = learner is not None and learner.card.fidelity_parameter
        options["fidelity"] = "model" if by_model else "rows"
    return with_method(plan, msgspec.structs.replace(method, options=options))


def warm_starts(plan: Plan) -> bool:
    """Whether fits of promoted trials resume where they stopped."""
    return settle(plan).method.options.get("fidelity") == "model"


class Work(NamedTuple):
    """Functions that workers call for a plan, and modules that they import, by name."""

    fold: str
    """Function for a fold of a trial, with the arguments of
    `engine.objective.fold_job.evaluate_fold`."""
    final: str
    """Function for the final model, with the arguments of
    `engine.objective.final_model.fit_final`."""
    modules: tuple[str, ...]


def work(plan: Plan) -> Work:
    """Return the functions and modules that workers need for ``plan``."""
    learner = LEARNERS.get(plan.learner.id)
    modules = learner.modules if learner is not None else ()
    if plan.by_gradient:
        room = "engine.gradient"
        return Work(
            f"{room}.job:hyper_step",
            f"{room}.final:fit_final",
            (*modules, f"{room}.final"),
        )
    room = "engine.objective"
    return Work(f"{room}.fold_job:evaluate_fold", f"{room}.final_model:fit_final", modules)
