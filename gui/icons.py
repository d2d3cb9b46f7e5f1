"""The icon family: stroke SVGs that take the colour of the text they stand beside."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources

SIZE = 20
_SCALES = (1, 2, 3)


@lru_cache(maxsize=512)
def svg(name: str, colour: str) -> bytes:
    """The drawing ``name`` in ``colour``.

    Raises:
        FileNotFoundError: if there is no such icon.
    """
    return resources.text(f"icons/{name}.svg").replace("currentColor", colour).encode()


def pixmap(name: str, colour: str, size: int = SIZE, scale: float = 1.0) -> QPixmap:
    """Draw an icon as a pixmap.

    Args:
        name: of its file.
        colour: of its lines.
        size: width in logical pixels.
        scale: device pixel ratio.
    """
    picture = QPixmap(round(size * scale), round(size * scale))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint(painter, name, colour, QRectF(0, 0, size * scale, size * scale))
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


def paint(painter: QPainter, name: str, colour: str, where: QRectF) -> None:
    """Draw an icon with a running painter.

    Args:
        painter: at work on a device.
        name: of its file.
        colour: of its lines.
        where: rectangle that the icon fills.
    """
    renderer = QSvgRenderer(QByteArray(svg(name, colour)))
    renderer.render(painter, where)


def icon(name: str, colour: str, disabled: str, size: int = SIZE) -> QIcon:
    """Make an icon for buttons, with its disabled look.

    Args:
        name: of its file.
        colour: of its lines.
        disabled: colour while the button is disabled.
        size: width in logical pixels.
    """
    result = QIcon()
    for scale in _SCALES:
        result.addPixmap(pixmap(name, colour, size, scale), QIcon.Mode.Normal)
        result.addPixmap(pixmap(name, disabled, size, scale), QIcon.Mode.Disabled)
    return result
