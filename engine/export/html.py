"""Pages of one file that need nothing beside them: pictures are inline SVG, there is no script, and
they print well."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 7.2, 3.2
"""Size of a picture, inches."""
AXIS, BAR = 0.8, 0.35
"""Height of an axis with its label, and of a bar, inches."""


@dataclass(frozen=True)
class Picture:
    """A picture with its title, and in words for whoever can't see it."""

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


def picture(title: str, plot: Any, prepared: Any, height: float = _HEIGHT) -> Picture:
    """What ``plot`` (a module of `engine.plots`) draws of ``prepared``, in print style.

    Args:
        height: inches.
    """
    from engine.plots.style import PRINT

    draw: Callable[..., object] = plot.draw
    svg = _svg(lambda axes: draw(axes, prepared, PRINT), height)
    return Picture(title, svg, prepared.summary)


def _svg(draw: Callable[[Axes], object], height: float) -> str:
    """What ``draw`` puts on axes, as an SVG element that is the same each time."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    from engine.plots.style import PRINT, styled

    with styled(PRINT), mpl.rc_context({"svg.hashsalt": "tunesmith", "svg.fonttype": "path"}):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure.add_subplot())
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    svg = text.getvalue()
    return svg[svg.index("<svg") :].strip()


def figure(picture: Picture) -> str:
    """``picture`` under its title, with its words beneath."""
    return (
        f'<figure role="img" aria-label="{escape(picture.summary)}">'
        f"<h2>{escape(picture.title)}</h2>\n{picture.svg}\n"
        f"<figcaption>{escape(picture.summary)}</figcaption></figure>"
    )


def table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], numbers_from: int | None = None
) -> str:
    """Rows of text; columns from ``numbers_from`` on are set flush right."""

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
