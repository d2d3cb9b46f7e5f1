"""The marks of a comparison's pictures beside names."""

from __future__ import annotations

from itertools import combinations

from PySide6.QtGui import QColor, QImage

from engine.plots import series
from gui.pages.compare.swatch import Swatch


def drawn(qtbot, colour: str, marker: str) -> QImage:
    swatch = Swatch(colour, marker)
    qtbot.addWidget(swatch)
    swatch.resize(swatch.sizeHint())
    return swatch.grab().toImage()


def test_every_marker_of_the_pictures_has_a_shape_of_its_own(qtbot, theme) -> None:
    references = [False] * 24 + [True] * 4
    looks = series.looks_on(references, theme.theme.window, theme.theme)
    markers = sorted({look.marker for look in looks})
    assert set(series.MARKERS) < set(markers)
    shapes = {marker: drawn(qtbot, "#000000", marker) for marker in markers}
    assert all(shapes[one] != shapes[other] for one, other in combinations(markers, 2))


def test_it_is_in_the_colour_asked_for(qtbot) -> None:
    image = drawn(qtbot, "#aa3311", "s")
    assert image.pixelColor(image.width() // 2, image.height() // 2) == QColor("#aa3311")
