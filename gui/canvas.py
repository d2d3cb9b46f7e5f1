"""The one matplotlib canvas, for any picture of `engine.plots`.

A live canvas draws seldom: at most four times a second, less when drawing is dear, never while
hidden, and after a resize only once it has come to rest (desktop.md 2.3). All live canvases share
`_Turns`, so that the window never waits for more than one piece of drawing. Import this module
late: it is what makes matplotlib load.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import shiboken6
from matplotlib.axes import Axes
from matplotlib.backend_bases import Event, MouseButton, MouseEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QVBoxLayout, QWidget

from engine.plots.colour_tokens import PRINT
from engine.plots.picture import Picture, Prepared
from engine.plots.style import DPI, styled
from gui.pointing import Pointer
from gui.theme import ThemeManager

BASE_MS = 250
"""Shortest time between two redraws."""
SHARE = 8
"""A redraw may take one part in so many of the time."""
RESIZE_MS = 200
"""A resize has come to rest after so long."""
FILTERS = "PNG picture (*.png);;SVG drawing (*.svg);;PDF drawing (*.pdf)"


class _Turns(QObject):
    """Pieces of drawing by any canvas, one a turn of the event loop: input comes in between."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._pieces: deque[tuple[QObject, Callable[[], None]]] = deque()
        self._timer = QTimer(self, singleShot=True, interval=1)
        self._timer.timeout.connect(self._next)

    def add(self, owner: QObject, piece: Callable[[], None]) -> None:
        """Do ``piece`` in a turn to come, unless ``owner`` is gone by then."""
        self._pieces.append((owner, piece))
        if not self._timer.isActive():
            self._timer.start()

    def _next(self) -> None:
        owner, piece = self._pieces.popleft()
        if shiboken6.isValid(owner):
            piece()
        if self._pieces:
            # Anew: timers fire in the order of their time, and others may be overdue by now.
            self._timer.start()


_the_turns: _Turns | None = None


def _turns() -> _Turns:
    """The ones of the running application."""
    global _the_turns
    if _the_turns is None or not shiboken6.isValid(_the_turns):
        _the_turns = _Turns(QCoreApplication.instance())
    return _the_turns


