"""Pictures of other packages: they join the table, and with it the report; a broken one is left
out."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.export.html import drawings
from engine.plots import draw
from engine.plots.picture import PICTURES, Picture, SearchSource, pictures_on


def counted() -> Picture:
    """A picture as somebody else would write it."""

    def prepare(search: SearchSource) -> SimpleNamespace:
        count = search.snapshot.number.size
        return SimpleNamespace(count=count, summary=f"{count} trials.")

    def paint(axes, prepared, theme) -> None:
        draw.dots(axes, theme.accent, [0], [prepared.count])

    return Picture(
        id="counted",
        title="How many trials",
        says="One dot for all trials.",
        prepare=prepare,
        paint=paint,
        pages=("understand", "report"),
    )


@pytest.fixture
def offered(monkeypatch):
    """Lets a package offer something as a picture, until the test ends."""

    def offer(*components) -> None:
        points = [
            SimpleNamespace(name="one", value="theirs:one", dist=None, load=lambda c=c: c)
            for c in components
        ]
        ours = monkeypatch.setattr
        ours("engine.registry._entry_points", lambda group: points if "picture" in group else ())
        ours(PICTURES, "_found", None)
        ours(PICTURES, "_rejected", [])

    return offer


def test_a_picture_of_another_package_joins_the_table_and_the_report(offered, search):
    offered(counted())
    assert pictures_on("understand")[-1].id == "counted"
    source = SearchSource(search([0.9, 0.8]), reply=None)
    drawn = {drawing.title: drawing for drawing in drawings("report", source)}
    assert drawn["How many trials"].summary == "2 trials."
    assert drawn["How many trials"].svg.startswith("<svg")


def test_one_that_cannot_be_drawn_is_left_out_with_the_reason(offered):
    offered(Picture(id="empty", title="Empty", prepare=lambda search: None, pages=("report",)))
    assert "empty" not in PICTURES
    (rejected,) = PICTURES.rejected
    assert "needs either" in rejected.sentence
