"""Every theme can be read, and the whole application wears it."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

import resources
from engine.plots.colour import contrast
from engine.plots.colour_tokens import DARK, HIGH_CONTRAST, LIGHT, Theme
from gui import icons, theme
from gui.theme import ThemeManager

THEMES = pytest.mark.parametrize("worn", [LIGHT, DARK, HIGH_CONTRAST], ids=lambda t: t.name)
GROUNDS = ("window", "surface", "raised")
INKS = ("text", "muted", "good", "caution", "bad", "accent")


@THEMES
def test_text_can_be_read_on_every_ground(worn: Theme) -> None:
    for ground in GROUNDS:
        for ink in INKS:
            assert contrast(getattr(worn, ground), getattr(worn, ink)) >= 4.5, (ground, ink)
    for ink in INKS:
        assert contrast(worn.accent_wash, getattr(worn, ink)) >= 4.5, ink
    assert contrast(worn.accent, worn.on_accent) >= 4.5


@THEMES
def test_controls_stand_out(worn: Theme) -> None:
    # What tells where a control is and whether it has the focus; hairlines only decorate.
    for ground in GROUNDS:
        assert contrast(getattr(worn, ground), worn.accent) >= 3
        assert contrast(getattr(worn, ground), worn.muted) >= 3


@THEMES
def test_the_sheet_has_no_place_left_open(worn: Theme) -> None:
    sheet = theme.style_sheet(worn)
    assert "$" not in sheet
    assert worn.accent in sheet


def test_sheets_use_tokens_only() -> None:
    for name in theme.SHEETS:
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b", resources.text(f"styles/{name}.qss"))


def test_icons_that_sheets_name_exist() -> None:
    written = {f"{name}-{token}.svg" for name, token in theme.SHEET_ICONS}
    for sheet in theme.SHEETS:
        named = re.findall(r"url\(icons:([^)]+)\)", resources.text(f"styles/{sheet}.qss"))
        assert set(named) <= written


def test_every_icon_is_of_the_family_and_can_be_drawn(qapp: QApplication) -> None:
    for file in resources.path("icons").glob("*.svg"):
        drawing = file.read_text()
        assert 'viewBox="0 0 20 20"' in drawing
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b", drawing)
        image = icons.pixmap(file.stem, "#123456").toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(20) for y in range(20)), file.stem


def test_the_choice_decides_and_the_system_otherwise() -> None:
    assert theme.for_choice("system", Qt.ColorScheme.Dark) is DARK
    assert theme.for_choice("system", Qt.ColorScheme.Unknown) is LIGHT
    assert theme.for_choice("light", Qt.ColorScheme.Dark) is LIGHT
    assert theme.for_choice("high_contrast", Qt.ColorScheme.Light) is HIGH_CONTRAST


def test_the_application_wears_it(qapp: QApplication, theme: ThemeManager, qtbot) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.choose("dark")
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.window
    assert DARK.accent in qapp.styleSheet()
    assert qapp.font().pixelSize() == 13
    theme.choose("light")
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == LIGHT.window
