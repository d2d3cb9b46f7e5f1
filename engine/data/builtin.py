"""The tables that come with scikit-learn, as text cells like those of any file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from engine.domain.cards import DatasetCard
from engine.errors import InputError
from engine.plan import Task

if TYPE_CHECKING:
    import pandas as pd

PREFIX = "builtin:"
TARGET = "target"

_SETS: tuple[tuple[str, str, str, int, int, Task], ...] = (
    (
        "breast_cancer",
        "Breast cancer",
        "Is a tumour malignant? Measurements of cell nuclei from 569 women.",
        569,
        30,
        "binary",
    ),
    (
        "wine",
        "Wine",
        "Which of three growers made a wine? Chemical analysis of 178 wines.",
        178,
        13,
        "multiclass",
    ),
    (
        "iris",
        "Iris",
        "Which of three species is an iris? Four measurements of 150 flowers.",
        150,
        4,
        "multiclass",
    ),
    (
        "digits",
        "Digits",
        "Which digit was written? 1,797 handwritten digits of 8 by 8 pixels.",
        1797,
        64,
        "multiclass",
    ),
    (
        "diabetes",
        "Diabetes",
        "How far has the disease come after a year? Ten figures of 442 patients.",
        442,
        10,
        "regression",
    ),
)
_TABLES = {
    name: DatasetCard(PREFIX + name, label, summary, rows, columns, task)
    for name, label, summary, rows, columns, task in _SETS
}


def builtin_tables() -> tuple[DatasetCard, ...]:
    """Cards of the bundled tables; ``columns`` counts those besides the target."""
    return tuple(_TABLES.values())


def load_builtin(name: str) -> pd.DataFrame:
    """The bundled table ``name`` as scikit-learn has it, classes by their names under ``target``.

    Raises:
        InputError: ``builtin.unknown``.
    """
    if name not in _TABLES:
        raise InputError(
            "builtin.unknown", field="data.source", name=name, known=", ".join(_TABLES)
        )
    from sklearn import datasets

    table = getattr(datasets, f"load_{name}")(as_frame=True)
    frame = table.frame
    if _TABLES[name].task != "regression":
        labels = [str(label) for label in table.target_names]
        frame = frame.assign(**{TARGET: [labels[code] for code in frame[TARGET]]})
    return frame


def fingerprint(cells: pd.DataFrame) -> str:
    """SHA-256 of a table's names and cells of text, in hexadecimal."""
    digest = hashlib.sha256()
    for name in cells.columns:
        for text in (str(name), *cells[name].tolist()):
            digest.update(text.encode() + b"\x1f")
        digest.update(b"\x1e")
    return digest.hexdigest()
