from __future__ import annotations

import os
import sys
from pathlib import Path

import pandas as pd
import pytest

from engine.domain.trials import Cause, TrialRow, TrialState
from engine.errors import InputError
from engine.export import trials_table

ROWS = (
    TrialRow(
        0,
        TrialState.COMPLETE,
        {"C": 0.1 + 0.2, "kernel": "rbf"},
        value=1 / 3,
        spread=0.01,
        folds_done=5,
        seconds=1.5,
        started=1e9,
        ended=1e9 + 2,
    ),
    TrialRow(
        1,
        TrialState.FAILED,
        {"C": 1e-30, "on": True},
        cause=Cause.ERROR,
        message='It said "no,\nnever"',
        origin="tpe",
    ),
)


def test_one_row_a_trial(tmp_path: Path):
    to = tmp_path / "trials.csv"
    trials_table.write(ROWS, ("C", "kernel", "on"), "accuracy", to)
    table = pd.read_csv(to)
    assert table["trial"].tolist() == [0, 1]
    assert table["state"].tolist() == ["complete", "failed"]
    assert table["accuracy"][0] == 1 / 3
    assert pd.isna(table["accuracy"][1])
    assert table["C"].tolist() == [0.1 + 0.2, 1e-30]
    assert table["kernel"][0] == "rbf"
    assert pd.isna(table["kernel"][1])
    assert table["started"][0] == "2001-09-09T01:46:40.000+00:00"
    assert table["fidelity"].tolist() == [1.0, 1.0]
    assert table["cause"][1] == "error"
    assert table["message"][1] == 'It said "no,\nnever"'


@pytest.mark.parametrize(("live", "state"), [(False, "paused"), (True, "running")])
def test_what_is_not_final_is_paused_unless_a_search_is_at_work(tmp_path: Path, live, state):
    to = tmp_path / "trials.csv"
    row = TrialRow(0, TrialState.RUNNING, {"C": 1.0}, value=0.5, folds_done=2, fidelity=1 / 9)
    trials_table.write((row,), ("C",), "accuracy", to, live=live)
    table = pd.read_csv(to)
    assert (table["state"][0], table["fidelity"][0]) == (state, 1 / 9)


def test_what_was_there_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path):
    to = tmp_path / "trials.csv"
    to.write_text("old")
    trials_table.write((), (), "mae", to)
    assert to.read_text().startswith("trial,state,mae")
    assert list(tmp_path.iterdir()) == [to]


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path):
    with pytest.raises(InputError) as caught:
        trials_table.write(ROWS, (), "mae", tmp_path / "no such folder" / "a.csv")
    assert caught.value.code == "export.unwritable"
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="folder can't be written"):
        trials_table.write(ROWS, (), "mae", tmp_path / "folder")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_the_file_is_readable_by_whom_the_system_says(tmp_path: Path):
    before = os.umask(0o027)
    try:
        trials_table.write(ROWS, (), "mae", tmp_path / "a.csv")
    finally:
        os.umask(before)
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o640
