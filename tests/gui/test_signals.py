"""Ctrl-C and SIGTERM in a window of a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
WINDOW = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog
from gui import app

command, folder = json.loads(sys.argv[1]), Path(sys.argv[2])
make = app.make_window

def make_window(application):
    window = make(
        application, command=command, settings=folder / "settings.json", log=folder / "log"
    )
    window.context.client.ready.connect(lambda _: tell(window))
    return window

def tell(window):
    QTimer.singleShot(0, lambda: print(window.context.client.pid, flush=True))
    QDialog(window).exec()

app.make_window = make_window
sys.exit(app.run())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to signal")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window_in_order_even_from_a_dialog(
    number: signal.Signals, command: list[str], tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WINDOW, json.dumps(command), str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        engine = psutil.Process(int(process.stdout.readline()))
        os.killpg(process.pid, number)  # as a terminal does
        _, errors = process.communicate()
    assert process.returncode == 128 + number
    assert "Traceback" not in errors
    assert not engine.is_running()
    assert (tmp_path / "settings.json").exists()
