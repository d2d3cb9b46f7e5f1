"""From plans and methods to an experiment that can run, and to a larger one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from engine import catalog
from engine.archive.lock import FolderLock
from engine.data.open import Loaded
from engine.data.store import load_arrow, save
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
"""The method that stands beside all others as a reference."""


def compose(
    kind: Literal["compare", "nested"],
    plans: Sequence[Plan],
    contenders: Sequence[Contender],
    repetitions: int,
    *,
    seed: int = 0,
    whole: bool = False,
) -> Experiment:
    """An experiment over ``plans`` by ``contenders``.

    A comparison gets random search as a reference where it is not among them; the other reference,
    the learner's default configuration, is trial 0 of every search. In nested resampling the outer
    folds take the place of the plans' test share.

    Raises:
        InputError: for what makes no sense in itself; `check` looks at the plans and tables.
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
    """``method`` as a contender, named after its id unless ``name`` says otherwise.

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
    """Make ``folder`` an experiment that has not begun. It is one once ``experiment.json`` stands.

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
    """Rewrite the experiment in ``folder`` with more contenders or repetitions; what is done stays.

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
    """The experiment in ``folder`` with more contenders or repetitions; nothing is written.

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
    """``experiment`` with more contenders or repetitions.

    A method that was there as a reference and is now asked for stops being a reference. The outer
    folds of nested resampling are of one cross-validation, so their number stays.

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
