from __future__ import annotations

from engine.domain.cards import ReaderCard
from engine.plan import PictureOptions, TextOptions, TypedOptions
from gui import readers

CARDS = (
    ReaderCard("csv", "CSV or TSV", suffixes=(".csv", ".tsv"), options="text"),
    ReaderCard("parquet", "Parquet", suffixes=(".parquet",)),
    ReaderCard("pictures", "Folders of pictures", folders=True, options="pictures"),
    ReaderCard("builtin", "Bundled tables"),
)


def test_dialogs_offer_the_files_that_there_are_readers_for():
    assert readers.file_filter(CARDS) == "Tables (*.csv *.tsv *.parquet);;All files (*)"
    assert readers.file_filter(()) == "All files (*)"
    assert readers.said(CARDS) == " (CSV or TSV, Parquet)"
    assert readers.said(()) == ""


def test_the_reading_options_are_those_of_the_reader(tmp_path):
    assert readers.open_options("a/TABLE.Parquet", CARDS) == TypedOptions()
    assert readers.open_options("a/table.tsv", CARDS) == TextOptions()
    assert readers.open_options("a/table.unknown", CARDS) == TextOptions()
    assert readers.open_options(str(tmp_path), CARDS) == PictureOptions()
