from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.data.open import load, open_table
from engine.data.readers.builtin import builtin_tables
from engine.domain.tables import Notice, Table
from engine.plan import DataPlan, TextOptions

CLASSES = ["a", "b"]


def csv(columns: dict[str, list[object]], names: list[str] | None = None) -> str:
    rows = zip(*columns.values(), strict=True)
    return "\n".join(",".join(map(str, row)) for row in [names or list(columns), *rows]) + "\n"


@pytest.fixture
def table(write) -> Callable[..., DataPlan]:
    """A function that writes 60 rows of noise and what is asked for besides, and plans for them."""

    def make(extra: dict[str, list[object]] | None = None, names=None, **plan) -> DataPlan:
        random = np.random.default_rng(3)
        columns: dict[str, list[object]] = {
            "noise": random.normal(size=60).round(3).tolist(),
            "size": random.integers(0, 5, 60).tolist(),
            **(extra or {}),
        }
        columns.setdefault("y", [CLASSES[n] for n in random.integers(0, 2, 60)])
        return DataPlan(write(csv(columns, names)), target="y", **plan)

    return make


def notice(found: Table, code: str) -> Notice:
    (one,) = [n for n in found.warnings if n.code == code]
    return one


def used(found: Table) -> list[str]:
    return [column.name for column in found.columns if column.used]


def test_a_plain_table_has_no_warnings(table) -> None:
    found = open_table(table())
    assert found.warnings == ()
    assert used(found) == ["noise", "size"]
    assert found.rows == 60
    assert found.tasks == ("binary",)
    assert {label for label, _ in found.classes} == {"a", "b"}
    assert len(found.preview) == 50
    assert found.preview[0][2] in CLASSES


def test_everything_is_settled(table) -> None:
    data = open_table(table()).data
    assert None not in (data.read.delimiter, data.read.encoding, data.read.decimal)
    assert None not in (data.read.quote, data.read.header)
    assert data.task == "binary"
    assert data.positive in CLASSES
    assert len(data.sha256 or "") == 64
    assert open_table(data).data == data


def test_without_a_target_one_is_suggested(table) -> None:
    plan = table()
    found = open_table(DataPlan(plan.source))
    assert found.suggested_target == "y"
    assert found.data.task is None
    assert found.tasks == ()


# --- accepted, with a sentence --------------------------------------------------------------------


def test_repeated_names(table) -> None:
    found = open_table(table({"z": list(range(60, 0, -1))}, ["noise", "noise", "noise", "y"]))
    assert used(found) == ["noise", "noise.2", "noise.3"]
    assert notice(found, "columns.renamed").columns == ("noise.2", "noise.3")


def test_rows_without_a_target(table) -> None:
    plan = table({"y": ["", "NA", "a", *["a", "b"] * 28, "b"]})
    found = notice(open_table(plan), "rows.without_target")
    assert found.sentence == "2 rows of 60 have no value in y and are left out."
    loaded = load(plan)
    assert len(loaded.features) == len(loaded.target) == loaded.facts.rows == 58
    assert list(loaded.features.index) == list(range(58))


def test_infinite_values(table) -> None:
    plan = table({"z": ["inf", "-inf", *range(58)]})
    found = open_table(plan)
    assert "2 infinite numbers" in notice(found, "values.infinite").sentence
    assert int(load(plan).features["z"].isna().sum()) == 2


def test_mixed_types(table) -> None:
    plan = table({"z": ["many", *range(59)]})
    found = open_table(plan)
    sentence = notice(found, "columns.mixed").sentence
    assert "1 cell of 60" in sentence
    assert "“many”" in sentence
    assert load(plan).features["z"].dtype == "category"


def test_mixed_types_as_numbers(table) -> None:
    plan = table({"z": ["many", *range(59)]}, kinds={"z": "number"})
    assert "count as missing" in notice(open_table(plan), "columns.mixed").sentence
    loaded = load(plan)
    assert np.isnan(loaded.features["z"][0])
    assert loaded.facts.missing_cells == 1


def test_dates(table) -> None:
    plan = table({"when": [f"2024-{1 + n % 12:02d}-{1 + n % 28:02d}" for n in range(60)]})
    found = open_table(plan)
    assert notice(found, "columns.dates").columns == ("when",)
    features = load(plan).features
    assert list(features.columns)[2:] == ["when.month", "when.day", "when.weekday"]
    assert features["when.month"].tolist()[:3] == [1.0, 2.0, 3.0]


def test_dates_that_can_be_read_two_ways(table) -> None:
    plan = table({"when": [f"{1 + n % 9:02d}/{1 + n % 12:02d}/2024" for n in range(60)]})
    assert notice(open_table(plan), "columns.ambiguous_dates").columns == ("when",)


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("columns.text", [f"a long remark with the number {n}" for n in range(60)]),
        ("columns.id", [f"key{n}" for n in range(60)]),
        ("columns.constant", ["same"] * 60),
        ("columns.empty", [""] * 60),
    ],
)
def test_columns_of_no_use_are_left_out_unless_asked_for(table, code: str, values: list) -> None:
    plan = table({"z": values})
    found = open_table(plan)
    assert notice(found, code).columns == ("z",)
    assert "z" not in used(found)
    assert "z" not in load(plan).features
    kept = open_table(table({"z": values}, kinds={"z": "category"}))
    assert "z" in used(kept)
    assert code not in [n.code for n in kept.warnings]


