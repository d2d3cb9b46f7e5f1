"""Docstrings name the parameters that there are: a parameter that gets another name takes its line
along."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted(path for room in ("engine", "gui") for path in (ROOT / room).rglob("*.py"))
ENTRY = re.compile(r"^    (\*{0,2}\w+(?:, \*{0,2}\w+)*):")


def documented(doc: str) -> list[str]:
    """The names that the section ``Args`` of a docstring explains."""
    found = []
    for line in doc.partition("Args:\n")[2].splitlines():
        if line and not line.startswith(" "):
            break
        entry = ENTRY.match(line)
        found += [name.strip("* ") for name in entry[1].split(",")] if entry else []
    return found


def signatures(tree: ast.AST) -> Iterator[tuple[str, str, set[str]]]:
    """Name, docstring and parameters of each function, and of each class that has some."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            function = node
        elif isinstance(node, ast.ClassDef):
            inits = [n for n in node.body if isinstance(n, ast.FunctionDef)]
            function = next((n for n in inits if n.name == "__init__"), None)
        else:
            continue
        if function is not None:
            given = function.args
            named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
            spread = [one for one in (given.vararg, given.kwarg) if one is not None]
            yield node.name, ast.get_docstring(node) or "", {a.arg for a in [*named, *spread]}


def test_arguments_explained_are_parameters() -> None:
    strange = {
        f"{path.relative_to(ROOT)}: {name}": unknown
        for path in FILES
        for name, doc, parameters in signatures(ast.parse(path.read_text(encoding="utf-8")))
        if (unknown := [one for one in documented(doc) if one not in parameters])
    }
    assert strange == {}
