"""Lines out of bytes cut anywhere."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gui.lines import LineBuffer


def drain(buffer: LineBuffer) -> list[bytes]:
    lines = []
    while (line := buffer.next()) is not None:
        lines.append(line)
    return lines


@given(
    lines=st.lists(st.binary(min_size=1, max_size=20).filter(lambda b: b"\n" not in b)),
    cuts=st.lists(st.integers(0, 400)),
)
def test_lines_survive_any_cutting(lines: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    buffer = LineBuffer(limit=100)
    for start, end in pairwise(places):
        buffer.feed(stream[start:end])
    assert drain(buffer) == lines


def test_an_overlong_line_is_dropped_and_the_next_one_kept() -> None:
    buffer = LineBuffer(limit=5)
    for piece in (b"abc", b"defg", b"hi\nok\n"):
        buffer.feed(piece)
    assert drain(buffer) == [b"ok"]
    assert buffer.dropped == 1


def test_a_new_stream_starts_afresh() -> None:
    buffer = LineBuffer(limit=50)
    buffer.feed(b"whole\nhalf")
    buffer.clear()
    buffer.feed(b"new\n")
    assert drain(buffer) == [b"new"]