class _FigureCanvas(FigureCanvasQTAgg):
    """matplotlib's canvas, redrawn by its owner only, and with a visible focus ring."""

    def __init__(self, figure: Figure, resized: Callable[[], None]) -> None:
        super().__init__(figure)
        self._resized = resized
        self._ring: QPen | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(80, 48)

    def show_ring(self, pen: QPen) -> None:
        self._ring = pen

    def draw_idle(self) -> None:
        """Do nothing: matplotlib would draw once per resize event, and while hidden."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._resized()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self._ring is not None:
            painter = QPainter(self)
            painter.setPen(self._ring)
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
            painter.end()


class Canvas(QWidget):
    """Shows one picture and keeps it up to date.

    Args:
        picture: of the table; its help page is the canvas's.
        theme: colours; the picture follows their change.
        name: what a screen reader calls it, by default as the window does; its summary is the
            description.
    """

    pointed = Signal(int)
    """A trial was clicked at: its number."""
    clicked = Signal(float, float)
    """The picture was clicked: where, in data coordinates."""
    dragged = Signal(float, float, float, float)
    """The mouse was drawn across the picture: where from, x and y, and where to, in data
    coordinates."""

    def __init__(
        self,
        picture: Picture,
        theme: ThemeManager,
        *,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._draw, self._theme, self._name = picture.draw, theme, name or picture.name
        self._prepare: Callable[[], Prepared | None] | None = None
        self._prepared: Prepared | None = None
        self.setProperty("help", picture.help_page)
        self._artists: object = None
        self._dirty = self._reshaped = self._at_work = False
        self._last_cost = 0.0
        self._drawn_at = float("-inf")
        self._figure = Figure(dpi=DPI)
        self._canvas = _FigureCanvas(self._figure, self._on_resize)
        self._canvas.setAccessibleName(self._name)
        for kind in ("button_press_event", "button_release_event"):
            self._canvas.mpl_connect(kind, self._mouse)
        self._pointer = Pointer()
        self.setFocusProxy(self._canvas)
        self._axes: Axes | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._canvas)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._begin)
        self._rest = QTimer(self, singleShot=True, interval=RESIZE_MS)
        self._rest.timeout.connect(self._come_to_rest)
        theme.changed.connect(self._apply_theme)
        save = QShortcut(QKeySequence("Ctrl+E"), self._canvas, self._ask_where_to_save)
        save.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._apply_theme()

    @property
    def prepared(self) -> Prepared | None:
        """The prepared value that is shown."""
        return self._prepared

    @property
    def summary(self) -> str:
        """The text alternative of what is shown."""
        return self._prepared.summary if self._prepared is not None else ""

    @property
    def redraws_pending(self) -> bool:
        """Whether something new waits to be drawn."""
        return self._dirty or self._at_work

    def show_picture(self, prepare: Callable[[], Prepared | None]) -> None:
        """Show what ``prepare`` gives; it is called at the next redraw, and again after `touch`.

        Where it gives None there is nothing to show.
        """
        self._prepare = prepare
        self.touch()

    def touch(self) -> None:
        """What the picture shows has changed: redraw it at its next turn."""
        self._dirty = True
        self._schedule()

    def clear(self) -> None:
        """Show nothing until the next `touch`, which then need not wait."""
        self._prepared = self._artists = None
        self._dirty = False
        self._drawn_at = float("-inf")
        self._figure.clear()
        self._axes = None
        self._canvas.draw()
        self._canvas.setAccessibleDescription("")

    def ring(self, trial: int | None) -> None:
        """Ring a trial in the picture, where it has it."""
        if trial != self._pointer.selected:
            self._pointer.selected = trial
            if self._prepared is not None:
                self.touch()

    def export(self, path: Path) -> None:
        """Save the picture in print style; the suffix tells the format (png, svg, pdf).

        Raises:
            OSError: if the file can't be written.
            ValueError: for another suffix.
        """
        if self._prepared is None:
            return
        size = tuple(self._figure.get_size_inches())
        with styled(PRINT):
            figure = Figure(figsize=size, dpi=DPI, layout="constrained")
            FigureCanvasAgg(figure)
            self._draw(figure.add_subplot(), self._prepared, PRINT)
            figure.savefig(path, dpi=2 * DPI)

    # --- drawing ----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._schedule()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._come_to_rest()

    def _schedule(self) -> None:
        if not self._dirty or self._at_work or self._timer.isActive() or not self._can_be_seen():
            return
        pause = max(BASE_MS / 1000, SHARE * self._last_cost)
        wait = self._drawn_at + pause - perf_counter()
        self._timer.start(round(1000 * max(wait, 0.0)))

    def _can_be_seen(self) -> bool:
        return self.isVisible() and not self.window().isMinimized()

    # A redraw goes through these in turns of their own.

    def _begin(self) -> None:
        self._at_work = True
        self._last_cost = 0.0
        self._do(self._update)

    def _update(self) -> None:
        """Bring the artists up to date."""
        if not self._dirty or self._prepare is None or not self._can_be_seen():
            self._at_work = False
            return
        prepared = self._prepare()
        if prepared is None:
            self._at_work = False
            self.clear()
            return
        self._prepared, self._dirty = prepared, False
        self._canvas.setAccessibleDescription(prepared.summary)
        with styled(self._theme.theme):
            if self._axes is None:
                self._axes = self._figure.add_subplot()
            before = _limits(self._axes)
            self._artists = self._draw(self._axes, self._prepared, self._theme.theme, self._artists)
            self._pointer.show(self._axes, self._prepared, self._theme.theme)
            # Laying out is dear, so only when words round the axes may have changed.
            if before != _limits(self._axes) or self._reshaped:
                self._do(self._lay_out)
        self._do(self._render)
        self._do(self._end)

    def _lay_out(self) -> None:
        if self._axes is None:  # cleared meanwhile
            return
        self._reshaped = False
        before = self._axes.get_position().bounds
        with styled(self._theme.theme):
            self._figure.set_layout_engine("constrained")
            layout = self._figure.get_layout_engine()
            assert layout is not None
            layout.execute(self._figure)
            self._figure.set_layout_engine("none")
            if self._axes.get_position().bounds != before and self._prepared is not None:
                # Some pictures show as much as there is room for.
                theme = self._theme.theme
                self._artists = self._draw(self._axes, self._prepared, theme, self._artists)

    def _render(self) -> None:
        with styled(self._theme.theme):
            self._canvas.draw()

    def _end(self) -> None:
        self._drawn_at = perf_counter()
        self._at_work = False
        self._schedule()

    def _do(self, piece: Callable[[], None]) -> None:
        """Do ``piece`` in a turn of its own, and add its time to the redraw's cost."""

        def run() -> None:
            begun = perf_counter()
            piece()
            self._last_cost += perf_counter() - begun

        _turns().add(self, run)

    def _on_resize(self) -> None:
        # Until it rests, Qt shows the last picture at its place.
        self._rest.start()

    def _come_to_rest(self) -> None:
        self._reshaped = True
        self._dirty = self._dirty or self._prepared is not None
        self._drawn_at = float("-inf")
        self._schedule()

    def _apply_theme(self, _: object = None) -> None:
        theme = self._theme.theme
        self._figure.set_facecolor(theme.window)
        # Before the first drawing matplotlib's canvas is white, which flashes in the dark.
        colours = QPalette(self._canvas.palette())
        colours.setColor(QPalette.ColorRole.Window, self._theme.colour("window"))
        self._canvas.setPalette(colours)
        self._canvas.show_ring(QPen(self._theme.colour("accent"), 2))
        self._canvas.draw()
        self._artists = None
        self._reshaped = True
        if self._prepare is not None:
            self._drawn_at = float("-inf")
            self.touch()

    def _mouse(self, event: Event) -> None:
        axes = self._axes
        if not isinstance(event, MouseEvent) or event.button != MouseButton.LEFT or axes is None:
            return
        if event.name == "button_press_event":
            self._pointer.pressed = (event.x, event.y)
            return
        across = self._pointer.drag(axes, event.x, event.y)
        if across is not None:
            self.dragged.emit(*across)
        elif self._prepared is not None:
            self.clicked.emit(*axes.transData.inverted().transform((event.x, event.y)))
            trial = self._pointer.at(axes, self._prepared, event.x, event.y)
            if trial is not None:
                self.pointed.emit(trial)

    # --- saving -----------------------------------------------------------------------------------

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        save = menu.addAction("Save picture…", QKeySequence("Ctrl+E"), self._ask_where_to_save)
        save.setEnabled(self._prepared is not None)
        menu.exec(event.globalPos())
        menu.deleteLater()

    def _ask_where_to_save(self) -> None:
        if self._prepared is None:
            return
        name, _ = QFileDialog.getSaveFileName(self, "Save picture", f"{self._name}.png", FILTERS)
        if not name:
            return
        try:
            self.export(Path(name))
        except (OSError, ValueError) as error:
            QMessageBox.warning(self, "Save picture", f"{name} can't be written: {error}")


def _limits(axes: Axes) -> tuple[object, ...]:
    """Key of the room for tick words: equal keys need equal room."""
    words = tuple(text.get_text() for text in axes.get_yticklabels())
    return axes.get_xlim(), axes.get_ylim(), words
