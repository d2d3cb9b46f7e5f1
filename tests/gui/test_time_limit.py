"""The suite's time limit ends a test that waits in Qt's event loop."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WAITS = """
def test_waits(qtbot):
    qtbot.waitUntil(lambda: False, timeout=1_000_000)
"""


def test_a_test_that_waits_in_the_event_loop_is_ended(tmp_path: Path) -> None:
    """A limit that raises in the running code would raise in a slot: it would end the slot that
    wakes the wait, and never the test."""
    (tmp_path / "test_waits.py").write_text(WAITS)
    arguments = ["--timeout", "1", "-p", "no:cacheprovider", "-c", ROOT / "pyproject.toml"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, f"--rootdir={tmp_path}", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Stack of MainThread" in done.stdout + done.stderr
