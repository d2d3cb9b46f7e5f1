"""Colours as arithmetic: mixing, and the contrast that people can read.

Contrast is that of the Web Content Accessibility Guidelines 2.2 (definitions of *relative
luminance* and *contrast ratio*): 4.5 for text, 3 for graphics.
"""

from __future__ import annotations

import numpy as np
from matplotlib.colors import ListedColormap, to_hex, to_rgb

_LINEAR_END = 0.04045
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def luminance(colour: str) -> float:
    """Relative luminance of ``colour``, 0 (black) to 1 (white)."""
    channel = np.array(to_rgb(colour))
    linear = np.where(channel <= _LINEAR_END, channel / 12.92, ((channel + 0.055) / 1.055) ** 2.4)
    return float(_LUMINANCE @ linear)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 (the same) to 21 (black on white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """Mix two colours.

    Args:
        one, other: the colours.
        share: of ``other``, 0 to 1.

    Returns:
        The colour as ``#rrggbb``.
    """
    blend = (1 - share) * np.array(to_rgb(one)) + share * np.array(to_rgb(other))
    return to_hex(tuple(blend.tolist()))


def merit(behind: str, faint: str, strong: str) -> ListedColormap:
    """A scale of colours from the worst score to the best.

    Args:
        behind: background that the worst blends into.
        faint: ink of the worst.
        strong: ink of the best.
    """
    weak = np.array(to_rgb(mix(behind, faint, 0.35)))
    # Most of the way in the better half: that is where the eye should go.
    share = np.linspace(0, 1, 256)[:, None] ** 2
    return ListedColormap((1 - share) * weak + share * np.array(to_rgb(strong)))


def readable(behind: str, *inks: str) -> str:
    """The ink that stands out most from ``behind``."""
    return max(inks, key=lambda ink: contrast(behind, ink))
