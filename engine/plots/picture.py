"""`Picture`: one way of showing a search or a comparison, and `PICTURES`, the table of all of them.

A picture is two functions and a row. `prepare` computes what is shown: a frozen value of arrays and
words, among them ``summary``, the picture's text alternative. `paint` puts it on matplotlib axes.
The row, ``PICTURE = Picture(...)`` at the end of the picture's file, says what it is called, where
it is shown, and what it asks of the engine; window, reports, help and tests read the table.

Most pictures are painted anew each time. One that grows while a search runs has `Live` functions
instead of `paint`: they make artists once and update them in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from matplotlib.axes import Axes

from engine.domain.comparison import Comparison, Findings
from engine.domain.trials import Snapshot
from engine.plots.style import Theme, styled
from engine.registry import LAST, Registry
from engine.space import SearchSpace

Page = Literal[
    "run",
    "method at work",
    "watched",
    "slices",
    "tuning",
    "results",
    "predictions",
    "cards",
    "understand",
    "report",
    "compare",
    "nested",
    "comparison report",
    "comparison report, once",
    "forms",
]
"""Where pictures are shown.

Of one search, made from a `SearchSource`: ``run`` (the page Run), ``method at work`` (there, for
methods whose card names the picture), ``watched`` (there, where test scores are watched),
``slices`` (there, one for each of some hyperparameters), ``tuning`` (Run and Results of a run by
hypergradients), ``results``, ``predictions`` (on Results, of the predictions), ``cards`` (with
words of its own, by a part of the window that names the picture), ``understand``, and the
``report``. Of a comparison, made from a `ComparisonSource`: ``compare`` (the page
Compare), ``nested`` (there, of nested resampling), and the ``comparison report``, for each case or
once. ``forms`` are for small ones in forms and on cards, which have
arguments of their own.
"""

HEIGHT = 3.2
"""Inches of a picture in a report."""


class Prepared(Protocol):
    """What `Picture.prepare` makes: anything with a text alternative.

    Optional attributes: ``places`` (`engine.plots.places.Places`) lets a person point at trials;
    ``axis_at(x)`` lets one mark a range on the axis at ``x``; ``why_not`` says why there is nothing
    to show, and leaves the picture out of reports.
    """

    @property
    def summary(self) -> str: ...


class Artists(Protocol):
    """The artists of a picture that grows, which know the theme they were made in."""

    @property
    def theme(self) -> Theme: ...


@dataclass(frozen=True)
class SearchSource:
    """What a picture of one search is made from.

    Attributes:
        snapshot: its trials.
        reply: what the engine has answered to the request `Picture.asks`; None before that.
        choice: key of the one of `Picture.choices` that is looked at; empty for the first.
        hyperparameters: a name for each of `Picture.hyperparameters`.
        ranges: by axis of the picture, the range that a person has marked on it.
    """

    snapshot: Snapshot
    reply: Any = None
    choice: str = ""
    hyperparameters: tuple[str, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def answer(self, name: str) -> Any:
        """The field ``name`` of the reply; None before there is one."""
        return getattr(self.reply, name, None)

    @property
    def predicted_rows(self) -> str:
        """Which rows the predictions of the reply are of, in words."""
        rows = getattr(self.answer("result"), "prediction_rows", "validation")
        return f"{rows} rows"


@dataclass(frozen=True)
class ComparisonSource:
    """What a picture of a comparison is made from.

    Attributes:
        comparison: its searches.
        case: name of the table and model that are looked at; empty for all of them.
        findings: what the data support.
        space: of the case's learner, where it is known.
    """

    comparison: Comparison
    case: str
    findings: Findings = field(default_factory=lambda: Findings(()))
    space: SearchSpace | None = None

    @property
    def over(self) -> Literal["evaluations", "seconds"]:
        """What the comparison's budget is counted in."""
        return "seconds" if self.comparison.budget.evaluations is None else "evaluations"


class Live(NamedTuple):
    """How a picture that grows is drawn."""

    create: Callable[[Axes, Theme], Any]
    """Makes the artists on empty axes."""
    update: Callable[[Axes, Any, Any], None]
    """Shows a prepared value by those artists."""


def _always(_: Any) -> bool:
    return True


