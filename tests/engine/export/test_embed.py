from __future__ import annotations

import pytest

from engine.data import columns
from engine.export.embed import embedded, import_block, packages_of


def run(names: list[str]) -> dict:
    imports, parts = embedded(columns, names)
    namespace: dict = {}
    exec("\n".join(["from __future__ import annotations", *imports, *parts]), namespace)
    return namespace


def test_a_part_of_a_module_stands_alone():
    names = run(["unique_names"])
    assert names["unique_names"](["a", " a", ""]) == ["a", "a.2", "column 3"]
    assert "categories" not in names


def test_only_what_is_needed_comes_along():
    imports, parts = embedded(columns, ["is_missing"])
    assert imports == []
    assert [part.split("(")[0].split(" =")[0] for part in parts] == ["MISSING", "def is_missing"]


def test_an_unknown_name_is_an_error():
    with pytest.raises(KeyError):
        embedded(columns, ["nothing_of_the_kind"])


def test_imports_are_joined_and_the_standard_library_comes_first():
    statements = ["import numpy as np", "from os import path", "import csv", "from os import sep"]
    assert import_block(statements) == "import csv\nfrom os import path, sep\n\nimport numpy as np"


def test_packages_are_named_by_what_is_imported():
    statements = [
        "import numpy as np",
        "from pathlib import Path",
        "import pyarrow.parquet as pq",
        "from sklearn.svm import SVC",
        "from somebodys.models import Net",
    ]
    assert packages_of(statements) == ["pyarrow", "somebodys"]
