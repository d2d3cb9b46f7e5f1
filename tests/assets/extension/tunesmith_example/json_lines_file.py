"""What loads a file of JSON lines, here and in the scripts that carry this text."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.json as pj


def load_json_lines(path, rows=None) -> pa.Table:
    """The table of a file of JSON lines, or its first ``rows``."""
    return pj.read_json(str(path)).slice(0, rows)
