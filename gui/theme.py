"""Colours, type and style sheet of the window, from the tokens it shares with the pictures.

The palette is set explicitly: a platform may not know how to go dark (desktop.md finding 0.8), and
a style sheet alone leaves native dialogs and item views behind.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from PySide6.QtCore import QDir, QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

import resources
from engine.plots.colour_tokens import DARK, HIGH_CONTRAST, LIGHT, Theme
from gui import icons
from gui.preferences import ThemeChoice

SHEETS = ("base", "controls", "frame")
"""Style sheets in ``resources/styles``, in this order."""

SHEET_ICONS = (
    ("check", "on_accent"),
    ("minus", "on_accent"),
    ("dot", "on_accent"),
    ("chevron-down", "muted"),
    ("chevron-up", "muted"),
    ("chevron-right", "muted"),
)
"""Icons that the style sheets name as ``icons:NAME-TOKEN.svg``."""

_ROLES: tuple[tuple[QPalette.ColorRole, str], ...] = (
    (QPalette.ColorRole.Window, "window"),
    (QPalette.ColorRole.WindowText, "text"),
    (QPalette.ColorRole.Base, "window"),
    (QPalette.ColorRole.AlternateBase, "surface"),
    (QPalette.ColorRole.Text, "text"),
    (QPalette.ColorRole.Button, "raised"),
    (QPalette.ColorRole.ButtonText, "text"),
    (QPalette.ColorRole.BrightText, "bad"),
    (QPalette.ColorRole.ToolTipBase, "raised"),
    (QPalette.ColorRole.ToolTipText, "text"),
    (QPalette.ColorRole.PlaceholderText, "muted"),
    (QPalette.ColorRole.Highlight, "accent"),
    (QPalette.ColorRole.HighlightedText, "on_accent"),
    (QPalette.ColorRole.Accent, "accent"),
    (QPalette.ColorRole.Link, "accent"),
    (QPalette.ColorRole.LinkVisited, "accent"),
    (QPalette.ColorRole.Light, "raised"),
    (QPalette.ColorRole.Midlight, "border"),
    (QPalette.ColorRole.Mid, "border_strong"),
    (QPalette.ColorRole.Dark, "border_strong"),
    (QPalette.ColorRole.Shadow, "border_strong"),
)


def palette(theme: Theme) -> QPalette:
    """Every colour role of ``theme``, disabled states included."""
    result = QPalette()
    for role, token in _ROLES:
        result.setColor(role, QColor(getattr(theme, token)))
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.HighlightedText,
    ):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.disabled))
    result.setColor(
        QPalette.ColorGroup.Disabled, QPalette.ColorRole.Highlight, QColor(theme.border)
    )
    return result


def style_sheet(theme: Theme) -> str:
    """The window's style sheet in the colours of ``theme``.

    Raises:
        KeyError: if a sheet names a token that does not exist.
    """
    tokens = {name: getattr(theme, name) for name in Theme.__dataclass_fields__}
    return "\n".join(
        Template(resources.text(f"styles/{name}.qss")).substitute(tokens) for name in SHEETS
    )


def font(theme: Theme) -> QFont:
    """The body font: the first installed one of the theme's families, figures of equal width."""
    installed = set(QFontDatabase.families())
    family = next((name for name in theme.font if name in installed), None)
    result = QFont(family) if family else QFont(QApplication.font())
    result.setPixelSize(theme.size)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def for_choice(choice: ThemeChoice, scheme: Qt.ColorScheme) -> Theme:
    """The theme that a preference means on a system that prefers ``scheme``."""
    if choice == "system":
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
    return {"light": LIGHT, "dark": DARK, "high_contrast": HIGH_CONTRAST}[choice]


class ThemeManager(QObject):
    """Dresses the application and keeps it in step with the system and the person's choice."""

    changed = Signal(object)
    """`Theme`, after the application has put it on."""

    def __init__(
        self,
        app: QApplication,
        choice: ThemeChoice = "system",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app = app
        self._choice: ThemeChoice = choice
        self._icons = QTemporaryDir()
        app.setStyle(QStyleFactory.create("Fusion"))
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self._theme = for_choice(choice, app.styleHints().colorScheme())
        self._dress()

    @property
    def theme(self) -> Theme:
        """Present theme."""
        return self._theme

    def choose(self, choice: ThemeChoice) -> None:
        """Follow the system, or wear one theme whatever the system says."""
        self._choice = choice
        self._follow()

    def icon(self, name: str, token: str = "text", size: int = icons.SIZE) -> QIcon:
        """Make an icon in a colour of the present theme; ask again after `changed`.

        Args:
            name: of its file.
            token: of the colour.
            size: width in logical pixels.
        """
        return icons.icon(name, getattr(self._theme, token), self._theme.disabled, size)

    def colour(self, token: str) -> QColor:
        """A token as Qt's colour."""
        return QColor(getattr(self._theme, token))

    def _follow(self) -> None:
        theme = for_choice(self._choice, self._app.styleHints().colorScheme())
        if theme is not self._theme:
            self._theme = theme
            self._dress()
            self.changed.emit(theme)

    def _dress(self) -> None:
        self._write_icons()
        self._app.setFont(font(self._theme))
        self._app.setPalette(palette(self._theme))
        self._app.setStyleSheet(style_sheet(self._theme))

    def _write_icons(self) -> None:
        # Style sheets take pictures from files only. A folder per theme, since Qt caches by name.
        folder = Path(self._icons.path()) / self._theme.name.replace(" ", "-")
        folder.mkdir(exist_ok=True)
        for name, token in SHEET_ICONS:
            drawing = icons.svg(name, getattr(self._theme, token))
            (folder / f"{name}-{token}.svg").write_bytes(drawing)
        QDir.setSearchPaths("icons", [str(folder)])
