"""A trial selected in one place is selected in all."""

from __future__ import annotations

from matplotlib.backend_bases import MouseButton, MouseEvent

from gui.canvas import Canvas
from gui.pages.run.page import RunPage
from gui.widgets.trial_browser import TrialBrowser


def click(canvas: Canvas, at: tuple[float, float]) -> None:
    """Click at a point in data coordinates."""
    x, y = canvas._axes.transData.transform(at)
    inner = canvas._canvas
    for kind in ("button_press_event", "button_release_event"):
        inner.callbacks.process(kind, MouseEvent(kind, inner, x, y, MouseButton.LEFT))


def visible(page: RunPage) -> list[Canvas]:
    """The canvases that can be seen, the search as it went first."""
    shown = [c for c in page.findChildren(Canvas) if c.isVisible()]
    return sorted(shown, key=lambda c: c._name != "Best so far")


def drawn(canvas: Canvas) -> bool:
    return not canvas.redraws_pending and bool(canvas.summary)


def ring(canvas: Canvas) -> list[tuple[float, float]]:
    drawn = canvas._pointer._ring
    return [] if drawn is None else list(zip(*drawn.get_data(), strict=True))


def test_a_click_in_a_picture_selects_in_the_table_and_rings_in_all(
    show, classified, opened, context, until
):
    page = show(RunPage)
    opened(classified)
    way, *others = visible(page)
    until(lambda: all(drawn(c) for c in (way, *others)))
    trial = int(way._prepared.places.number[5])
    click(way, way._prepared.places.of(trial))
    assert context.run.selected == trial
    assert page.findChild(TrialBrowser).number == trial
    until(lambda: all(drawn(c) for c in (way, *others)))
    assert ring(way) == [way._prepared.places.of(trial)]
    ringed = [c for c in others if ring(c)]
    assert ringed
    assert all(ring(c) == [c._prepared.places.of(trial)] for c in ringed)


def test_a_click_beside_all_trials_selects_nothing(show, classified, opened, context, until):
    page = show(RunPage)
    opened(classified)
    way = visible(page)[0]
    until(lambda: drawn(way))
    click(way, (way._axes.get_xlim()[1], way._axes.get_ylim()[0]))
    assert context.run.selected is None


def test_another_run_begins_with_nothing_selected(
    show, classified, regressed, opened, context, until
):
    page = show(RunPage)
    opened(classified)
    context.run.select(3)
    assert page.findChild(TrialBrowser).number == 3
    opened(regressed)
    assert context.run.selected is None
    assert page.findChild(TrialBrowser).number is None
