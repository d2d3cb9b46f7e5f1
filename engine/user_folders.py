"""Where a person's own files lie on each system; ``TUNESMITH_HOME`` puts all of them elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP = "tunesmith"


def data() -> Path:
    """The folder of what a person has made, such as runs."""
    return _home() or platformdirs.user_data_path(APP, appauthor=False)


def cache() -> Path:
    """The folder of what can be made again."""
    home = _home()
    return home / "cache" if home else platformdirs.user_cache_path(APP, appauthor=False)


def settings() -> Path:
    """The folder of a person's preferences."""
    return _home() or platformdirs.user_config_path(APP, appauthor=False)


def logs() -> Path:
    """The folder of log files."""
    home = _home()
    return home / "logs" if home else platformdirs.user_log_path(APP, appauthor=False)


def _home() -> Path | None:
    home = os.environ.get("TUNESMITH_HOME")
    return Path(home) if home else None