def test_missing_values(table) -> None:
    plan = table({"z": ["", *range(59)], "w": [""] * 40 + list(range(20))})
    found = open_table(plan)
    assert "41 cells are missing" in notice(found, "values.missing").sentence
    mostly = notice(found, "columns.mostly_missing")
    assert (mostly.columns, mostly.fix) == (("w",), "leave_out")
    assert load(plan).facts.missing_cells == 41


def test_imbalance(table) -> None:
    found = notice(open_table(table({"y": ["a"] * 57 + ["b"] * 3})), "target.imbalance")
    assert "Only 3 of 60 rows (5.0%) are of the class “b”" in found.sentence


def test_duplicate_rows(table, write) -> None:
    path = Path(table().source)
    lines = path.read_text().splitlines()
    plan = DataPlan(write("\n".join([*lines, lines[5], lines[5], lines[9]])), target="y")
    assert "3 rows of 63 repeat" in notice(open_table(plan), "rows.duplicate").sentence


def test_duplicates_are_found_past_an_id(table, write) -> None:
    lines = Path(table().source).read_text().splitlines()
    lines += [lines[5]]
    text = "\n".join(f"{'id' if n == 0 else f'k{n}'},{line}" for n, line in enumerate(lines))
    found = open_table(DataPlan(write(text), target="y"))
    assert "1 row of 61 repeats" in notice(found, "rows.duplicate").sentence


@pytest.mark.parametrize("kind", ["number", "category", "noisy copy"])
def test_a_column_that_alone_predicts_a_class(table, kind: str) -> None:
    y = [CLASSES[n * 7 % 10 < 4] for n in range(60)]
    leak = {
        "number": [n + 100 * (label == "b") for n, label in enumerate(y)],
        "category": [f"code {label}" for label in y],
        "noisy copy": [float(label == "b") + (n % 7) / 100 for n, label in enumerate(y)],
    }[kind]
    found = notice(open_table(table({"y": y, "z": leak})), "columns.leak")
    assert (found.columns, found.fix, found.severity) == (("z",), "leave_out", "caution")


@pytest.mark.parametrize("kind", ["copy", "curve", "category"])
def test_a_column_that_alone_predicts_a_number(table, kind: str) -> None:
    y = [((n * 37) % 60) / 3 + 0.1 for n in range(60)]
    if kind == "category":
        y = [(n * 37 % 5) / 3 for n in range(60)]
    leak = {
        "copy": [value * 3 - 1 for value in y],
        "curve": [value**3 for value in y],
        "category": [f"g{value:.2f}" for value in y],
    }[kind]
    found = open_table(table({"y": y, "z": leak}, task="regression"))
    assert notice(found, "columns.leak").columns == ("z",)


def test_an_id_is_no_leak(table) -> None:
    plan = table({"z": [f"k{n}" for n in range(60)]}, kinds={"z": "category"})
    assert "columns.leak" not in [n.code for n in open_table(plan).warnings]


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes"])
def test_honest_tables_have_no_leaks(name: str) -> None:
    found = open_table(DataPlan(f"builtin:{name}", target="target"))
    assert "columns.leak" not in [n.code for n in found.warnings]


def test_a_fallback_encoding_is_told(write) -> None:
    found = open_table(DataPlan(write("x,y\n1,é\n2,b\n", encoding="cp1252"), target="y"))
    assert "Windows-1252" in notice(found, "read.encoding").sentence


def test_a_missing_header_is_told(write) -> None:
    found = open_table(DataPlan(write("1,a\n2,b\n")))
    assert "column 1" in notice(found, "read.header").sentence


def test_a_decimal_comma_is_told(write) -> None:
    assert notice(open_table(DataPlan(write("x;y\n1,5;a\n2,5;b\n"))), "read.decimal")


def test_reading_the_first_rows_is_told(table) -> None:
    found = open_table(table(read=TextOptions(rows=30)))
    assert "first 30 rows" in notice(found, "read.rows").sentence
    assert found.rows == 30


def test_a_column_that_counts_the_rows_is_told_but_used(table) -> None:
    found = open_table(table({"step": list(range(1, 61))}))
    assert notice(found, "columns.counting").fix == "leave_out"
    assert "step" in used(found)


def test_many_columns(write) -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=(30, 2000)).round(3)
    columns: dict[str, list[object]] = {f"x{n}": values[:, n].tolist() for n in range(2000)}
    path = write(csv({**columns, "y": CLASSES * 15}))
    found = open_table(DataPlan(path, target="y"))
    assert len(used(found)) == 2000
    np.testing.assert_array_equal(load(found.data).features.to_numpy(), values)


