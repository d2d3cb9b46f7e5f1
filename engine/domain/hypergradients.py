"""Tuning by gradient as plain values: its outlook before it starts, and its hyper-steps and tuned
values, summed up for pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, Self

import msgspec

from engine.domain.advice import Recommendation
from engine.space import Value

Suits = Literal["minimum", "few", "short", "reversible", "long"]
"""The training that an engine is made for: one that comes near its minimum; a long one with few
numbers to tune; one short enough to store whole; one that can be run backwards; any other."""
Layout = Literal["one", "layers", "steps", "weights", "rows", "columns", "images", "pairs"]
"""Kind of thing that each number of a group belongs to."""


class HypergradientFigures(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Figures of one fold's hypergradient; None where one is not finite or was not measured."""

    loss: float | None = None
    """The outer loss: on the validation rows."""
    norm: float | None = None
    """Of the hypergradient, before the guard did anything about it."""
    slope: float | None = None
    """Norm of the training loss's gradient at the end, as a share of that at the start."""
    growth: float | None = None
    """Of the norm of the derivative by the weights on the way back."""
    residual: float | None = None
    """Of an implicit engine's linear system, relative."""
    stored_bytes: float | None = None
    """Kept for the way back."""
    followed: float | None = None
    """1; 0 for noise, which is left out."""
    clipped: float | None = None
    """Share of its length that noise was shortened to."""
    window: float | None = None
    """Steps of the training that noise was taken over, where not over all."""
    further: dict[str, float] = {}
    """Figures that only some engines have."""

    @classmethod
    def of(cls, figures: Mapping[str, float]) -> Self:
        """The finite ones of ``figures``, by the names of the fields, the rest as `further`."""
        finite = {name: float(x) for name, x in figures.items() if math.isfinite(x)}
        fields = {*cls.__struct_fields__} - {"further"}
        named = {name: finite.pop(name) for name in [*finite] if name in fields}
        return cls(**named, further=finite)  # pyright: ignore[reportArgumentType]


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
    """Present values of the hyperparameters of one group."""

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
    """Present state of a tuning by gradient."""

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


class HyperGroup(msgspec.Struct, frozen=True):
    """Something that a gradient may tune; an option of the method says how finely."""

    option: str
    label: str
    choice: Value
    """The option's value, with what was left to the engine decided."""
    size: int
    """Numbers that are tuned with it; 0 if it is not tuned."""
    sizes: tuple[tuple[Value, int], ...]
    """The same for each value that the option may have; of an integer, for 0 and 1: the size grows
    in proportion."""
    scale: Literal["linear", "log", "logit"]
    """On which it is moved."""
    start: float
    low: float
    high: float
    hindrance: str = ""
    """Why it can't be tuned with this engine or table, as a sentence; empty if it can."""


class EngineOutlook(msgspec.Struct, frozen=True):
    """Cost of one hypergradient by an engine."""

    id: str
    label: str
    exact: bool
    """Whether it gives the derivative of the training run itself."""
    stored_bytes: float
    """Kept for the way back, beyond the state of the training."""
    stored_share: float
    """The same as a share of the whole trajectory of the weights."""
    times: float
    """Its time in multiples of plain training."""
    refusal: str = ""
    """Why it can't tune what is to be tuned, as a sentence; empty if it can."""
    suits: Suits | None = None
    """The training it is made for, if that is a special one."""


class TuningOutlook(msgspec.Struct, frozen=True):
    """A tuning by gradient before it starts: what is tuned, and what each engine would take."""

    groups: tuple[HyperGroup, ...]
    engines: tuple[EngineOutlook, ...]
    size: int
    """Numbers that are tuned, all in all."""
    weights: int
    """Of the network."""
    steps: int
    epochs: float
    """How often the training of a fold goes through its rows."""
    side: int = 0
    """Pixels of an edge, if the columns can be the pixels of a square picture."""
    pixels: tuple[int, ...] = ()
    """Then of each prepared column the number of its pixel, row by row."""
    advice: tuple[Recommendation, ...] = ()
    """The engines, the advised one first."""
