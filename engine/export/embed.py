"""Parts of our modules as source text that a script can hold without us."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType

OURS = "engine."
"""Imports from modules of this name are embedded too."""


def embedded(module: ModuleType, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The functions, classes and constants ``names`` of ``module`` and all they rest on.

    Args:
        module: it must define what it needs itself, or import it at its top.
        names: what is wanted.

    Returns:
        The import statements needed, and the definitions in their order, each as source text, those
        of a module after those of our modules that it imports from.

    Raises:
        KeyError: if ``module`` has no such name.
    """
    text = inspect.getsource(module)
    tree = ast.parse(text)
    definitions = {name: node for node in tree.body for name in _defined(node)}
    imports = {
        alias.asname or alias.name.split(".")[0]: (node, alias)
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    wanted, found, needed = list(names), set[str](), set[str]()
    while wanted:
        name = wanted.pop()
        if name in imports:
            needed.add(name)
        elif name not in found:
            found.add(name)
            used = {n.id for n in ast.walk(definitions[name]) if isinstance(n, ast.Name)}
            wanted.extend(used & (definitions.keys() | imports.keys()))
    ours: dict[str, list[str]] = {}
    statements = set[str]()
    for name in sorted(needed):
        node, alias = imports[name]
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OURS):
            ours.setdefault(node.module or "", []).append(alias.name)
        else:
            statements.add(_statement(node, alias))
    parts: list[str] = []
    for source, its in sorted(ours.items()):
        more, definitions_before = embedded(importlib.import_module(source), its)
        statements.update(more)
        parts += [part for part in definitions_before if part not in parts]
    kept = [node for node in tree.body if found & set(_defined(node))]
    parts += [_source(text, node) for node in kept]
    return sorted(statements), parts


def import_block(statements: Iterable[str]) -> str:
    """Single-name import statements as a script has them: the standard library, a blank line, the
    others; names from one module on one line."""
    plain: set[str] = set()
    named: dict[str, set[str]] = {}
    for statement in statements:
        node = ast.parse(statement).body[0]
        if isinstance(node, ast.ImportFrom):
            named.setdefault(node.module or "", set()).add(node.names[0].name)
        else:
            plain.add(statement)
    lines = sorted(plain) + [
        f"from {module} import {', '.join(sorted(names))}"
        for module, names in sorted(named.items())
    ]
    standard = [line for line in lines if _package(line) in sys.stdlib_module_names]
    others = [line for line in lines if line not in standard]
    return "\n\n".join("\n".join(part) for part in (standard, others) if part)


def packages_of(statements: Iterable[str]) -> list[str]:
    """Top-level names that import statements need besides the standard library and what every
    script has."""
    found = {_package(statement) for statement in statements}
    return sorted(found - sys.stdlib_module_names - {"numpy", "pandas", "sklearn"})


def _source(text: str, node: ast.stmt) -> str:
    """The text of a definition, its decorators included."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return "\n".join(text.splitlines()[first - 1 : node.end_lineno])


def _package(statement: str) -> str:
    return statement.split()[1].partition(".")[0]


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _statement(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    renamed = f" as {alias.asname}" if alias.asname else ""
    if isinstance(node, ast.Import):
        return f"import {alias.name}{renamed}"
    return f"from {node.module} import {alias.name}{renamed}"
