"""`TrialStore`: the trials and folds of a run as columns that only grow. No Qt.

Rows arrive in batches, new ones and new states of old ones; a snapshot for pictures is a copy of
the columns, made at most once per change.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.domain.cards import MeasureCard
from engine.domain.trials import STATES, FoldRow, Objective, Snapshot, TrialRow, note_columns
from engine.space import SearchSpace

_CODES = {state: code for code, state in enumerate(STATES)}
_TRIAL_COLUMNS: dict[str, str] = {
    "number": "i8",
    "state": "i1",
    "value": "f8",
    "spread": "f8",
    "folds_done": "i4",
    "fidelity": "f8",
    "seconds": "f8",
    "started": "f8",
    "ended": "f8",
}
_FOLD_COLUMNS: dict[str, str] = {
    "trial": "i8",
    "fold": "i4",
    "worker": "i4",
    "started": "f8",
    "seconds": "f8",
    "ok": "?",
    "fidelity": "f8",
    "score": "f8",
}


class _Columns:
    """Named arrays of one length that double when they are full."""

    def __init__(self, kinds: dict[str, str]) -> None:
        self.size = 0
        self._room = {name: np.empty(64, dtype=kind) for name, kind in kinds.items()}

    def grow(self, by: int) -> slice:
        """Make room for ``by`` more rows and say where they are."""
        start, self.size = self.size, self.size + by
        for name, array in self._room.items():
            if self.size > len(array):
                larger = np.empty(max(self.size, 2 * len(array)), dtype=array.dtype)
                larger[:start] = array[:start]
                self._room[name] = larger
        return slice(start, self.size)

    def __getitem__(self, name: str) -> np.ndarray:
        """The column's rows so far, shape ``(size,)``; a view that later rows don't reach."""
        return self._room[name][: self.size]


class TrialStore:
    """Trials of one run by row in the order they came, each held once.

    Attributes:
        version: rises with every change.
        space, measure, measure_label, maximise, planned: as in `engine.domain.trials.Snapshot`.
        further_measures: cards of the measures optimised at once.
        noun: what a trial is called.
    """

    def __init__(self) -> None:
        self.version = 0
        self.reset(SearchSpace(), measure="", measure_label="", maximise=True, planned=None)

    def reset(
        self,
        space: SearchSpace,
        *,
        measure: str,
        measure_label: str,
        maximise: bool,
        planned: int | None,
        further_measures: tuple[MeasureCard, ...] = (),
        noun: str = "trial",
    ) -> None:
        """Begin another run.

        Args:
            space: of the run; the other arguments are as in `TrialStore`.
        """
        self.noun = noun
        self.space = space
        self.measure, self.measure_label = measure, measure_label
        self.maximise, self.planned, self.further_measures = maximise, planned, further_measures
        self.generation = self.version + 1
        """Changes when another run begins, with other columns."""
        self.version += 1
        parameters = {f"space.{name}": "O" for name in space.names}
        further = {f"further.{card.id}": "f8" for card in further_measures}
        self._trials = _Columns(_TRIAL_COLUMNS | further | parameters)
        self._folds = _Columns(_FOLD_COLUMNS)
        self._row_of: dict[int, int] = {}
        self._fold_of: dict[tuple[int, int, float], int] = {}
        self._rows: list[TrialRow] = []
        self._snapshot: Snapshot | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, index: int) -> TrialRow:
        """The trial at a row of the store, as it was last reported."""
        return self._rows[index]

    def find(self, number: int) -> int | None:
        """The row of the trial ``number``."""
        return self._row_of.get(number)

    def column(self, name: str) -> np.ndarray:
        """A column of the trials, shape ``(n,)``: a name of `TrialRow`, ``also.MEASURE``, or
        ``space.PARAMETER``."""
        return self._trials[name]

    def upsert(self, rows: Sequence[TrialRow]) -> None:
        """Take present states of trials: new ones are added, known ones replaced."""
        if not rows:
            return
        latest = {row.number: row for row in rows}
        fresh = [row for number, row in latest.items() if number not in self._row_of]
        where = self._trials.grow(len(fresh))
        for index, row in enumerate(fresh, start=where.start):
            self._row_of[row.number] = index
            self._rows.append(row)
        indices = np.array([self._row_of[number] for number in latest])
        values = list(latest.values())
        for index, row in zip(indices, values, strict=True):
            self._rows[index] = row
        for name in _TRIAL_COLUMNS:
            self._trials[name][indices] = [_cell(row, name) for row in values]
        for place, card in enumerate(self.further_measures):
            scores = [
                row.further_values[place] if row.further_values else float("nan") for row in values
            ]
            self._trials[f"further.{card.id}"][indices] = scores
        for name in self.space.names:
            column = self._trials[f"space.{name}"]
            for index, row in zip(indices, values, strict=True):
                column[index] = row.configuration.get(name)
        self._touch()

    def add_folds(self, rows: Sequence[FoldRow]) -> None:
        """Take folds that were done; a resumed run tells again what it did before."""
        if not rows:
            return
        latest = {(row.trial, row.fold, row.fidelity): row for row in rows}
        fresh = [key for key in latest if key not in self._fold_of]
        where = self._folds.grow(len(fresh))
        self._fold_of.update(zip(fresh, range(where.start, where.stop), strict=True))
        indices = np.array([self._fold_of[key] for key in latest])
        for name in _FOLD_COLUMNS:
            values = [getattr(row, name) for row in latest.values()]
            self._folds[name][indices] = [float("nan") if v is None else v for v in values]
        self._touch()

    def snapshot(self) -> Snapshot:
        """The run as columns in the order of trial numbers; the same object until rows arrive."""
        if self._snapshot is None:
            self._snapshot = self._copy()
        return self._snapshot

    def _copy(self) -> Snapshot:
        order = np.argsort(self._trials["number"], kind="stable")

        def trials(name: str) -> np.ndarray:
            return self._trials[name][order]

        return Snapshot(
            measure=self.measure,
            measure_label=self.measure_label,
            maximise=self.maximise,
            number=trials("number"),
            state=trials("state"),
            value=trials("value"),
            started=trials("started"),
            ended=trials("ended"),
            seconds=trials("seconds"),
            configurations={name: trials(f"space.{name}") for name in self.space.names},
            space=self.space,
            folds={name: self._folds[name].copy() for name in _FOLD_COLUMNS},
            notes=note_columns([self._rows[row].note for row in order]),
            planned=self.planned,
            others=tuple(
                Objective(card.id, card.label, card.maximise, trials(f"further.{card.id}"))
                for card in self.further_measures
            ),
        )

    def _touch(self) -> None:
        self.version += 1
        self._snapshot = None


def _cell(row: TrialRow, name: str) -> float | int:
    if name == "state":
        return _CODES[row.state]
    value = getattr(row, name)
    return float("nan") if value is None else value
