"""Tables whose columns have types already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from engine.data import system_memory
from engine.data.new_rows import read_new_rows
from engine.data.open import load, open_table
from engine.data.table_source import open_source
from engine.domain.tables import Table
from engine.plan import DataPlan, TypedOptions

Save = Callable[..., str]
WRITERS = {
    "parquet": lambda table, path: pq.write_table(table, path),
    "feather": lambda table, path: feather.write_feather(table, str(path)),
}


@pytest.fixture(params=sorted(WRITERS))
def save(request: pytest.FixtureRequest, tmp_path: Path) -> Save:
    """A function that writes columns to a file of either kind and gives its path."""

    def save(columns: dict[str, Any] | pa.Table, name: str = "table") -> str:
        path = tmp_path / f"{name}.{request.param}"
        WRITERS[request.param](pa.table(columns), path)
        return str(path)

    return save


def kinds(found: Table) -> dict[str, str]:
    return {column.name: column.kind for column in found.columns}


Y = ["a", "b"] * 4


def test_types_are_taken_as_the_file_has_them(save: Save) -> None:
    path = save(
        {
            "whole": pa.array([1, 2, 3, 4, 5, 6, 7, 8], pa.int8()),
            "half": pa.array([0.1, 2, 3, 4, 5, 6, 7, 8], pa.float32()),
            "exact": [Decimal(place) / 4 for place in range(8)],
            "digits": ["007", "7", "70", "007", "7", "70", "007", "7"],
            "sold": [True, False, None, True, True, False, True, False],
            "day": [date(2024, 1 + place, 3) for place in range(8)],
            "y": Y,
        }
    )
    found = open_table(DataPlan(path, target="y"))
    assert kinds(found) == {
        "whole": "number",
        "half": "number",
        "exact": "number",
        "digits": "category",
        "sold": "category",
        "day": "date",
        "y": "category",
    }
    assert found.preview[1][:6] == ("2", "2.0", "0.25", "7", "False", "2024-02-03")
    features = load(found.data).features
    assert features["half"][0] == np.float32(0.1)
    assert list(features["digits"].cat.categories) == ["007", "7", "70"]
    assert features["sold"].tolist()[:2] == ["True", "False"]
    assert features["day.month"].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]


def test_what_is_missing_is_missing_and_no_word_is(save: Save) -> None:
    path = save(
        {
            "whole": [None, 2, 3, 4, 5, 6, 7, 8],
            "word": ["NA", None, "None", "", "NA", "?", "None", "NA"],
            "day": [None, *(date(2024, 1, place) for place in range(1, 8))],
            "y": ["None", "Mild"] * 4,
        }
    )
    found = open_table(DataPlan(path, target="y"))
    assert [column.missing for column in found.columns] == [1, 2, 1, 0]
    loaded = load(found.data)
    assert sorted(loaded.schema.classes) == ["Mild", "None"]
    assert np.isnan(loaded.features["whole"][0])
    assert list(loaded.features["word"].cat.categories) == ["?", "NA", "None"]
    assert loaded.facts.missing_cells == 1 + 2 + 2  # the month is the same, day and weekday differ


def test_long_numbers_keep_every_digit_as_labels(save: Save) -> None:
    labels = [90071992547409921, 90071992547409922, None, 90071992547409923] * 4
    path = save({"x": range(16), "y": labels})
    found = open_table(DataPlan(path, target="y", task="multiclass"))
    assert sorted(label for label, _ in found.classes) == [
        f"9007199254740992{n}" for n in (1, 2, 3)
    ]
    assert load(found.data).target.tolist() == [0, 1, 2] * 4


def test_times_of_any_zone_are_those_of_utc(save: Save) -> None:
    east = timezone(timedelta(hours=5))
    times = [datetime(2024, 1, 1, place, tzinfo=east) for place in range(8)]
    features = load(DataPlan(save({"t": pa.array(times), "y": Y}), target="y")).features
    assert features["t.hour"].tolist() == [19.0, 20.0, 21.0, 22.0, 23.0, 0.0, 1.0, 2.0]


def test_columns_that_no_model_takes_are_left_out_and_told(save: Save) -> None:
    path = save({"x": range(8), "list": [[1]] * 8, "y": Y})
    found = open_table(DataPlan(path, target="y"))
    assert list(kinds(found)) == ["x", "y"]
    (note,) = [notice for notice in found.warnings if notice.code == "columns.unknown_type"]
    assert note.columns == ("list",)


def test_names_become_unique(save: Save) -> None:
    columns = [pa.array(range(8)), pa.array(range(8)), pa.array(Y)]
    found = open_table(DataPlan(save(pa.table(columns, names=["x", "x", "y"])), target="y"))
    assert list(kinds(found)) == ["x", "x.2", "y"]
    assert any(notice.columns == ("x.2",) for notice in found.warnings)


def test_the_person_may_take_words_for_numbers_or_dates(save: Save) -> None:
    path = save(
        {
            "n": ["1.5", "2", "3", "4", "x", "6", "7", "8"],
            "d": [f"0{place}.02.2024" for place in range(1, 9)],
            "y": Y,
        }
    )
    plan = DataPlan(path, target="y", kinds={"n": "number", "d": "date"})
    features = load(plan).features
    assert features["n"].tolist()[:2] == [1.5, 2.0]
    assert np.isnan(features["n"][4])
    assert features["d.day"].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    numbers = load(DataPlan(save({"n": range(8), "y": Y}), target="y", kinds={"n": "category"}))
    assert list(numbers.features["n"].cat.categories) == [str(place) for place in range(8)]


def test_new_rows_may_come_from_another_kind_of_file(save: Save, write) -> None:
    days = [date(2024, 1, place) for place in (1, 2, 3, 4)]
    columns = {"n": [1.5, 2, 3, 4], "c": ["p", "007", "p", "q"], "d": days}
    schema = load(DataPlan(save({**columns, "y": ["a", "b", "a", "b"]}), target="y")).schema
    text = write("d;c;n\n2024-01-04;007;1,5\n;7;\n")
    features, notes = read_new_rows(text, schema)
    assert features["c"].tolist()[0] == "007"
    assert features["n"].tolist()[0] == 1.5
    assert features.iloc[1, [0, 2]].isna().all()
    assert "“7”" in notes[0]
    text = write("n;c;d;y\n1,5;p;2024-01-01;a\n2;q;2024-01-02;b\n")
    schema = load(DataPlan(text, target="y")).schema
    again, notes = read_new_rows(save(columns, "new"), schema)
    assert again["n"].tolist() == [1.5, 2.0, 3.0, 4.0]
    assert again["d.day"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert "“007”" in notes[0]


def test_a_word_where_the_model_expects_a_number(save: Save, refused) -> None:
    schema = load(DataPlan(save({"n": range(8), "y": Y}), target="y")).schema
    wrong = save({"n": ["1", "x"]}, "new")
    assert "“x” in row 2" in str(refused("columns.type", read_new_rows, wrong, schema))
    features, _ = read_new_rows(save({"n": ["1", "2"]}, "new"), schema)
    assert features["n"].tolist() == [1.0, 2.0]


def test_test_rows_may_be_typed(save: Save, write) -> None:
    train = write("x;y\n1,5;0\n2,5;1\n3,5;0\n4,5;1\n")
    test = save({"x": [1.0, 2.0], "y": [1.0, 0.0]})
    loaded = load(open_table(DataPlan(train, target="y", task="binary", test_source=test)).data)
    assert loaded.test is not None
    assert loaded.test[1].tolist() == [1, 0]
    assert isinstance(loaded.schema.test_read, TypedOptions)


def test_only_the_first_rows_of_many_groups(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"x": range(1000), "y": ["a", "b"] * 500}), path, row_group_size=10)
    source = open_source(str(path), TypedOptions(rows=25))
    assert source.cells["x"].tolist() == list(range(25))


def test_a_table_of_nothing_is_refused(save: Save, refused) -> None:
    refused("table.nothing", open_table, DataPlan(save({"x": pa.array([], pa.int64())})))
    refused("table.nothing", open_table, DataPlan(save({"x": [[1]]})))


def test_more_than_fits_into_memory_is_refused_with_the_rows_that_do(
    save: Save, refused, monkeypatch
) -> None:
    path = save({"x": np.random.default_rng(0).normal(size=50_000), "y": ["a", "b"] * 25_000})
    monkeypatch.setattr(
        system_memory.psutil, "virtual_memory", lambda: SimpleNamespace(available=2_000_000)
    )
    error = refused("file.too_large", open_table, DataPlan(path))
    fitting = error.params["rows"]
    assert 1000 < fitting < 50_000
    assert open_table(DataPlan(path, read=TypedOptions(rows=fitting))).rows == fitting


def test_what_pandas_writes_is_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1.5, None, 3, 4], "c": list("pqpq"), "y": list("abab")})
    frame.astype({"c": "category"}).to_parquet(tmp_path / "table.parquet")
    loaded = load(DataPlan(str(tmp_path / "table.parquet"), target="y"))
    assert list(loaded.features.columns) == ["x", "c"]
    assert loaded.features["c"].tolist() == list("pqpq")
