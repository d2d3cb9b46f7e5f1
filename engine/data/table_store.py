"""A run's own copy of its table: one Arrow IPC file that workers map into memory.

Features are the columns ``f0``, ``f1`` ... (the table's own names may clash with the others). After
them come ``target``, and ``test``, which marks the rows of a separate test file. What they mean
stands in the metadata as JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa

from engine.data.open import Loaded
from engine.data.schema import Schema
from engine.domain.tables import Notice
from engine.errors import InputError
from engine.guide.facts import Facts

KEY = b"tunesmith"
WIDE = 500
"""More columns than this are copied into one block: so many single ones are slow to handle."""


class _About(msgspec.Struct, frozen=True):
    """Meaning of the columns."""

    schema: Schema
    facts: Facts
    notices: tuple[Notice, ...] = ()
    test_rows: int | None = None
    """Rows at the end that are of a test file; None without one."""


def save(loaded: Loaded, path: Path) -> None:
    """Write ``loaded`` to ``path``, all or nothing.

    Raises:
        OSError: if it can't be written.
    """
    features, target = loaded.features, loaded.target
    test_rows = None
    if loaded.test is not None:
        test_target = loaded.test[1]
        test_rows = len(test_target)
        target = np.concatenate([target, test_target])
    about = _About(loaded.schema, loaded.facts, loaded.notices, test_rows)
    arrays = []
    for name in features.columns:
        parts: list[Any] = [features[name]]
        if loaded.test is not None:
            parts.append(loaded.test[0][name])
        arrays.append(_to_arrow(parts))
    arrays += [pa.array(target), pa.array(np.arange(len(target)) >= len(loaded.target))]
    names = [*(f"f{place}" for place in range(features.shape[1])), "target", "test"]
    batch = pa.record_batch(arrays, names=names)
    batch = batch.replace_schema_metadata({KEY: msgspec.json.encode(about)})
    partial = path.with_name(path.name + ".part")
    try:
        with pa.OSFile(str(partial), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
            writer.write_batch(batch)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def load_arrow(path: Path) -> Loaded:
    """The table saved at ``path``, its numbers mapped into memory and shared between processes.

    Raises:
        InputError: ``file.missing``; ``file.unreadable`` if it is no such table.
    """
    try:
        with pa.memory_map(str(path)) as file:
            batch = pa.ipc.open_file(file).get_batch(0)
        about = msgspec.json.decode((batch.schema.metadata or {})[KEY], type=_About)
    except FileNotFoundError as error:
        raise InputError("file.missing", path=path) from error
    except (OSError, pa.ArrowException, KeyError, msgspec.MsgspecError) as error:
        raise InputError("file.unreadable", path=path, why="it is damaged") from error
    total = batch.num_rows
    rows = total - (about.test_rows or 0)
    names = [spec.name for spec in about.schema.columns]
    target = batch.column(len(names)).to_numpy()
    test = None
    if about.test_rows is not None:
        test = (_frame(batch, names, rows, total), target[rows:])
    return Loaded(
        features=_frame(batch, names, 0, rows),
        target=target[:rows],
        schema=about.schema,
        facts=about.facts,
        notices=about.notices,
        test=test,
    )


def _to_arrow(parts: Sequence[pd.Series]) -> pa.Array:
    if parts[0].dtype != "category":
        return pa.array(np.concatenate([part.to_numpy() for part in parts]), from_pandas=False)
    levels = sorted({level for part in parts for level in part.cat.categories})
    place = {level: code for code, level in enumerate(levels)}
    codes = [
        np.array([*map(place.__getitem__, part.cat.categories), -1], dtype=np.int32)[part.cat.codes]
        for part in parts
    ]
    joint = np.concatenate(codes)
    return pa.DictionaryArray.from_arrays(
        pa.array(joint, mask=joint < 0), pa.array(levels, type=pa.string())
    )


def _frame(batch: pa.RecordBatch, names: list[str], start: int, stop: int) -> pd.DataFrame:
    """The features of rows ``start`` to ``stop``."""
    features = {
        name: _from_arrow(batch.column(place).slice(start, stop - start))
        for place, name in enumerate(names)
    }
    return pd.DataFrame(features, copy=len(names) > WIDE)


def _from_arrow(column: pa.Array) -> np.ndarray | pd.Categorical:
    if not isinstance(column, pa.DictionaryArray):
        return column.to_numpy()
    codes = column.indices.fill_null(-1).to_numpy()
    levels = pd.Index(column.dictionary.to_pylist(), dtype="str")
    # Levels of the other part of the table are not of this one.
    return pd.Categorical.from_codes(codes, categories=levels).remove_unused_categories()
