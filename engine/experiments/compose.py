"""Compose an experiment from plans and methods, and extend one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from engine import catalog
from engine.archive.lock import FolderLock
from engine.data.open import Loaded
from engine.data.table_store import load_arrow, save
from engine.domain.comparison import DEFAULT, Contender
from engine.errors import InputError
from engine.experiments.experiment import (
    FILE,
    Experiment,
    Slot,
    encode,
    file_name,
    load,
    plan_of,
    table_file,
)
from engine.gradients import Gradients
from engine.plan import MethodPlan, Plan, with_method
from engine.runs import folder as files
from engine.runs import planning

RANDOM = "random"
"""Id of the reference method."""


def compose(
    kind: Literal["compare", "nested"],
    plans: Sequence[Plan],
    contenders: Sequence[Contender],
    repetitions: int,
    *,
    seed: int = 0,
    whole: bool = False,
) -> Experiment:
    """Compose an experiment over ``plans`` by ``contenders``.

    A comparison gets random search as a reference where it is not among them; the other reference,
    the learner's default configuration, is trial 0 of every search. In nested resampling the outer
    folds replace the plans' test share.

    Args:
        kind: comparison of methods or nested resampling.
        plans: one per case; their methods are replaced.
        contenders: methods with options.
        repetitions: of a comparison, or outer folds.
        seed: of all searches and the outer folds.
        whole: nested: whether to search on all rows, too.

    Returns:
        The experiment.

    Raises:
        InputError: if it makes no sense in itself; `check` checks plans and tables.
    """
    if not plans or not contenders:
        raise InputError("experiment.empty")
    if kind == "compare" and not any(c.method and c.method.id == RANDOM for c in contenders):
        contenders = (*contenders, contender(MethodPlan(RANDOM), reference=True))
    if repetitions < (2 if kind == "nested" else 1):
        raise InputError("experiment.repetitions", least=2 if kind == "nested" else 1)
    _check_names(contenders)
    measures = {plan.evaluation.measure for plan in plans}
    if len(measures) > 1:
        raise InputError("experiment.measures", known=", ".join(sorted(measures)))
    if len({plan.budget for plan in plans}) > 1:
        raise InputError("experiment.budgets")
    budget = plans[0].budget
    if budget.evaluations is None and budget.seconds is None:
        raise InputError("experiment.budget", field="budget")
    cases = []
    for plan in plans:
        evaluation = msgspec.structs.replace(plan.evaluation, outer=None)
        if kind == "nested":
            if plan.data.test_source is not None:
                raise InputError("experiment.test_file", field="data.test_source")
            evaluation = msgspec.structs.replace(evaluation, test_share=0.0)
        case = with_method(plan, MethodPlan(RANDOM))
        cases.append(msgspec.structs.replace(case, evaluation=evaluation, seed=seed))
    return Experiment(
        kind=kind,
        cases=tuple(cases),
        contenders=tuple(contenders),
        repetitions=repetitions,
        seed=seed,
        whole=whole and kind == "nested",
    )


def contender(
    method: MethodPlan | Gradients, *, name: str = "", label: str = "", reference: bool = False
) -> Contender:
    """Make a contender of a method.

    Args:
        method: with its options.
        name: unique in the comparison; the method's id if left out.
        label: for people; the method's if left out.
        reference: whether it is there for comparison only.

    Returns:
        The contender.

    Raises:
        InputError: if there is no such method.
    """
    label = label or catalog.method_card(method.id).label
    return Contender(name or method.id, label, method, reference)


def check(experiment: Experiment, tables: Sequence[Loaded]) -> None:
    """See that every member can run, before hours are spent on the first ones.

    Args:
        tables: of the cases.

    Raises:
        InputError: the first reason why one can't.
    """
    for case, loaded in enumerate(tables):
        for one in experiment.contenders:
            planning.settled(plan_of(experiment, Slot(case, one, 0)), loaded)


def create(folder: Path, experiment: Experiment, tables: Sequence[Loaded]) -> None:
    """Make ``folder`` a new experiment. ``experiment.json`` is written last, so an interrupted
    creation is no experiment.

    Args:
        folder: new or empty.
        experiment: to be carried out.
        tables: of its cases.

    Raises:
        InputError: ``out.not_empty`` or ``out.not_writable``.
    """
    files.check_free(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for case, loaded in enumerate(tables):
            save(loaded, table_file(folder, case))
        files.write_atomically(folder / FILE, encode(experiment))
    except OSError as error:
        raise InputError("out.not_writable", path=folder, why=error.strerror) from error


def extend(folder: Path, methods: Sequence[Contender] = (), repetitions: int | None = None) -> None:
    """Rewrite the experiment in ``folder`` with more contenders or repetitions, keeping what is
    done.

    Args:
        folder: of the experiment.
        methods: further contenders.
        repetitions: in all; as before if left out.

    Raises:
        InputError: if the new ones can't run, or fewer repetitions are asked for.
        RunError: ``run.locked`` while it is being carried out.
    """
    lock = FolderLock(folder)
    try:
        files.write_atomically(folder / FILE, encode(checked(folder, methods, repetitions)))
    finally:
        lock.release()


def checked(
    folder: Path, methods: Sequence[Contender] = (), repetitions: int | None = None
) -> Experiment:
    """Extend and check the experiment in ``folder`` without writing anything.

    Args:
        folder: of the experiment.
        methods: further contenders.
        repetitions: in all; as before if left out.

    Returns:
        The extended experiment.

    Raises:
        InputError: if the new ones can't run, or fewer repetitions are asked for.
    """
    experiment = load(folder)
    larger = extended(experiment, methods, repetitions)
    tables = [load_arrow(table_file(folder, case)) for case in range(len(experiment.cases))]
    check(larger, tables)
    return larger


def extended(
    experiment: Experiment, methods: Sequence[Contender] = (), repetitions: int | None = None
) -> Experiment:
    """Extend ``experiment`` by contenders or repetitions.

    A contender that was a reference and is now asked for stops being a reference. The outer folds
    of nested resampling are of one cross-validation, so their number stays.

    Args:
        experiment: composed before.
        methods: further contenders.
        repetitions: in all; as before if left out.

    Returns:
        The extended experiment.

    Raises:
        InputError: ``experiment.fewer``, ``experiment.folds`` or ``experiment.name``.
    """
    count = experiment.repetitions if repetitions is None else repetitions
    if experiment.kind == "nested" and count != experiment.repetitions:
        raise InputError("experiment.folds", folds=experiment.repetitions)
    if count < experiment.repetitions:
        raise InputError("experiment.fewer", repetitions=experiment.repetitions)
    asked = {one.name: one for one in methods}
    kept = []
    for one in experiment.contenders:
        same = asked.get(one.name)
        if same is not None and one.reference and same.method == one.method:
            del asked[one.name]
            one = msgspec.structs.replace(one, reference=False)
        kept.append(one)
    contenders = (*kept, *asked.values())
    _check_names(contenders)
    return msgspec.structs.replace(experiment, contenders=contenders, repetitions=count)


def _check_names(contenders: Sequence[Contender]) -> None:
    names = set()
    for one in contenders:
        if one.name in names or one.name == DEFAULT or one.name != file_name(one.name):
            raise InputError("experiment.name", name=one.name)
        names.add(one.name)
