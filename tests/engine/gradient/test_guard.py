"""The chaos guard: what it finds, and what it does about it."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
import pytest

import engine.gradient.wide  # noqa: F401
from engine.gradient.engines.base import Hypergradient
from engine.gradient.guard import GROWTH, RESIDUAL, NoiseRemedy, judge, norm_of, passed
from engine.gradient.outer import NOISE


def given(growth: float = 1.0, value: float = 0.5, **figures: float) -> Hypergradient:
    gradient = {"step_size": jnp.asarray([3.0, 4.0]), "l2": jnp.asarray(0.0)}
    return Hypergradient(value, gradient, jnp.zeros(2), {"growth": growth, **figures})


def test_the_norm_is_that_of_all_numbers() -> None:
    assert norm_of(given().gradient) == 5.0


@pytest.mark.parametrize("remedy", ["smaller", "clip", "shorten", "warn"])
def test_what_is_no_noise_passes_as_it_is(remedy: str) -> None:
    found = passed(given(NOISE), remedy)
    assert (found.figures, found.sentence) == ({"followed": 1.0}, "")
    assert found.found.gradient["step_size"].tolist() == [3.0, 4.0]
    assert found.found.growth == NOISE


def test_noise_is_left_out_by_itself() -> None:
    found = passed(given(2 * GROWTH), "smaller")
    assert found.found.growth == 2 * GROWTH  # the outer optimiser leaves it out
    assert found.figures == {"followed": 0.0}
    assert "2,000 times" in found.sentence
    assert "left out" in found.sentence


def test_clipped_noise_is_as_long_as_if_it_were_none() -> None:
    found = passed(given(10 * NOISE), "clip")
    assert np.allclose(found.found.gradient["step_size"], [0.3, 0.4])
    assert found.found.growth == 1.0
    assert found.figures == {"followed": 1.0, "clipped": 0.1}
    assert "shortened to 0.1" in found.sentence


def test_the_way_back_is_halved_until_it_is_tame() -> None:
    asked = []

    def back(window: int) -> Hypergradient:
        asked.append(window)
        return given(growth=float(window**2), value=0.25)

    found = passed(given(math.inf), "shorten", back, 60)
    assert asked == [30, 15, 7]
    assert found.figures == {"followed": 1.0, "window": 7.0}
    assert (found.found.value, found.found.growth) == (0.25, 49.0)
    assert "the last 7 steps only" in found.sentence


def test_where_no_way_back_is_tame_it_is_left_out() -> None:
    found = passed(given(1e9), "shorten", lambda _: given(1e9), 4)
    assert found.figures == {"followed": 0.0}
    assert "does not help" in found.sentence


def test_a_warning_changes_nothing() -> None:
    found = passed(given(2 * GROWTH), "warn")
    assert found.found.growth == 1.0
    assert found.figures == {"followed": 1.0}
    assert "noise" in found.sentence


@pytest.mark.parametrize("remedy", ["smaller", "clip", "warn"])
@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_a_training_that_diverged_is_never_followed(remedy: str, value: float) -> None:
    found = passed(given(value=value), remedy)
    assert found.found.growth == math.inf
    assert found.figures == {"followed": 0.0}


def test_a_linear_system_that_is_not_solved_is_noise() -> None:
    assert judge(1.0, 1.0, 0.9 * RESIDUAL).useful
    for residual in (RESIDUAL, math.nan, 5.6e8):
        verdict = judge(1.0, 1.0, residual)
        assert not verdict.useful
        assert NoiseRemedy.LONGER in verdict.remedies
        found = passed(given(residual=residual), "smaller")
        assert found.figures == {"followed": 0.0}
        assert "not solved" in found.sentence
