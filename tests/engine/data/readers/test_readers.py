"""Every reader of the registry against the suite, and how one is found for a source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.data.readers import READERS, Reader, reader_of
from engine.testing.reader_suite import ReaderSuite


class TestReaders(ReaderSuite):
    @pytest.fixture(params=list(READERS))
    def reader(self, request: pytest.FixtureRequest) -> Reader[Any]:
        return READERS[request.param]


@pytest.mark.parametrize(
    ("source", "id"),
    [
        ("table.csv", "csv"),
        ("TABLE.TSV", "csv"),
        ("table.parquet", "parquet"),
        ("table.PQ", "parquet"),
        ("table.feather", "arrow"),
        ("builtin:wine", "builtin"),
        ("table.xlsx", "csv"),
        ("table", "csv"),
        ("a\0b", "csv"),
    ],
)
def test_a_reader_is_found_by_the_name_alone(source: str, id: str) -> None:
    assert reader_of(source).card.id == id


def test_a_reader_is_found_by_what_a_file_holds(tmp_path) -> None:
    for id in ("parquet", "arrow"):
        path = READERS[id].example(tmp_path)
        renamed = tmp_path / f"{id} without a suffix"
        renamed.write_bytes(Path(path).read_bytes())
        assert reader_of(str(renamed)).card.id == id
    assert reader_of(str(tmp_path)).card.id == "pictures"


def test_suffixes_are_of_one_reader_each() -> None:
    suffixes = [suffix for reader in READERS.values() for suffix in reader.card.suffixes]
    assert len({*suffixes}) == len(suffixes)
