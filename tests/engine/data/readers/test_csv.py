from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.data import system_memory
from engine.data.readers.csv import read_text
from engine.data.table_source import open_source
from engine.errors import InputError
from engine.plan import TextOptions

PLAIN = "x,y\n1,a\n2,b\n"


def rows(path: str, **options) -> list[list[str]]:
    cells = read_text(Path(path), TextOptions(**options)).columns
    return [cells.column_names, *map(list, zip(*cells.to_pydict().values(), strict=True))]


EXPECTED = [["x", "y"], ["1", "a"], ["2", "b"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_endings_are_found(write, delimiter: str, ending: str) -> None:
    path = write(PLAIN.replace(",", delimiter).replace("\n", ending))
    assert rows(path) == EXPECTED
    assert read_text(Path(path)).options.delimiter == delimiter


@pytest.mark.parametrize(
    ("encoding", "settled"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings_are_found(write, encoding: str, settled: str) -> None:
    table = read_text(Path(write("größe,y\n1,ü\n2,é\n", encoding=encoding)))
    assert table.options.encoding == settled
    assert table.columns.column_names == ["größe", "y"]
    assert table.columns["y"].to_pylist() == ["ü", "é"]


def test_a_big_endian_table_is_read(write) -> None:
    path = write(b"\xfe\xff" + PLAIN.encode("utf-16-be"))
    assert rows(path) == EXPECTED


def test_bytes_are_hashed_as_they_are(write) -> None:
    path = write(PLAIN)
    assert read_text(Path(path)).sha256 == hashlib.sha256(PLAIN.encode()).hexdigest()


@pytest.mark.parametrize("quote", ['"', "'"])
def test_quotes_are_found_and_keep_delimiters_and_lines_together(write, quote: str) -> None:
    path = write('x,y\n"1,5","a\nb"\n2,"say ""hi"""\n'.replace('"', quote))
    assert rows(path) == [["x", "y"], ["1,5", "a\nb"], ["2", f"say {quote}hi{quote}"]]
    assert read_text(Path(path)).options.quote == quote


def test_an_apostrophe_is_no_quote(write) -> None:
    assert rows(write("x,y\n1,don't\n2,rock 'n' roll\n"))[1:] == [
        ["1", "don't"],
        ["2", "rock 'n' roll"],
    ]


def test_spaces_after_delimiters_and_blank_lines_do_not_matter(write) -> None:
    assert rows(write('\nx, y\n\n1, "a"\n   \n2, b\n\n')) == EXPECTED


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("x;y\n1,5;a\n2,5;b\n", ","),
        ("x;y\n1.5;a\n2.5;b\n", "."),
        ("x;y\n1;a\n2;b\n", "."),
        ('x,y\n"1,5",a\n"2,5",b\n', ","),
        ("x;y\n1.234,5;a\n2,5;b\n", "."),
    ],
)
def test_the_decimal_sign_is_found(write, text: str, decimal: str) -> None:
    assert read_text(Path(write(text))).options.decimal == decimal


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (PLAIN, True),
        ("1,a\n2,b\n", False),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n6.2,2.9,virginica\n", False),
        ("1,5;2,5\n3,5;4,5\n", False),
        ("id,2019,2020\na,1,2\nb,3,4\n", False),
        ("0,1,2\n0.5,0.7,0.1\n1.5,1.7,0.2\n", True),
        ("red,big\nred,big\nblue,small\nblue,big\n", False),
        ("colour,size\nred,big\nblue,small\n", True),
        (",x\na,1\nb,2\n", True),
    ],
)
def test_the_header_is_found(write, text: str, header: bool) -> None:
    assert read_text(Path(write(text))).options.header is header


def test_columns_without_header_are_numbered(write) -> None:
    assert rows(write("1,a\n2,b\n")) == [["column 1", "column 2"], ["1", "a"], ["2", "b"]]


def test_repeated_and_empty_names_are_told(write) -> None:
    table = read_text(Path(write("a,a,,b\n1,2,3,x\n4,5,6,y\n")))
    assert table.columns.column_names == ["a", "a.2", "column 3", "b"]
    assert [note.columns for note in table.notes] == [("a.2", "column 3")]


def test_every_option_can_be_overruled(write) -> None:
    path = write("a;1,5\nb;2,5\n")
    table = read_text(
        Path(path),
        TextOptions(delimiter=",", encoding="latin-1", decimal=".", quote="", header=True, rows=1),
    )
    assert table.columns.column_names == ["a;1", "5"]
    assert table.columns.to_pylist() == [{"a;1": "b;2", "5": "5"}]
    assert table.options == TextOptions(
        delimiter=",", encoding="latin-1", decimal=".", quote="", header=True, rows=1
    )


def test_settled_options_read_the_same_again(write) -> None:
    path = Path(write("größe;y\n1,5;'a;b'\n2;c\n", encoding="cp1252"))
    first = read_text(path)
    again = read_text(path, first.options)
    assert again.columns.equals(first.columns)
    assert again.options == first.options


@pytest.mark.parametrize("rows_asked", [1, 2])
def test_only_the_first_rows(write, rows_asked: int) -> None:
    assert len(rows(write("x,y\n1,a\n2,b\n3,c\n"), rows=rows_asked)) == rows_asked + 1


def test_a_missing_last_cell_is_no_short_line(write) -> None:
    assert rows(write("x,y\n1,\n2,b\n"))[1] == ["1", ""]


