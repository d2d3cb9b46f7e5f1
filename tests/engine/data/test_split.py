from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from engine.data.split import folds, outer_rows, outer_split
from engine.plan import EvaluationPlan, OuterFold, Resampling

LABELS = np.array([0] * 30 + [1] * 12)
NUMBERS = np.linspace(0, 1, 42)


def test_the_outer_split_is_scikit_learns_own_call() -> None:
    train, test = outer_split(LABELS, "binary", 0.2, 7)
    expected = train_test_split(np.arange(42), test_size=0.2, random_state=7, stratify=LABELS)
    np.testing.assert_array_equal(train, expected[0])
    np.testing.assert_array_equal(test, expected[1])


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_outer_folds_test_every_row_once_whatever_the_seed_of_the_search(task) -> None:
    target = LABELS if task == "binary" else NUMBERS
    tested = []
    for fold in range(4):
        evaluation = EvaluationPlan("accuracy", test_share=0.5, outer=OuterFold(fold, 4, seed=9))
        train, test = outer_rows(target, task, evaluation, seed=fold)
        assert sorted([*train, *test]) == list(range(42))
        assert evaluation.held_out == 0.25
        if task == "binary":
            assert 2 <= target[test].sum() <= 4
        tested.append(test)
    assert sorted(np.concatenate(tested)) == list(range(42))
    plain = EvaluationPlan("accuracy", test_share=0.2)
    for found, expected in zip(
        outer_rows(target, task, plain, 7), outer_split(target, task, 0.2, 7), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def test_without_a_share_all_rows_train() -> None:
    train, test = outer_split(LABELS, "binary", 0.0, 7)
    assert (train.size, test.size) == (42, 0)


@given(
    st.sampled_from(
        [
            Resampling("holdout", share=0.25),
            Resampling("kfold", folds=5),
            Resampling("repeated_kfold", folds=3, repeats=2),
        ]
    ),
    st.booleans(),
    st.integers(0, 2**31 - 1),
)
def test_folds_part_the_rows_and_keep_the_classes(
    resampling: Resampling, classes: bool, seed: int
) -> None:
    target = LABELS if classes else NUMBERS
    task = "binary" if classes else "regression"
    parts = folds(target, task, resampling, seed)
    assert len(parts) == resampling.n_folds
    for train, valid in parts:
        assert sorted([*train, *valid]) == list(range(42))
        if classes:
            assert set(target[valid]) == {0, 1}
    again = folds(target, task, resampling, seed)
    assert all(
        (a == b).all() for x, y in zip(parts, again, strict=True) for a, b in zip(x, y, strict=True)
    )
    if resampling.kind == "kfold":
        assert sorted(np.concatenate([valid for _, valid in parts])) == list(range(42))


def test_fewer_rows_than_folds(refused) -> None:
    error = refused("rows.too_few", folds, NUMBERS[:4], "regression", Resampling(folds=5), 0)
    assert "at most 4 folds" in str(error)


def test_a_class_with_fewer_rows_than_folds(refused) -> None:
    target = np.array([0] * 20 + [1] * 3)
    error = refused(
        "rows.class_too_few",
        folds,
        target,
        "binary",
        Resampling(folds=5),
        0,
        classes=("no", "yes"),
        name="churn",
    )
    assert "Class “yes” of churn has 3 rows" in str(error)


def test_a_class_with_one_row_can_not_be_held_out(refused) -> None:
    refused("rows.class_too_few", outer_split, np.array([0] * 9 + [1]), "binary", 0.2, 0)


@pytest.mark.parametrize("share", [0.05, 0.95])
def test_parts_too_small_for_the_classes(refused, share: float) -> None:
    target = np.repeat(np.arange(4), 5)
    refused("rows.test_too_few", outer_split, target, "multiclass", share, 0)
    refused("rows.test_too_few", folds, target, "multiclass", Resampling("holdout", share=share), 0)


def test_a_single_row_of_a_number_can_not_be_held_out(refused) -> None:
    refused("rows.too_few", outer_split, NUMBERS[:1], "regression", 0.5, 0)
