"""The quick way of reading a text table against the careful one."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.data import csv_parser, dialect
from engine.errors import InputError
from engine.plan import TextOptions

SIGNS = ["a", "1", " ", '"', "'", ",", ";", "\t", "\n", "\r\n", "é", ""]
CELLS = [
    "",
    "a",
    "1,5",
    " a",
    "a ",
    '"a"',
    '"a,b"',
    '" a"',
    '"a""b"',
    '"a\nb"',
    'a"b',
    '""',
    '"a"b',
]
LINES = st.lists(st.lists(st.sampled_from(CELLS), min_size=2, max_size=2).map(",".join), max_size=6)


def quickly_and_carefully(text: str, options: TextOptions) -> tuple[object, object]:
    """The cells by either way, or the code of the refusal; None where the quick one declines."""
    encoding, delimiter = options.encoding or "", options.delimiter or ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(text.encode(encoding))
        lines = text.removeprefix("\ufeff").splitlines()
        fields = len(next(iter(dialect.records(lines, delimiter, options.quote or "")), []))
        quick = csv_parser._quickly(path, options, fields)
        try:
            careful = csv_parser._carefully(path, options)
        except InputError as error:
            return None if quick is None else quick.to_pydict(), error.code
    return None if quick is None else quick.to_pydict(), careful.to_pydict()


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(SIGNS), max_size=30).map("".join)
    | st.builds(str.join, st.sampled_from(["\n", "\r\n", "\r"]), LINES),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(['"', "'", ""]),
    st.booleans(),
    st.none() | st.integers(1, 3),
    st.sampled_from(["utf-8", "cp1252", "utf-8-sig"]),
)
@example('x,y\n1,"a\n', ",", '"', True, None, "utf-8")
@example('x,y\n1,"', ",", '"', True, None, "utf-8")
@example('x,y\n1,"a"""', ",", '"', True, None, "cp1252")
@example("x,y\n1,a\n   \n2,b\n", ",", '"', True, None, "utf-8")
def test_where_the_quick_way_answers_the_careful_one_agrees(
    text: str, delimiter: str, quote: str, header: bool, rows: int | None, encoding: str
) -> None:
    options = TextOptions(
        delimiter=delimiter, quote=quote, header=header, rows=rows, encoding=encoding
    )
    quick, careful = quickly_and_carefully(text, options)
    assert quick is None or quick == careful


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("x,y\n1,a\n2,b\n", "utf-8"),
        ("x,y\r\n1,a\r\n\r\n2,b", "utf-8"),
        ('x,y\n1,"a, b\nc"\n2,"say ""so"""\n', "utf-8-sig"),
        ("größe,y\n1,ü\n2,é\n", "cp1252"),
        ("größe;y\n1; ü\n2;é\n", "latin-1"),
    ],
)
def test_usual_tables_are_read_quickly(text: str, encoding: str) -> None:
    delimiter = ";" if ";" in text else ","
    quote = '"' if '"' in text else ""
    options = TextOptions(delimiter=delimiter, quote=quote, header=True, encoding=encoding)
    quick, careful = quickly_and_carefully(text, options)
    assert quick == careful
    assert quick is not None


def test_many_rows_are_read_quickly_too_when_only_the_first_are_wanted(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("x,y\n" + "1,a\n" * 3_000_000)
    options = TextOptions(delimiter=",", quote='"', header=True, rows=7, encoding="utf-8")
    quick = csv_parser._quickly(path, options, 2)
    assert quick is not None
    assert quick.num_rows == 7
