"""The six steps: which are open, done, in need of review or locked, and one line about each. No Qt.

A step the person confirmed rests on choices made before it. When those change, its own values are
kept and it asks for review.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from engine.domain.cards import Catalog
from engine.plan import Plan
from gui import words
from gui.view_states import RunState, SessionState

EMPTY_CATALOG = Catalog(learners=(), methods=(), measures=(), datasets=())


class Step(StrEnum):
    """The steps in order; the values are page ids."""

    DATA = "data"
    MODEL = "model"
    EVALUATION = "evaluation"
    METHOD = "method"
    RUN = "run"
    RESULTS = "results"


class Status(StrEnum):
    """State of a step; the values are the words shown."""

    NOT_STARTED = "not started"
    DONE = "done"
    REVIEW = "needs review"
    PROBLEM = "problem"
    LOCKED = "locked"
    ACTIVE = "searching"


TITLES: dict[Step, str] = {
    Step.DATA: "Data",
    Step.MODEL: "Model",
    Step.EVALUATION: "Evaluation",
    Step.METHOD: "Method",
    Step.RUN: "Run",
    Step.RESULTS: "Results",
}

ORDER: tuple[Step, ...] = tuple(Step)

_OWNERS: dict[str, Step] = {
    "data": Step.DATA,
    "learner": Step.MODEL,
    "space": Step.MODEL,
    "preparation": Step.EVALUATION,
    "evaluation": Step.EVALUATION,
    "budget": Step.EVALUATION,
    "limits": Step.EVALUATION,
    "workers": Step.EVALUATION,
    "reproducible": Step.EVALUATION,
    "max_pending": Step.EVALUATION,
    "seed": Step.EVALUATION,
    "method": Step.METHOD,
}


class StepState(msgspec.Struct, frozen=True):
    """A step as the step list shows it."""

    step: Step
    status: Status
    summary: str = ""
    reason: str = ""
    """Why it is locked or what the problem is."""

    @property
    def number(self) -> int:
        """Position among the steps, from 1."""
        return ORDER.index(self.step) + 1


def owner(path: str) -> Step:
    """The step on whose page the plan field ``path`` is set."""
    return _OWNERS.get(path.split(".")[0], Step.METHOD)


def following(step: Step) -> Step:
    """The step after ``step``; the last one is its own."""
    return ORDER[min(ORDER.index(step) + 1, len(ORDER) - 1)]


def preceding(step: Step) -> Step | None:
    """The step before ``step``."""
    at = ORDER.index(step)
    return ORDER[at - 1] if at else None


def basis(step: Step, state: SessionState) -> tuple:
    """Choices of earlier steps that those of a confirmed ``step`` were made for."""
    plan, table = state.plan, state.table
    if table is None:
        return ()
    data = (table.data.source, table.data.sha256, table.data.target, table.data.task)
    if step is Step.DATA:
        return data[:2]
    if step is Step.MODEL or plan is None:
        return data
    if step is Step.EVALUATION:
        return (*data, plan.learner.id)
    evaluation = plan.evaluation
    return (*data, plan.learner.id, plan.space, evaluation, plan.budget)


def steps(
    state: SessionState, run: RunState, catalog: Catalog = EMPTY_CATALOG
) -> tuple[StepState, ...]:
    """Every step, in order.

    Args:
        state: choices so far.
        run: the run that is shown.
        catalog: for labels.
    """
    return (
        _data(state),
        *(_choice(step, state, catalog) for step in (Step.MODEL, Step.EVALUATION, Step.METHOD)),
        _run(state, run),
        _results(run),
    )


def _data(state: SessionState) -> StepState:
    table, trouble = state.table, _trouble(Step.DATA, state)
    if table is None:
        if trouble:
            return StepState(Step.DATA, Status.PROBLEM, "the table can't be read", trouble)
        return StepState(Step.DATA, Status.NOT_STARTED, state.busy or "open a table")
    facts = f"{words.name_of(table.data.source)} · {words.plural(table.rows, 'row')}"
    if not state.has_target:
        return StepState(
            Step.DATA, Status.NOT_STARTED, f"{facts} · choose what to predict", trouble
        )
    summary = f"{facts} · predict {table.data.target}"
    if trouble:
        return StepState(Step.DATA, Status.PROBLEM, summary, trouble)
    return StepState(Step.DATA, _standing(Step.DATA, state, done=True), summary)


def _choice(step: Step, state: SessionState, catalog: Catalog) -> StepState:
    if not state.has_target:
        reason = (
            "Open a table first." if state.table is None else "Choose the column to predict first."
        )
        return StepState(step, Status.LOCKED, "", reason)
    trouble = _trouble(step, state)
    if trouble:
        return StepState(step, Status.PROBLEM, "can't be used like this", trouble)
    if state.plan is None:
        return StepState(step, Status.NOT_STARTED, "asking for advice")
    summary = _summary(step, state.plan, state, catalog)
    status = _standing(step, state, done=step in state.confirmed)
    if status is Status.REVIEW:
        summary = f"needs review · {summary}"
    return StepState(step, status, summary)


def _summary(step: Step, plan: Plan, state: SessionState, catalog: Catalog) -> str:
    if step is Step.MODEL:
        count = len(plan.space.parameters) if state.tuning is None else state.tuning.size
        tuned = words.plural(count, "hyperparameter")
        return f"{words.label(catalog.learners, plan.learner.id)} · {tuned}"
    if step is Step.EVALUATION:
        measure = words.label(catalog.measures, plan.evaluation.measure)
        if plan.evaluation.further_measures:
            measure += f" and {len(plan.evaluation.further_measures)} more"
        return f"{resampling(plan)}, {measure} · {words.budget(plan)}"
    return words.method(catalog, plan)


def resampling(plan: Plan) -> str:
    """``10-fold``, ``5-fold twice``, ``holdout``."""
    how = plan.evaluation.resampling
    if how.kind == "holdout":
        return "holdout"
    if how.kind == "kfold" or how.repeats == 1:
        return f"{how.folds}-fold"
    return f"{how.folds}-fold {'twice' if how.repeats == 2 else f'{how.repeats} times'}"


def _run(state: SessionState, run: RunState) -> StepState:
    if run.active:
        return StepState(Step.RUN, Status.ACTIVE, _progress(run))
    if run.phase in ("failed", "interrupted"):
        return StepState(Step.RUN, Status.PROBLEM, run.phase, run.sentence)
    if run.present:
        return StepState(Step.RUN, Status.DONE, _finished(run))
    if state.plan is None:
        return StepState(Step.RUN, Status.LOCKED, "", "Choose the data and what to predict first.")
    if state.trouble is not None:
        return StepState(Step.RUN, Status.LOCKED, "", state.trouble.sentence)
    return StepState(Step.RUN, Status.NOT_STARTED, "")


def _progress(run: RunState) -> str:
    if run.phase == "starting" or run.progress is None:
        return "starting"
    done = round(run.progress.evaluations)
    planned = run.progress.planned
    count = f"{done:,} of {round(planned):,}" if planned else words.plural(done, "evaluation")
    return f"paused · {count}" if run.phase == "paused" else count


def _finished(run: RunState) -> str:
    if run.results is not None:
        result = run.results.result
        evaluations = words.plural(round(result.evaluations), "evaluation")
        return f"{evaluations}, {words.duration(result.seconds)}"
    if run.summary is not None:
        return words.plural(run.summary.trials, "trial")
    return str(run.phase)


def _results(run: RunState) -> StepState:
    if run.results is not None and not run.active:
        result = run.results.result
        if result.test is not None:
            return StepState(
                Step.RESULTS, Status.DONE, f"{words.score(result.test.score)} on test rows"
            )
        return StepState(
            Step.RESULTS, Status.DONE, f"{words.score(result.validation_best)} in validation"
        )
    if run.phase in ("finished", "stopped"):
        return StepState(Step.RESULTS, Status.NOT_STARTED, "being worked out")
    return StepState(Step.RESULTS, Status.LOCKED, "after the run", "Results come after the run.")


def _standing(step: Step, state: SessionState, *, done: bool) -> Status:
    confirmed = state.confirmed.get(step)
    if confirmed is not None and confirmed != basis(step, state):
        return Status.REVIEW
    return Status.DONE if done else Status.NOT_STARTED


def _trouble(step: Step, state: SessionState) -> str:
    trouble = state.trouble
    return trouble.sentence if trouble is not None and trouble.step == step else ""
