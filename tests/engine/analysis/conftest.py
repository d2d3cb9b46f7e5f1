"""Searches to analyse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.records import STATES, Snapshot, TrialState
from engine.space import SearchSpace


@pytest.fixture
def search() -> Callable[..., Snapshot]:
    """Makes a snapshot from scores, states and (optionally) a space with its columns."""

    def make(values, states=None, *, maximise=True, space=None, **columns) -> Snapshot:
        values = np.asarray(values, dtype=float)
        states = ["complete"] * values.size if states is None else states
        arrays = {}
        for name, column in columns.items():
            arrays[name] = np.empty(values.size, object)
            arrays[name][:] = list(column)
        number = np.arange(values.size)
        return Snapshot(
            measure="accuracy",
            measure_label="accuracy",
            maximise=maximise,
            number=number,
            state=np.array([STATES.index(TrialState(s)) for s in states], np.int8),
            value=values,
            started=number * 1.0,
            ended=number + 1.0,
            seconds=np.ones(values.size),
            configurations=arrays,
            space=space or SearchSpace(),
        )

    return make
