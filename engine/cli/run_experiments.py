"""``compare``, ``tune --nested`` and ``resume`` of either: several searches as one."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.analysis.verdict_words import findings
from engine.cli.comparison_report import summary, tree
from engine.cli.experiment_progress import ExperimentProgressBar
from engine.cli.interrupt import run_until_interrupted
from engine.cli.parser import learner_id
from engine.cli.plan_options import data_plan, plan_changes
from engine.cli.printed_report import command
from engine.cli.run_search import check_out
from engine.data.open import open_table
from engine.domain.comparison import Comparison, Contender, Findings, NestedEstimate
from engine.errors import InputError, RunError
from engine.experiments import compose, experiment_library
from engine.experiments.collect_results import comparison_of
from engine.experiments.experiment import Experiment, load
from engine.experiments.experiment_costs import costs, costs_left
from engine.experiments.experiment_executor import ExperimentExecutor, modules, size
from engine.experiments.nested import estimates
from engine.experiments.runs_side_by_side import side_by_side
from engine.plan import Plan, method_of
from engine.runs import folder as files
from engine.runs import planning
from engine.runs import run_library as runs
from engine.runs.machine import cores
from engine.workers import LocalPool


def compare(call: argparse.Namespace) -> int:
    """Compare methods on one or more tables and models, or finished runs with each other."""
    if all((Path(source) / files.PLAN).is_file() for source in call.data):
        return _side_by_side(call)
    if not call.methods:
        raise InputError("usage", what="Name the methods to compare, with --methods A,B.")
    check_out(call)
    changes = plan_changes(call)
    contenders = _contenders(call.methods, changes)
    plans = []
    for source in call.data:
        table = open_table(data_plan(argparse.Namespace(**{**vars(call), "data": source}), changes))
        if table.data.target is None:
            known = ", ".join(column.name for column in table.columns)
            raise InputError("target.none", path=table.data.source, known=known)
        for notice in table.warnings:
            print(f"note: {notice.sentence}", file=sys.stderr)
        # The plan's own method plays no part, so the guide need not choose one.
        own = {path: v for path, v in changes.items() if not path.startswith("data.")}
        own["method.id"] = compose.RANDOM
        for learner in call.learners or [None]:
            chosen = {} if learner is None else {"learner.id": learner_id(learner)}
            draft = planning.draft(table.data, workers_available=cores(), changes=own | chosen)
            plans.append(draft.plan)
    experiment = compose.compose("compare", plans, contenders, call.repeats, seed=call.seed or 0)
    return _begin(call, experiment, "compare")


def _side_by_side(call: argparse.Namespace) -> int:
    """Compare finished runs; nothing is run."""
    if call.methods:
        what = "--methods is for a new comparison, and these are finished runs."
        raise InputError("usage", what=what)
    found = side_by_side([Path(folder) for folder in call.data])
    if found.comparison is None:
        raise InputError("experiment.incomparable", why=" ".join(found.reasons))
    for caution in found.cautions:
        print(f"note: {caution}", file=sys.stderr)
    _say(call, found.comparison, findings(found.comparison, as_it_is=True), ())
    return 0


def nest(call: argparse.Namespace, plan: Plan) -> int:
    """Nested resampling of the search that ``plan`` describes."""
    one = compose.contender(plan.method)
    experiment = compose.compose("nested", [plan], [one], call.nested, seed=plan.seed, whole=True)
    return _begin(call, experiment, "nested")


def resume(call: argparse.Namespace) -> int:
    """Resume a comparison, after extending it if the call says so.

    Raises:
        InputError: for limits that a comparison does not have; see
            `engine.experiments.compose.extend`.
    """
    folder = Path(call.folder)
    if call.trials is not None or call.seconds is not None:
        what = "The budget of a comparison is that of each search and can't be changed."
        raise InputError("usage", what=what)
    if call.methods or call.repeats is not None:
        compose.extend(folder, _contenders(call.methods, {}), call.repeats)
    experiment = load(folder)
    if experiment_library.summary(folder).state == "finished":
        raise InputError("experiment.finished", path=folder)
    print(costs_left(experiment, comparison_of(folder, experiment)).sentence, file=sys.stderr)
    return _carry_out(call, folder)


def _contenders(methods: Sequence[str], changes: dict[str, object]) -> list[Contender]:
    """A contender for each of ``methods``, with the options that ``changes`` sets by
    ``METHOD.OPTION``, which are taken out of it."""
    found = []
    for method in methods:
        own = [path for path in changes if path.startswith(f"{method}.")]
        options = {path.removeprefix(f"{method}."): changes.pop(path) for path in own}
        found.append(compose.contender(method_of(method, options)))
    return found


def _begin(call: argparse.Namespace, experiment: Experiment, what: str) -> int:
    tables = [planning.load_data(plan.data) for plan in experiment.cases]
    compose.check(experiment, tables)
    print(costs(experiment).sentence, file=sys.stderr)
    folder = Path(call.out) if call.out else runs.new_folder(experiment.cases[0], what)
    compose.create(folder, experiment, tables)
    runs.remember(folder)
    return _carry_out(call, folder)


def _carry_out(call: argparse.Namespace, folder: Path) -> int:
    experiment = load(folder)
    with LocalPool(size(experiment), modules(experiment)) as pool:
        progress = ExperimentProgressBar(experiment)
        executor = ExperimentExecutor(folder, pool, progress)
        status, _ = run_until_interrupted(executor, progress, executor.run)
    if status:
        return status
    for problem in executor.problems:
        print(f"tunesmith: {problem}", file=sys.stderr)
    comparison = comparison_of(folder)
    nested = estimates(folder, experiment, comparison)
    said = findings(comparison)
    _say(call, comparison, said, nested)
    if not call.json:
        print(f"\nIt is all in {folder}")
        print(f"  {command('export', folder)} --what report --to report.html")
    return RunError.exit_status if executor.problems else 0


def _say(
    call: argparse.Namespace,
    comparison: Comparison,
    said: Findings,
    nested: Sequence[NestedEstimate],
) -> None:
    if call.json:
        print(msgspec.json.encode(tree(comparison, said, nested)).decode())
    else:
        width = min(shutil.get_terminal_size().columns, 100)
        print(summary(comparison, said, nested, width))
