"""The page that explains a search."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from engine.plots.picture import pictures_on
from gui.canvas import Canvas
from gui.pages.understand.asked_picture import STOPPED, AskedPicture
from gui.pages.understand.page import UnderstandPage
from gui.tables.view import TableView


def said(widget: QWidget) -> list[str]:
    return [w.text() for w in widget.findChildren(QLabel) if w.isVisibleTo(widget)]


def shows_something(picture: AskedPicture) -> bool:
    return bool(picture.canvases) and all(
        c.summary and not c.redraws_pending for c in picture.canvases
    )


def test_without_a_search_it_says_where_to_get_one(show):
    page = show(UnderstandPage)
    assert "No search to understand yet" in said(page)


@pytest.mark.parametrize("view", [p.id for p in pictures_on("understand") if p.asks])
def test_what_is_asked_of_the_engine_is_shown_with_how_far_to_trust_it(
    view, show, classified, opened, until
):
    page = show(UnderstandPage)
    opened(classified)
    page.look_at(view)
    picture = page.picture(view)
    until(lambda: shows_something(picture) or bool(picture.said))
    if picture.said:  # the forest may be too poor, which depends on the scores
        assert "." in picture.said
    else:
        assert any("random forest made of 24 complete trials" in text for text in said(page))


def test_a_picture_of_another_package_is_drawn_from_the_trials(show, classified, opened, until):
    page = show(UnderstandPage)
    opened(classified)
    page.look_at("trial_times")
    assert "How many trials took how long, all their folds together." in said(page)
    canvas = next(c for c in page.findChildren(Canvas) if c.isVisible())
    until(lambda: canvas.summary.startswith("Half of 24 trials took at most"))


def test_too_few_trials_are_refused_in_words(show, regressed, opened, until):
    page = show(UnderstandPage)
    opened(regressed)
    picture = page.picture("fanova")
    until(lambda: bool(picture.said))
    assert "trials" in picture.said
    assert not picture.canvases


def test_working_out_can_be_stopped_and_begun_again(show, classified, opened, until):
    page = show(UnderstandPage)
    opened(classified)
    page.look_at("effect")
    picture = page.picture("effect")
    assert picture.busy
    picture._stop.click()
    assert not picture.busy
    assert picture.said == STOPPED
    picture._retry.click()
    assert picture.busy
    until(lambda: not picture.busy)
    assert picture.said != STOPPED


def test_a_range_drawn_on_an_axis_chooses_trials_in_the_table(show, classified, opened, until):
    page = show(UnderstandPage)
    opened(classified)
    page.look_at("parallel")
    canvas = next(c for c in page.findChildren(Canvas) if c.isVisible())
    until(lambda: bool(canvas.summary) and not canvas.redraws_pending)
    table = page.findChild(TableView).model()
    assert table.rowCount() == 24
    last = len(canvas.prepared.names) - 1
    canvas.dragged.emit(last, 0.5, last, 1.0)  # the better half of the scores
    until(lambda: not canvas.redraws_pending)
    chosen = canvas.prepared.selected
    assert 0 < len(chosen) < 24
    assert table.rowCount() == len(chosen)
    canvas.clicked.emit(float(last), 0.1)
    assert table.rowCount() == 24


def test_another_run_starts_afresh(show, classified, regressed, opened, until):
    page = show(UnderstandPage)
    opened(classified)
    until(lambda: not page.picture("fanova").busy)
    opened(regressed)
    until(lambda: not page.picture("fanova").busy)
    assert not page.picture("fanova").canvases
