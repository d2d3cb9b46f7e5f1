"""Searches to analyse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.domain.trials import STATES, Snapshot, TrialState
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


@pytest.fixture
def demsar() -> np.ndarray:
    """Table 6 of Demsar (2006): AUC of C4.5 and of C4.5 with m, cf and both tuned, on 14 data sets.

    On voting the paper prints 0.975 twice and ranks the two apart, as the unrounded figures did.
    """
    return np.array(
        [
            [0.763, 0.768, 0.771, 0.798],  # adult (sample)
            [0.599, 0.591, 0.590, 0.569],  # breast cancer
            [0.954, 0.971, 0.968, 0.967],  # breast cancer wisconsin
            [0.628, 0.661, 0.654, 0.657],  # cmc
            [0.882, 0.888, 0.886, 0.898],  # ionosphere
            [0.936, 0.931, 0.916, 0.931],  # iris
            [0.661, 0.668, 0.609, 0.685],  # liver disorders
            [0.583, 0.583, 0.563, 0.625],  # lung cancer
            [0.775, 0.838, 0.866, 0.875],  # lymphography
            [1.000, 1.000, 1.000, 1.000],  # mushroom
            [0.940, 0.962, 0.965, 0.962],  # primary tumor
            [0.619, 0.666, 0.614, 0.669],  # rheum
            [0.972, 0.981, 0.9751, 0.975],  # voting
            [0.957, 0.978, 0.946, 0.970],  # wine
        ]
    )
