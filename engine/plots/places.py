"""Where trials stand in a picture, so that a person can point at them.

A picture whose prepared value has ``places`` can be clicked: the window then selects the trial
nearest to the click, and rings the selected one in every such picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Places:
    """Trials as points in data coordinates.

    Attributes:
        number: shape (k,), of the trials.
        at: shape (k, 2), x and y.
    """

    number: np.ndarray
    at: np.ndarray

    def of(self, number: int) -> tuple[float, float] | None:
        """Where the trial ``number`` stands, if it is in the picture."""
        found = np.flatnonzero(self.number == number)
        return (float(self.at[found[0], 0]), float(self.at[found[0], 1])) if found.size else None

    def nearest(self, axes: Axes, x: float, y: float, reach: float) -> int | None:
        """The trial nearest to a point of the screen, not further than ``reach`` pixels.

        Args:
            axes: what the picture is drawn on.
            x: in the figure's pixels, from its left edge.
            y: in the figure's pixels, from its lower edge.
            reach: largest distance in pixels.

        Returns:
            Number of the trial, or None.
        """
        if not self.number.size:
            return None
        apart = np.hypot(*(axes.transData.transform(self.at) - (x, y)).T)
        closest = int(np.nanargmin(apart)) if np.isfinite(apart).any() else 0
        return int(self.number[closest]) if apart[closest] <= reach else None
