"""Exports of a run, by name; and its predictions for pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine import catalog
from engine.analysis.ped_anova import importances
from engine.archive import is_locked, read
from engine.domain.results import Confusion, Residuals, RunResult
from engine.domain.trials import TrialRecord, TrialState
from engine.errors import InputError, RunError
from engine.export import config, gradient, model, report, script, trials_table
from engine.runs import folder as files
from engine.runs.trial_summary import snapshot, trial_row
from engine.runs.tuning_summary import tuning

SHOWN = 2_000
"""Most rows in a picture of residuals."""


def export(folder: Path, what: str, to: Path, trial: int | None = None) -> None:
    """Write one export of the run in ``folder``.

    Args:
        folder: of the run.
        what: config, script, model, trials, report or hyperparameters.
        to: file to write.
        trial: number of a complete trial whose config or script to export instead of the result's.

    Raises:
        InputError: ``run.none``, ``run.no_result``, ``export.unwritable`` or ``export.trial``.
        RunError: ``run.no_such_trial`` or ``run.unscored``.
    """
    if not to.parent.is_dir():
        raise InputError("export.unwritable", path=to, why=f"there is no folder {to.parent}")
    if trial is not None:
        write_trial = {"config": config.write, "script": script.write}.get(what)
        if write_trial is None or files.load_plan(folder).by_gradient:
            raise InputError("export.trial", what=what)
        write_trial(folder, to, _complete(folder, trial))
    elif what == "trials":
        plan = files.load_plan(folder)
        scoring = plan.evaluation
        rows = [trial_row(trial, scoring) for trial in read(folder)[0]]
        trials_table.write(
            rows,
            plan.space.names,
            scoring.measure,
            to,
            further_measures=scoring.further_measures,
            live=is_locked(folder),
        )
    elif what == "report":
        _report(folder, to)
    else:
        write = {
            "config": config.write,
            "script": script.write,
            "model": model.write,
            "hyperparameters": gradient.write,
        }
        write[what](folder, to)


def _complete(folder: Path, number: int) -> TrialRecord:
    found = next((trial for trial in read(folder)[0] if trial.number == number), None)
    if found is None:
        raise RunError("run.no_such_trial", number=number)
    if found.state is not TrialState.COMPLETE or found.value is None:
        raise RunError("run.unscored", number=number)
    return found


def confusion(folder: Path, result: RunResult) -> Confusion:
    """Count true and predicted classes in ``predictions.parquet``."""
    truth, predicted = _predictions(folder)
    place = {label: code for code, label in enumerate(result.classes)}
    counts = np.zeros((len(place), len(place)), dtype=int)
    np.add.at(counts, ([place[t] for t in truth], [place[p] for p in predicted]), 1)
    return Confusion(result.classes, tuple(tuple(row) for row in counts.tolist()))


def residuals(folder: Path) -> Residuals:
    """True and predicted numbers of at most `SHOWN` rows, evenly spaced."""
    truth, predicted = _predictions(folder)
    step = max(1, -(-len(truth) // SHOWN))
    return Residuals(tuple(truth[::step].tolist()), tuple(predicted[::step].tolist()))


def _report(folder: Path, to: Path) -> None:
    plan, result = files.load_plan(folder), files.load_result(folder)
    if result is None:
        raise InputError("run.no_result", path=folder)
    found, _ = read(folder)
    columns = snapshot(plan, found)
    tuned = tuning(folder, found, result.trial)
    report.write(
        folder,
        to,
        catalog=catalog.CATALOG(),
        snapshot=columns,
        rows=[trial_row(trial, plan.evaluation) for trial in found],
        importances=() if plan.by_gradient else importances(columns),
        confusion=confusion(folder, result) if result.classes else None,
        residuals=None if result.classes else residuals(folder),
        tuning=tuned,
    )


def _predictions(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    import pandas as pd

    table = pd.read_parquet(folder / files.PREDICTIONS, columns=["truth", "prediction"])
    return table["truth"].to_numpy(), table["prediction"].to_numpy()
