from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.data.target import Target, settle, suggest


def of(texts: list[str], decimal: str = ".", **chosen) -> Target:
    return settle("y", pd.Series(texts, dtype="str"), decimal, **chosen)


@pytest.mark.parametrize(
    ("texts", "tasks"),
    [
        (["a", "b"] * 10, ("binary",)),
        (["0", "1"] * 10, ("binary", "regression")),
        (["0.5", "1.5"] * 10, ("binary", "regression")),
        (["a", "b", "c"] * 10, ("multiclass",)),
        (["1", "2", "3"] * 10, ("multiclass", "regression")),
        ([str(n % 20) for n in range(60)], ("multiclass", "regression")),
        ([str(n % 21) for n in range(60)], ("regression", "multiclass")),
        (["0.5", "1.5", "2.5"] * 10, ("regression", "multiclass")),
        ([str(n / 7) for n in range(60)], ("regression",)),
    ],
)
def test_the_proposed_task(texts: list[str], tasks: tuple[str, ...]) -> None:
    found = of(texts)
    assert found.tasks == tasks
    assert found.task == tasks[0]


@pytest.mark.parametrize(
    ("texts", "positive"),
    [
        (["no", "yes", "yes"], "yes"),
        (["0", "1", "1"], "1"),
        (["b", "a", "a"], "b"),
        (["a", "b"], "b"),
        (["benign", "malignant", "malignant"], "malignant"),
        (["1", "2", "2"], "1"),
        (["1", "1", "2"], "2"),
        (["+", "-", "+"], "+"),
        (["True", "False", "True"], "True"),
    ],
)
def test_the_positive_class(texts: list[str], positive: str) -> None:
    found = of(texts)
    assert found.positive == positive
    assert found.classes[1] == positive
    assert [found.classes[code] for code in found.values] == texts
    assert found.counts == tuple(texts.count(label) for label in found.classes)


def test_the_person_chooses_the_positive_class() -> None:
    assert of(["no", "yes"], positive="no").classes == ("yes", "no")


def test_classes_are_sorted_as_numbers_where_they_are_numbers() -> None:
    assert of(["10", "9", "2"] * 3).classes == ("2", "9", "10")
    assert of(["10", "9", "b"] * 3).classes == ("10", "9", "b")


def test_labels_that_are_the_same_number_are_one_class() -> None:
    found = of(["1.0", "1", "0", "0.0"])
    assert (found.classes, found.counts) == (("0", "1"), (2, 2))


@pytest.mark.parametrize(
    "labels",
    [
        ["007", "7", "70"],
        ["1.1", "1.10", "1.2"],
        ["90071992547409921", "90071992547409922", "90071992547409923"],
        ["1e2", "100", "+100"],
    ],
)
def test_labels_that_are_codes_keep_their_spelling(labels: list[str]) -> None:
    found = of(labels * 10)
    assert found.task == "multiclass"
    assert sorted(found.classes) == sorted(labels)
    assert [found.classes[code] for code in found.values] == labels * 10


def test_rows_without_a_target_are_left_out() -> None:
    found = of(["a", "", "b", "NA", "a"])
    assert list(found.keep) == [True, False, True, False, True]
    assert found.values.dtype == np.int64
    assert found.values.size == 3


def test_a_number_is_predicted_as_float() -> None:
    found = of(["1,5", "", "3", "inf"], ",", task="regression")
    assert list(found.values) == [1.5, 3.0]
    assert found.values.dtype == np.float64
    assert list(found.keep) == [True, False, True, False]
    assert found.classes == ()


def test_many_whole_numbers_may_still_be_classes() -> None:
    assert of([str(n % 30) for n in range(90)], task="multiclass").task == "multiclass"


@pytest.mark.parametrize(
    ("code", "texts", "chosen"),
    [
        ("target.missing", ["", "NA"], {}),
        ("target.constant", ["a", "a", ""], {}),
        ("target.constant", ["1", "1.0"], {}),
        ("target.not_numeric", ["1", "2", "x"], {"task": "regression"}),
        ("target.too_many_classes", [f"w{n}" for n in range(40)], {}),
        ("target.too_many_classes", [str(n % 300) for n in range(900)], {"task": "multiclass"}),
        ("target.positive", ["a", "b"], {"positive": "c"}),
        ("plan.mismatch", ["a", "b", "c"], {"task": "binary"}),
        ("plan.mismatch", ["a", "b"], {"task": "multiclass"}),
        ("target.missing", ["inf", "inf", "-inf"], {"task": "regression"}),
        ("target.constant", ["inf", "1", "1"], {"task": "regression"}),
    ],
)
def test_refused(refused, code: str, texts: list[str], chosen: dict) -> None:
    refused(code, of, texts, **chosen)


def test_the_row_of_a_wrong_number_is_named(refused) -> None:
    error = refused("target.not_numeric", of, ["1", "", "x"], task="regression")
    assert "row 3 holds “x”" in str(error)


@pytest.mark.parametrize(
    ("names", "suggested"),
    [(["a", "b"], "b"), (["Target", "b"], "Target"), (["class", "y", "z"], "class"), ([], None)],
)
def test_the_suggested_target(names: list[str], suggested: str | None) -> None:
    assert suggest(names) == suggested
