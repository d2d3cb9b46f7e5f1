"""The best so far."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis.incumbent import anytime

C, F, P, R = "complete", "failed", "pruned", "running"


def test_improvements_of_complete_trials_only(search):
    found = anytime(search([0.5, 0.9, 0.6, 0.6, np.nan, 0.7], [C, P, C, C, F, C]))
    assert found.number.tolist() == [0, 2, 5]
    assert found.value.tolist() == [0.5, 0.6, 0.7]


def test_smaller_is_better_when_minimising(search):
    assert anytime(search([3.0, 5.0, 1.0], maximise=False)).value.tolist() == [3.0, 1.0]


@given(values=st.lists(st.floats(), max_size=40), maximise=st.booleans())
def test_the_curve_is_strictly_monotone_and_ends_at_the_best(values, maximise):
    from engine.domain.trials import STATES, Snapshot, TrialState

    n = len(values)
    column = np.zeros(n)
    snapshot = Snapshot(
        "m",
        "m",
        maximise,
        np.arange(n),
        np.full(n, STATES.index(TrialState.COMPLETE), np.int8),
        np.array(values, float),
        column,
        column,
        column,
        {},
    )
    found = anytime(snapshot)
    signed = found.value if maximise else -found.value
    assert (np.diff(signed) > 0).all()
    finite = [v for v in values if np.isfinite(v)]
    if finite:
        assert found.value[-1] == (max(finite) if maximise else min(finite))
