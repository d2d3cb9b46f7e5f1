"""The colour tokens of window and pictures, as plain values.

Both have one set of tokens, so that a picture never looks pasted in. This module imports no
matplotlib: the window needs its colours before it needs a picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

FONTS = (
    "Inter",
    "Segoe UI Variable Text",
    "Segoe UI",
    "Helvetica Neue",
    "Noto Sans",
    "DejaVu Sans",
)
"""Interface fonts by preference; the last one comes with matplotlib."""


@dataclass(frozen=True)
class Theme:
    """Colour tokens as ``#rrggbb``, font families by preference, and the body size in pixels.

    ``window``, ``surface`` and ``raised`` are backgrounds; ``accent_wash`` is a background that
    speaks of the accent, ``on_accent`` the ink on the accent itself. Inks have a contrast of at
    least 4.5 to the backgrounds (``disabled`` excepted, as in the guidelines).
    """

    name: str
    window: str
    surface: str
    raised: str
    border: str
    border_strong: str
    text: str
    muted: str
    disabled: str
    accent: str
    on_accent: str
    accent_wash: str
    good: str
    caution: str
    bad: str
    font: tuple[str, ...] = FONTS
    size: int = 13


LIGHT = Theme(
    name="light",
    window="#FFFFFF",
    surface="#F6F7F9",
    raised="#FFFFFF",
    border="#DDE1E7",
    border_strong="#B9C0CB",
    text="#1B222D",
    muted="#56606F",
    disabled="#9AA3AF",
    accent="#2563C9",
    on_accent="#FFFFFF",
    accent_wash="#E8F0FC",
    good="#1A7648",
    caution="#936000",
    bad="#B3362B",
)

DARK = Theme(
    name="dark",
    window="#14171C",
    surface="#1B1F26",
    raised="#232831",
    border="#313845",
    border_strong="#4A5364",
    text="#E8EBF0",
    muted="#A0A9B8",
    disabled="#667080",
    accent="#7AA7F7",
    on_accent="#0E1420",
    accent_wash="#1D2B45",
    good="#5CC98F",
    caution="#E0A94A",
    bad="#F08479",
)

PRINT = replace(
    LIGHT,
    name="print",
    surface="#FFFFFF",
    border="#D5D9DF",
    border_strong="#8A929E",
    text="#000000",
    muted="#3F4855",
)
"""For reports and saved pictures: `LIGHT` on paper, with darker greys."""

HIGH_CONTRAST = Theme(
    name="high contrast",
    window="#000000",
    surface="#000000",
    raised="#141414",
    border="#7F7F7F",
    border_strong="#FFFFFF",
    text="#FFFFFF",
    muted="#E0E0E0",
    disabled="#9C9C9C",
    accent="#FFD84D",
    on_accent="#000000",
    accent_wash="#332C00",
    good="#5CE6A0",
    caution="#FFB65C",
    bad="#FF9A8F",
)

THEMES: tuple[Theme, ...] = (LIGHT, DARK, PRINT, HIGH_CONTRAST)
