"""Which rows test, validate and train. The exported script makes the very same calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.errors import InputError
from engine.plan import EvaluationPlan, Resampling, Task

Split = tuple[np.ndarray, np.ndarray]


def outer_split(
    target: np.ndarray,
    task: Task,
    share: float,
    seed: int,
    *,
    classes: Sequence[str] = (),
    name: str = "the target",
) -> Split:
    """Row numbers for the search and for the outer test, stratified for classes.

    Args:
        target: shape (n,); class codes unless ``task`` is regression.
        task: what is predicted.
        share: of the rows that test, from 0 (none) to below 1.
        seed: of the shuffle.
        classes, name: labels and the target's name, for sentences.

    Returns:
        Two arrays of row numbers, as `sklearn.model_selection.train_test_split` gives them.

    Raises:
        InputError: ``rows.class_too_few`` if a class has a single row, ``rows.test_too_few`` if a
            part can't hold every class.
    """
    rows = np.arange(target.size)
    if share <= 0:
        return rows, rows[:0]
    return _hold_out(rows, target, task, share, seed, classes, name)


def outer_rows(
    target: np.ndarray,
    task: Task,
    evaluation: EvaluationPlan,
    seed: int,
    *,
    classes: Sequence[str] = (),
    name: str = "the target",
) -> Split:
    """Split rows into those of the search and those of the outer test, as ``evaluation`` demands: a
    fold of an outer cross-validation, or else a share of the rows (`outer_split`, with ``seed``).

    Args:
        target: shape (n,); class codes unless ``task`` is regression.
        task: what is predicted.
        evaluation: of the plan.
        seed: of the plan.
        classes, name: labels and the target's name, for sentences.

    Returns:
        Two arrays of row numbers, of shapes (n - t,) and (t,).

    Raises:
        InputError: see `outer_split` and `folds`.
    """
    outer = evaluation.outer
    if outer is None:
        share = evaluation.test_share
        return outer_split(target, task, share, seed, classes=classes, name=name)
    scheme = Resampling("kfold", folds=outer.folds)
    return folds(target, task, scheme, outer.seed, classes=classes, name=name)[outer.fold]


def folds(
    target: np.ndarray,
    task: Task,
    resampling: Resampling,
    seed: int,
    *,
    classes: Sequence[str] = (),
    name: str = "the target",
) -> list[Split]:
    """Row numbers to fit and to validate on, one pair a fold, stratified for classes.

    Args:
        target: shape (n,), of the rows that are not outer test rows.
        task: what is predicted.
        resampling: holdout, k-fold or repeated k-fold.
        seed: of the shuffles.
        classes, name: labels and the target's name, for sentences.

    Raises:
        InputError: ``rows.too_few`` for fewer rows than folds, ``rows.class_too_few`` for a class
            with fewer, ``rows.test_too_few`` for a holdout that can't hold every class.
    """
    from sklearn.model_selection import (
        KFold,
        RepeatedKFold,
        RepeatedStratifiedKFold,
        StratifiedKFold,
    )

    rows = np.arange(target.size)
    if resampling.kind == "holdout":
        return [_hold_out(rows, target, task, resampling.share, seed, classes, name)]
    parts = resampling.folds
    if target.size < parts:
        raise InputError(
            "rows.too_few",
            field="evaluation.resampling.folds",
            rows=target.size,
            parts=parts,
            most=target.size,
        )
    _check_classes(target, task, parts, classes, name)
    stratified = task != "regression"
    if resampling.kind == "repeated_kfold":
        kind = RepeatedStratifiedKFold if stratified else RepeatedKFold
        splitter = kind(n_splits=parts, n_repeats=resampling.repeats, random_state=seed)
    else:
        kind = StratifiedKFold if stratified else KFold
        splitter = kind(n_splits=parts, shuffle=True, random_state=seed)
    return list(splitter.split(rows, target))


def _hold_out(
    rows: np.ndarray,
    target: np.ndarray,
    task: Task,
    share: float,
    seed: int,
    classes: Sequence[str],
    name: str,
) -> Split:
    from sklearn.model_selection import train_test_split

    _check_classes(target, task, 2, classes, name)
    test = int(np.ceil(share * target.size))
    train = target.size - test
    needed = 1 if task == "regression" else np.unique(target).size
    if min(test, train) < needed:
        if task == "regression":
            raise InputError("rows.too_few", rows=target.size, parts=2, most=target.size)
        raise InputError(
            "rows.test_too_few",
            field="evaluation.test_share",
            share=share,
            test=test,
            train=train,
            classes=needed,
            target=name,
        )
    train_rows, test_rows = train_test_split(
        rows,
        test_size=share,
        random_state=seed,
        stratify=None if task == "regression" else target,
    )
    return np.asarray(train_rows), np.asarray(test_rows)


def _check_classes(
    target: np.ndarray, task: Task, parts: int, classes: Sequence[str], name: str
) -> None:
    if task == "regression":
        return
    codes, counts = np.unique(target, return_counts=True)
    rarest = int(counts.argmin())
    if counts[rarest] < parts:
        code = int(codes[rarest])
        raise InputError(
            "rows.class_too_few",
            field="evaluation.resampling.folds",
            label=classes[code] if code < len(classes) else str(code),
            target=name,
            rows=int(counts[rarest]),
            parts=parts,
        )