# --- refused --------------------------------------------------------------------------------------


def test_an_unknown_target_with_the_nearest_name(table, refused) -> None:
    plan = DataPlan(table().source, target="sise")
    assert "Did you mean size?" in str(refused("target.unknown", open_table, plan))


def test_other_refusals(table, refused) -> None:
    source = table().source

    def plan(**changes) -> DataPlan:
        return DataPlan(source, **{"target": "y", **changes})

    refused("column.unknown", open_table, plan(leave_out=("nope",)))
    refused("plan.unknown", open_table, plan(kinds={"nope": "number"}))
    refused("table.no_features", open_table, plan(leave_out=("noise", "size")))
    error = refused("columns.not_dates", open_table, plan(kinds={"noise": "date"}))
    assert "row 1" in str(error)
    refused("target.none", load, plan(target=None))
    refused("builtin.unknown", open_table, DataPlan("builtin:nope"))


def test_a_changed_file(table, refused) -> None:
    plan = open_table(table()).data
    with Path(plan.source).open("a") as file:
        file.write("1,2,a\n")
    refused("file.changed", load, plan)
    assert len(load(open_table(plan).data).features) == 61


# --- features and facts ---------------------------------------------------------------------------


def test_left_out_columns_are_no_features(table) -> None:
    plan = table(leave_out=("noise",))
    assert used(open_table(plan)) == ["size"]
    assert list(load(plan).features.columns) == ["size"]


def test_facts(table) -> None:
    plan = table({"z": ["", *["p", "q", "r"] * 19, "p", "p"]})
    loaded = load(plan)
    facts = loaded.facts
    assert (facts.rows, facts.columns, facts.numeric, facts.categorical) == (60, 3, 2, 1)
    assert facts.encoded == 2 + 4
    assert facts.missing_cells == 1
    assert dict(facts.classes) == {
        c: [*loaded.target].count(k) for k, c in enumerate(loaded.schema.classes)
    }


def test_bundled_tables_are_as_their_cards_say() -> None:
    from sklearn import datasets

    for card in builtin_tables():
        found = open_table(DataPlan(card.source, target="target"))
        loaded = load(found.data)
        name = card.source.removeprefix("builtin:")
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        assert (found.rows, len(found.columns) - 1, found.tasks[0]) == (
            card.rows,
            card.columns,
            card.task,
        )
        own = [spec.name for spec in loaded.schema.columns]
        names = [c.name for c in found.columns if c.name != "target"]
        np.testing.assert_array_equal(
            loaded.features.to_numpy(), X[:, [names.index(name) for name in own]]
        )
        if card.task == "regression":
            np.testing.assert_array_equal(loaded.target, y)


# --- a file with test rows ------------------------------------------------------------------------


def test_test_rows_of_another_file(write) -> None:
    train = write("a;c;y\n1,5;p;yes\n2;q;no\n3;p;no\n")
    test = write("y,c,a,more\nno,r,2.5,1\n,p,1,1\nyes,q,inf,1\n", "test.csv")
    found = open_table(DataPlan(train, target="y", test_source=test))
    assert len(found.data.test_sha256 or "") == 64
    loaded = load(found.data)
    assert loaded.test is not None
    features, target = loaded.test
    assert features["a"].tolist()[0] == 2.5
    assert np.isnan(features["a"][1])
    assert features["c"].tolist() == ["r", "q"]
    assert list(target) == [0, 1]
    sentences = " ".join(n.sentence for n in loaded.notices if n.code == "test.rows")
    assert "“r”" in sentences
    assert "1 row has no value in y" in sentences
    assert loaded.schema.test_read is not None
    assert (loaded.schema.read.decimal, loaded.schema.test_read.decimal) == (",", ".")


@pytest.mark.parametrize(
    ("code", "test"),
    [
        ("columns.missing", "a,y\n1,yes\n"),
        ("columns.missing", "a,c\n1,p\n"),
        ("columns.type", "a,c,y\nx,p,yes\n"),
        ("test.classes", "a,c,y\n1,p,perhaps\n"),
        ("test.no_rows", "a,c,y\n1,p,\n2,p,\n"),
        ("table.header_only", "a,c,y\n"),
    ],
)
def test_test_files_that_do_not_fit(write, refused, code: str, test: str) -> None:
    train = write("a,c,y\n1.5,p,yes\n2,q,no\n3,p,no\n")
    plan = DataPlan(train, target="y", test_source=write(test, "test.csv"))
    refused(code, load, plan)
    refused(code, open_table, plan)


def test_a_test_target_that_is_no_number(write, refused) -> None:
    plan = DataPlan(
        write("a,y\n1,1.5\n2,2.5\n3,9\n"),
        target="y",
        task="regression",
        test_source=write("a,y\n1,x\n", "test.csv"),
    )
    refused("target.not_numeric", load, plan)
