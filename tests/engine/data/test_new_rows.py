from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.data.new_rows import read_new_rows
from engine.data.open import load
from engine.data.schema import Schema
from engine.plan import DataPlan

TABLE = (
    "num,colour,when,y\n"
    "1.5,red,2024-01-05,yes\n"
    "2.5,blue,2024-02-06,no\n"
    ",red,2023-03-07,yes\n"
    "4,,2024-03-08,no\n"
)


@pytest.fixture
def schema(write) -> Schema:
    return load(DataPlan(write(TABLE), target="y")).schema


def test_the_table_itself_reads_as_it_was_loaded(write, schema: Schema) -> None:
    path = write(TABLE)
    features, notes = read_new_rows(path, schema)
    pd.testing.assert_frame_equal(features, load(DataPlan(path, target="y")).features)
    assert notes == ()


def test_order_dialect_and_further_columns_do_not_matter(write, schema: Schema) -> None:
    path = write("when;extra;colour;num\n2024-01-05;1;red;1,5\n;2;;\n", "new.csv", "cp1252")
    features, notes = read_new_rows(path, schema)
    assert list(features.columns) == ["num", "colour", *features.columns[2:]]
    assert features["num"].tolist()[0] == 1.5
    assert features.iloc[1].isna().all()
    assert notes == ()


def test_a_single_row(write, schema: Schema) -> None:
    features, _ = read_new_rows(write("num,colour,when\n7,red,2024-01-05\n", "new.csv"), schema)
    assert features["num"].tolist() == [7.0]


def test_a_model_of_one_column(write) -> None:
    schema = load(DataPlan(write("x,y\n1,a\n2,b\n"), target="y")).schema
    features, _ = read_new_rows(write("x\n5\n6\n", "new.csv"), schema)
    assert features["x"].tolist() == [5.0, 6.0]


def test_a_table_without_header(write) -> None:
    schema = load(DataPlan(write("1,2,a\n3,4,b\n"), target="column 3")).schema
    features, _ = read_new_rows(write("5,6\n", "new.csv"), schema)
    assert features.to_numpy().tolist() == [[5.0, 6.0]]


def test_new_categories_and_infinite_numbers_are_told(write, schema: Schema) -> None:
    path = write("num,colour,when\ninf,green,2024-01-05\n1,pink,2024-01-05\n", "new.csv")
    features, notes = read_new_rows(path, schema)
    assert np.isnan(features["num"][0])
    assert features["colour"].tolist() == ["green", "pink"]
    assert any("num" in note and "infinite" in note for note in notes)
    assert any("2 rows" in note and "“green”" in note for note in notes)


def test_missing_columns(write, schema: Schema, refused) -> None:
    error = refused("columns.missing", read_new_rows, write("num,color\n1,red\n", "n.csv"), schema)
    assert "colour (it has color), when" in str(error)


def test_a_word_where_a_number_belongs(write, schema: Schema, refused) -> None:
    path = write("num,colour,when\n1,red,2024-01-05\nx,red,2024-01-05\n", "new.csv")
    assert "“x” in row 2" in str(refused("columns.type", read_new_rows, path, schema))


def test_a_word_where_a_date_belongs(write, schema: Schema, refused) -> None:
    path = write("num,colour,when\n1,red,2024-01-05\n2,red,soon\n", "new.csv")
    sentence = str(refused("columns.date", read_new_rows, path, schema))
    assert "“soon” in row 2" in sentence
    assert "2024-12-31" in sentence


def test_words_among_numbers_that_were_allowed(write) -> None:
    plan = DataPlan(write("x,y\n1,a\nmany,b\n3,a\n"), target="y", kinds={"x": "number"})
    features, _ = read_new_rows(write("x\n5\nfew\n", "new.csv"), load(plan).schema)
    assert features["x"].tolist()[0] == 5.0
    assert np.isnan(features["x"][1])


def test_plus_and_minus(write) -> None:
    schema = load(DataPlan(write("x,y\n+,a\n-,b\n+,a\n-,b\n"), target="y")).schema
    features, notes = read_new_rows(write("x\n-\n-\n", "new.csv"), schema)
    assert features["x"].tolist() == ["-", "-"]
    assert notes == ()


def test_bundled_tables_are_new_rows_too() -> None:
    loaded = load(DataPlan("builtin:wine", target="target"))
    features, _ = read_new_rows("builtin:wine", loaded.schema)
    pd.testing.assert_frame_equal(features, loaded.features)
