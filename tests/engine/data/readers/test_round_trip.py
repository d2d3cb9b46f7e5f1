"""Random tables, written in random dialects, come back as they were."""

from __future__ import annotations

import csv
import io
import math
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.open import load, open_table
from engine.plan import DataPlan

WORDS = ["red", "dark green", "it's; so", "a,b", 'say "so"', "ünï", "x|y", "two\nlines", "1 m"]


@st.composite
def tables(draw) -> dict[str, list[object]]:
    rows = draw(st.integers(6, 14))

    def column(values):
        return draw(st.lists(values, min_size=rows, max_size=rows))

    table: dict[str, list[object]] = {}
    for place in range(draw(st.integers(1, 4))):
        numbers = st.floats(-1e30, 1e30, allow_nan=False) | st.integers(-(10**12), 10**12)
        values = column(st.none() | numbers) if draw(st.booleans()) else column(numbers)
        table[f"n{place}"] = [0.5, 1.5, *values[2:]]
    for place in range(draw(st.integers(0, 3))):
        words = column(st.sampled_from([None, *WORDS]))
        table[f"c{place}"] = ["red", "dark green", *words[2:]]
    table["target"] = ["yes", "no", *column(st.sampled_from(["yes", "no"]))[2:]]
    return table


DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "\t", "|"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
    }
)


def text(table: dict[str, list[object]], dialect: dict, decimal: str) -> str:
    def cell(value: object) -> str:
        if value is None:
            return ""
        return repr(value).replace(".", decimal) if isinstance(value, float) else str(value)

    out = io.StringIO()
    writer = csv.writer(out, **dialect)
    writer.writerow(table)
    writer.writerows([cell(v) for v in row] for row in zip(*table.values(), strict=True))
    return out.getvalue()


@settings(max_examples=40)
@given(
    tables(),
    DIALECTS,
    st.sampled_from([".", ","]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_values_and_kinds_come_back(
    table: dict[str, list[object]], dialect: dict, decimal: str, encoding: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(text(table, dialect, decimal).encode(encoding))
        data = open_table(DataPlan(str(path), target="target")).data
        assert data.read.delimiter == dialect["delimiter"]
        assert data.read.decimal == decimal
        assert data.read.header
        loaded = load(data)
    features = [name for name in table if name != "target"]
    assert list(loaded.features.columns) == features
    for name in features:
        read, written = loaded.features[name], table[name]
        if name.startswith("n"):
            assert read.dtype == np.float64
            expected = [math.nan if v is None else float(str(v)) for v in written]
            np.testing.assert_array_equal(read, expected)
        else:
            assert read.dtype == "category"
            assert [None if v != v else v for v in read.tolist()] == written
    assert loaded.schema.classes == ("no", "yes")
    assert [loaded.schema.classes[code] for code in loaded.target] == table["target"]
