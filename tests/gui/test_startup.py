"""What opening the window loads, and what it must not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gui import __main__ as entry
from gui import pages

HEAVY = ("sklearn", "scipy", "optuna", "pandas", "pyarrow", "skops", "jax")
LATE = ("matplotlib",)
ROOT = Path(entry.__file__).parents[1]


def loaded_by(code: str) -> set[str]:
    """Top-level packages that are loaded once ``code`` has run in a process of its own."""
    script = f"{code}\nimport sys\nprint('\\n'.join({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=600,
    )
    return set(done.stdout.split())


def test_start_up_imports_little() -> None:
    loaded = loaded_by("import gui.app")
    assert not loaded & set(HEAVY)
    assert not loaded & set(LATE)


def test_help_on_the_command_line_needs_no_qt() -> None:
    assert "PySide6" not in loaded_by("import gui.__main__")


@pytest.mark.parametrize("id_", sorted(pages.PAGES))
def test_no_page_loads_what_is_heavy(id_: str) -> None:
    loaded = loaded_by(f"from gui.pages import page_class; page_class({id_!r})")
    assert not loaded & set(HEAVY)


def test_the_command_line_refuses_unknown_pages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        entry.main(["--page", "nowhere"])
    assert end.value.code == 2
    assert "nowhere" in capsys.readouterr().err
