"""Columns that alone predict the target: often the answer itself under another name.

Each column gets the simplest model there is, on half of a sample of rows, scored on the other half:
cuts along a number wherever the class changes, the majority within a category. An id can't pass,
since its values never come again in the other half.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from engine.data import columns
from engine.data.schema import ColumnSpec

SAMPLE = 1000
LEAST_ROWS = 40
LEAST_OF_A_CLASS = 10
SURE = 0.98
"""Balanced accuracy that counts as predicting classes alone."""
SURE_NUMBER = 0.999
"""Correlation, or share of the variance, that counts as predicting a number alone."""


def sample_rows(rows: int) -> np.ndarray:
    """Draw at most `SAMPLE` of ``rows`` row numbers, in random order, always the same: shape
    (m,)."""
    return np.random.default_rng(0).permutation(rows)[:SAMPLE]


def find_leaks(
    cells: pd.DataFrame,
    specs: Iterable[ColumnSpec],
    decimal: str,
    target: np.ndarray,
    classes: int,
) -> tuple[str, ...]:
    """Find source columns that alone predict ``target``.

    Args:
        cells: the sampled rows.
        specs: the features.
        decimal: the decimal sign.
        target: shape (rows,), float64, or int64 codes below ``classes``.
        classes: number of classes; 0 for regression.

    Returns:
        Their names, in the order of ``specs``.
    """
    if target.size < LEAST_ROWS:
        return ()
    if classes and np.bincount(target, minlength=classes).min() < LEAST_OF_A_CLASS:
        return ()
    half = target.size // 2
    found: dict[str, None] = {}
    for spec in specs:
        column: Any = cells[spec.source]
        if spec.kind == "category":
            levels = columns.categories(column, spec.dash)
            codes = np.asarray(levels.codes, dtype=np.int64) + 1
            leaks = (
                _category_tells_class(codes, target, classes, half)
                if classes
                else _category_tells_number(codes, target, half)
            )
        else:
            values = (
                columns.numbers(column, decimal)
                if spec.kind == "number"
                else columns.date_part(column, spec.style, spec.part)
            )
            leaks = (
                _number_tells_class(values, target, classes, half)
                if classes
                else _number_tells_number(values, target)
            )
        if leaks:
            found[spec.source] = None
    return tuple(found)


def _balanced_accuracy(truth: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    rows = np.bincount(truth, minlength=classes)
    right = np.bincount(truth[truth == predicted], minlength=classes)
    return float((right[rows > 0] / rows[rows > 0]).mean())


def _number_tells_class(values: np.ndarray, target: np.ndarray, classes: int, half: int) -> bool:
    seen, y = values[:half], target[:half]
    known = ~np.isnan(seen)
    usual = int(np.bincount(y, minlength=classes).argmax())
    seen, y = seen[known], y[known]
    if seen.size < LEAST_ROWS / 2:
        return False
    order = np.argsort(seen, kind="stable")
    seen, y = seen[order], y[order]
    changes = np.flatnonzero(y[1:] != y[:-1])
    if changes.size > classes + seen.size * 0.05:
        return False
    cuts = seen[changes] / 2 + seen[changes + 1] / 2
    runs = y[np.append(changes, y.size - 1)]
    rest = values[half:]
    predicted = np.where(np.isnan(rest), usual, runs[np.searchsorted(cuts, rest)])
    return _balanced_accuracy(target[half:], predicted, classes) >= SURE


def _category_tells_class(codes: np.ndarray, target: np.ndarray, classes: int, half: int) -> bool:
    table = np.zeros((int(codes.max()) + 1, classes), dtype=np.int64)
    np.add.at(table, (codes[:half], target[:half]), 1)
    usual = int(table.sum(axis=0).argmax())
    majority = np.where(table.sum(axis=1) > 0, table.argmax(axis=1), usual)
    return _balanced_accuracy(target[half:], majority[codes[half:]], classes) >= SURE


def _number_tells_number(values: np.ndarray, target: np.ndarray) -> bool:
    known = ~np.isnan(values)
    x, y = values[known], target[known]
    if x.size < LEAST_ROWS or x.size < 0.9 * values.size:
        return False
    return max(abs(_correlation(x, y)), abs(_correlation(_ranks(x), _ranks(y)))) >= SURE_NUMBER


def _category_tells_number(codes: np.ndarray, target: np.ndarray, half: int) -> bool:
    size = int(codes.max()) + 1
    rows = np.bincount(codes[:half], minlength=size)
    total = np.bincount(codes[:half], weights=target[:half], minlength=size)
    mean = np.where(rows > 0, total / np.maximum(rows, 1), target[:half].mean())
    rest = target[half:]
    left = np.square(rest - mean[codes[half:]]).sum()
    around = np.square(rest - rest.mean()).sum()
    return bool(around > 0 and 1 - left / around >= SURE_NUMBER)


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.linalg.norm(x) * np.linalg.norm(y))
    return float(x @ y) / scale if 0 < scale < np.inf else 0.0


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0, equal values sharing the lowest."""
    return np.searchsorted(np.sort(values), values).astype(np.float64)
