"""The pages of the window by id, as ``module:class``: a page is imported when it is first shown."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.pages.base import Page

PAGES: dict[str, str] = {
    "data": "gui.pages.data.page:DataPage",
    "model": "gui.pages.model.page:ModelPage",
    "evaluation": "gui.pages.evaluation.page:EvaluationPage",
    "method": "gui.pages.method.page:MethodPage",
    "run": "gui.pages.run.page:RunPage",
    "results": "gui.pages.results.page:ResultsPage",
    "compare": "gui.pages.compare.page:ComparePage",
    "understand": "gui.pages.understand.page:UnderstandPage",
    "library": "gui.pages.library:LibraryPage",
    "gallery": "gui.pages.gallery:GalleryPage",
    "settings": "gui.pages.settings:SettingsPage",
}

PLACES: tuple[tuple[str, str], ...] = (
    ("understand", "Understand"),
    ("compare", "Compare"),
    ("library", "Library"),
    ("gallery", "Gallery"),
    ("settings", "Settings"),
)
"""Pages that are no steps, with their titles, as the step list shows them."""


def page_class(id_: str) -> type[Page]:
    """The class of the page ``id_``, imported now.

    Raises:
        KeyError: if there is no such page.
    """
    module, _, name = PAGES[id_].partition(":")
    return getattr(import_module(module), name)
