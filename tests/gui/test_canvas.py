"""The canvas draws seldom, only while it can be seen, and in the theme from the first moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from engine.plots import history
from engine.plots.colour_tokens import DARK, LIGHT, PRINT, Theme
from gui import canvas as canvases
from gui.canvas import Canvas
from gui.pages.method.static_picture import StaticPicture
from gui.tables.store import TrialStore
from gui.theme import ThemeManager

"""Long enough for a machine that is busy with other things."""


@dataclass(frozen=True)
class Prepared:
    summary: str


class Picture:
    """A picture of the table that remembers how it was drawn."""

    name, help_page = "Remembered", "history"

    def __init__(self) -> None:
        self.themes: list[Theme] = []
        self.prepared = 0

    def prepare(self) -> Prepared:
        self.prepared += 1
        return Prepared(f"picture {self.prepared}")

    def draw(
        self, axes: Axes, prepared: Prepared, theme: Theme, artists: object = None, /
    ) -> object:
        self.themes.append(theme)
        if isinstance(artists, Line2D):
            artists.set_ydata([0, self.prepared])
            return artists
        axes.clear()
        (line,) = axes.plot([0, 1], [0, self.prepared])
        return line


@pytest.fixture
def picture() -> Picture:
    return Picture()


@pytest.fixture
def canvas(qtbot, theme: ThemeManager, picture: Picture) -> Canvas:
    canvas = Canvas(picture, theme, name="Best so far")
    qtbot.addWidget(canvas)
    canvas.resize(400, 240)
    return canvas


def test_nothing_is_drawn_while_hidden(
    canvas: Canvas, picture: Picture, until_shown: Callable[[QWidget], None], qtbot
) -> None:
    canvas.show_picture(picture.prepare)
    qtbot.wait(20)
    assert picture.prepared == 0
    until_shown(canvas)
    qtbot.waitUntil(lambda: picture.prepared >= 1)
    assert canvas.summary.startswith("picture")


def test_many_touches_are_one_redraw(
    canvas: Canvas, picture: Picture, until_shown: Callable[[QWidget], None], qtbot
) -> None:
    until_shown(canvas)
    canvas.show_picture(picture.prepare)
    qtbot.waitUntil(lambda: picture.prepared >= 1 and not canvas.redraws_pending)
    qtbot.wait(canvases.RESIZE_MS + canvases.BASE_MS)
    before = picture.prepared
    for _ in range(200):
        canvas.touch()
    qtbot.waitUntil(lambda: not canvas.redraws_pending)
    assert picture.prepared == before + 1


def test_the_first_thing_seen_is_dark_in_the_dark(
    qtbot, theme: ThemeManager, picture: Picture, until_shown: Callable[[QWidget], None]
) -> None:
    theme.choose("dark")
    canvas = Canvas(picture, theme, name="Dark")
    qtbot.addWidget(canvas)
    canvas.resize(200, 120)
    until_shown(canvas)
    shown = canvas.grab().toImage()
    assert shown.pixelColor(100, 60).name().upper() == DARK.window


def test_it_follows_the_theme(
    canvas: Canvas,
    picture: Picture,
    theme: ThemeManager,
    until_shown: Callable[[QWidget], None],
    qtbot,
) -> None:
    until_shown(canvas)
    canvas.show_picture(picture.prepare)
    qtbot.waitUntil(lambda: picture.themes[-1:] == [LIGHT])
    theme.choose("dark")
    qtbot.waitUntil(lambda: picture.themes[-1:] == [DARK])
    qtbot.waitUntil(lambda: canvas.grab().toImage().pixelColor(2, 2).name().upper() == DARK.window)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_pictures_are_saved_for_print(
    canvas: Canvas,
    picture: Picture,
    until_shown: Callable[[QWidget], None],
    qtbot,
    tmp_path: Path,
    suffix: str,
) -> None:
    until_shown(canvas)
    canvas.show_picture(picture.prepare)
    qtbot.waitUntil(lambda: bool(picture.themes))
    file = tmp_path / f"picture.{suffix}"
    canvas.export(file)
    assert file.stat().st_size > 500
    assert picture.themes[-1] is PRINT


def test_it_can_be_reached_and_read_without_eyes(
    canvas: Canvas, picture: Picture, until_shown: Callable[[QWidget], None], qtbot
) -> None:
    until_shown(canvas)
    canvas.show_picture(picture.prepare)
    qtbot.waitUntil(lambda: bool(canvas.summary))
    inner = canvas.focusProxy()
    assert inner.focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert inner.accessibleName() == "Best so far"
    assert inner.accessibleDescription() == canvas.summary


def test_clearing_shows_nothing(
    canvas: Canvas, picture: Picture, until_shown: Callable[[QWidget], None], qtbot
) -> None:
    until_shown(canvas)
    canvas.show_picture(picture.prepare)
    qtbot.waitUntil(lambda: bool(canvas.summary))
    canvas.clear()
    assert canvas.summary == ""
    canvas.show_picture(picture.prepare)
    qtbot.waitUntil(lambda: bool(canvas.summary))


def test_global_settings_stay_as_they_were(
    qtbot, theme: ThemeManager, until_shown: Callable[[QWidget], None]
) -> None:
    before = dict(mpl.rcParams)
    store = TrialStore()
    canvas = Canvas(history.PICTURE, theme, name="History")
    qtbot.addWidget(canvas)
    until_shown(canvas)
    canvas.show_picture(lambda: history.prepare(store.snapshot()))
    qtbot.waitUntil(lambda: not canvas.redraws_pending)
    assert dict(mpl.rcParams) == before


def test_a_still_picture_follows_the_theme(qtbot, theme: ThemeManager, picture: Picture) -> None:
    still = StaticPicture(picture, Prepared("a sketch"), theme, size=(120, 48), name="Sketch")
    qtbot.addWidget(still)
    assert (still.width(), still.height()) == (120, 48)
    assert still.accessibleDescription() == "a sketch"
    assert picture.themes == []  # nobody looks at it
    still.show()
    theme.choose("dark")
    assert picture.themes == [LIGHT, DARK]


def test_canvases_draw_in_turns_so_that_input_comes_between(
    qtbot, theme: ThemeManager, until_shown: Callable[[QWidget], None]
) -> None:
    """Whatever waits for the event loop gets its turn between two pieces of drawing."""
    told: list[str] = []

    class Slow(Picture):
        def prepare(self) -> Prepared:
            told.append("drawn")
            # Anything overdue by now must come before the next piece.
            QTimer.singleShot(1, canvases_shown[0], lambda: told.append("heard"))
            until = time.perf_counter() + 0.02
            while time.perf_counter() < until:
                pass
            return super().prepare()

    canvases_shown: list[Canvas] = []
    for _ in range(3):
        picture = Slow()
        canvas = Canvas(picture, theme, name="Slow")
        qtbot.addWidget(canvas)
        canvas.resize(200, 120)
        canvas.show_picture(picture.prepare)
        canvases_shown.append(canvas)
    for canvas in canvases_shown:
        until_shown(canvas)
    qtbot.waitUntil(lambda: not any(canvas.redraws_pending for canvas in canvases_shown))
    assert told.count("drawn") >= 3
    assert "drawn drawn" not in " ".join(told)


def test_a_cleared_picture_comes_back_with_the_next_touch(
    canvas: Canvas, picture: Picture, until_shown: Callable[[QWidget], None], qtbot
) -> None:
    until_shown(canvas)
    canvas.show_picture(picture.prepare)
    qtbot.waitUntil(lambda: picture.prepared >= 1 and not canvas.redraws_pending)
    canvas.clear()
    assert canvas.summary == ""
    canvas.touch()
    qtbot.waitUntil(lambda: canvas.summary != "")


def test_a_picture_with_nothing_to_show_is_empty_until_it_has_something(
    canvas: Canvas, picture: Picture, until_shown: Callable[[QWidget], None], qtbot
) -> None:
    found: list[Prepared] = []
    until_shown(canvas)
    canvas.show_picture(lambda: found[0] if found else None)
    qtbot.waitUntil(lambda: not canvas.redraws_pending)
    assert (canvas.prepared, canvas.summary, picture.themes) == (None, "", [])
    found.append(Prepared("something"))
    canvas.touch()
    qtbot.waitUntil(lambda: canvas.summary == "something")


def test_a_canvas_is_called_and_explained_as_its_picture_is(theme: ThemeManager, qtbot) -> None:
    canvas = Canvas(history.PICTURE, theme)
    qtbot.addWidget(canvas)
    assert canvas.property("help") == "history"
    assert canvas.focusProxy().accessibleName() == "Best so far"


def test_a_picture_that_shows_as_much_as_there_is_room_for_knows_the_room(
    theme: ThemeManager, picture: Picture, until_shown: Callable[[QWidget], None], qtbot
) -> None:
    widths: list[float] = []

    class Panels(Picture):
        def draw(
            self, axes: Axes, prepared: Prepared, theme: Theme, artists: object = None, /
        ) -> object:
            widths.append(axes.bbox.width)
            return super().draw(axes, prepared, theme, artists)

    picture = Panels()
    canvas = Canvas(picture, theme)
    qtbot.addWidget(canvas)
    canvas.resize(400, 240)
    canvas.show_picture(picture.prepare)
    until_shown(canvas)
    qtbot.waitUntil(lambda: bool(widths) and not canvas.redraws_pending)
    assert canvas._axes is not None
    assert widths[-1] == pytest.approx(canvas._axes.bbox.width)
