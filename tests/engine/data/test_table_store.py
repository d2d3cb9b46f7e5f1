from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.data.open import Loaded, load
from engine.data.table_store import load_arrow, save
from engine.plan import DataPlan

TABLE = (
    "num,cat,when,target,test,y\n"
    "1.1,p,2024-01-05,1,a,yes\n"
    ",q,2024-02-06,2,b,no\n"
    "3,,2024-03-07,3,a,yes\n"
    "4,r,,5,a,\n"
    "inf,p,2024-03-07,9,b,no\n"
)


def assert_same(found: Loaded, expected: Loaded) -> None:
    pd.testing.assert_frame_equal(found.features, expected.features)
    np.testing.assert_array_equal(found.target, expected.target)
    assert found.target.dtype == expected.target.dtype
    assert (found.schema, found.facts) == (expected.schema, expected.facts)
    assert found.notices == expected.notices
    if expected.test is None or found.test is None:
        assert found.test is expected.test
        return
    pd.testing.assert_frame_equal(found.test[0], expected.test[0])
    np.testing.assert_array_equal(found.test[1], expected.test[1])


@pytest.mark.parametrize("with_test", [False, True])
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_what_is_saved_comes_back(write, tmp_path: Path, with_test: bool, task: str) -> None:
    test = write(TABLE.replace(",q,", ",new,").replace(",,5,", ",2024-01-01,5,"), "test.csv")
    plan = DataPlan(
        write(TABLE),
        target="y" if task == "binary" else "target",
        task="binary" if task == "binary" else "regression",
        test_source=test if with_test else None,
    )
    loaded = load(plan)
    save(loaded, tmp_path / "data.arrow")
    assert [path.name for path in tmp_path.glob("data.arrow*")] == ["data.arrow"]
    assert_same(load_arrow(tmp_path / "data.arrow"), loaded)


def test_a_wide_table_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    values = np.random.default_rng(0).normal(size=(6, 700))
    frame = pd.DataFrame(values).add_prefix("x").assign(y=list("ababab"))
    frame.to_csv(path, index=False)
    loaded = load(DataPlan(str(path), target="y"))
    save(loaded, tmp_path / "data.arrow")
    assert_same(load_arrow(tmp_path / "data.arrow"), loaded)


def test_a_saved_table_is_replaced_whole_or_not_at_all(write, tmp_path: Path) -> None:
    loaded = load(DataPlan(write(TABLE), target="y"))
    target = tmp_path / "data.arrow"
    save(loaded, target)
    with pytest.raises(OSError):
        save(loaded, tmp_path / "nowhere" / "data.arrow")
    assert_same(load_arrow(target), loaded)


@pytest.mark.parametrize("content", [b"", b"not a table", b"ARROW1\0\0"])
def test_a_damaged_table(tmp_path: Path, refused, content: bytes) -> None:
    (tmp_path / "data.arrow").write_bytes(content)
    refused("file.unreadable", load_arrow, tmp_path / "data.arrow")


def test_a_torn_table(write, tmp_path: Path, refused) -> None:
    path = tmp_path / "data.arrow"
    save(load(DataPlan(write(TABLE), target="y")), path)
    path.write_bytes(path.read_bytes()[:-100])
    refused("file.unreadable", load_arrow, path)


def test_no_table(tmp_path: Path, refused) -> None:
    refused("file.missing", load_arrow, tmp_path / "data.arrow")
