"""A small picture of `engine.plots` that changes seldom, as a pixmap: drawn once for a theme.

Import this module late: it is what makes matplotlib load.
"""

from __future__ import annotations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPixmap, QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from engine.plots.picture import Picture, Prepared
from engine.plots.style import DPI, styled
from gui.theme import ThemeManager


class StaticPicture(QLabel):
    """A small picture that changes seldom, as a pixmap: the sketches on cards.

    Args:
        picture: of the table.
        prepared: what it shows.
        theme: colours; the picture follows their change.
        size: width and height in logical pixels.
    """

    def __init__(
        self,
        picture: Picture,
        prepared: Prepared,
        theme: ThemeManager,
        *,
        size: tuple[int, int],
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._draw, self._prepared, self._theme = picture.draw, prepared, theme
        self.setAccessibleName(name)
        self.setFixedSize(QSize(*size))
        theme.changed.connect(self._redraw)
        self._stale = True
        self.setAccessibleDescription(prepared.summary)

    def show_picture(self, prepared: Prepared) -> None:
        """Show another one."""
        self._prepared = prepared
        self.setAccessibleDescription(prepared.summary)
        self._redraw()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:  # many a card is folded away and never looked at
            self._render()

    def _redraw(self, _: object = None) -> None:
        self._stale = True
        if self.isVisible():
            self._render()

    def _render(self) -> None:
        self._stale = False
        theme, scale = self._theme.theme, self.devicePixelRatioF()
        inches = (self.width() / DPI, self.height() / DPI)
        with styled(theme):
            figure = Figure(figsize=inches, dpi=DPI * scale)
            figure.patch.set_alpha(0)
            canvas = FigureCanvasAgg(figure)
            axes = figure.add_axes((0, 0, 1, 1))
            self._draw(axes, self._prepared, theme)
            canvas.draw()
        # A copy: the buffer ends with the canvas.
        width, height = canvas.get_width_height(physical=True)
        buffer = bytes(canvas.buffer_rgba())
        image = QImage(buffer, width, height, QImage.Format.Format_RGBA8888).copy()
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(scale)
        self.setPixmap(pixmap)
