"""Pages of one file that need no other: pictures are inline SVG, there is no script, and a page
prints well."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.plots.picture import Page, Picture

_WIDTH = 7.2
"""Width of a picture, inches."""


@dataclass(frozen=True)
class Drawing:
    """A drawn picture with its title, and in words for whoever can't see it."""

    title: str
    svg: str
    summary: str


def document(title: str, parts: Iterable[str]) -> str:
    """A whole page of ``parts``, each HTML."""
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def drawings(page: Page, source: Any, add: str = "") -> Iterator[Drawing]:
    """Draw every picture of the table that belongs on ``page``, in print style.

    Args:
        page: of `engine.plots.picture`.
        source: what its pictures are made from; of one with choices, each is drawn.
        add: added to titles.
    """
    from engine.plots.picture import pictures_on

    for picture in pictures_on(page):
        if not picture.applies(source):
            continue
        of_each = [source]
        if picture.choices is not None:
            of_each = [replace(source, choice=key) for key, _ in picture.choices(source)]
        for one in of_each:
            for prepared in picture.prepared(one):
                if getattr(prepared, "why_not", ""):
                    continue
                head = f"{picture.head(one)}{add}"
                yield Drawing(head, _svg(picture, prepared), prepared.summary)


def _svg(picture: Picture, prepared: Any) -> str:
    """``prepared`` as an SVG element that is the same each time."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    from engine.plots.style import PRINT, styled

    with styled(PRINT), mpl.rc_context({"svg.hashsalt": "tunesmith", "svg.fonttype": "path"}):
        figure = Figure(figsize=(_WIDTH, picture.inches(prepared)), layout="constrained")
        FigureCanvasSVG(figure)
        picture.draw(figure.add_subplot(), prepared, PRINT)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    svg = text.getvalue()
    return svg[svg.index("<svg") :].strip()


def figure(picture: Drawing) -> str:
    """``picture`` under its title, with its words beneath."""
    return (
        f'<figure role="img" aria-label="{escape(picture.summary)}">'
        f"<h2>{escape(picture.title)}</h2>\n{picture.svg}\n"
        f"<figcaption>{escape(picture.summary)}</figcaption></figure>"
    )


def table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], numbers_from: int | None = None
) -> str:
    """A table of text.

    Args:
        headers: one for each column.
        rows: each with as many texts.
        numbers_from: index of the first column that is set flush right; None for none.
    """

    def cells(tag: str, texts: Sequence[str]) -> str:
        right = [numbers_from is not None and i >= numbers_from for i in range(len(texts))]
        return "".join(
            f'<{tag} class="n">{escape(t)}</{tag}>' if r else f"<{tag}>{escape(t)}</{tag}>"
            for t, r in zip(texts, right, strict=True)
        )

    lines = [f"<tr>{cells('td', row)}</tr>" for row in rows]
    head = f"<thead><tr>{cells('th', headers)}</tr></thead>"
    return f"<table>{head}<tbody>\n" + "\n".join(lines) + "\n</tbody></table>"


_STYLE = """
body { font: 14px/1.5 Inter, "Segoe UI", "Helvetica Neue", sans-serif; color: #1B222D;
  background: #FFFFFF; margin: 0; }
main { max-width: 760px; margin: 40px auto; padding: 0 24px; }
h1 { font-size: 22px; margin: 0 0 8px; }
h2 { font-size: 15px; margin: 32px 0 8px; }
p { margin: 0 0 8px; }
.number { font-size: 32px; font-weight: 600; line-height: 1.2; margin-top: 24px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
main { overflow-wrap: anywhere; }
th { text-align: left; font-weight: 600; font-size: 12px; color: #56606F; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid #DDE1E7; vertical-align: top; }
.n { text-align: right; padding: 6px 0 6px 12px; }
figure { margin: 0; break-inside: avoid; }
figure svg { width: 100%; height: auto; }
figcaption { font-size: 12px; color: #56606F; }
"""
