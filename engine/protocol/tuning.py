"""A tuning by gradient before it starts: what is tuned, and what each engine would take."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.protocol.values import Recommendation
from engine.space import Value


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
    """What one hypergradient takes by an engine."""

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
