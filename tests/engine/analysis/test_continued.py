"""What going on with fits saved."""

from __future__ import annotations

import pytest

from engine.analysis.continued import Saved, saved
from engine.domain.trials import Cause, FoldResult, TrialRecord


def trial(number: int, *fits: tuple[int, float, float, float]) -> TrialRecord:
    """A trial of fits: fold, fidelity, seconds, share that was there already."""
    record = TrialRecord(number, {})
    for fold, fidelity, seconds, share in fits:
        record.add(
            FoldResult(number, fold, fidelity=fidelity, fit_seconds=seconds, continued=share)
        )
    return record


def test_each_step_saves_all_steps_before_it():
    # Restarted: 1/9 + 3/9 + 9/9 of a fit in 1 + 3 + 9 seconds; continued: one full fit in 9.
    climbed = trial(1, (0, 1 / 9, 1.0, 0.0), (0, 1 / 3, 2.0, 1 / 3), (0, 1.0, 6.0, 1 / 3))
    found = saved([climbed])
    assert found.fits == pytest.approx(1 / 9 + 1 / 3)
    assert found.seconds == pytest.approx(1.0 + 3.0)


def test_folds_and_trials_add_up():
    climbed = trial(1, (0, 1 / 3, 2.0, 0.0), (1, 1 / 3, 4.0, 0.0), (1, 1.0, 7.0, 1 / 3))
    other = trial(2, (0, 1 / 3, 5.0, 0.0), (0, 1.0, 9.0, 1 / 3))
    assert saved([climbed, other]).seconds == pytest.approx(4.0 + 5.0)
    assert saved([climbed, other]).fits == pytest.approx(2 / 3)


def test_a_lost_state_saves_nothing():
    again = trial(1, (0, 1 / 9, 1.0, 0.0), (0, 1 / 3, 3.0, 0.0), (0, 1.0, 6.0, 1 / 3))
    assert saved([again]) == Saved(pytest.approx(1 / 3), pytest.approx(3.0))


def test_full_fits_and_failures_save_nothing():
    failed = TrialRecord(3, {}, folds={0: FoldResult(3, 0, cause=Cause.ERROR)})
    assert saved([trial(1, (0, 1.0, 3.0, 0.0)), failed, TrialRecord(4, {})]) == Saved()
