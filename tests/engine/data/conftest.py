"""Tables on disk, written as a person's programs write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import InputError

Write = Callable[..., str]
Refused = Callable[..., InputError]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes text (or bytes) to a new file and gives its path."""

    def write(content: str | bytes, name: str = "table.csv", encoding: str = "utf-8") -> str:
        path = tmp_path / name
        data = content if isinstance(content, bytes) else content.encode(encoding)
        path.write_bytes(data)
        return str(path)

    return write


@pytest.fixture
def refused() -> Refused:
    """A function that calls another, which must raise an `InputError` of one code."""

    def refused(code: str, call: Callable[..., object], *args: object, **kwargs: object):
        with pytest.raises(InputError) as caught:
            call(*args, **kwargs)
        assert caught.value.code == code, caught.value
        return caught.value

    return refused
