"""Upper bound of trees or rounds: lower than the learner's range where time is short.

The review's ranges go up to 5,000 rounds. On a medium-sized table such a fit takes minutes, so that
a search of a minute would evaluate the default configuration and one other. Configurations are then
worth more than rounds: the range ends where the time allows enough evaluations of its middle.
"""

from __future__ import annotations

import math

import msgspec

from engine.guide import cost
from engine.guide.situation import FULL_SIZE, Situation
from engine.space import Integer, SearchSpace

ENOUGH = 25
"""Evaluations to leave time for; a few more than resampling asks for, since costs are estimates."""
LEAST = 2 * FULL_SIZE
"""Upper bound that is kept in any case: the library's default is then the middle."""


def within_time(situation: Situation) -> SearchSpace:
    """Narrow the situation's space to as many trees or rounds as leave time for `ENOUGH`
    evaluations.

    A user who asks for a number of evaluations without a time gets the whole range.
    """
    space = situation.space or SearchSpace()
    size = _size(situation)
    if size is None or (situation.seconds is None and situation.evaluations is not None):
        return space
    room = cost.affordable(situation) / ENOUGH
    high = max(_plain(size.high * room), LEAST)
    if high >= size.high or high <= size.low:
        return space
    narrower = msgspec.structs.replace(size, high=high)
    parameters = (narrower if p is size else p for p in space.parameters)
    return SearchSpace(tuple(parameters), space.conditions)


def words(situation: Situation) -> str:
    """Explain, for the user, by how much `within_time` cut the range; empty if it did not."""
    size, whole = _size(situation), situation.whole
    most = whole[size.name] if size is not None and whole is not None else size
    if size is None or not isinstance(most, Integer) or size.high >= most.high:
        return ""
    return (
        f"So that it is not fewer, {size.name} goes up to {size.high:,} instead of {most.high:,}."
    )


def _size(situation: Situation) -> Integer | None:
    """The hyperparameter that counts trees or rounds, where it is tuned."""
    space, card = situation.space, situation.card
    if (
        space is None
        or card is None
        or not card.fidelity_parameter
        or card.fidelity_parameter not in space.names
    ):
        return None
    size = space[card.fidelity_parameter]
    return (
        size
        if isinstance(size, Integer) and card.fidelity_parameter not in situation.fixed
        else None
    )


def _plain(number: float) -> int:
    """``number`` rounded down to two digits."""
    if number < 10:
        return max(math.floor(number), 1)
    step = 10 ** (math.floor(math.log10(number)) - 1)
    return math.floor(number / step) * step
