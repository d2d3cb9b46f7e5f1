"""A reader: files with a JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.readers.typed_files import TypedFileReader
from engine.domain.cards import ReaderCard

if TYPE_CHECKING:
    import pyarrow as pa


class JsonLinesReader(TypedFileReader):
    """Flat objects, one a line, whose keys are the columns."""

    card = ReaderCard(id="json_lines", label="JSON lines", suffixes=(".jsonl", ".ndjson"))
    magic = b'{"'
    # In a module of its own, since pyarrow must not be loaded just to list what there is.
    module = "tunesmith_example.json_lines_file"
    load = "load_json_lines"

    def size(self, path: Path) -> tuple[int, int, int]:
        with path.open("rb") as file:
            first = file.readline()
            rows = bool(first.strip()) + sum(1 for line in file if line.strip())
        return rows, first.count(b'":'), path.stat().st_size

    def save(self, table: pa.Table, path: Path) -> None:
        lines = (json.dumps(row, default=str) for row in table.to_pylist())
        path.write_text("\n".join(lines) + "\n", "utf-8")
