"""`Experiment`: what is to be searched with what, how often and in which order, as one value.

An experiment decides every plan of its members (`plan_of`), so it and its tables are all that a
resume needs. It says nothing of what happened; that is its members'.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from engine.domain.comparison import Contender
from engine.errors import InputError
from engine.plan import OuterFold, Plan, with_method
from engine.runs import folder as files

FILE = files.EXPERIMENT
FORMAT = 2
WHOLE = -1
"""In place of a repetition: the search on all rows, in addition to the outer folds."""


class Experiment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Several searches as one.

    Every case is tried by every contender in every repetition. In a comparison a repetition draws
    seed, outer test rows and folds anew, and its contenders share them, so their scores are paired.
    In nested resampling a repetition is an outer fold.
    """

    kind: Literal["compare", "nested"]
    cases: tuple[Plan, ...]
    """A plan for each table and learner; the contenders' methods take the place of its own."""
    contenders: tuple[Contender, ...]
    repetitions: int
    seed: int = 0
    whole: bool = False
    """Nested: whether there is a search on all rows too, whose model is the one to take home and
    whose validation score is the naive one."""
    format: int = FORMAT


class Slot(NamedTuple):
    """A member's place in an experiment."""

    case: int
    contender: Contender
    repetition: int
    """From 0; `WHOLE` for the search on all rows."""


def slots(experiment: Experiment) -> list[Slot]:
    """Every member's place, in the order in which they are carried out.

    Repetition by repetition, and within one case by case; there the contenders come in an order
    shuffled by the seed. So each repetition is a block that is complete before the next begins
    (randomised complete blocks): what slows the machine down or disturbs it for a while harms all
    contenders alike, and an experiment stopped early has compared them equally often.
    """
    blocks: list[int] = [*range(experiment.repetitions)]
    if experiment.whole:
        blocks.append(WHOLE)
    found = []
    for repetition in blocks:
        for case in range(len(experiment.cases)):
            entropy = (experiment.seed, 1, repetition - WHOLE, case)
            order = np.random.default_rng(entropy).permutation(len(experiment.contenders))
            found += [Slot(case, experiment.contenders[n], repetition) for n in order]
    return found


def seed_of(experiment: Experiment, repetition: int) -> int:
    """The seed of all searches in ``repetition``, below 2**31."""
    if repetition == WHOLE:
        return experiment.seed
    entropy = (experiment.seed, 2, repetition)
    return int(np.random.SeedSequence(entropy).generate_state(1)[0] >> 1)


def plan_of(experiment: Experiment, slot: Slot) -> Plan:
    """The plan of a member, its method's options as the contender has them."""
    plan = experiment.cases[slot.case]
    assert slot.contender.method is not None, "the default is no member"
    outer = None
    if experiment.kind == "nested" and slot.repetition != WHOLE:
        outer = OuterFold(slot.repetition, experiment.repetitions, experiment.seed)
    return msgspec.structs.replace(
        with_method(plan, slot.contender.method),
        seed=seed_of(experiment, slot.repetition),
        evaluation=msgspec.structs.replace(plan.evaluation, outer=outer),
    )


def member_folder(root: Path, experiment: Experiment, slot: Slot) -> Path:
    """Folder of a member's run, named by case, contender and repetition from 1.

    Args:
        root: folder of the experiment.
        experiment: that it belongs to.
        slot: place of the member.
    """
    last = "all-rows" if slot.repetition == WHOLE else f"{slot.repetition + 1:02d}"
    case = file_name(case_names(experiment.cases)[slot.case])
    return root / "runs" / f"{case}-{slot.contender.name}-{last}"


def table_file(root: Path, case: int) -> Path:
    """The table of a case, which its members share."""
    return root / f"data-{case + 1}.arrow"


def case_names(cases: Sequence[Plan]) -> list[str]:
    """Distinct names of the cases: table and learner, numbered where they repeat."""
    names: list[str] = []
    for plan in cases:
        table = Path(plan.data.source.removeprefix("builtin:")).stem
        name = base = f"{table}, {plan.learner.id}"
        number = 2
        while name in names:
            name, number = f"{base} ({number})", number + 1
        names.append(name)
    return names


def file_name(text: str) -> str:
    """Turn ``text`` into a part of a file's name."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.") or "x"


def encode(experiment: Experiment) -> bytes:
    """Encode ``experiment`` as indented JSON, ending in a newline."""
    return msgspec.json.format(msgspec.json.encode(experiment), indent=2) + b"\n"


def decode(text: bytes, *, name: str) -> Experiment:
    """The experiment in ``text``; ``name`` is what an error calls it.

    Raises:
        InputError: ``experiment.unreadable``, ``experiment.newer`` or ``experiment.older``.
    """
    try:
        found = msgspec.json.decode(text, type=_Format).format
        if found != FORMAT:
            code = "experiment.newer" if found > FORMAT else "experiment.older"
            raise InputError(code, path=name, found=found, known=FORMAT)
        return msgspec.json.decode(text, type=Experiment)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError("experiment.unreadable", path=name, why=str(error)) from error


def load(folder: Path) -> Experiment:
    """Load the experiment in ``folder``.

    Raises:
        InputError: ``experiment.none``, or as `decode` has it.
    """
    path = folder / FILE
    try:
        text = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError("experiment.none", path=folder) from error
    except OSError as error:
        raise InputError("file.unreadable", path=path, why=error.strerror) from error
    return decode(text, name=str(path))


class _Format(msgspec.Struct):
    format: int = FORMAT
