"""The gradient engine of `tests/assets/extension` under its suite, as its author would write it.

Learners, methods, measures and readers are under theirs by being in the registries.
"""

from __future__ import annotations

from engine.gradient.engines import ENGINES
from engine.testing.engine_suite import EngineSuite


class TestFading(EngineSuite):
    engine = ENGINES["fading"]
    accuracy = None  # it is approximate, and promises nothing
