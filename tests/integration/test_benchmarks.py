"""Every benchmark runs: as small as it goes, for the script, not for its figures."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
SCRIPTS = sorted(p.stem for p in FOLDER.glob("*.py") if "__main__" in p.read_text("utf-8"))
ROW = re.compile(r"\S.*\s{2,}\S*\d")
"""Cells with space between them, and a number."""


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_benchmark_prints_its_table(script: str, tmp_path: Path) -> None:
    # What it saves in passing goes with the test.
    environment = os.environ | {"TMPDIR": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, FOLDER / f"{script}.py", "--small"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert any(ROW.search(line) for line in done.stdout.splitlines()), done.stdout


def test_every_benchmark_is_described() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert [script for script in SCRIPTS if f"`{script}.py`" not in readme] == []
