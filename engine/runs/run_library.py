"""The library: all runs of the user, in their data folder or listed by reference.

A run made elsewhere (``--out``) is listed through ``references.json``. Deleting moves a run to the
``deleted`` folder; nothing is ever removed.
"""

from __future__ import annotations

import contextlib
import math
import re
import shutil
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from engine import user_folders
from engine.archive import is_locked, read
from engine.domain.results import RunSummary
from engine.domain.trials import TrialRecord, TrialState
from engine.errors import InputError, RunError, TunesmithError
from engine.plan import Plan
from engine.runs import folder as files
from engine.search.folds import evaluations_of
from engine.terminators import BudgetUse

REFERENCES = "references.json"
DELETED = "deleted"
State = Literal["running", "paused", "interrupted", "finished", "damaged"]
STATE = "state"
"""Archive note: what the run was doing when last heard of (running, paused, finished)."""


def library() -> Path:
    """Folder of the user's runs."""
    return user_folders.data() / "runs"


def new_folder(plan: Plan, what: str = "") -> Path:
    """Choose a free folder in the library, named after data, learner (or ``what`` it is) and
    date."""
    source = plan.data.source.removeprefix("builtin:")
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(source).stem).strip("-") or "run"
    name = f"{stem}-{what or plan.learner.id}-{time.strftime('%Y%m%d-%H%M%S')}"
    candidates = (name if n == 1 else f"{name}-{n}" for n in range(1, 10_000))
    return next(library() / c for c in candidates if not (library() / c).exists())


def remember(folder: Path) -> None:
    """Add the run or comparison in ``folder``, outside the library, to the references. A run that
    is part of a comparison, or of another run, is listed under that."""
    folder = folder.resolve()
    if folder.parent == library().resolve() or _is_part(folder):
        return
    known = _references()
    if str(folder) not in known:
        with contextlib.suppress(OSError):
            library().mkdir(parents=True, exist_ok=True)
            _save_references([*known, str(folder)])


def list_runs() -> list[RunSummary]:
    """Summarise every run, newest first; references to folders that are gone are left out."""
    return sorted((summary(f) for f in folders_with(files.PLAN)), key=lambda s: -s.created)


def folders_with(name: str) -> list[Path]:
    """List the folders in the library, or listed by reference, that contain a file ``name``."""
    inside = library().iterdir() if library().is_dir() else []
    folders = [f for f in inside if f.name != DELETED]
    folders += [Path(f) for f in _references()]
    return [f for f in folders if (f / name).is_file()]


def summary(
    folder: Path, archived: tuple[list[TrialRecord], dict[str, object]] | None = None
) -> RunSummary:
    """Summarise the run in ``folder``; one that can't be read is ``damaged``, with the reason.

    Args:
        folder: of the run.
        archived: its trials and attributes, if they have been read already.
    """
    from engine import catalog

    created = (folder / files.PLAN).stat().st_mtime
    try:
        plan = files.load_plan(folder)
        catalog.method_card(plan.method.id)
        trials, notes = archived or archive_of(folder)
    except TunesmithError as error:
        blank = dict.fromkeys(("learner", "data", "target", "method", "measure"), "")
        return RunSummary(
            path=str(folder),
            name=folder.name,
            state="damaged",
            created=created,
            **blank,
            trials=0,
            failed=0,
            evaluations=0.0,
            planned=None,
            best=None,
            problem=str(error),
        )
    result = files.load_result(folder)
    warm_starts, n_folds = catalog.warm_starts(plan), plan.evaluation.resampling.n_folds
    return RunSummary(
        path=str(folder),
        name=folder.name,
        state=_state(folder, notes),
        created=min([t.started for t in trials], default=created),
        learner=plan.learner.id,
        data=plan.data.source,
        target=plan.data.target or "",
        method=plan.method.id,
        measure=plan.evaluation.measure,
        trials=len(trials),
        failed=sum(t.state is TrialState.FAILED for t in trials),
        evaluations=_evaluations(trials, warm_starts=warm_starts, n_folds=n_folds),
        planned=plan.budget.evaluations,
        best=_best(plan, trials),
        test=result.test.score if result and result.test else None,
    )


def budget_used(plan: Plan, trials: Sequence[TrialRecord]) -> BudgetUse:
    """Where the search of ``plan`` stands after ``trials``; its time is left out.

    What trials cost that ended after the best one counts as without improvement.
    """
    from engine import catalog

    warm_starts, n_folds = catalog.warm_starts(plan), plan.evaluation.resampling.n_folds
    best = _best(plan, trials)
    since = min(
        (t.ended for t in trials if t.value == best and t.ended is not None), default=math.inf
    )
    later = [t for t in trials if t.ended is None or t.ended > since]
    return BudgetUse(
        evaluations=_evaluations(trials, warm_starts=warm_starts, n_folds=n_folds),
        best=best,
        since_improvement=0.0
        if best is None
        else _evaluations(later, warm_starts=warm_starts, n_folds=n_folds),
    )


def archive_of(folder: Path) -> tuple[list[TrialRecord], dict[str, object]]:
    """Read trials and attributes of the run in ``folder``; both empty before it was started.

    Raises:
        RunError: ``run.damaged``.
    """
    return read(folder) if files.has_journal(folder) else ([], {})


def delete(folder: Path) -> Path:
    """Move the run or comparison in ``folder`` to the ``deleted`` folder; returns the new folder.

    Raises:
        InputError: ``run.none``.
        RunError: ``run.locked`` while something writes to it.
    """
    if not any((folder / name).is_file() for name in (files.PLAN, files.EXPERIMENT)):
        raise InputError("run.none", path=folder)
    if is_locked(folder):
        raise RunError("run.locked", path=folder, pid="unknown")
    target = library() / DELETED
    target.mkdir(parents=True, exist_ok=True)
    place = target / folder.name
    number = 2
    while place.exists():
        place = target / f"{folder.name}-{number}"
        number += 1
    shutil.move(folder, place)
    known = [f for f in _references() if Path(f) != folder.resolve()]
    if known != _references():
        _save_references(known)
    return place


def _is_part(folder: Path) -> bool:
    whole = (folder.parent / files.PLAN, folder.parent.parent / files.EXPERIMENT)
    return any(path.is_file() for path in whole)


def _state(folder: Path, notes: dict[str, object]) -> State:
    if is_locked(folder):
        return "running"
    noted = notes.get(STATE)
    return "paused" if noted == "paused" else "finished" if noted == "finished" else "interrupted"


def _evaluations(trials: Iterable[TrialRecord], *, warm_starts: bool, n_folds: int) -> float:
    """Full evaluations that ``trials`` have cost."""
    return sum(evaluations_of(t, warm_starts=warm_starts) for t in trials) / n_folds


def _best(plan: Plan, trials: Sequence[TrialRecord]) -> float | None:
    from engine.catalog import measure_card

    values = [t.value for t in trials if t.state is TrialState.COMPLETE and t.value is not None]
    if not values:
        return None
    return max(values) if measure_card(plan.evaluation.measure).maximise else min(values)


def _references() -> list[str]:
    try:
        return msgspec.json.decode((library() / REFERENCES).read_bytes(), type=list[str])
    except (OSError, msgspec.DecodeError):
        return []


def _save_references(paths: list[str]) -> None:
    files.write_atomically(library() / REFERENCES, msgspec.json.encode(paths))
