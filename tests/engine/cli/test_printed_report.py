"""What the terminal says of a finished run."""

from __future__ import annotations

from pathlib import Path

from engine.cli.printed_report import closing


def test_the_next_commands_are_those_of_who_started_it(monkeypatch):
    monkeypatch.delenv("TUNESMITH_COMMAND", raising=False)
    assert "\n  tunesmith export runs/a --what" in closing(Path("runs/a"))
    monkeypatch.setenv("TUNESMITH_COMMAND", "python3 packaging/launch.py run")
    said = closing(Path("runs/my run"))
    assert "\n  python3 packaging/launch.py run export 'runs/my run' --what" in said
