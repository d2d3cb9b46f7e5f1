"""A run's folder: its files, and how a new one is created.

plan.json            the request
data.arrow           the table, so that nothing depends on the original file
journal.log          what happened (an Optuna study called ``run``)
result.json          the result
model.skops          the model fitted without the outer test rows
predictions.parquet  its predictions of the outer test rows
hyper/, hyperparameters.npz  of a gradient run: its states, and its tuned hyperparameters
cache.msgpack, lock  can be deleted while no program uses the run
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path

import msgspec

from engine import plan as plans
from engine.archive import JOURNAL
from engine.data.open import Loaded
from engine.data.table_store import save
from engine.domain.results import RunResult
from engine.errors import InputError, RunError
from engine.plan import Plan

PLAN = "plan.json"
DATA = "data.arrow"
RESULT = "result.json"
MODEL = "model.skops"
PREDICTIONS = "predictions.parquet"
EXPERIMENT = "experiment.json"
"""In a folder that holds several runs as one; see `engine.experiments`."""


def create(folder: Path, plan: Plan, loaded: Loaded) -> None:
    """Make ``folder`` a new run: its plan and its table.

    Args:
        folder: new or empty.
        plan: of the run.
        loaded: its table.

    Raises:
        InputError: ``out.not_empty`` or ``out.not_writable``; then nothing is left behind.
    """
    check_free(folder)
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save(loaded, folder / DATA)
        write_atomically(folder / PLAN, plans.encode(plan))
    except (OSError, RunError) as error:
        for path in (folder / DATA, folder / PLAN):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        for place in made:
            with contextlib.suppress(OSError):
                place.rmdir()
        raise _not_writable(folder, error) from error


def create_beside(folder: Path, plan: Plan, table: Path) -> None:
    """Make ``folder`` a new run, or complete an interrupted creation, with a hard link to an
    existing table where the disk allows that, else a copy.

    Args:
        folder: of the run.
        plan: of the run.
        table: existing Arrow file.

    Raises:
        InputError: ``out.not_writable``.
        RunError: ``run.disk_full``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DATA).unlink(missing_ok=True)
        try:
            os.link(table, folder / DATA)
        except OSError:
            shutil.copyfile(table, folder / DATA)
        write_atomically(folder / PLAN, plans.encode(plan))
    except OSError as error:
        raise _not_writable(folder, error) from error


def check_free(folder: Path) -> None:
    """Check that ``folder`` can become a run: it does not exist or is empty.

    Raises:
        InputError: ``out.not_empty`` or ``out.not_writable``.
    """
    try:
        used = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise _not_writable(folder, error) from error
    if used:
        raise InputError("out.not_empty", path=folder)


def load_plan(folder: Path) -> Plan:
    """Load the plan of the run in ``folder``.

    Raises:
        InputError: ``run.none`` when it is not a run; see `engine.plan.load` for a damaged plan.
    """
    if not (folder / PLAN).is_file() or not (folder / DATA).is_file():
        raise InputError("run.none", path=folder)
    return plans.load(folder / PLAN)


def save_plan(folder: Path, plan: Plan) -> None:
    """Replace the plan, for a run that is resumed with another budget."""
    write_atomically(folder / PLAN, plans.encode(plan))


def has_journal(folder: Path) -> bool:
    """Whether the run in ``folder`` was started."""
    return (folder / JOURNAL).exists()


def load_result(folder: Path) -> RunResult | None:
    """Load the result of the run; None when it has no (readable) one."""
    try:
        return msgspec.json.decode((folder / RESULT).read_bytes(), type=RunResult)
    except (OSError, msgspec.DecodeError):
        return None


def save_result(folder: Path, result: RunResult) -> None:
    """Write ``result.json``."""
    text = msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"
    write_atomically(folder / RESULT, text)


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that a reader sees the old file or the whole new one.

    Raises:
        RunError: ``run.disk_full`` when there is no room; other `OSError` as they are.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise RunError("run.disk_full", path=path) from error
        raise
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _not_writable(folder: Path, error: OSError | RunError) -> InputError:
    cause = error if isinstance(error, OSError) else error.__cause__
    why = cause.strerror if isinstance(cause, OSError) else str(cause)
    return InputError("out.not_writable", path=folder, why=why)
