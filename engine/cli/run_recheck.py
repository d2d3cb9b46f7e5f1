"""``recheck``: a trial of a run once more, on other folds."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from engine.errors import InputError
from engine.runs import folder as files
from engine.runs import run_library
from engine.runs.recheck import recheck as score
from engine.runs.run_executor import worker_modules
from engine.workers import LocalPool


def recheck(call: argparse.Namespace) -> int:
    """Print the score of a trial, the result's if the call names none, on folds drawn anew."""
    folder = Path(call.folder)
    plan, trials = files.load_plan(folder), run_library.archive_of(folder)[0]
    number = call.trial
    if number is None:
        result = files.load_result(folder)
        if result is None:
            raise InputError("run.no_result", path=folder)
        number = result.trial
    with LocalPool(plan.workers, worker_modules(plan)) as pool:
        found = score(folder, trials, number, pool, redraw=call.again)
    if call.json:
        print(msgspec.json.encode({"run": str(folder), **msgspec.to_builtins(found)}).decode())
    else:
        print(found.sentence)
    return 0
