"""What a tuning by gradient has found so far: its hyper-steps, and the values it tunes, summed up
for pictures."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.protocol.heads import ReplyHead, RequestHead

Layout = Literal["one", "layers", "steps", "weights", "rows", "columns", "images", "pairs"]
"""What the numbers of a group belong to."""


class HyperStep(msgspec.Struct, frozen=True):
    """One hyper-step: means over its folds."""

    number: int
    loss: float | None
    """On the validation rows; None where the training diverged."""
    norm: float | None
    """Of the hypergradient; None where it is not finite."""
    growth: float | None = None
    """Of changes of the weights on the way back; None for an engine that does not go back."""
    stored_bytes: float | None = None
    """Kept for the way back: of the fold that kept most."""
    slope: float | None = None
    """Norm of the training loss's gradient at the end, as a share of that at the start."""
    residual: float | None = None
    """Of an implicit engine's linear system, relative; None for other engines."""
    remark: str = ""
    """The chaos guard's sentence; empty for a hypergradient that can be followed."""


class Part(msgspec.Struct, frozen=True):
    """Tuned numbers as a matrix; a large one is thinned out or averaged over blocks."""

    name: str
    rows: int
    columns: int
    values: tuple[float, ...]
    """Row by row."""

    def __post_init__(self) -> None:
        if len(self.values) != self.rows * self.columns:
            raise ValueError(f"{len(self.values)} values for {self.rows} x {self.columns}")


class TunedGroup(msgspec.Struct, frozen=True):
    """Hyperparameters of one kind as they stand."""

    name: str
    label: str
    layout: Layout
    size: int
    """How many numbers there are."""
    scale: Literal["linear", "log", "logit"]
    start: float | None
    """Where they all began; None where each has its own beginning."""
    low: float
    high: float
    """Bounds."""
    spread: tuple[float, float, float, float, float]
    """Least, lower quartile, median, upper quartile, most."""
    parts: tuple[Part, ...]
    """``steps``: rows are `at`, columns the layers. ``layers`` and ``one``: a row. ``weights``: one
    a layer, inputs by units. ``rows``: a row, ascending. ``columns``: a row. ``images``: a row
    each. ``pairs``: a row, of the pairs of `names` in the order of a matrix's upper triangle."""
    at: tuple[int, ...] = ()
    """Steps of the training that are shown."""
    names: tuple[str, ...] = ()
    """Of the layers, of the columns, of the learned rows, or of what is paired."""


class WeighedRow(msgspec.Struct, frozen=True):
    """A training row that counts little."""

    row: int
    """In the table, from 1."""
    weight: float
    target: str


class Tuning(msgspec.Struct, frozen=True):
    """A tuning by gradient as it stands."""

    number: int
    """The hyper-step whose values these are."""
    steps: tuple[HyperStep, ...]
    groups: tuple[TunedGroup, ...]
    inputs: tuple[str, ...] = ()
    """Names of the prepared columns."""
    image: tuple[int, int] | None = None
    """Height and width, where columns are the pixels of an image."""
    pixels: tuple[int, ...] = ()
    """Place of each prepared column in the image, row by row."""
    whole_bytes: float = 0.0
    """The weights of every step of a training, as they would be stored in float32."""
    suspects: tuple[WeighedRow, ...] = ()
    """The training rows that count least, ascending."""
    reference: float | None = None
    """The least log loss of another run on the same table, where that can be compared."""
    reference_name: str = ""


class Hyperparameters(RequestHead, frozen=True):
    """What a tuning by gradient has found. Reply: `HyperparametersReady`."""

    path: str
    number: int | None = None
    """The hyper-step whose values are wanted; the latest if left out."""


class HyperparametersReady(ReplyHead, frozen=True):
    tuning: Tuning | None
    """None for a run that tunes by another method."""
