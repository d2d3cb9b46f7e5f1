"""The hypergradient engines as figures: what each refuses, and what it takes.

The engines themselves are in `engine.gradient.engines`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from engine.errors import InputError
from engine.tuners.hyper.groups import KINDS, Kind, Spec, specs
from engine.tuners.hyper.training import ITEM, SETTINGS, Trained

AT_ONCE = 16
"""Tangents that forward mode takes along together."""
MOST_FORWARD = 200
"""Hyperparameters beyond which forward mode takes hours where reverse mode takes minutes."""
LOWEST_MOMENTUM = 1 / 64
"""Below, exact reversal loses more digits than are worth keeping."""


class Figures(NamedTuple):
    """A training in the figures that costs depend on.

    Attributes:
        weights: of the network.
        state_bytes: of a whole state.
        steps: of the training.
        tuned: how many numbers are tuned, those that forward mode lets share a value as one.
        spilled: bytes a weight that multiplying by the momentum loses over the training.
        window: steps that truncated engines go back.
        iterations: of implicit engines, at most.
        item: bytes of a number.
    """

    weights: int
    state_bytes: float
    steps: int
    tuned: int
    spilled: float = 0.0
    window: int = 20
    iterations: int = 50
    item: int = ITEM


class Card(NamedTuple):
    """An engine.

    Attributes:
        label: for people.
        exact: whether it gives the derivative of the training run itself.
        stored: bytes kept between the forward and the backward sweep, beyond the state itself.
        gradients: time in gradients of the training loss, a step.
        dynamics: inner optimisers it goes through; empty for all.
        on_the_way: whether it can tune what acts only on the way to a minimum.
    """

    label: str
    exact: bool
    stored: Callable[[Figures], float]
    gradients: Callable[[Figures], float]
    dynamics: tuple[str, ...] = ()
    on_the_way: bool = True


def stretch(steps: int) -> int:
    """Steps between two checkpoints."""
    return max(1, math.isqrt(steps))


def _checkpoints(f: Figures) -> float:
    kept = math.ceil(f.steps / stretch(f.steps)) + 2 * stretch(f.steps)
    return kept * f.state_bytes


def _implicit(label: str) -> Card:
    return Card(
        label,
        exact=False,
        stored=lambda f: 4.0 * f.weights * f.item,  # vectors of the solver
        gradients=lambda f: 1 + 2 * f.iterations / f.steps,
        on_the_way=False,
    )


ENGINES: dict[str, Card] = {
    "reversal": Card(
        "Exact reversal",
        exact=True,
        stored=lambda f: f.weights * (4 + f.spilled),
        gradients=lambda f: 4,
        dynamics=("momentum",),
    ),
    "unrolled": Card(
        "Unrolled",
        exact=True,
        # XLA keeps the state and what lies between it and its gradient: about two states a step.
        stored=lambda f: 2.0 * f.steps * f.state_bytes,
        gradients=lambda f: 3,
    ),
    "checkpointed": Card("Checkpointed", exact=True, stored=_checkpoints, gradients=lambda f: 4),
    "truncated": Card(
        "Truncated",
        exact=False,
        stored=lambda f: 2.0 * min(f.window, f.steps) * f.state_bytes,
        gradients=lambda f: 1 + 2 * min(f.window, f.steps) / f.steps,
    ),
    "forward": Card(
        "Forward",
        exact=True,
        stored=lambda f: AT_ONCE * f.state_bytes,
        gradients=lambda f: 1 + 2 * (f.tuned + 1),  # one more tells chaos
    ),
    "implicit_cg": _implicit("Implicit, conjugate gradients"),
    "neumann": _implicit("Implicit, Neumann series"),
    "fixed_point": _implicit("Implicit, fixed point"),
    "straight_line": Card(
        "Straight line",
        exact=False,
        stored=lambda f: 2.0 * f.state_bytes,
        gradients=lambda f: 4,
        dynamics=("gd", "momentum"),
    ),
}
"""By id, in the order in which they are shown."""


def figures(trained: Trained) -> Figures:
    """Of a plan's training."""
    options = trained.options
    # log2(1 / γ) bits a weight and step (Maclaurin et al. 2015, section 2.2).
    decay = trained.start("momentum") if trained.dynamics == "momentum" else 1.0
    return Figures(
        weights=trained.weights,
        state_bytes=trained.state_bytes,
        steps=trained.steps,
        tuned=directions(trained),
        spilled=-math.log2(max(decay, LOWEST_MOMENTUM)) * trained.steps / 8,
        window=int(options["window"]),  # type: ignore[arg-type]
        iterations=int(options["iterations"]),  # type: ignore[arg-type]
    )


def directions(trained: Trained) -> int:
    """Numbers that forward mode tells apart: steps that share a value are one."""
    share = int(trained.options["share"])  # type: ignore[arg-type]

    def of(spec: Spec) -> int:
        scheduled = spec.name in SETTINGS[trained.dynamics] and spec.shape[:1] == (trained.steps,)
        if not scheduled:
            return spec.size
        return math.ceil(trained.steps / share) * math.prod(spec.shape[1:])

    return sum(map(of, specs(trained)))


def unfit(trained: Trained) -> InputError | None:
    """Why something that is to be tuned can't be, by any engine; None if all can."""
    for kind in KINDS:
        error = kind.hindrance(trained) if kind.chosen(trained) else None
        if error is not None:
            error.field = f"method.options.{kind.option}"
            return error
    return None


def refusal(engine: str, trained: Trained) -> InputError | None:
    """Why ``engine`` can't go through this training or tune what is to be tuned; None if it can.

    The error's field is the option of the method that is in the way.
    """
    card = ENGINES[engine]
    if card.dynamics and trained.dynamics not in card.dynamics:
        code = "reversal_dynamics" if engine == "reversal" else "straight_line"
        return InputError(f"gradient.{code}", field="method.options.dynamics")
    if not card.on_the_way:
        way = [kind.option for kind in KINDS if kind.on_the_way and kind.chosen(trained)]
        if way:
            names, field = ", ".join(way), f"method.options.{way[0]}"
            return InputError("gradient.implicit", field=field, names=names)
    if engine == "truncated" and figures(trained).window < trained.steps:
        start = [kind for kind in KINDS if kind.at_the_start and kind.chosen(trained)]
        if start:
            field = f"method.options.{start[0].option}"
            return InputError("gradient.truncated", field=field, names=start[0].label.lower())
    count = directions(trained)
    if engine == "forward" and count > MOST_FORWARD:
        at = "method.options.engine"
        return InputError("gradient.forward_many", field=at, count=f"{count:,}", most=MOST_FORWARD)
    return None


def hindrance(kind: Kind, trained: Trained) -> InputError | None:
    """Why what ``kind`` is about can't be tuned with the plan's engine; None if it can."""
    if kind.on_the_way and not ENGINES[str(trained.options["engine"])].on_the_way:
        return InputError("gradient.implicit", names=kind.label.lower())
    return kind.hindrance(trained)
