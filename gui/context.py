"""`Context`: the parts of the window that every page is given."""

from __future__ import annotations

from dataclasses import dataclass

from gui.comparing import Comparing
from gui.engine_client import EngineClient
from gui.preferences import SettingsStore
from gui.run import Run
from gui.session import Session
from gui.theme import ThemeManager


@dataclass(frozen=True)
class Context:
    """The window's parts that pages work with."""

    client: EngineClient
    session: Session
    run: Run
    comparing: Comparing
    settings: SettingsStore
    theme: ThemeManager