# --- refused --------------------------------------------------------------------------------------


def refuse(refused, code: str, path: str, **options) -> str:
    return str(refused(code, read_text, Path(path), TextOptions(**options)))


def test_a_missing_file(refused, tmp_path: Path) -> None:
    assert "nowhere.csv" in refuse(refused, "file.missing", str(tmp_path / "nowhere.csv"))


def test_an_impossible_path() -> None:
    with pytest.raises(InputError) as caught:
        read_text(Path("a\0b.csv"))
    assert caught.value.code in ("file.missing", "file.unreadable")


@pytest.mark.parametrize("name", ["table.xlsx", "table.csv.GZ", "plan.json"])
def test_other_kinds_of_files(write, refused, name: str) -> None:
    sentence = refuse(refused, "file.kind", write(b"PK\x03\x04", name))
    assert "CSV or TSV, Parquet, Arrow or Feather" in sentence


@pytest.mark.parametrize("content", [b"", b"\n\n", b"  \n", b"\xef\xbb\xbf"])
def test_an_empty_file(write, refused, content: bytes) -> None:
    refuse(refused, "file.empty", write(content))


@pytest.mark.parametrize("content", ["x,y\n", "x,y", "x,y\n\n\n"])
def test_a_header_without_rows(write, refused, content: str) -> None:
    refuse(refused, "table.header_only", write(content))


def test_nul_bytes(write, refused) -> None:
    assert "byte 8" in refuse(refused, "file.binary", write(b"x,y\n1,a\n\x002,b\n"))


def test_text_that_no_encoding_fits(write, refused) -> None:
    sentence = refuse(refused, "file.encoding", write(b"x,y\n1,a\n2,\x81\xe9\n"))
    assert "line 3" in sentence
    assert "0x81" in sentence


def test_text_that_the_chosen_encoding_does_not_fit(write, refused) -> None:
    path = write("x,y\n1,é\n", encoding="cp1252")
    assert "line 2" in refuse(refused, "file.encoding", path, encoding="utf-8")


def test_utf16_that_ends_in_the_middle(write, refused) -> None:
    refuse(refused, "file.encoding", write(PLAIN.encode("utf-16")[:-1]))


def test_an_encoding_nobody_knows(write, refused) -> None:
    assert "klingon" in refuse(refused, "plan.field", write(PLAIN), encoding="klingon")


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        ("x,y\n1,a\n2,b,c\n", 3, 3),
        ("x,y\n1,a\n2\n3,c\n", 3, 1),
        ('x,y\n"1\n\n",a\n\n2,b,c\n', 6, 3),
        ('x,y\n"1\n",a\n2\n', 4, 1),
        ("x,y,z\n1,a,b\n2,\n", 3, 2),
        ("x,y\n" + "1,a\n" * 5000 + "2\n", 5002, 1),
    ],
)
def test_ragged_lines_are_named(write, refused, content: str, line: int, found: int) -> None:
    sentence = refuse(refused, "table.ragged", write(content))
    assert sentence.startswith(f"Line {line} of")
    assert f"has {found} fields" in sentence


def test_a_ragged_line_beyond_the_rows_asked_for_does_not_matter(write) -> None:
    assert len(rows(write("x,y\n1,\n2,b\n3\n"), rows=2)) == 3


def test_a_quote_that_stays_open(write, refused) -> None:
    sentence = refuse(refused, "table.quote", write('x,y\n1,"a"\n2,"b\n3,c\n'))
    assert "line 3" in sentence


def test_a_single_column(write, refused) -> None:
    refuse(refused, "table.one_column", write("x\n1\n2\n"))
    assert len(read_text(Path(write("x\n1\n2\n")), single_column=True).columns) == 2


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"delimiter": ",,"}, "data.read.delimiter"),
        ({"delimiter": "\n"}, "data.read.delimiter"),
        ({"quote": "ab"}, "data.read.quote"),
        ({"quote": ";", "delimiter": ";"}, "data.read.quote"),
        ({"rows": 0}, "data.read.rows"),
    ],
)
def test_options_that_make_no_sense(write, refused, options: dict, field: str) -> None:
    error = refused("plan.field", open_source, write(PLAIN), TextOptions(**options))
    assert error.field == field


def test_a_tab_can_be_spelt_out(write) -> None:
    assert rows(write(PLAIN.replace(",", "\t")), delimiter="\\t") == EXPECTED


def test_a_file_that_would_take_over_half_the_free_memory(write, refused, monkeypatch) -> None:
    path = write("x,y\n" + "1.25,abc\n" * 20_000)
    monkeypatch.setattr(
        system_memory.psutil, "virtual_memory", lambda: SimpleNamespace(available=1_000_000)
    )
    error = refused("file.too_large", read_text, Path(path))
    fitting = error.params["rows"]
    assert 1000 < fitting < 20_000
    assert error.field == "data.read.rows"
    assert len(read_text(Path(path), TextOptions(rows=fitting)).columns) == fitting
    refuse(refused, "file.too_large", path, rows=20_000)


def test_a_file_that_may_not_be_read(write, refused) -> None:
    path = Path(write(PLAIN))
    path.chmod(0)
    try:
        path.read_bytes()
    except PermissionError:
        refuse(refused, "file.unreadable", str(path))
    else:
        pytest.skip("this user may read everything")
    finally:
        path.chmod(0o600)
