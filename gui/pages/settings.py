"""Settings: how Tunesmith looks, where runs are kept, how many workers a new plan gets."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.pages.base import Action, Message, Page
from gui.widgets.buttons import button
from gui.widgets.card import Card
from gui.widgets.fields import Choice, Segments
from gui.widgets.form import Form
from gui.widgets.text import label

THEMES = (
    ("system", "As the system"),
    ("light", "Light"),
    ("dark", "Dark"),
    ("high_contrast", "High contrast"),
)
PACKAGES = ("PySide6_Essentials", "matplotlib", "scikit-learn", "optuna", "pandas", "numpy")
"""Whose versions stand in a report about a fault."""


def versions(engine: str) -> str:
    """Versions for a report of a fault: Tunesmith, system, libraries."""
    lines = [
        f"Tunesmith {engine}",
        f"Python {sys.version.split()[0]} on {platform.system()} {platform.release()}",
    ]
    for name in PACKAGES:
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} not installed")
    return "\n".join(lines)


class SettingsPage(Page):
    """Preferences. Each takes effect at once and none changes a result."""

    id = "settings"
    title = "Settings"
    purpose = "How Tunesmith looks and works on this computer. Nothing here changes a result."
    help = "settings"
    MESSAGES: ClassVar[Mapping[str, Message]] = {
        "copied": Message("good", "The versions are on the clipboard."),
        "no_folder": Message("caution", "There is no folder {path} yet; the first run makes it."),
    }

    def build(self) -> None:
        self.body.addWidget(self._looks())
        self.body.addWidget(self._work())
        self.body.addWidget(self._about())
        self.client.ready.connect(self._show)
        self.settings.changed.connect(self._show)

    def on_enter(self) -> None:
        self._show()

    def initial_focus(self) -> QWidget | None:
        return self._theme_field

    def _looks(self) -> Card:
        card, form = Card(), Form()
        card.body.addWidget(label("Look", "section"))
        self._theme_field = Segments(THEMES, "Theme")
        self._theme_field.changed.connect(lambda choice: self.settings.update(theme=choice))
        form.add("&Theme", self._theme_field)
        card.body.addWidget(form)
        return card

    def _work(self) -> Card:
        card, form = Card(), Form()
        card.body.addWidget(label("Work", "section"))
        self._workers = Choice([(None, "As the guide advises")], "Workers of a new plan")
        self._workers.changed.connect(lambda count: self.settings.update(workers=count))
        form.add(
            "&Workers of a new plan",
            self._workers,
            hint="How many fits run side by side. A plan can always say otherwise.",
        )
        self._library = label("", selectable=True)
        where, row = QWidget(), QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._library, 1)
        row.addWidget(button(Action("Open folder", self._open_library), "small"))
        where.setLayout(row)
        where.setAccessibleName("Library folder")
        form.add("Library folder", where, hint="Each run is a folder in here.")
        card.body.addWidget(form)
        return card

    def _about(self) -> Card:
        card = Card()
        card.body.addWidget(label("About", "section"))
        self._versions = label("", "muted", selectable=True)
        self._versions.setAccessibleName("Versions")
        card.body.addWidget(self._versions)
        log = f"The details of every fault are in the log: {self.client.log.parent}"
        card.body.addWidget(label(log, selectable=True))
        row = QHBoxLayout()
        row.addWidget(button(Action("Copy versions", self._copy), "small"))
        row.addWidget(button(Action("Show the log", self._open_log), "small"))
        row.addStretch(1)
        card.body.addLayout(row)
        return card

    def _show(self, _: object = None) -> None:
        preferences, welcome = self.settings.preferences, self.client.welcome
        self._theme_field.set_value(preferences.theme)
        cores = welcome.workers if welcome else 1
        counts = range(1, max(cores, preferences.workers or 1) + 1)
        self._workers.set_options([(None, "As the guide advises"), *((n, str(n)) for n in counts)])
        self._workers.set_value(preferences.workers)
        self._library.setText(welcome.library if welcome else "The engine is starting.")
        self._versions.setText(versions(welcome.engine if welcome else "(engine is starting)"))

    def _open_library(self) -> None:
        if self.client.welcome is not None:
            self._open(Path(self.client.welcome.library))

    def _open_log(self) -> None:
        self._open(self.client.log.parent)

    def _open(self, folder: Path) -> None:
        if folder.is_dir():
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
        else:
            self.say("no_folder", path=folder)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._versions.text())
        self.say("copied")
