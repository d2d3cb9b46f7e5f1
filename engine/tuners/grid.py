"""Grid search: every combination of a few levels of each hyperparameter, in random order.

The grid is never listed. A position in the random order is turned into the number of a grid point
by a keyed permutation (`shuffled`), and that number into the point by mixed radix (`Grid.point`).
So a grid of ``5^200`` points costs no more than one of 25.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from typing import Annotated

import numpy as np

from engine.domain.cards import MethodCard, Sketch
from engine.errors import InputError
from engine.options import shown
from engine.space import Categorical, Configuration, Integer, Parameter, SearchSpace, Value
from engine.tuners.base import MethodOptions, Sampler, TuningProblem
from engine.tuners.points import identify

FEWEST, MOST = 2, 1000
"""Values of a number on a grid."""
ROUNDS = 8
"""Rounds of the Feistel network of `shuffled`."""


class GridOptions(MethodOptions, frozen=True):
    resolution: Annotated[
        int,
        shown(
            "Values of each number",
            "Spread evenly from end to end, on the log scale where there is one. Choices are "
            "always all tried.",
            FEWEST,
            MOST,
        ),
    ] = 5
    own: Annotated[
        str,
        shown(
            "Values of single ones",
            "Where some numbers should have more or fewer values than the others, such as "
            "C=9, gamma=3.",
        ),
    ] = ""


class GridSearch(Sampler[GridOptions]):
    """Proposes every point of the grid once, and then is exhausted.

    Proposals are the first points in the random order that are not known yet. So the default
    configuration and a person's own ones are skipped where they lie on the grid, and a search that
    is stopped early has seen a random sample of the grid.
    """

    card = MethodCard(
        id="grid",
        label="Grid search",
        summary=(
            "Tries every combination of a few values of each hyperparameter, in random order. "
            "Complete and easy to draw, but only affordable for two or three hyperparameters."
        ),
        source="Bischl et al. (2023), grid search",
        help="grid",
        sketch=Sketch(
            "The same rise and fall again and again, row by row through the grid.",
            "199 358 465 521 526 480 383 279 543 721 815 823 747 585 319 635 849 962 972 880 686 "
            "239 450 593 668 675 613 484",
        ),
    )
    order = 50
    options_type = GridOptions

    exhausted_reason = "Every point of the grid has been tried."

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        own = resolutions(self.options.own)
        self._grid = Grid(self.space, self.options.resolution, own)
        # The key is all there is of the order: nothing to store, and the same after a resume.
        self._key = self.rng(0).bytes(16)
        self._position = 0

    @classmethod
    def refusals(cls, options: GridOptions, space: SearchSpace) -> Iterable[InputError]:
        """Values of single hyperparameters must be of some that the space has."""
        field, own = "method.options.own", options.own
        try:
            numbers = resolutions(own)
        except ValueError as error:
            why = f"{error} is not of the form C=9, gamma=3"
            yield InputError("plan.field", field=field, path=field, value=own, why=why)
            return
        names = [p.name for p in space.parameters if not isinstance(p, Categorical)]
        for name, number in numbers.items():
            if name not in names:
                kind, known = "numeric hyperparameter", ", ".join(names)
                yield InputError("plan.unknown", field=field, kind=kind, name=name, known=known)
            elif not FEWEST <= number <= MOST:
                why = f"{name} must have from {FEWEST} to {MOST:,} values"
                yield InputError("plan.field", field=field, path=field, value=own, why=why)

    @property
    def exhausted(self) -> bool:
        """Whether all grid points are known."""
        return self._first_unknown() is None

    def draw(self, rng: np.random.Generator) -> Configuration:
        """The first grid point in the random order that is not known."""
        configuration = self._first_unknown()
        assert configuration is not None, "asked of an exhausted grid"
        return configuration

    def _first_unknown(self) -> Configuration | None:
        """The first grid point in the order that is not known; None if all are."""
        # What is known stays known, so the position only remembers how far all of it is.
        while self._position < self._grid.size:
            number = shuffled(self._position, self._grid.size, self._key)
            configuration = self._grid.point(number)
            if identify(self.space, configuration) not in self._known:
                return configuration
            self._position += 1
        return None


class Grid:
    """Points of a grid over ``space``, numbered, conditions included.

    A parameter has at most one parent, so the parameters form trees. At one of its levels a
    parameter has as many points as its children there have together, and the size of the grid is
    the product over the roots. A parameter that is inactive adds nothing.

    Args:
        space: may have conditions.
        resolution: levels of each number.
        own: resolutions of parameters that have another.
    """

    def __init__(
        self, space: SearchSpace, resolution: int, own: Mapping[str, int] | None = None
    ) -> None:
        self._space = space
        each = {**dict.fromkeys(space.names, resolution), **(own or {})}
        self._levels = {p.name: levels(p, each[p.name]) for p in space.parameters}
        self._children: dict[str | None, list[str]] = {}
        for name in space.names:
            condition = space.condition(name)
            self._children.setdefault(condition and condition.parent, []).append(name)
        self._active = {
            name: [self._below(name, level) for level in self._levels[name]] for name in space.names
        }
        # Children stand after their parents, so they are counted first.
        self._counts: dict[str, list[int]] = {}
        for name in reversed(space.names):
            self._counts[name] = [self._size(below) for below in self._active[name]]
        self.size = self._size(self._children.get(None, []))

    def point(self, number: int) -> Configuration:
        """Decode grid point ``number``, from 0 to below `size`, by mixed radix."""
        chosen: Configuration = {}
        open_ = [(number, self._children.get(None, []))]
        while open_:
            number, names = open_.pop()
            for name in names:
                number, within = divmod(number, sum(self._counts[name]))
                # Levels may have different numbers of points below them, so divmod alone does not
                # do.
                level = 0
                while within >= self._counts[name][level]:
                    within -= self._counts[name][level]
                    level += 1
                chosen[name] = self._levels[name][level]
                # The rest of the number is decoded among this parameter's children.
                open_.append((within, self._active[name][level]))
        return {name: chosen[name] for name in self._space.names if name in chosen}

    def _below(self, name: str, level: Value) -> list[str]:
        """Parameters that are active because ``name`` is at ``level``."""
        children = self._children.get(name, [])
        return [child for child in children if self._space.is_active(child, {name: level})]

    def _size(self, names: list[str]) -> int:
        return math.prod(sum(self._counts[name]) for name in names)


def resolutions(text: str) -> dict[str, int]:
    """Parse ``C=9, gamma=3`` into resolutions by name.

    Raises:
        ValueError: with the part that can't be parsed.
    """
    found: dict[str, int] = {}
    for part in filter(str.strip, text.split(",")):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if not (name and equals and number.isascii() and number.isdigit()):
            raise ValueError(part.strip())
        found[name] = int(number)
    return found


def levels(parameter: Parameter, resolution: int) -> tuple[Value, ...]:
    """Values of ``parameter`` on a grid: all choices, or ``resolution`` numbers from end to end,
    evenly spaced on the (log) scale; fewer where there are no more."""
    if isinstance(parameter, Categorical):
        return parameter.choices
    ends = parameter.to_unit(parameter.low), parameter.to_unit(parameter.high)  # type: ignore[arg-type]
    if not isinstance(parameter, Integer):
        units = np.linspace(*ends, resolution).tolist()
        return tuple(dict.fromkeys(parameter.from_unit(unit) for unit in units))
    count = min(resolution, parameter.high - parameter.low + 1)
    spread = [parameter.from_unit(unit) for unit in np.linspace(*ends, count).tolist()]
    # Close neighbours on a log scale round to the same number: the next free one instead.
    following = parameter.low
    for i, value in enumerate(spread):
        last = parameter.high - (count - 1 - i)
        spread[i] = min(max(value, following), last)
        following = spread[i] + 1
    return tuple(spread)


def shuffled(position: int, size: int, key: bytes) -> int:
    """Map ``position`` by a pseudorandom permutation of ``range(size)``.

    A Feistel network over the next even number of bits, applied repeatedly until the result is in
    range (cycle walking; Black and Rogaway 2002, sections 3 and 4). Works for any size without a
    table.

    Args:
        position: from 0 to below ``size``.
        size: number of elements.
        key: chooses the permutation.

    Returns:
        The element at ``position``.
    """
    half = max((size - 1).bit_length() + 1, 2) // 2
    octets, mask = (half + 7) // 8, (1 << half) - 1
    while True:
        left, right = position >> half, position & mask
        for round_ in range(ROUNDS):
            text = key + bytes([round_]) + right.to_bytes(octets, "little")
            mixed = int.from_bytes(hashlib.shake_128(text).digest(octets), "little")
            # Each round is invertible whatever the hash, so the network is a permutation.
            left, right = right, left ^ (mixed & mask)
        position = left << half | right
        if position < size:
            return position
