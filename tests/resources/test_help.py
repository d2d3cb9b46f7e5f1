"""Every choice has its help page, and every link in the pages leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.catalog import CATALOG
from engine.plots.picture import PICTURES

HELP = Path(__file__).parents[2] / "resources" / "help"
PAGES = (
    *("data", "model", "evaluation", "method", "run", "results", "library", "settings"),
    *("gallery", "verdicts"),
)
PICTURE_PAGES = sorted({picture.help_page for picture in PICTURES.values()})
FILES = sorted(HELP.glob("*.md"))
LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")


def links(page: Path) -> set[str]:
    return set(LINK.findall(page.read_text(encoding="utf-8")))


def test_every_card_names_a_page():
    catalog = CATALOG()
    cards = (*catalog.learners, *catalog.methods, *catalog.measures, *catalog.costs)
    assert [card.help for card in cards if not (HELP / f"{card.help}.md").is_file()] == []


@pytest.mark.parametrize("name", sorted({*PAGES, *PICTURE_PAGES, "index", "files", "keyboard"}))
def test_every_page_of_the_window_and_every_picture_has_help(name):
    assert (HELP / f"{name}.md").is_file()


@pytest.mark.parametrize("page", FILES, ids=lambda p: p.stem)
def test_a_page_is_well_formed(page: Path):
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert text.endswith("\n")
    assert "—" not in text
    assert max(map(len, text.splitlines())) <= 120
    missing = [link for link in links(page) if not (HELP / link).is_file()]
    assert missing == []


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
    text = " ".join((HELP / f"{card.help}.md").read_text(encoding="utf-8").split())
    assert "**Use it**" in text and "**Cost" in text and "**Source**" in text
    own = [option for option in card.options if option.name != "drop_losers"]
    assert [option.label for option in own if f"**{option.label}**" not in text] == []
    if len(own) < len(card.options):
        assert "rop losers early](drop_losers.md)" in text
    elif not own:
        assert "**Options**: none" in text
