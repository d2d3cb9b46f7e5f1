"""Hypergradient engines: ways through a training run and back. A new one is a file here and a line
below."""

from engine.gradient.engines.base import Differentiate, Engine
from engine.gradient.engines.forward import Forward
from engine.gradient.engines.implicit import ConjugateGradients, FixedPoint, Neumann
from engine.gradient.engines.reversal import Reversal
from engine.gradient.engines.straight_line import StraightLine
from engine.gradient.engines.unrolled import Checkpointed, Truncated, Unrolled

ENGINES: dict[str, type[Engine]] = {
    engine.id: engine
    for engine in (
        Reversal,
        Unrolled,
        Checkpointed,
        Truncated,
        Forward,
        ConjugateGradients,
        Neumann,
        FixedPoint,
        StraightLine,
    )
}

__all__ = ["ENGINES", "Differentiate", "Engine"]
