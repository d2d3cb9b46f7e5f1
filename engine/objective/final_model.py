"""The final model of a run: the best configuration fitted on all rows that are not outer test
rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from engine.data.table_store import load_arrow
from engine.learners import Learner
from engine.objective.fold_data import FoldData, fold_data
from engine.objective.measures import Predicted, score_all
from engine.objective.pipeline import pipeline
from engine.objective.predictions import predictions
from engine.space import Value

MODEL = "model.skops"
PREDICTIONS = "predictions.parquet"


class FinalFit(NamedTuple):
    """Scores and predictions of the final model.

    Attributes:
        predicted: predictions of the outer test rows, or without such rows of the validation rows,
            each by a model fitted without it.
        scores: every measure of the task on those rows.
        default: the same for the default configuration; None without outer test rows.
        classes: labels behind the codes.
        about: which rows these are, ``test`` or ``validation``.
    """

    predicted: Predicted
    scores: dict[str, float]
    default: dict[str, float] | None
    classes: tuple[str, ...]
    about: str


Make = Callable[[FoldData, Any, int, np.ndarray], Any]
"""(table, configuration, seed, numbers of the rows to fit on) -> an unfitted pipeline. A tuning by
gradient has the number of a hyper-step for a configuration."""


def make_pipeline(
    task: FoldData, configuration: Mapping[str, Value], seed: int, numbers: np.ndarray
) -> Any:
    """Make the learner's own pipeline, the same for all rows.

    Args:
        task: the run's table.
        configuration: hyperparameters.
        seed: ``random_state`` of the model.
        numbers: rows it will be fitted on, shape (n,); ignored.

    Returns:
        An unfitted pipeline.
    """
    return pipeline(task.plan, task.learner, task.schema, configuration, seed)


def fit_final(
    folder: str,
    configuration: Any,
    default: Any,
    seed: int,
    make: Make = make_pipeline,
) -> FinalFit:
    """Fit ``configuration``, save the model and its predictions in ``folder``, and score them.

    Args:
        folder: of the run.
        configuration: the best one, as ``make`` takes it.
        default: the learner's default configuration, scored on the outer test rows, too.
        seed: ``random_state`` of the models.
        make: makes unfitted pipelines.

    Returns:
        Scores and predictions.
    """
    task = fold_data(folder)
    classes = task.schema.classes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the folds have reported them
        model = fitted(task, configuration, seed, make)
        usual = None
        if task.test is not None:
            rows, features, truth = task.test
            found = predictions(model, features, truth, len(classes), decide=True)
            other = fitted(task, default, seed, make)
            usual = score_all(
                task.schema.task, predictions(other, features, truth, len(classes), decide=True)
            )
        else:
            rows, found = _out_of_fold(task, configuration, seed, make)
    _save_model(portable(task.learner, model), Path(folder) / MODEL)
    _save_predictions(task, rows, found, Path(folder) / PREDICTIONS)
    about = "validation" if task.test is None else "test"
    return FinalFit(found, score_all(task.schema.task, found), usual, classes, about)


def refit_on_all(folder: Path, configuration: Any, seed: int, make: Make = make_pipeline) -> Any:
    """Fit a configuration on every row, outer test rows included.

    Args:
        folder: of the run.
        configuration: hyperparameters, as ``make`` takes them.
        seed: ``random_state`` of the model.
        make: makes unfitted pipelines.

    Returns:
        The fitted pipeline in plain scikit-learn.
    """
    import pandas as pd

    task = FoldData(folder)
    loaded = load_arrow(folder / "data.arrow")
    features, target = loaded.features, loaded.target
    if loaded.test is not None:
        features = pd.concat([_as_objects(features), _as_objects(loaded.test[0])])
        target = np.concatenate([target, loaded.test[1]])
    # The search's rows keep their numbers; the outer test rows come after them all.
    numbers = np.full(len(target), len(task.rows))
    numbers[task.rows] = np.arange(len(task.rows))
    model = make(task, configuration, seed, numbers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return portable(task.learner, model.fit(features, target))


def portable(learner: Learner, model: Any) -> Any:
    """Convert a fitted pipeline of ``learner`` to plain scikit-learn, with the same predictions."""
    *prepare, (name, last) = model.steps
    return type(model)([*prepare, (name, learner.portable(last))])


def fitted(task: FoldData, configuration: Any, seed: int, make: Make = make_pipeline) -> Any:
    """Fit a configuration on all rows that are not outer test rows.

    Args:
        task: the run's table.
        configuration: hyperparameters, as ``make`` takes them.
        seed: ``random_state`` of the model.
        make: makes unfitted pipelines.

    Returns:
        The fitted pipeline.
    """
    model = make(task, configuration, seed, np.arange(len(task.rows)))
    return model.fit(task.features, task.target)


def _out_of_fold(
    task: FoldData, configuration: Any, seed: int, make: Make
) -> tuple[np.ndarray, Predicted]:
    """Predictions of each validation row by a model fitted without it (first repeat only)."""
    classes = len(task.schema.classes)
    resampling = task.plan.evaluation.resampling
    count = 1 if resampling.kind == "holdout" else resampling.folds
    rows, parts = [], []
    for train, valid in task.folds[:count]:
        model = make(task, configuration, seed, train)
        model.fit(task.features.iloc[train], task.target[train])
        features, truth = task.features.iloc[valid], task.target[valid]
        parts.append(predictions(model, features, truth, classes, decide=True))
        rows.append(task.rows[valid])

    def joined(arrays: list[np.ndarray | None]) -> Any:
        return None if any(a is None for a in arrays) else np.concatenate(arrays)  # type: ignore[arg-type]

    return np.concatenate(rows), Predicted(
        joined([p.truth for p in parts]),
        joined([p.labels for p in parts]),
        classes,
        joined([p.probabilities for p in parts]),
        joined([p.decision for p in parts]),
    )


def _save_model(model: Any, path: Path) -> None:
    from skops.io import dump

    _whole(path, lambda scratch: dump(model, scratch))


def _save_predictions(task: FoldData, rows: np.ndarray, found: Predicted, path: Path) -> None:
    import pandas as pd

    def named(codes: np.ndarray) -> Any:
        classes = np.array(task.schema.classes, dtype=object)
        return classes[codes.astype(int)] if len(classes) else codes

    columns: dict[str, Any] = {
        "row": rows,
        "truth": named(found.truth),
        "prediction": named(found.labels),
    }
    if found.probabilities is not None:
        for code, label in enumerate(task.schema.classes):
            columns[f"probability: {label}"] = found.probabilities[:, code]
    table = pd.DataFrame(columns).sort_values("row", ignore_index=True)
    _whole(path, lambda scratch: table.to_parquet(scratch, index=False))


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` write a temporary file, then move it to ``path``."""
    scratch = path.with_name(f".{path.name}.new")
    try:
        write(scratch)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def _as_objects(features: Any) -> Any:
    """Categories as plain values, since the two parts of a table may have different ones."""
    categorical = features.select_dtypes("category").columns
    return features.astype(dict.fromkeys(categorical, object))
