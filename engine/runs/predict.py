"""Predict new rows with the model of a run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from engine import catalog
from engine.data.new_rows import read_new_rows
from engine.data.readers import reader_of
from engine.data.table_store import load_arrow
from engine.errors import InputError
from engine.runs import folder as files


def predict(folder: Path, source: str, to: Path) -> tuple[int, tuple[str, ...]]:
    """Write a CSV file with the prediction for each row of ``source``, and class probabilities.

    Args:
        folder: of the run.
        source: table of new rows.
        to: file to write.

    Returns:
        The number of rows, and sentences on what was unusual about them.

    Raises:
        InputError: if there is no model yet (``run.no_result``), the rows do not fit it, or ``to``
            can't be written.
    """
    import pandas as pd

    model = load_model(folder)
    schema = load_arrow(folder / files.DATA).schema
    features, notes = read_new_rows(source, schema)
    labels = model.predict(features)
    if schema.classes:
        labels = np.array(schema.classes, dtype=object)[np.asarray(labels, dtype=int)]
    table = pd.DataFrame({schema.target: labels})
    named = reader_of(source).row_names(source)
    if named is not None:
        heading, names = named
        table.insert(0, heading, names)
    if schema.classes and hasattr(model, "predict_proba"):
        for code, column in zip(model.classes_, model.predict_proba(features).T, strict=True):
            table[f"probability of {schema.classes[int(code)]}"] = column
    try:
        files.write_atomically(to, table.to_csv(index=False, lineterminator="\n").encode())
    except OSError as error:
        raise InputError("export.unwritable", path=to, why=error.strerror) from error
    return len(table), notes


def load_model(folder: Path) -> Any:
    """Load the run's model. Opening it runs no code of the file: only types that such a model may
    contain are constructed.

    Raises:
        InputError: ``run.none``, ``run.no_result``, ``model.untrusted``.
    """
    from skops.io import get_untrusted_types, load

    plan = files.load_plan(folder)
    path = folder / files.MODEL
    if not path.exists():
        raise InputError("run.no_result", path=folder)
    trusted = list(catalog.learner(plan.learner.id).trusted)
    foreign = sorted(set(get_untrusted_types(file=os.fspath(path))) - set(trusted))
    if foreign:
        raise InputError("model.untrusted", path=path, types=", ".join(foreign))
    return load(os.fspath(path), trusted=trusted)
