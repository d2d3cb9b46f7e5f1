"""The tables that come with scikit-learn."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from engine.data.readers.base import Reader, ReadTable, ScriptLines, about_rows
from engine.domain.cards import DatasetCard, ReaderCard
from engine.errors import InputError
from engine.plan import Task, TypedOptions

if TYPE_CHECKING:
    import pandas as pd

PREFIX = "builtin:"

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


class BuiltinReader(Reader[TypedOptions]):
    """Tables that are there without a file, to look around with."""

    card: ClassVar[ReaderCard] = ReaderCard(
        id="builtin",
        label="Bundled tables",
        summary="Tables that come with scikit-learn, to look around with.",
    )
    target = "target"
    order = 5

    def sniff(self, source: str) -> bool:
        return source.startswith(PREFIX)

    def read(self, source: str, options: TypedOptions, *, new_rows: bool = False) -> ReadTable:
        import pyarrow as pa

        name = source.removeprefix(PREFIX)
        if name not in _TABLES:
            raise InputError(
                "builtin.unknown", field="data.source", name=name, known=", ".join(_TABLES)
            )
        table = pa.Table.from_pandas(load_builtin(name, options.rows), preserve_index=False)
        digest = hashlib.sha256(str(table.to_pydict()).encode())
        return ReadTable(table, options, digest.hexdigest(), (*about_rows(options, len(table)),))

    def script(self, source: str, options: TypedOptions) -> ScriptLines:
        rows = "" if options.rows is None else f", {options.rows}"
        return ScriptLines(
            call=f'load_builtin("{source.removeprefix(PREFIX)}"{rows})',
            carried={__name__: ("load_builtin",)},
        )

    def example(self, folder: Path) -> str:
        return f"{PREFIX}iris"

    def state(self, source: str) -> tuple[object, ...]:
        return ()


def builtin_tables() -> tuple[DatasetCard, ...]:
    """Cards of the bundled tables; ``columns`` counts those besides the target."""
    return tuple(_TABLES.values())


def load_builtin(name: str, rows: int | None = None) -> pd.DataFrame:
    """A table that comes with scikit-learn, classes by their names under ``target``.

    Args:
        name: such as ``wine``.
        rows: only the first so many.
    """
    import pandas as pd
    from sklearn import datasets

    table = getattr(datasets, f"load_{name}")(as_frame=True)
    frame = table.frame.head(rows) if rows else table.frame
    if "target_names" not in table:
        return frame
    labels = pd.array([str(table.target_names[code]) for code in frame["target"]], dtype="str")
    return frame.assign(target=pd.Categorical(labels))
