"""Every method of the catalog passes the conformance suite, those with rungs their own as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.tuners import METHODS
from engine.tuners.rungs import Climbing

SEARCHING = {name: method for name, method in METHODS.items() if not method.card.gradient}
"""A tuning by gradient has no space to search: its trials are the steps of one training."""


def held() -> Iterator[tuple[str, str]]:
    """Suite and method of each class of tests; a method made quicker for tests is that method."""
    for path in Path(__file__).parent.glob("test_*.py"):
        classes = [
            n for n in ast.parse(path.read_text("utf-8")).body if isinstance(n, ast.ClassDef)
        ]
        bases = {c.name: ast.unparse(c.bases[0]) for c in classes if c.bases}
        for one in classes:
            for line in one.body:
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "method":
                    method = ast.unparse(line.value)
                    yield bases[one.name], bases.get(method, method)


@pytest.mark.parametrize("name", SEARCHING)
def test_every_method_is_under_the_suite(name: str) -> None:
    suite = "RungsSuite" if issubclass(SEARCHING[name], Climbing) else "TunerSuite"
    assert (suite, SEARCHING[name].__name__) in set(held())
