"""Hypergradient engines: ways to differentiate through a training. A new one is a file here."""

from engine.gradient.engines.base import Engine, EngineCard
from engine.registry import Registry


def _check(engine: type[Engine]) -> None:
    if not isinstance(engine.card, EngineCard):
        raise ValueError("its card is no EngineCard")


ENGINES: Registry[type[Engine]] = Registry(
    "engine",
    "engine.gradient.engines",
    Engine,
    key=lambda engine: engine.card.id,
    classes=lambda engine: engine,
    order=lambda engine: engine.card.order,
    check=_check,
)
"""Engine classes by id, in the order in which they are shown."""
