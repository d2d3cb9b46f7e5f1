"""A run's table and folds, as a worker process holds them.

Preparation depends on the fold but not on the configuration, so each prepared fold is cached (up to
`PREPARED_BYTES`): every further configuration reuses it, where a search over pipelines would
prepare again.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine import plan as plans
from engine.data.split import folds, outer_rows
from engine.data.table_store import load_arrow
from engine.learners import LEARNERS
from engine.objective.pipeline import preparation

PREPARED_BYTES = 512 * 2**20
"""Bound of the cache of prepared folds."""


class Prepared(NamedTuple):
    """A fold ready to fit: arrays of floats, and the targets."""

    train: np.ndarray
    train_target: np.ndarray
    valid: np.ndarray
    valid_target: np.ndarray

    @property
    def size(self) -> int:
        """Memory of the arrays, in bytes."""
        return sum(array.nbytes for array in self)


class FoldData:
    """The table, outer split and folds of the run in ``folder``.

    Attributes:
        folder: of the run.
        plan, learner, schema: what is searched, with what, over which columns.
        facts: figures of the table.
        features, target: the rows of the search; the outer test rows are `test`.
        rows: row numbers of those in the table, shape (n,).
        folds: rows to fit and to validate on, numbers into ``features``.
        test: row numbers, features and target of the outer test, or None.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plan = plans.load(folder / "plan.json")
        self.learner = LEARNERS[self.plan.learner.id]
        loaded = load_arrow(folder / "data.arrow")
        self.schema = schema = loaded.schema
        self.facts = loaded.facts
        evaluation = self.plan.evaluation
        if loaded.test is not None:
            evaluation = msgspec.structs.replace(evaluation, test_share=0.0, outer=None)
        seed = self.plan.seed
        named = {"classes": schema.classes, "name": schema.target}
        rows, test = outer_rows(loaded.target, schema.task, evaluation, seed, **named)
        self.rows = rows
        self.features = loaded.features.iloc[rows]
        self.target = loaded.target[rows]
        self.folds = folds(self.target, schema.task, evaluation.resampling, seed, **named)
        self.test = None
        if loaded.test is not None:
            self.test = (np.arange(len(loaded.test[1])), *loaded.test)
        elif len(test):
            self.test = (test, loaded.features.iloc[test], loaded.target[test])
        self._prepared: OrderedDict[int, Prepared] = OrderedDict()

    def prepared(self, fold: int) -> Prepared:
        """Return the arrays of ``fold``; the preparation is fitted on its training rows alone."""
        found = self._prepared.get(fold)
        if found is None:
            train, valid = self.folds[fold]
            prepare = preparation(self.schema, self.plan.preparation, scales=self.learner.scales)
            found = Prepared(
                np.ascontiguousarray(prepare.fit_transform(self.features.iloc[train])),
                self.target[train],
                np.ascontiguousarray(prepare.transform(self.features.iloc[valid])),
                self.target[valid],
            )
            self._keep(fold, found)
        elif fold in self._prepared:
            self._prepared.move_to_end(fold)
        return found

    def _keep(self, fold: int, prepared: Prepared) -> None:
        self._prepared[fold] = prepared
        while sum(p.size for p in self._prepared.values()) > PREPARED_BYTES:
            self._prepared.popitem(last=False)


def fold_data(folder: str) -> FoldData:
    """Return the table and folds of the run in ``folder``, read once per process."""
    path = Path(folder)
    # Times of change are part of the cache's key, since a folder may be written anew.
    stamps = [(path / name).stat().st_mtime_ns for name in ("plan.json", "data.arrow")]
    return _fold_data(path, *stamps)


@lru_cache(maxsize=1)
def _fold_data(folder: Path, plan_stamp: int, data_stamp: int) -> FoldData:
    return FoldData(folder)
