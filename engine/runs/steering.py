"""Steering by the user: configurations of their own, and another version of the space.

A search's space is part of its plan and never changes. To narrow a range or drop a choice is
therefore a new run, whose plan names its parent run; the trials of that one that lie in the new
space are copied into its archive, and its method is told their results as if it had asked for them.
Both runs are kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from engine import catalog
from engine.archive import Archive
from engine.data.table_store import load_arrow
from engine.domain.trials import TrialRecord, TrialState
from engine.errors import InputError, SpaceError
from engine.plan import Plan, with_method
from engine.runs import folder as files
from engine.runs import planning, run_library
from engine.runs.incumbent_watch import LOOKS
from engine.runs.run_executor import open_archive
from engine.search.folds import means
from engine.space import Configuration, SearchSpace, Value
from engine.tuners.base import Proposal

PERSON = "person"
FROM = "from"
"""Note of a trial that was taken over: its number in the run before."""


def completed(
    plan: Plan, given: Mapping[str, Value], trials: Sequence[TrialRecord]
) -> Configuration:
    """Complete a partial configuration: what it leaves out is as in the best of ``trials``, or in
    the first one.

    Args:
        plan: of the run.
        given: values set by the user.
        trials: of the run.

    Returns:
        A configuration of the plan's space.

    Raises:
        InputError: if a value is not possible (`SpaceError`), it was tried already, or it is a
            gradient run.
    """
    if plan.by_gradient:
        raise InputError("run.no_enqueue")
    space = plan.space
    unknown = [name for name in given if name not in space.names]
    if unknown:
        known = ", ".join(space.names)
        raise SpaceError("plan.unknown", kind="hyperparameter", name=unknown[0], known=known)
    maximise = catalog.measure_card(plan.evaluation.measure).maximise
    scored = [t for t in trials if t.value is not None and t.state is TrialState.COMPLETE]
    sign = 1 if maximise else -1
    base = max(scored, key=lambda t: sign * (t.value or 0.0), default=None)
    usual = base.configuration if base else trials[0].configuration if trials else {}
    whole: Configuration = {}
    for parameter in space.parameters:
        name = parameter.name
        if not space.is_active(name, whole):
            if name in given:
                whole[name] = given[name]  # `validate` says why it has no meaning
            continue
        value = given.get(name, usual.get(name)) if name in given or name in usual else None
        if name not in given and (name not in usual or not parameter.contains(value)):
            value = parameter.from_unit(0.5)
        whole[name] = value
    space.validate(whole)
    for trial in trials:
        if trial.configuration == whole:
            raise InputError("run.tried", number=trial.number)
    return whole


def enqueue(folder: Path, given: Mapping[str, Value]) -> tuple[int, Configuration]:
    """Add a trial of ``given`` to the run in ``folder``, which is not searching: it is evaluated as
    soon as the run is resumed.

    Returns:
        The trial's number and the complete configuration.

    Raises:
        InputError, RunError: see `completed`; ``run.locked`` while it is searching elsewhere.
    """
    plan = files.load_plan(folder)
    with open_archive(folder, plan) as archive:
        configuration = completed(plan, given, list(archive.trials.values()))
        if not archive.trials:
            _begin_default(archive, folder, plan)
        number = max(archive.proposals, default=-1) + 1
        proposal = Proposal(number, len(archive.trials), configuration, origin=PERSON)
        archive.begin(proposal)
        archive.note(run_library.STATE, "interrupted")  # there is something to do again
    return proposal.trial, configuration


def narrow(
    folder: Path, space: SearchSpace, out: Path | None = None, evaluations: float | None = None
) -> tuple[Path, Plan, int, int]:
    """Create a run that resumes the search of that in ``folder`` in another version of its space.

    Args:
        folder: of a run, searching or not; it is only read.
        space: another version of its space, of the same hyperparameters.
        out: folder of the new run; one in the library if left out.
        evaluations: of its budget, those copied included; as in the old plan if left out.

    Returns:
        Its folder and plan, how many trials were copied, and how many complete ones were not.

    Raises:
        InputError: ``narrow.names``, or why the plan can't run; then nothing is made.
    """
    plan = files.load_plan(folder)
    if plan.by_gradient:
        raise InputError("run.no_enqueue")
    if set(space.names) != set(plan.space.names):
        raise InputError("narrow.names", names=", ".join(plan.space.names), field="space")
    budget = plan.budget
    if evaluations is not None:
        budget = msgspec.structs.replace(budget, evaluations=evaluations)
    new = with_method(plan, plan.method, space)
    new = msgspec.structs.replace(new, budget=budget, parent_run=str(folder.resolve()))
    new = planning.checked(new)
    trials, notes = run_library.archive_of(folder)
    complete = [t for t in trials if t.state is TrialState.COMPLETE and t.value is not None]
    kept = [t for t in complete if _fits(t, new)]
    planned = new.budget.evaluations
    if planned is not None and len(kept) >= planned:
        raise InputError("narrow.no_budget", kept=len(kept), planned=f"{planned:g}")
    place = out or run_library.new_folder(new)
    files.create(place, new, planning.load_data(new.data))
    with open_archive(place, new) as archive:
        _take_over(archive, place, new, kept)
        if notes.get(LOOKS):
            # The outer test rows are the same: whoever looked at them has looked.
            archive.note(LOOKS, notes[LOOKS])
    run_library.remember(place)
    return place, new, len(kept), len(complete) - len(kept)


def _fits(trial: TrialRecord, plan: Plan) -> bool:
    """Whether ``trial`` lies in the plan's space and has all of its folds."""
    try:
        plan.space.validate(trial.configuration)
    except SpaceError:
        return False
    whole = len(trial.folds) == plan.evaluation.resampling.n_folds
    return whole and all(fold.cause is None for fold in trial.folds.values())


def _take_over(archive: Archive, folder: Path, plan: Plan, kept: Sequence[TrialRecord]) -> None:
    """Copy ``kept`` behind the default configuration, which is trial 0 as in every run."""
    default = _default(folder, plan)
    first = next((t for t in kept if t.configuration == default), None)
    if first is None:
        _begin_default(archive, folder, plan)
    others = [t for t in kept if t is not first]
    for old in ([first] if first else []) + others:
        number = len(archive.trials)
        origin = "default" if old is first else old.origin
        proposal = Proposal(
            number, number, dict(old.configuration), origin=origin, note={FROM: old.number}
        )
        archive.begin(proposal)
        for fold in old.folds.values():
            archive.add_fold(msgspec.structs.replace(fold, trial=number))
        value, *further_values = means(old.folds.values(), plan.evaluation)
        if not math.isfinite(value):
            raise ValueError(f"trial {old.number} is complete, and its score is no number")
        archive.finish(
            number,
            TrialState.COMPLETE,
            value=value,
            further_values=tuple(further_values),
            told=proposal,
        )


def _begin_default(archive: Archive, folder: Path, plan: Plan) -> None:
    archive.begin(Proposal(0, 0, _default(folder, plan), origin="default"))


def _default(folder: Path, plan: Plan) -> Configuration:
    facts = load_arrow(folder / files.DATA).facts
    return plan.space.nearest(catalog.default_configuration(plan, facts))
