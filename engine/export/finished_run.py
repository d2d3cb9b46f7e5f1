"""Reading a finished run's folder, and putting a file in place whole."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from engine import plan as plans
from engine.domain.results import RunResult
from engine.domain.trials import TrialRecord
from engine.errors import InputError
from engine.gradient.spec.state_files import VALUES
from engine.plan import Plan, Task


@dataclass(frozen=True)
class FinishedRun:
    """A run's folder with its plan and what it found."""

    folder: Path
    plan: Plan
    result: RunResult

    @property
    def task(self) -> Task:
        """The task: as planned, else derived from the classes of the result."""
        if self.plan.data.task is not None:
            return self.plan.data.task
        classes = len(self.result.classes)
        return "regression" if not classes else "binary" if classes == 2 else "multiclass"

    def with_trial(self, trial: TrialRecord) -> FinishedRun:
        """The same as if the complete ``trial`` were its result; its test scores are not known."""
        if trial.number == self.result.trial:
            return self
        assert trial.value is not None
        result = msgspec.structs.replace(
            self.result,
            trial=trial.number,
            configuration=trial.configuration,
            validation_best=trial.value,
            test_scores={},
            selected_by_user=True,
            selection_reason="",
        )
        return FinishedRun(self.folder, self.plan, result)


def finished(folder: Path) -> FinishedRun:
    """The run in ``folder``.

    Raises:
        InputError: if it is no run, has no result yet, or its files can't be read.
    """
    plan_file = folder / "plan.json"
    if not plan_file.is_file():
        raise InputError("run.none", path=folder)
    plan = plans.load(plan_file)
    try:
        text = (folder / "result.json").read_bytes()
    except FileNotFoundError as error:
        raise InputError("run.no_result", path=folder) from error
    except OSError as error:
        raise InputError("file.unreadable", path=error.filename, why=_why(error)) from error
    try:
        result = msgspec.json.decode(text, type=RunResult)
    except msgspec.DecodeError as error:
        path = folder / "result.json"
        raise InputError("file.unreadable", path=path, why=str(error)) from error
    return FinishedRun(folder, plan, result)


def place(to: Path, make: Callable[[Path], object]) -> None:
    """Let ``make`` write a temporary file, then move it to ``to``; on an error ``to`` is unchanged.

    Raises:
        InputError: ``export.unwritable``.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{to.name}.", dir=to.parent)
    except OSError as error:
        raise InputError("export.unwritable", path=to, why=_why(error)) from error
    os.close(handle)
    scratch = Path(name)
    try:
        make(scratch)
        # A scratch file is the owner's alone; what is exported is made to be handed on.
        scratch.chmod(0o666 & ~_umask())
        scratch.replace(to)
    except OSError as error:
        raise InputError("export.unwritable", path=to, why=_why(error)) from error
    finally:
        scratch.unlink(missing_ok=True)


def place_text(to: Path, text: str) -> None:
    """Write ``text`` as UTF-8 with plain line ends to ``to``, whole or not at all.

    Raises:
        InputError: ``export.unwritable``.
    """
    place(to, lambda path: path.write_text(text, encoding="utf-8", newline="\n"))


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _why(error: OSError) -> str:
    return error.strerror or str(error)


def tuned(folder: Path) -> dict[str, np.ndarray]:
    """Read the arrays that a gradient has tuned, by name; each has a shape of its own.

    Raises:
        InputError: ``run.no_result`` if they are not there.
    """
    try:
        with np.load(folder / VALUES, allow_pickle=False) as kept:
            return dict(kept)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise InputError("run.no_result", path=folder) from error