@dataclass(frozen=True)
class Picture:
    """One row of the table.

    Attributes:
        id: lasting name, also that of its help page unless ``help`` names another.
        title: what it is called in reports.
        prepare: from a `SearchSource` or a `ComparisonSource` (see `Page`), the prepared value,
            several of them, or None where there is nothing to show.
        paint: draws a prepared value on empty axes; None for a picture with ``live``.
        live: how it is drawn where it grows.
        pages: where it is shown.
        help_text: that page as Markdown, of a picture of another package.
        short: what it is called in the window; the title by default.
        says: what it shows, in a sentence or two.
        asks: the request of `engine.protocol.requests` whose reply it needs, such as ``Fanova``.
        doing: what the engine does meanwhile, in words.
        hyperparameters: fields of that request (or names of choices) for which a person chooses a
            hyperparameter each.
        choices: what of it can be looked at, as (key, words); nothing where that is empty.
        heading: words above it in place of the title, where these depend on what is shown.
        applies: whether it says something of this source.
        below: id of the picture that stands below it, on the same axis.
        columns: of the grid, where it has several prepared values.
        inches: height in a report.
        order: place in lists, the lowest first.
    """

    id: str
    title: str
    prepare: Callable[..., Any]
    paint: Callable[[Axes, Any, Theme], None] | None = None
    live: Live | None = None
    pages: tuple[Page, ...] = ()
    help: str = ""
    help_text: str = ""
    short: str = ""
    says: str = ""
    asks: str = ""
    doing: str = ""
    hyperparameters: tuple[str, ...] = ()
    choices: Callable[[SearchSource], Sequence[tuple[str, str]]] | None = None
    heading: Callable[[Any], str] | None = None
    applies: Callable[[Any], bool] = _always
    below: str = ""
    columns: int = 1
    inches: Callable[[Any], float] = lambda _: HEIGHT
    order: float = LAST

    @property
    def help_page(self) -> str:
        """Name of its help page."""
        return self.help or self.id

    @property
    def name(self) -> str:
        """What it is called in the window."""
        return self.short or self.title

    def prepared(self, source: Any) -> tuple[Any, ...]:
        """What is shown of ``source``: one value, several, or none."""
        made = self.prepare(source)
        if made is None:
            return ()
        return tuple(made) if isinstance(made, (list, tuple)) else (made,)

    def one(self, source: Any) -> Any | None:
        """The first value that is shown of ``source``; None where there is nothing to show."""
        return next(iter(self.prepared(source)), None)

    def head(self, source: Any) -> str:
        """Words above the picture of ``source``."""
        return self.heading(source) if self.heading is not None else self.title

    def draw(self, axes: Axes, prepared: Any, theme: Theme, artists: Any = None) -> Any:
        """Draw the picture on ``axes``.

        Args:
            axes: emptied first, unless ``artists`` can be updated.
            prepared: as `prepare` made it.
            theme: colours and fonts.
            artists: what an earlier call on these axes returned.

        Returns:
            The artists of a picture that grows, to be handed in again; None for others.
        """
        with styled(theme):
            if self.live is None:
                assert self.paint is not None, "a picture has `paint` or `live`"
                _empty(axes)
                self.paint(axes, prepared, theme)
                return None
            if artists is None or artists.theme != theme:
                _empty(axes)
                artists = self.live.create(axes, theme)
            self.live.update(axes, prepared, artists)
        return artists


def _empty(axes: Axes) -> None:
    axes.clear()
    axes.set_aspect("auto")
    axes.set_axis_on()


def rows_high(count: int) -> float:
    """Inches of a picture of ``count`` rows of bars in a report, with its axis."""
    return 0.8 + 0.35 * count


def _check(picture: Picture) -> None:
    if (picture.paint is None) == (picture.live is None):
        raise ValueError(f"the picture “{picture.id}” needs either `paint` or `live`")
    for name in ("id", "title", "pages"):
        if not getattr(picture, name):
            raise ValueError(f"the picture “{picture.id}” has no {name}")


PICTURES: Registry[Picture] = Registry(
    "picture",
    "engine.plots",
    Picture,
    key=lambda picture: picture.id,
    order=lambda picture: picture.order,
    check=_check,
)
"""All pictures by id: ours, then those of other packages."""


def pictures_on(page: Page) -> tuple[Picture, ...]:
    """The pictures shown on ``page``, in their order."""
    return tuple(picture for picture in PICTURES.values() if page in picture.pages)
