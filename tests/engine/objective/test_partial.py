"""Small fits: continued ones score like fits from scratch, and rows are nested and stratified."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.objective import partial
from engine.objective.fold_data import FoldData
from engine.objective.fold_job import evaluate_fold
from engine.space import Configuration

MakeRun = Callable[..., Path]
Columns = dict[str, list[object]]

GROWING: dict[str, Configuration] = {
    "random_forest": {
        "n_estimators": 27,
        "max_features": 0.5,
        "bootstrap": True,
        "max_samples": 0.8,
    },
    "gradient_boosting": {"max_iter": 27, "max_features": 0.5, "max_depth": 3},
    "network": {"epochs": 27, "width": 16, "batch_size": 16, "solver": "sgd", "momentum": 0.9},
    "self_tuning": {"hyper_steps": 27, "steps": 10, "width": 4},
    "conv_network": {"epochs": 27, "filters": 2, "layers": 1, "batch_size": 16},
}
LADDER = (1 / 27, 1 / 9, 1 / 3, 1.0)


@pytest.mark.parametrize("learner", GROWING)
def test_a_continued_fit_scores_as_one_from_scratch(
    make_run: MakeRun, flowers: Columns, tmp_path: Path, learner: str
) -> None:
    folder = str(make_run(flowers, learner=learner))
    state = tmp_path / "3-1.state"
    for rung, fidelity in enumerate(LADDER):
        continued = evaluate_fold(folder, GROWING[learner], 1, 5, fidelity, str(state))
        anew = evaluate_fold(folder, GROWING[learner], 1, 5, fidelity)
        assert continued.scores == anew.scores
        assert state.exists()
        assert continued.continued == (pytest.approx(1 / 3) if rung else 0.0)
        assert not anew.continued
    assert continued.scores == evaluate_fold(folder, GROWING[learner], 1, 5).scores


@pytest.mark.parametrize("learner", GROWING)
def test_a_lost_or_torn_state_costs_only_time(
    make_run: MakeRun, flowers: Columns, tmp_path: Path, learner: str
) -> None:
    folder, state = str(make_run(flowers, learner=learner)), tmp_path / "3-1.state"
    evaluate_fold(folder, GROWING[learner], 1, 5, 1 / 9, str(state))
    whole = state.read_bytes()
    anew = evaluate_fold(folder, GROWING[learner], 1, 5, 1 / 3).scores
    for left in (b"", whole[: len(whole) // 2]):
        state.write_bytes(left)
        found = evaluate_fold(folder, GROWING[learner], 1, 5, 1 / 3, str(state))
        assert found.scores == anew
        assert not found.continued
    nowhere = tmp_path / "gone" / "3-1.state"
    assert evaluate_fold(folder, GROWING[learner], 1, 5, 1 / 3, str(nowhere)).scores == anew


def test_a_small_fit_has_its_share_of_the_trees(make_run: MakeRun, flowers: Columns) -> None:
    task = FoldData(make_run(flowers, learner="random_forest"))
    for fidelity, trees in zip((0.001, 1 / 9, 1.0), (1, 3, 27), strict=True):
        small = partial.sized(task.plan, task.learner, GROWING["random_forest"], fidelity)
        assert small == {**GROWING["random_forest"], "n_estimators": trees}
    unsaid = partial.sized(task.plan, task.learner, {"max_features": 0.5}, 0.1)
    assert unsaid["n_estimators"] == 10


def test_a_learner_without_trees_saves_rows(make_run: MakeRun, flowers: Columns) -> None:
    folder = make_run(flowers, learner="svm")
    task = FoldData(folder)
    assert not partial.uses_fidelity_parameter(task.plan, task.learner)
    configuration: Configuration = {"C": 2.0, "gamma": 0.2}
    some = evaluate_fold(str(folder), configuration, 0, 5, 0.2)
    assert some.scores == evaluate_fold(str(folder), configuration, 0, 5, 0.2).scores
    assert some.scores != evaluate_fold(str(folder), configuration, 0, 5).scores


@given(
    st.lists(st.integers(0, 3), min_size=4, max_size=200),
    st.floats(0.01, 1.0),
    st.floats(0.01, 1.0),
    st.integers(0, 9),
)
def test_rows_are_nested_and_hold_every_class(
    codes: list[int], one: float, other: float, seed: int
) -> None:
    target = np.array(codes)
    low, high = sorted((one, other))
    few, more = (partial.some_rows(target, s, seed, classes=True) for s in (low, high))
    assert set(few) <= set(more)
    assert set(target[few]) == set(codes)
    assert np.all(np.diff(more) > 0)
    assert set(partial.some_rows(target, 1.0, seed, classes=True)) == set(range(target.size))


def test_rows_keep_the_classes_shares() -> None:
    target = np.repeat([0, 1], [900, 100])
    rows = partial.some_rows(target, 0.1, 1, classes=True)
    assert rows.size == 100
    assert abs(int((target[rows] == 1).sum()) - 10) <= 1


def test_rows_of_a_number_are_a_plain_draw() -> None:
    target = np.linspace(0, 1, 1000)
    rows = partial.some_rows(target, 0.25, 1, classes=False)
    assert rows.size == 250
    assert abs(target[rows].mean() - 0.5) < 0.05
