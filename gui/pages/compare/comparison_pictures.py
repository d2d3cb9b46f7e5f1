"""The pictures of a comparison, as the window offers them. No Qt; a picture's module loads when it
is first looked at."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from engine.domain.comparison import Comparison, Findings
from engine.plots.theme import Theme

Prepare = Callable[[Any, Comparison, str, Findings], Any]


class Picture(NamedTuple):
    """A way of showing a comparison."""

    title: str
    module: str
    """In `engine.plots`; the help page has the same name."""
    prepare: Prepare
    """From the module, the comparison, a case and what its data support."""


def _ranks(module: Any, comparison: Comparison, _: str, findings: Findings) -> Any:
    labels = {one.name: one.label for one in comparison.contenders}
    return module.prepare(findings.ranking, labels)


PICTURES: dict[str, Picture] = {
    "anytime": Picture("Best so far", "anytime", lambda m, c, case, _: m.prepare(c, case)),
    "seconds": Picture(
        "By time", "anytime", lambda m, c, case, _: m.prepare(c, case, over="seconds")
    ),
    "final": Picture("Final scores", "final_scores", lambda m, c, case, _: m.prepare(c, case)),
    "spread": Picture(
        "Distribution", "distribution", lambda m, c, case, _: m.of_comparison(c, case)
    ),
    "wins": Picture("Wins", "wins", lambda m, c, case, _: m.prepare(c, case)),
    "ranks": Picture("Ranks", "rank_over_time", lambda m, c, case, _: m.prepare(c, case)),
    "critical": Picture("Over data sets", "critical_difference", _ranks),
    "thinking": Picture("Thinking", "thinking", lambda m, c, case, _: m.prepare(c, case)),
    "found": Picture("Configurations", "found", lambda m, c, case, _: m.prepare(c, case)),
}
NESTED = ("final", "anytime", "found")


def pictures_for(comparison: Comparison) -> tuple[str, ...]:
    """The ids of `PICTURES` that mean something for ``comparison``."""
    if comparison.kind == "nested":
        return NESTED
    more_than_one = len({case.data for case in comparison.cases}) > 1
    return tuple(kind for kind in PICTURES if kind != "critical" or more_than_one)


def module_of(kind: str) -> Any:
    """The module of `engine.plots` that draws a picture."""
    return import_module(f"engine.plots.{PICTURES[kind].module}")


def marks_of(comparison: Comparison, theme: Theme) -> list[tuple[str, str]]:
    """Colour and marker by which pictures on the window's ground show each contender."""
    from engine.plots import series

    references = [one.reference for one in comparison.contenders]
    return [(look.colour, look.marker) for look in series.looks_on(references, theme.window, theme)]
