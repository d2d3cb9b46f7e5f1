"""What is installed: all that runs needs is declared, and what only tests need stays out."""

from __future__ import annotations

import ast
import os
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WHEEL = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
IMPORTED_AS = {
    "PySide6-Essentials": ("PySide6", "shiboken6"),
    "pillow": ("PIL",),
    "scikit-learn": ("sklearn",),
}
"""Distributions whose packages have other names than they."""


def shipped() -> list[Path]:
    left_out = tuple(ROOT / path.lstrip("/") for path in WHEEL["exclude"])
    return [
        path
        for package in WHEEL["packages"]
        for path in sorted((ROOT / package).rglob("*.py"))
        if not any(folder in path.parents for folder in left_out)
    ]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_what_ships_imports_only_what_is_installed_with_it() -> None:
    needed = {Requirement(each).name for each in PROJECT["project"]["dependencies"]}
    known = {*sys.stdlib_module_names, *WHEEL["packages"]}
    for name in needed:
        known.update(IMPORTED_AS.get(name, (name,)))
    found = {(path, name) for path in shipped() for name in imports(path)}
    assert {(str(p), name) for p, name in found if name.partition(".")[0] not in known} == set()
    assert {str(p) for p, name in found if name.startswith("engine.testing")} == set()


@pytest.mark.slow
def test_the_wheel_has_everything_but_the_conformance_suites(tmp_path: Path) -> None:
    wheel = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed")
    built = next(
        wheel.WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    )
    names = set(zipfile.ZipFile(built).namelist())
    assert {os.fspath(path.relative_to(ROOT)) for path in shipped()} <= names
    assert "resources/help/index.md" in names
    assert not any(name.startswith(("engine/testing", "tests")) for name in names)
