"""Consequences of choices, as pure functions: a plan with changes laid over it, where trouble is
to be mended, for what a cost was measured. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from engine import plan as plans
from engine.domain.advice import ProbeResult
from engine.errors import InputError
from engine.plan import Plan
from engine.protocol import replies
from gui import flow
from gui import user_choices as choosing
from gui.user_choices import Choices
from gui.view_states import Trouble

ABSENT = object()
"""In place of a choice that was not made."""


def overlaid(plan: Plan, changes: Mapping[str, Any]) -> Plan:
    """``plan`` with ``changes``, but for a new learner or method: those wait for advice."""
    direct = {p: v for p, v in changes.items() if p not in (choosing.LEARNER, choosing.METHOD)}
    return plans.replace(plan, direct)


def overlaid_if_possible(plan: Plan, changes: Mapping[str, Any]) -> Plan:
    """The same; ``plan`` as it is where they can't be."""
    try:
        return overlaid(plan, changes)
    except InputError:
        return plan  # made for another plan; advice follows in a moment


def current(plan: Plan | None) -> dict[str, str]:
    """The learner and the method of ``plan``, by path."""
    if plan is None:
        return {}
    return {choosing.LEARNER: plan.learner.id, choosing.METHOD: plan.method.id}


def trouble(failure: replies.Failed, step: flow.Step) -> Trouble:
    """``failure`` with the step that can mend it: its field's, else ``step``."""
    return Trouble(
        step=flow.owner(failure.field) if failure.field else step,
        sentence=failure.sentence,
        field=failure.field,
        code=failure.code,
        details=failure.details,
    )


def blamed(choices: Choices) -> flow.Step:
    """Where to mend advice that failed without naming a field: the latest choice, or the data."""
    return flow.owner(list(choices.changes)[-1]) if choices.changes else flow.Step.DATA


def probe_basis(plan: Plan) -> tuple:
    """Choices that the cost of a fold depends on."""
    return plan.data, plan.learner.id, plan.preparation


def rescaled(probe: ProbeResult | None, plan: Plan | None) -> ProbeResult | None:
    """The probe with the cost of an evaluation as the plan now has it."""
    if probe is None or plan is None:
        return probe
    n_folds = plan.evaluation.resampling.n_folds
    return msgspec.structs.replace(probe, evaluation_seconds=probe.seconds * n_folds)
