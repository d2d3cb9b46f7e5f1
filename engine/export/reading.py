"""How an exported script reads its table: the lines of the table's reader, made into functions."""

from __future__ import annotations

import importlib
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.data.readers import ScriptLines, reader_of
from engine.data.schema import Schema
from engine.export import script_parts as parts
from engine.export.embed import embedded
from engine.export.source import code
from engine.plan import DataPlan, ReadOptions


@dataclass(frozen=True)
class ScriptTable:
    """A table of the script.

    Attributes:
        lines: of its reader.
        settings: constants with its place and fingerprint.
        function: source of the function that loads it.
        call: an expression that calls the function.
        argument: source of the option by which the table may lie elsewhere, if it lies anywhere.
    """

    lines: ScriptLines
    settings: str
    function: str
    call: str
    argument: str


def script_tables(data: DataPlan, schema: Schema) -> list[ScriptTable]:
    """The table of ``data``, and that with outer test rows if there is one."""
    tables = [_table(data.source, data.sha256, schema.read, "table", "the table")]
    if data.test_source is not None:
        options = schema.test_read or schema.read
        tables.append(
            _table(data.test_source, data.test_sha256, options, "test_table", "the test rows")
        )
    return tables


def carried(every: Iterable[ScriptLines]) -> tuple[list[str], list[str]]:
    """Import statements and definitions that the lines of readers rest on, none of them twice."""
    wanted: dict[str, list[str]] = {}
    for lines in every:
        for module, names in lines.carried.items():
            wanted.setdefault(module, []).extend(names)
    statements: list[str] = []
    definitions: list[str] = []
    for module, names in wanted.items():
        more, found = embedded(importlib.import_module(module), names)
        statements += more
        definitions += [part for part in found if part not in definitions]
    return statements, definitions


def _table(
    source: str, sha256: str | None, options: ReadOptions, name: str, what: str
) -> ScriptTable:
    lines = reader_of(source).script(source, options)
    function = "load" if name == "table" else "load_test"
    hashed = "SHA256" if name == "table" else "TEST_SHA256"
    lies = bool(lines.fingerprint)
    check = parts.CHECK_CALL.format(sha256=hashed, fingerprint=lines.fingerprint)
    loads = parts.LOAD.format(
        name=function,
        path="path" if lies else "",
        check=check if lies else "",
        call=textwrap.indent(lines.call, "    ").strip(),
        decimal=code(options.decimal_sign),
    )
    if not lies:
        return ScriptTable(lines, "", loads, f"{function}()", "")
    constant, option = name.upper(), name.replace("_", "-")
    return ScriptTable(
        lines=lines,
        settings=f"{constant} = {code(_absolute(source))}\n{hashed} = {code(sha256)}",
        function=loads,
        call=f"{function}(Path(call.{name}))",
        argument=parts.TABLE_ARGUMENT.format(option=option, constant=constant, what=what),
    )


def _absolute(source: str) -> str:
    """Where the table is, so that the script runs from any folder."""
    path = Path(source)
    return str(path.absolute()) if path.exists() else source
