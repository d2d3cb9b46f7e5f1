"""The column to predict: the task it suggests, its classes, its values as a model takes them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.data import columns
from engine.errors import InputError
from engine.plan import Task

FEW_NUMBERS = 20
"""So many different whole numbers still suggest classes."""

MOST_CLASSES = 200

POSITIVE_WORDS = re.compile(
    r"yes|y|true|t|1|positive|pos|\+|case|event|success|churn|fraud|default|sick|ill|disease"
    r"|malignant|abnormal|bad",
    re.IGNORECASE,
)
TARGET_WORDS = ("target", "label", "class", "y", "outcome", "response", "diagnosis", "species")


@dataclass(frozen=True)
class Target:
    """A target column, settled.

    Attributes:
        name: the column.
        tasks: what it allows, the proposed one first.
        task: the settled one.
        classes: labels as text; sorted (as numbers where all are), the positive one last for a
            binary task; empty for regression.
        counts: rows of each class, in the order of ``classes``.
        positive: the positive class of a binary task.
        keep: shape (rows,), bool; rows that have a target.
        values: shape (kept rows,); float64 for regression, int64 places in ``classes`` otherwise.
    """

    name: str
    tasks: tuple[Task, ...]
    task: Task
    classes: tuple[str, ...]
    counts: tuple[int, ...]
    positive: str | None
    keep: np.ndarray
    values: np.ndarray


def settle(
    name: str,
    cells: pd.Series,
    decimal: str,
    *,
    task: Task | None = None,
    positive: str | None = None,
) -> Target:
    """The target in column ``name`` of a table.

    Args:
        name: the column's.
        cells: the column, shape (rows,), see `engine.data.columns`.
        decimal: the decimal sign.
        task: the task that the person has chosen, if any.
        positive: the positive class that the person has chosen, if any.

    Raises:
        InputError: ``target.missing``, ``target.constant``, ``target.not_numeric``,
            ``target.too_many_classes``, ``target.positive``, or ``plan.mismatch`` for a task that
            does not go with the number of classes.
    """
    labels = _labels(cells, decimal)
    if not labels:
        raise InputError("target.missing", field="data.target", target=name)
    if len(labels) == 1:
        raise InputError(
            "target.constant", field="data.target", target=name, value=next(iter(labels))
        )
    tasks = _tasks(labels, decimal)
    settled = task or (tasks[0] if tasks else None)
    if settled == "regression":
        return _regression(name, cells, decimal, tasks)
    if settled is None or len(labels) > MOST_CLASSES:
        raise InputError(
            "target.too_many_classes", field="data.target", target=name, classes=len(labels)
        )
    if (settled == "binary") != (len(labels) == 2):
        raise InputError(
            "plan.mismatch",
            field="data.task",
            what=f"The task “{settled}”",
            other=f"the {len(labels)} classes of {name}",
            remedy="Choose " + ("binary." if len(labels) == 2 else "multiclass."),
        )
    return _classes(name, cells, decimal, tasks, settled, labels, positive)


def suggest(names: Sequence[str]) -> str | None:
    """The column that is probably meant to be predicted: one named so, else the last."""
    for word in TARGET_WORDS:
        for name in names:
            if name.lower() == word:
                return name
    return names[-1] if names else None


def _labels(cells: pd.Series, decimal: str) -> Counter[str]:
    """Labels and their rows; labels that count as the same go under the shortest text."""
    found = columns.counted(cells)
    clean = columns.cleaner(cells, dash=any(text.strip() == "+" for text in found))
    known: Counter[str] = Counter()
    for text, count in found.items():
        known[clean(text)] += count
    del known[""]
    key = columns.label_key(known, decimal)
    spellings: dict[str, list[str]] = {}
    for label in known:
        spellings.setdefault(key(label), []).append(label)
    return Counter(
        {
            min(same, key=lambda text: (len(text), text)): sum(known[label] for label in same)
            for same in spellings.values()
        }
    )


def _tasks(labels: Counter[str], decimal: str) -> tuple[Task, ...]:
    """Tasks that labels allow, the proposed one first; empty if neither numbers nor classes."""
    values = [columns.number(label, decimal) for label in labels]
    numeric = all(v is not None for v in values)
    rows = labels.total()
    few = len(labels) <= MOST_CLASSES and (rows < FEW_NUMBERS or len(labels) <= rows / 2)
    if len(labels) == 2:
        return ("binary", "regression") if numeric else ("binary",)
    if not numeric:
        return ("multiclass",) if few else ()
    whole = all(v is not None and math.isfinite(v) and v == math.floor(v) for v in values)
    # Where the same number is spelt in two ways (versions such as 1.1 and 1.10), it is none.
    codes = len({*values}) < len(values)
    if few and (codes or (whole and len(labels) <= FEW_NUMBERS)):
        return ("multiclass", "regression")
    return ("regression", "multiclass") if few else ("regression",)


def _regression(name: str, cells: pd.Series, decimal: str, tasks: tuple[Task, ...]) -> Target:
    values = columns.numbers(cells, decimal)
    lacking = np.flatnonzero(np.isnan(values))
    for row, text in zip(lacking, columns.texts(cells.take(lacking)), strict=True):
        if columns.number(text, decimal) is None:
            raise InputError(
                "target.not_numeric",
                field="data.task",
                target=name,
                row=int(row) + 1,
                value=text.strip(),
            )
    keep = ~np.isnan(values)
    values = values[keep]
    if values.size == 0:
        raise InputError("target.missing", field="data.target", target=name)
    if values.min() == values.max():
        raise InputError(
            "target.constant", field="data.target", target=name, value=f"{values[0]:g}"
        )
    return Target(name, tasks, "regression", (), (), None, keep, values)


def _classes(
    name: str,
    cells: pd.Series,
    decimal: str,
    tasks: tuple[Task, ...],
    task: Task,
    labels: Counter[str],
    positive: str | None,
) -> Target:
    classes = _sorted(labels, decimal)
    if task == "binary":
        positive = _positive(name, classes, labels, positive)
        classes.sort(key=lambda label: label == positive)
    else:
        positive = None
    codes = columns.class_codes(cells, classes, decimal)
    keep = codes >= 0
    return Target(
        name=name,
        tasks=tasks,
        task=task,
        classes=tuple(classes),
        counts=tuple(labels[label] for label in classes),
        positive=positive,
        keep=keep,
        values=codes[keep],
    )


def _positive(name: str, classes: list[str], labels: Counter[str], asked: str | None) -> str:
    """The positive class: the one asked for, or named so, or the rarer, or the last."""
    if asked is not None:
        if asked not in classes:
            raise InputError(
                "target.positive",
                field="data.positive",
                target=name,
                positive=asked,
                known=", ".join(classes),
            )
        return asked
    named = [label for label in classes if POSITIVE_WORDS.fullmatch(label)]
    if "2" in classes:
        named = []  # 1 and 2 are numbers of classes, and say nothing about which is meant
    if len(named) == 1:
        return named[0]
    return min(reversed(classes), key=lambda label: labels[label])


def _sorted(labels: Counter[str], decimal: str) -> list[str]:
    """Labels in order: of their numbers where all are numbers, else of their text."""
    values = {label: columns.number(label, decimal) for label in labels}
    if all(v is not None and not math.isnan(v) for v in values.values()):
        return sorted(labels, key=lambda label: (values[label] or 0.0, label))
    return sorted(labels)
