"""Lines of the protocol: what is sent is what is heard, figures that are no numbers included."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.advice import ProbeResult
from engine.domain.trials import FoldRow, TrialRow, TrialState
from engine.errors import InputError
from engine.protocol import events, message_codec, replies

FIGURES = st.floats(allow_nan=False)
VALUES = st.none() | st.booleans() | st.integers(-9, 9) | FIGURES | st.text(max_size=8)
ROWS = st.builds(
    TrialRow,
    number=st.integers(0, 10**6),
    state=st.sampled_from(TrialState),
    configuration=st.dictionaries(st.text(max_size=8), VALUES, max_size=4),
    value=st.none() | FIGURES,
    message=st.text(max_size=20) | st.sampled_from(["null", '"$float"', "a\nline"]),
)
FOLDS = st.builds(
    FoldRow,
    trial=st.integers(0, 9),
    fold=st.integers(0, 9),
    worker=st.integers(0, 3),
    started=FIGURES,
    seconds=FIGURES,
    ok=st.booleans(),
)


@given(st.lists(ROWS, max_size=4), st.lists(FOLDS, max_size=4))
def test_trials_arrive_as_they_were_sent(rows: list[TrialRow], folds: list[FoldRow]) -> None:
    event = events.Trials(seq=3, path="/run", trials=tuple(rows), folds=tuple(folds))
    line = message_codec.encode(event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert message_codec.decode_message(line) == event


def test_what_is_not_finite_arrives_and_every_line_is_json() -> None:
    probe = ProbeResult(math.inf, -math.inf, math.nan, 0.5)
    line = message_codec.encode(replies.Probed(id=1, probe=probe))
    json.loads(line, parse_constant=pytest.fail)
    heard = message_codec.decode_message(line)
    assert isinstance(heard, replies.Probed)
    assert heard.probe.seconds == math.inf
    assert heard.probe.evaluation_seconds == -math.inf
    assert math.isnan(heard.probe.memory_mb)


def test_unknown_types_and_fields_are_ignored() -> None:
    assert message_codec.decode_message(b'{"type": "Tomorrow", "id": 1}') is None
    assert message_codec.decode_message(b'{"type": "Done", "id": 1, "new": 2}') == replies.Done(
        id=1
    )
    assert message_codec.decode_request(b'{"type": "Done", "id": 1}') is None


@pytest.mark.parametrize(
    "line", [b"", b"null", b"[1]", b"{}", b'{"type": 3}', b"\xff", b'{"type": "Done"}', b"[" * 9999]
)
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(InputError):
        message_codec.decode_message(line)
