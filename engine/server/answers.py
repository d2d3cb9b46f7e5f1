"""Answers to requests that need neither the workers nor the running search: pure functions from
request to reply, but for the files they read and write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.analysis.ped_anova import importances as ped_anova
from engine.data.open import open_table as read_table
from engine.domain.results import HyperparameterPair
from engine.domain.trials import TrialRecord, TrialState
from engine.errors import RunError
from engine.experiments.comparison_exports import export as export_comparison
from engine.plan import Plan
from engine.protocol import events, replies, requests
from engine.runs import folder as files
from engine.runs import planning, run_library, steering
from engine.runs.exports import confusion, residuals
from engine.runs.exports import export as write_export
from engine.runs.machine import cores
from engine.runs.predict import predict as predict_rows
from engine.runs.rebuilt_surrogate import surrogate as model_of
from engine.runs.run_executor import give_up, open_archive
from engine.runs.trial_summary import fold_row, snapshot, trial_row
from engine.runs.tuning_summary import tuning
from engine.server.handlers import Archived, Kind, answers
from engine.server.stream import Stream

CHUNK = 500
"""Trials in one event when a run is opened."""


def open_table(request: requests.OpenTable) -> replies.TableOpened:
    """Read a table and describe it."""
    return replies.TableOpened(id=request.id, table=read_table(request.data))


@answers(requests.Advise)
def advise(request: requests.Advise) -> replies.Advised:
    """Recommend a plan around the user's settings."""
    draft = planning.draft(
        request.data,
        workers_available=cores(),
        learner=request.learner,
        changes=request.changes,
        probe=request.probe,
    )
    return replies.Advised(
        id=request.id,
        plan=draft.plan,
        advice=draft.advice,
        space=draft.space,
        default=draft.default,
        test_rows=draft.test_rows,
        train_rows=draft.train_rows,
        tuning=draft.tuning,
    )


@answers(requests.Check)
def check(request: requests.Check) -> replies.Checked:
    """List the problems of a plan."""
    return replies.Checked(
        id=request.id,
        problems=planning.problems(request.plan),
        tuning=planning.tuning(request.plan),
    )


@answers(requests.ListRuns)
def list_runs(request: requests.ListRuns) -> replies.Runs:
    """List the runs of the library."""
    return replies.Runs(id=request.id, runs=tuple(run_library.list_runs()))


@answers(requests.PlanOf)
def plan_of(request: requests.PlanOf) -> replies.PlanReady:
    """Load the plan of a run."""
    return replies.PlanReady(id=request.id, plan=files.load_plan(Path(request.path)))


@answers(requests.Discard)
def discard(request: requests.Discard) -> replies.Done:
    """Give up the unfinished trials of an interrupted run."""
    folder = Path(request.path)
    plan = files.load_plan(folder)
    with open_archive(folder, plan) as archive:
        give_up(archive)
    return replies.Done(id=request.id)


@answers(requests.DeleteRun)
def delete_run(request: requests.DeleteRun) -> replies.Done:
    """Move a run or comparison to the deleted ones."""
    run_library.delete(Path(request.path))
    return replies.Done(id=request.id)


def results(request: requests.Results | requests.SelectTrial) -> replies.ResultsReady:
    """Load the saved result of a finished run.

    Raises:
        RunError: ``run.no_result`` if it has none.
    """
    folder = Path(request.path)
    result = files.load_result(folder)
    if result is None:
        raise RunError("run.no_result", path=folder)
    names = dict.fromkeys([*result.configuration, *result.default_configuration])
    pairs = tuple(
        HyperparameterPair(
            name, result.configuration.get(name), result.default_configuration.get(name)
        )
        for name in names
    )
    return replies.ResultsReady(
        id=request.id,
        result=result,
        pairs=pairs,
        confusion=confusion(folder, result) if result.classes else None,
        residuals=residuals(folder) if not result.classes else None,
    )


@answers(requests.Importances, kind=Kind.OF_ARCHIVE)
def importances(request: requests.Importances, archived: Archived) -> replies.ImportancesReady:
    """PED-ANOVA over the run's complete trials."""
    plan = files.load_plan(Path(request.path))
    complete = [trial for trial in archived.trials if trial.state is TrialState.COMPLETE]
    return replies.ImportancesReady(
        id=request.id,
        importances=tuple(ped_anova(snapshot(plan, complete))),
        trials=len(complete),
    )


@answers(requests.Surrogate, kind=Kind.OF_ARCHIVE)
def surrogate(request: requests.Surrogate, archived: Archived) -> replies.SurrogateReady:
    """Slice the surrogate of the run's method, refitted to its trials."""
    slices, count = model_of(files.load_plan(Path(request.path)), archived.trials)
    return replies.SurrogateReady(id=request.id, slices=slices, trials=count)


@answers(requests.Hyperparameters, kind=Kind.OF_ARCHIVE)
def hyperparameters(
    request: requests.Hyperparameters, archived: Archived
) -> replies.HyperparametersReady:
    """Summarise the tuned hyperparameters of a gradient run."""
    found = tuning(Path(request.path), archived.trials, request.number)
    return replies.HyperparametersReady(id=request.id, tuning=found)


@answers(requests.Narrow)
def narrow(request: requests.Narrow) -> replies.Narrowed:
    """Create a run in another version of the space."""
    out = Path(request.out) if request.out else None
    place, plan, kept, left_out = steering.narrow(
        Path(request.path), request.space, out, request.evaluations
    )
    return replies.Narrowed(id=request.id, path=str(place), plan=plan, kept=kept, left_out=left_out)


@answers(requests.Predict)
def predict(request: requests.Predict) -> replies.Predicted:
    """Predict new rows with the model of a run."""
    rows, notes = predict_rows(Path(request.path), request.source, Path(request.to))
    return replies.Predicted(id=request.id, rows=rows, to=request.to, notes=notes)


@answers(requests.Export)
def export(request: requests.Export) -> replies.Exported:
    """Write an export of a run or comparison."""
    folder = Path(request.path)
    if (folder / files.EXPERIMENT).is_file():
        export_comparison(folder, request.what, Path(request.to))
    else:
        write_export(folder, request.what, Path(request.to), request.trial)
    return replies.Exported(id=request.id, to=request.to)


def send_trials(stream: Stream, folder: Path, plan: Plan, trials: Sequence[TrialRecord]) -> None:
    """Send ``trials`` with their folds as a few events.

    Args:
        stream: to the front end.
        folder: of the run.
        plan: of the run.
        trials: by number.
    """
    measure = plan.evaluation.measure
    for start in range(0, len(trials), CHUNK):
        chunk = trials[start : start + CHUNK]
        rows = tuple(trial_row(trial, plan.evaluation) for trial in chunk)
        folds = tuple(fold_row(f, measure) for t in chunk for f in t.results)
        stream.send(events.Trials(path=str(folder), trials=rows, folds=folds))
