"""How much fold scores differ, on a scale that compares configurations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.advice import ProbeResult
from engine.guide.noise import fold_noise, relative_noise
from engine.plan import Resampling


@pytest.mark.parametrize(
    ("scores", "maximise", "expected"),
    [
        ((0.96, 0.98, 1.0, 0.98, 0.98), True, 0.7071),  # 2 % errors, give or take 1.4 %
        ((0.46, 0.48, 0.5, 0.48, 0.48), True, 0.0272),
        ((0.04, 0.02, 0.0, 0.02, 0.02), False, 0.7071),
        ((50.0, 55.0, 60.0, 55.0, 55.0), False, 0.0643),
        ((-3.0, -3.2, -2.8, -3.0, -3.0), True, 0.0354),  # an R² can be far below 0
        ((0.5,) * 5, True, 0.0),
        ((1.0,) * 5, True, None),  # nothing can be better
        ((0.9, 0.8, 0.9, 0.8), True, None),
        ((), False, None),
    ],
)
def test_noise_is_relative_to_the_distance_from_a_perfect_score(scores, maximise, expected):
    found = relative_noise(scores, maximise=maximise)
    assert found == (expected if expected is None else pytest.approx(expected, abs=1e-4))


@given(st.lists(st.floats(0.01, 0.99), min_size=5, max_size=10))
def test_an_accuracy_is_as_noisy_as_its_errors(scores):
    errors = [1 - score for score in scores]
    assert relative_noise(scores, maximise=True) == pytest.approx(
        relative_noise(errors, maximise=False), abs=1e-6
    )


def probe(folds: Resampling | None, **scores: tuple[float, ...]) -> ProbeResult:
    return ProbeResult(0.1, 1.0, 1.0, 0.9, fold_scores=scores, resampling=folds)


ROUGH = (0.8, 1.0, 0.9, 0.9, 0.9)


@pytest.mark.parametrize(
    ("measured", "wanted", "factor"),
    [
        (Resampling(folds=5), Resampling(folds=20), 2.0),
        (Resampling(folds=10), Resampling("repeated_kfold", 10, 5), 1.0),
        (Resampling("holdout", share=0.4), Resampling(folds=10), 2.0),
        (None, Resampling(folds=10), 1.0),
    ],
)
def test_smaller_folds_are_noisier(situation, measured, wanted, factor):
    known = situation(measure="accuracy", resampling=wanted, probe=probe(measured, accuracy=ROUGH))
    assert fold_noise(known) == pytest.approx(factor * 0.70711, abs=1e-4)


def test_noise_is_that_of_the_measure_in_use(situation):
    found = probe(None, accuracy=ROUGH, log_loss=(0.4, 0.41, 0.4, 0.41, 0.4))
    noises = {
        name: fold_noise(situation(measure=name, probe=found))
        for name in ("accuracy", "log_loss", "roc_auc", "unheard_of")
    }
    assert noises["accuracy"] > 0.7 > 0.02 > noises["log_loss"] > 0
    assert noises["roc_auc"] is noises["unheard_of"] is None
    assert fold_noise(situation(probe=found)) is None
    assert fold_noise(situation(measure="accuracy")) is None
