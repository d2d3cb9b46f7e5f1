from __future__ import annotations

import pandas as pd
import pytest

from engine.data.profile import Profile, find_style, profile


def seen(texts: list[str], name: str = "x", asked=None, decimal: str = ".") -> Profile:
    return profile(name, pd.Series(texts, dtype="str"), decimal, asked)


def test_numbers_in_figures() -> None:
    found = seen(["1", "2.5", "", "2.5", "inf", "NA"])
    assert (found.kind, found.missing, found.infinite, found.distinct) == ("number", 2, 1, 2)
    assert (found.minimum, found.maximum) == ("1", "2.5")
    assert sum(found.histogram) == 3
    assert found.examples[:2] == ("1", "2.5")


def test_few_whole_numbers_stay_numbers() -> None:
    assert seen(["0", "1"] * 30).kind == "number"


@pytest.mark.parametrize("texts", [["true", "false"] * 5, ["yes", "no"] * 5])
def test_booleans_are_categories(texts: list[str]) -> None:
    found = seen(texts)
    assert found.kind == "category"
    assert found.levels == tuple(sorted(set(texts)))
    assert found.histogram == (5, 5)


def test_widest_numbers_have_a_histogram() -> None:
    assert sum(seen(["-3.4e38", "3.4e38", "0"]).histogram) == 3


def test_mixed_columns_are_categories_and_say_so() -> None:
    found = seen(["1", "2", "3", "many", "2"])
    assert (found.kind, found.mixed, found.odd, found.odd_text) == ("category", True, 1, "many")
    assert not found.idle


def test_a_mixed_column_is_never_taken_for_an_id() -> None:
    assert not seen([*map(str, range(100)), "x"]).idle


def test_a_mixed_column_can_be_read_as_numbers() -> None:
    found = seen(["1", "2", "", "many"], asked="number")
    assert (found.kind, found.missing, found.odd, found.odd_text) == ("number", 1, 1, "many")
    assert found.specs(set())[0].lenient


def test_mostly_words_with_a_few_numbers_are_plain_categories() -> None:
    assert not seen(["a", "b", "c", "1"] * 3).mixed


@pytest.mark.parametrize(
    ("texts", "style", "ambiguous"),
    [
        (["2024-01-31", "2023-12-01"], "ISO8601", False),
        (["2024-01-31 12:30", "2023-12-01T07:00:10.25Z"], "ISO8601", False),
        (["2024/01/31", "2023/12/01"], "%Y/%m/%d", False),
        (["31.01.2024", "1.12.2023"], "%d.%m.%Y", False),
        (["31.01.2024 07:30", "1.12.2023 17:00"], "%d.%m.%Y %H:%M", False),
        (["31/01/2024", "01/12/2023"], "%d/%m/%Y", False),
        (["01/31/2024", "12/01/2023"], "%m/%d/%Y", False),
        (["01/02/2024", "03/04/2023"], "%d/%m/%Y", True),
        (["01-31-2024 10:00:00"], "%m-%d-%Y %H:%M:%S", False),
        (["2024-01-31", "2023-02-30"], "", False),
        (["2024-01-31", "soon"], "", False),
        (["12:30"], "", False),
        ([], "", False),
    ],
)
def test_date_formats(texts: list[str], style: str, ambiguous: bool) -> None:
    assert find_style(texts) == (style, ambiguous)


def test_dates_give_the_parts_that_differ() -> None:
    found = seen(["2024-01-31", "2024-02-01", "", "2024-02-02"], "when")
    assert (found.kind, found.missing, found.distinct) == ("date", 1, 3)
    assert found.parts == ("month", "day", "weekday")
    assert (found.minimum, found.maximum) == ("2024-01-31", "2024-02-02")
    names = [spec.name for spec in found.specs({"when.day"})]
    assert names == ["when.month", "when.day_", "when.weekday"]


def test_hours_count_where_there_are_any() -> None:
    assert "hour" in seen(["2024-01-31 10:00", "2024-01-31 11:00"]).parts


def test_dates_can_be_asked_for_in_vain() -> None:
    found = seen(["2024-01-31", "soon"], asked="date")
    assert (found.kind, found.odd, found.odd_text) == ("date", 1, "soon")


@pytest.mark.parametrize(
    ("texts", "name", "idle"),
    [
        (["", "NA"], "x", "empty"),
        (["5", "5"], "x", "constant"),
        (["5", ""], "x", "constant"),
        (["a", "a"], "x", "constant"),
        (["a", ""], "x", ""),
        (["2024-01-01", "2024-01-01"], "x", "constant"),
        ([f"key{n}" for n in range(40)], "x", "id"),
        ([f"key{n}" for n in range(10)], "x", ""),
        ([str(n * 7) for n in range(40)], "customer_id", "id"),
        ([str(n * 7) for n in range(40)], "customerId", "id"),
        ([str(n * 7) for n in range(40)], "Unnamed: 0", "id"),
        ([str(n * 7) for n in range(40)], "width", ""),
        ([str(n % 9) for n in range(40)], "id", ""),
        ([f"this is the {n}th review of it" for n in range(60)], "x", "text"),
        (["a rather long answer that comes again"] * 30 + ["no"] * 30, "x", ""),
    ],
)
def test_columns_of_no_use(texts: list[str], name: str, idle: str) -> None:
    assert seen(texts, name).idle == idle


@pytest.mark.parametrize("asked", ["category", "number"])
def test_what_the_person_sets_is_used(asked: str) -> None:
    found = seen([str(n) for n in range(40)], "id", asked)
    assert (found.kind, found.idle) == (asked, "")


def test_any_column_can_be_called_text_and_is_then_left_out() -> None:
    found = seen(["a", "b"] * 20, asked="text")
    assert (found.kind, found.idle) == ("text", "text")


@pytest.mark.parametrize(("first", "counting"), [(0, True), (1, True), (2, False)])
def test_a_column_that_counts_the_rows(first: int, counting: bool) -> None:
    assert seen([str(n + first) for n in range(30)]).counting is counting


def test_plus_and_minus_are_values() -> None:
    found = seen(["+", "-", "+", ""])
    assert (found.levels, found.dash, found.missing) == (("+", "-"), True, 1)
    assert seen(["a", "-"]).missing == 1


def test_decimal_commas() -> None:
    assert seen(["1,5", "2"], decimal=",").kind == "number"
    assert seen(["1.5", "2,5"], decimal=",").kind == "category"
