"""Start-up: the application, its parts, and the window.

Nothing heavy is imported here; pictures and pages load when they are first shown.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from gui import icons
from gui.comparing import Comparing
from gui.context import Context
from gui.engine_client import EngineClient
from gui.engine_process import EngineProcess
from gui.preferences import Preferences, SettingsStore
from gui.rescue import Rescue
from gui.run import Run
from gui.session import Session
from gui.signals import EndingSignals
from gui.theme import ThemeManager
from gui.window import MainWindow


def make_application(arguments: Sequence[str] = ()) -> QApplication:
    """The application with its names set; the running one if there is one."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    app = QApplication([sys.argv[0], *arguments])
    app.setApplicationName("tunesmith")
    app.setApplicationDisplayName("Tunesmith")
    app.setDesktopFileName("tunesmith")
    return app


def make_window(
    app: QApplication,
    *,
    command: Sequence[str] | None = None,
    settings: Path | None = None,
    log: Path | None = None,
) -> MainWindow:
    """The window with everything behind it; the engine is being started.

    Args:
        command, log: the engine's, for tests.
        settings: the preferences' file; the person's own when left out.
    """
    store = SettingsStore(settings)
    theme = ThemeManager(app, store.preferences.theme)
    client = EngineClient(EngineProcess(command, log))
    client.start()
    session = Session(client)

    def follow(preferences: Preferences) -> None:
        theme.choose(preferences.theme)
        session.prefer({"workers": preferences.workers} if preferences.workers else {})

    follow(store.preferences)
    store.changed.connect(follow)
    context = Context(
        client=client,
        session=session,
        run=Run(client),
        comparing=Comparing(client),
        settings=store,
        theme=theme,
    )
    window = MainWindow(context)
    for part in (client, session, context.run, context.comparing, store, theme):
        part.setParent(window)
    app.setWindowIcon(icons.icon("logo", theme.theme.accent, theme.theme.disabled, 64))
    Rescue(window)
    return window


def run(*, page: str = "data", source: str | None = None) -> int:
    """Open the window and stay until it is closed.

    Args:
        page: id of the first page.
        source: a table to open.
    """
    app = make_application()
    window = make_window(app)
    window.show_page(page)
    window.show()
    if source is not None:
        QTimer.singleShot(0, window, lambda: window.open_source(source))

    def end(signal_number: int) -> None:
        window.close_at_once()
        app.exit(128 + signal_number)  # of dialogs that are open, too

    EndingSignals(end, window)
    return app.exec()
