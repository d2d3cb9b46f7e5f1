from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import columns


def cells(texts: list[str], dtype: str = "str") -> pd.Series:
    return pd.Series(texts, dtype=dtype)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        (" -2.50 ", -2.5),
        ("+3", 3.0),
        ("1e-3", 0.001),
        ("0.1", 0.1),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        ("1_000", None),
        ("1,5", None),
        ("1.234.567", None),
        ("0x1f", None),
        ("three", None),
        ("True", None),
    ],
)
def test_a_number_is_what_a_person_would_call_one(text: str, value: float | None) -> None:
    assert columns.number(text) == value


@pytest.mark.parametrize("text", sorted(columns.MISSING))
def test_missing_tokens_are_missing_numbers(text: str) -> None:
    value = columns.number(f" {text} ")
    assert value is not None
    assert math.isnan(value)


@pytest.mark.parametrize(("text", "value"), [("1,5", 1.5), ("2", 2.0), ("1.5", None)])
def test_with_a_decimal_comma_a_point_is_no_part_of_a_number(
    text: str, value: float | None
) -> None:
    assert columns.number(text, ",") == value


TEXTS = st.one_of(
    st.floats().map(repr),
    st.floats(allow_nan=False, allow_infinity=False).map("{:.17g}".format),
    st.integers().map(str),
    st.sampled_from([*columns.MISSING, "inf", "1e999", " 7 ", "+1", "1.", ".5", "NAN", "1E5"]),
    st.from_regex(r"\A[0-9]{1,25}\.[0-9]{1,25}(e-?[0-9]{1,2})?\Z"),
)


@settings(max_examples=40)
@given(st.lists(TEXTS, min_size=1, max_size=20), st.sampled_from(["str", "object"]))
def test_many_cells_are_read_exactly_as_each_alone(texts: list[str], dtype: str) -> None:
    each = np.array([columns.number(text) for text in texts], dtype=np.float64)
    for repeats in (1, columns.MANY // len(texts) + 1):
        read = columns.parse(cells(texts * repeats, dtype))
        assert read is not None
        np.testing.assert_array_equal(read, np.tile(each, repeats))


@settings(max_examples=40)
@given(st.lists(st.floats(allow_nan=False, width=32), min_size=1, max_size=20))
def test_many_cells_with_a_decimal_comma_are_read_exactly(values: list[float]) -> None:
    texts = [repr(value).replace(".", ",") for value in values]
    read = columns.parse(cells(texts * (columns.MANY // len(texts) + 1)), ",")
    assert read is not None
    np.testing.assert_array_equal(read[: len(values)], values)


@pytest.mark.parametrize("odd", ["x", "1_0", "nan(7)", "0x10", "1,5"])
@pytest.mark.parametrize("size", [10, columns.MANY + 1])
def test_one_cell_that_is_no_number_makes_the_column_none(odd: str, size: int) -> None:
    assert columns.parse(cells(["1.5"] * size + [odd])) is None


def test_numbers_beyond_float32_and_what_is_no_number_are_missing() -> None:
    read = columns.numbers(cells(["1", "inf", "1e39", "-1e39", "x", "", "3.4e38"]))
    np.testing.assert_array_equal(
        read, [1, math.nan, math.nan, math.nan, math.nan, math.nan, 3.4e38]
    )


def test_categories_are_stripped_and_sorted_and_missing_ones_have_no_level() -> None:
    read = columns.categories(cells(["b ", "a", " b", "NA", "", "a"]))
    assert list(read.categories) == ["a", "b"]
    assert list(read.codes) == [1, 0, 1, -1, -1, 0]


def test_a_dash_may_be_a_category() -> None:
    assert list(columns.categories(cells(["+", "-"])).codes) == [0, -1]
    assert list(columns.categories(cells(["+", "-"]), dash=True).codes) == [0, 1]


def test_parts_of_dates() -> None:
    texts = ["2024-02-29", "", "2023-12-31"]
    for part, expected in [("year", (2024, 2023)), ("weekday", (3, 6)), ("hour", (0, 0))]:
        read = columns.date_part(cells(texts), "ISO8601", part)
        np.testing.assert_array_equal(read, [expected[0], math.nan, expected[1]])


@pytest.mark.parametrize(
    ("names", "unique"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a.2", "a.3"]),
        (["a", "a", "a.2"], ["a", "a.3", "a.2"]),
        ([" a ", "", "  "], ["a", "column 2", "column 3"]),
        (["column 2", ""], ["column 2", "column 2.2"]),
    ],
)
def test_names_become_unique(names: list[str], unique: list[str]) -> None:
    assert columns.unique_names(names) == unique


@given(st.lists(st.sampled_from(["a", "a.2", "a.3", "", "column 1", "b "]), max_size=8))
def test_names_are_always_unique_and_none_is_empty(names: list[str]) -> None:
    unique = columns.unique_names(names)
    assert len(set(unique)) == len(unique) == len(names)
    assert all(unique)


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=20))
def test_a_float_as_text_reads_back_as_itself(values: list[float]) -> None:
    texts = columns.texts(pd.Series(values, dtype=np.float64))
    np.testing.assert_array_equal([columns.number(text) for text in texts], values)


def test_labels_that_are_numbers_are_compared_as_numbers() -> None:
    codes = columns.class_codes(cells(["1.0", "0", "2", "", " 1 "]), ["0", "1"])
    assert codes.dtype == np.int64
    assert list(codes) == [1, 0, columns.NEW_LABEL, columns.NO_LABEL, 1]


def test_labels_that_are_words_are_compared_as_text() -> None:
    codes = columns.class_codes(cells(["1.0", "1", "no", "?"]), ["1", "no"])
    assert list(codes) == [columns.NEW_LABEL, 0, 1, columns.NO_LABEL]


def test_the_module_needs_nothing_of_tunesmith() -> None:
    import inspect

    source = inspect.getsource(columns)
    assert "from engine" not in source
    assert "import engine" not in source
