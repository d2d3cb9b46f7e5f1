"""The files of a tuning: any of them may be lost."""

from __future__ import annotations

import math
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

import engine.gradient.wide  # noqa: F401
from engine.gradient import outer
from engine.gradient.groups import Group
from engine.gradient.outer import FoldGradient
from engine.gradient.problem import Hyper
from engine.gradient.spec.state_files import FOLDER
from engine.gradient.states import States

GROUPS = (
    Group("step_size", jnp.full(2, 0.1), "log", 1e-9, 9.0),
    Group("a", jnp.ones(3), "linear", -9.0, 9.0),
)
FOLDS, STEPS = 2, 4


class Slope:
    """Hypergradients that differ by hyper-step and fold; the third is noise on one fold."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def __call__(self, free: Hyper, number: int, fold: int) -> FoldGradient:
        self.asked.append((number, fold))
        gradient = {"step_size": jnp.cos(free["step_size"] + number), "a": free["a"] - fold}
        return FoldGradient(gradient, 0.5, math.inf if (number, fold) == (2, 1) else 1.0)


def states(folder: Path, slope: Slope) -> States:
    optimiser = outer.OPTIMISERS["adam"](outer.falling(0.1, 10))
    return States(folder, GROUPS, optimiser, 1.0, FOLDS, slope)


def walk(folder: Path) -> list[Hyper]:
    """As workers do it: the states before each hyper-step."""
    found = []
    for number in range(STEPS):
        for fold in range(FOLDS):
            slope = Slope()
            work = states(folder, slope)
            state = work.at(number)
            assert not slope.asked, "all was kept"
            work.enter(number, fold, slope(state.free, number, fold))
        found.append(state.free)
    return found


def same(a: Hyper, b: Hyper) -> bool:
    return all(bool((a[name] == b[name]).all()) for name in a)


def test_noise_is_remembered_as_noise(tmp_path: Path) -> None:
    before, after = walk(tmp_path)[2:4]
    free = outer.begin(GROUPS, outer.OPTIMISERS["sgd"](1.0)).free
    assert not same(before, free)
    fell = np.asarray(before["step_size"] - after["step_size"])
    assert (np.abs(fell - outer.COOLING / 2) < 0.11).all()  # cooled by half, beside Adam's step
    assert fell.mean() > 0


@pytest.mark.parametrize("lost", ["state-2.npz", "state-*.npz", "gradient-*.npz", "*"])
def test_what_is_lost_is_computed_again_to_the_bit(tmp_path: Path, lost: str) -> None:
    expected = walk(tmp_path)
    for path in (tmp_path / FOLDER).glob(lost):
        path.unlink()
    assert same(states(tmp_path, Slope()).at(STEPS - 1).free, expected[-1])


def test_half_a_file_is_none(tmp_path: Path) -> None:
    expected = walk(tmp_path)
    for path in (tmp_path / FOLDER).iterdir():
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert same(states(tmp_path, Slope()).at(STEPS - 1).free, expected[-1])
