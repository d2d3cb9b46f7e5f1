"""``tune``, ``run`` and ``resume``: carry out a search on the terminal."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from engine import plan as plans
from engine.cli.interrupt import run_until_interrupted
from engine.cli.plan_options import assignments, data_plan, plan_changes, plan_file
from engine.cli.printed_report import announce, closing, summary
from engine.cli.progress_bar import Progress
from engine.data.open import open_table
from engine.data.readers import with_options
from engine.domain.results import RunResult
from engine.errors import InputError, RunError
from engine.plan import Plan
from engine.runs import folder as files
from engine.runs import planning, run_library
from engine.runs.apply_final_choice import choices_of
from engine.runs.machine import cores
from engine.runs.run_executor import RunExecutor, worker_modules
from engine.runs.tuning_summary import tuning
from engine.workers import LocalPool


def tune(call: argparse.Namespace) -> int:
    """Plan a search around the options of the call, and carry it out."""
    check_out(call)
    changes = plan_changes(call)
    table = open_table(data_plan(call, changes))
    if table.data.target is None:
        known = ", ".join(column.name for column in table.columns)
        raise InputError("target.none", path=table.data.source, known=known)
    changes = {path: value for path, value in changes.items() if not path.startswith("data.")}
    draft = planning.draft(table.data, workers_available=cores(), changes=changes)
    for notice in table.warnings:
        print(f"note: {notice.sentence}", file=sys.stderr)
    announce(draft, changes)
    if call.nested is not None:
        from engine.cli.run_experiments import nest

        return nest(call, draft.plan)
    return _begin(call, planning.checked(draft.plan))


def run(call: argparse.Namespace) -> int:
    """Carry out a saved plan."""
    check_out(call)
    path = plan_file(call.plan)
    plan = plans.load(path)
    plan = msgspec.structs.replace(plan, data=with_options(plan.data))
    plan = plans.replace(plan, assignments(call.set))
    return _begin(call, planning.checked(plan))


def resume(call: argparse.Namespace) -> int:
    """Resume a run, with a larger budget if the call gives one."""
    folder = Path(call.folder)
    if (folder / files.EXPERIMENT).is_file():
        from engine.cli.run_experiments import resume as resume_experiment

        return resume_experiment(call)
    if call.methods or call.repeats is not None:
        what = f"--methods and --repeats are for comparisons, and {folder} is a single run."
        raise InputError("usage", what=what)
    budget = planning.larger(folder, call.trials, call.seconds)
    plan = planning.to_resume(folder, budget)
    before = files.load_plan(folder).budget
    for name in ("target", "stagnation"):
        if getattr(plan.budget, name) != getattr(before, name):
            print(f"note: budget.{name} has ended the search and is left out now", file=sys.stderr)
    return carry_out(call, folder, plan)


def take(call: argparse.Namespace) -> int:
    """Select another trial as the run's result."""
    folder = Path(call.folder)
    plan = files.load_plan(folder)
    number, why = call.trial, call.why
    if call.choice:
        found = choices_of(plan, run_library.archive_of(folder)[0])
        for choice in found:
            where = "none" if choice.trial is None else f"trial {choice.trial}"
            print(f"{choice.label}: {where}. {choice.sentence}", file=sys.stderr)
        chosen = next((c for c in found if c.kind == call.choice), None)
        if chosen is None or chosen.trial is None:
            raise RunError(
                "run.no_choice", why=chosen.sentence if chosen else "No trial is complete."
            )
        number, why = chosen.trial, why or chosen.label
    return carry_out(call, folder, plan, lambda executor: executor.select(number, why))


def check_out(call: argparse.Namespace) -> None:
    """Raise InputError if the output folder is not empty; call before reading data."""
    if call.out:
        files.check_free(Path(call.out))


def _begin(call: argparse.Namespace, plan: Plan) -> int:
    folder = Path(call.out) if call.out else run_library.new_folder(plan)
    files.create(folder, plan, planning.load_data(plan.data))
    run_library.remember(folder)
    return carry_out(call, folder, plan)


def carry_out(
    call: argparse.Namespace,
    folder: Path,
    plan: Plan,
    work: Callable[[RunExecutor], RunResult | None] = RunExecutor.run,
    show: Callable[[RunResult], None] | None = None,
) -> int:
    """Work on a run and print what comes of it; errors, and how to resume, are printed on standard
    error.

    Args:
        call: whose ``--json`` decides how the result is printed.
        folder: of the run.
        plan: to run by.
        work: done with the run's executor; the whole search by default.
        show: called with the result in place of printing it.

    Returns:
        The exit status.

    Raises:
        RunError: ``run.no_result`` if no trial is complete.
    """
    with LocalPool(plan.workers, worker_modules(plan)) as pool:
        progress = Progress(plan)
        executor = RunExecutor(folder, plan, pool, progress)
        status, result = run_until_interrupted(executor, progress, lambda: work(executor))
    if status:
        return status
    if result is None:
        raise RunError("run.no_result", path=folder)
    if show is None:
        _show(call, folder, plan, result)
    else:
        show(result)
    return 0


def _show(call: argparse.Namespace, folder: Path, plan: Plan, result: RunResult) -> None:
    if call.json:
        tree: dict[str, Any] = {"run": str(folder), **msgspec.to_builtins(result)}
        print(msgspec.json.encode(tree).decode())
    else:
        width = shutil.get_terminal_size().columns
        tuned = tuning(folder, run_library.archive_of(folder)[0], result.trial)
        print(summary(plan, result, width, tuned))
        print(closing(folder, [m.trial for m in result.front if m.trial != result.trial]))
