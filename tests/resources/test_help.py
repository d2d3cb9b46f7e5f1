"""Every choice has its help page, and every link in the pages leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.catalog import CATALOG
from engine.gradient.engines import ENGINES
from engine.options import options_of
from engine.plots.picture import PICTURES
from gui.pages import PAGES

HELP = Path(__file__).parents[2] / "resources" / "help"
PICTURE_PAGES = sorted({p.help_page for p in PICTURES.values() if not p.help_text})
FILES = sorted(HELP.glob("*.md"))
OTHERS = tuple(
    option.name
    for engine in ENGINES.values()
    if not engine.__module__.startswith("engine.")
    for option in options_of(engine)
)
"""Options of hypergradients that come with engines of other packages."""
LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")


def links(page: Path) -> set[str]:
    return set(LINK.findall(page.read_text(encoding="utf-8")))


def text_of(card) -> str:
    """The page of a card: ours lie in resources, another package brings its own."""
    return card.help_text or (HELP / f"{card.help}.md").read_text(encoding="utf-8")


def test_every_component_has_a_page_and_ours_are_in_the_index():
    catalog = CATALOG()
    listed = links(HELP / "index.md")
    for card in (*catalog.learners, *catalog.methods, *catalog.measures, *catalog.costs):
        assert text_of(card).startswith("# ")
        assert card.help_text or f"{card.help}.md" in listed


@pytest.mark.parametrize("name", sorted({*PAGES, *PICTURE_PAGES, "index", "files", "keyboard"}))
def test_every_page_of_the_window_and_every_picture_has_help(name):
    assert (HELP / f"{name}.md").is_file()


@pytest.mark.parametrize("page", FILES, ids=lambda p: p.stem)
def test_a_page_has_a_title_and_its_links_lead_somewhere(page: Path):
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert text.endswith("\n")
    assert [link for link in links(page) if not (HELP / link).is_file()] == []


def test_every_page_can_be_reached_from_the_index():
    reached, open_ = set[str](), {"index.md"}
    while open_:
        name = open_.pop()
        reached.add(name)
        open_ |= links(HELP / name) - reached
    assert reached == {page.name for page in FILES}


@pytest.mark.parametrize("card", CATALOG().methods, ids=lambda card: card.id)
def test_the_page_of_a_method_tells_all_there_is_to_know(card):
    """When to use it, every option by its label, what it costs, and its source."""
    text = " ".join(text_of(card).split())
    assert "**Use it**" in text and "**Cost" in text and "**Source**" in text
    own = [option for option in card.options if option.name not in ("drop_losers", *OTHERS)]
    assert [option.label for option in own if f"**{option.label}**" not in text] == []
    if "drop_losers" in [option.name for option in card.options]:
        assert "rop losers early](drop_losers.md)" in text
    elif not own:
        assert "**Options**: none" in text
