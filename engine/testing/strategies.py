"""Search spaces and their configurations as Hypothesis strategies."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine.space import (
    Categorical,
    Condition,
    Configuration,
    Float,
    Integer,
    Parameter,
    SearchSpace,
    Value,
)

CHOICES: tuple[Value, ...] = (True, False, None, 1, 0, 1.5, "a", "True", "")


@st.composite
def parameters(draw: Any, name: str) -> Parameter:
    """A parameter of any kind, single-valued ones included."""
    kind = draw(st.sampled_from(["float", "integer", "categorical"]))
    if kind == "categorical":
        choices = st.lists(st.sampled_from(CHOICES), min_size=1, max_size=4, unique_by=_typed)
        return Categorical(name, tuple(draw(choices)))
    log = draw(st.booleans())
    if kind == "integer":
        low = draw(st.integers(1 if log else -1000, 1000))
        return Integer(name, low, low + draw(st.integers(0, 3000)), log)
    low = draw(st.floats(1e-6, 1e3) if log else st.floats(-1e3, 1e3))
    width = draw(st.just(0.0) | st.floats(1e-3, 1e6))
    return Float(name, low, low + width, log)


@st.composite
def spaces(draw: Any, most: int = 6) -> SearchSpace:
    """A space of 1 to ``most`` parameters, some subordinate to earlier ones."""
    size = draw(st.integers(1, most))
    members = [draw(parameters(f"p{i}")) for i in range(size)]
    conditions = []
    for i, member in enumerate(members):
        parents = [p for p in members[:i] if isinstance(p, Categorical)]
        if parents and draw(st.booleans()):
            parent = draw(st.sampled_from(parents))
            values = st.lists(st.sampled_from(parent.choices), min_size=1, unique_by=_typed)
            conditions.append(Condition(member.name, parent.name, tuple(draw(values))))
    return SearchSpace(tuple(members), tuple(conditions))


@st.composite
def spaces_with_configuration(draw: Any, most: int = 6) -> tuple[SearchSpace, Configuration]:
    """A space and one of its configurations."""
    space = draw(spaces(most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return space, space.sample(rng)


def _typed(value: object) -> tuple[str, object]:
    return type(value).__name__, value
