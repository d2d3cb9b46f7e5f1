"""Pictures of searches and comparisons: one file a picture, on any matplotlib axes, without pyplot.

A picture is ``prepare`` (from records to arrays and words), ``paint`` (onto axes) and one row,
``PICTURE = Picture(...)``; `engine.plots.picture` says what a row holds and has the table of all of
them, those of other packages included (entry points ``tunesmith.pictures``).
"""

from __future__ import annotations

from engine.registry import is_extended


def help_of_others() -> dict[str, str]:
    """Help pages that pictures of other packages bring, by their names.

    Where no package offers pictures, neither the table nor matplotlib is loaded.
    """
    if not is_extended("picture"):
        return {}
    from engine.plots.picture import PICTURES

    return {one.help_page: one.help_text for one in PICTURES.values() if one.help_text}
