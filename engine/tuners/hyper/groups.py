"""The groups of hyperparameters that a gradient may tune: each with its size, start, scale and
bounds, as its option of the method says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from engine.errors import InputError
from engine.space import Value
from engine.tuners.hyper.training import Trained

Scale = Literal["linear", "log", "logit"]
FIXED = "fixed"


class Spec(NamedTuple):
    """Hyperparameters of one kind, to be tuned.

    Attributes:
        name: in λ (`engine.gradient.network.network_problem`).
        shape: of its values.
        start: natural value at the start.
        scale: on which they are moved.
        low, high: natural bounds.
        top: upper end of a logit scale.
        spread: standard deviation of the values at the start, about ``start``.
        drawn: whether they start as the network's initial weights do.
    """

    name: str
    shape: tuple[int, ...]
    start: float
    scale: Scale
    low: float
    high: float
    top: float = 1.0
    spread: float = 0.0
    drawn: bool = False

    @property
    def size(self) -> int:
        """How many numbers."""
        return math.prod(self.shape)


class Kind(NamedTuple):
    """An option of the method that says how finely something is tuned.

    Attributes:
        option: its name.
        label: for people.
        choices: its values that are no *automatic*, the first of which tunes nothing.
        specs: (training, choice) -> what is tuned with a choice that tunes something.
        on_the_way: whether it acts only on the way to a minimum, not on where that lies.
        at_the_start: whether it acts on the first state alone.
        hindrance: (training) -> why it can't be tuned whatever the engine, or None.
    """

    option: str
    label: str
    choices: tuple[Value, ...]
    specs: Callable[[Trained, Value], tuple[Spec, ...]]
    on_the_way: bool = False
    at_the_start: bool = False
    hindrance: Callable[[Trained], InputError | None] = lambda _: None

    def chosen(self, trained: Trained) -> tuple[Spec, ...]:
        """What is tuned as the options say."""
        return self.with_choice(trained, trained.options[self.option])

    def with_choice(self, trained: Trained, choice: Value) -> tuple[Spec, ...]:
        """What would be tuned with ``choice``."""
        return () if choice == self.choices[0] else self.specs(trained, choice)


def specs(trained: Trained) -> tuple[Spec, ...]:
    """All that is tuned."""
    return tuple(spec for kind in KINDS for spec in kind.chosen(trained))


def _by_layer(trained: Trained, choice: Value) -> tuple[int, ...]:
    """The shape of a setting that is tuned as one, by layer, by step or by weight."""
    layers, steps = len(trained.shapes), trained.steps
    sizes: Mapping[Value, tuple[int, ...]] = {
        "one": (),
        "layers": (layers,),
        "steps": (steps,),
        "layers and steps": (steps, layers),
        "weights": (trained.weights,),
    }
    return sizes[choice]


def _step_size(trained: Trained, choice: Value) -> tuple[Spec, ...]:
    rate = trained.start("step_size")
    shape = _by_layer(trained, choice)
    return (Spec("step_size", shape, rate, "log", rate * 1e-4, rate * 1e3),)


def _momentum(trained: Trained, choice: Value) -> tuple[Spec, ...]:
    name = {"momentum": "momentum", "adam": "beta1"}.get(trained.dynamics)
    if name is None:  # gradient descent has none
        return ()
    shape = _by_layer(trained, choice)
    return (Spec(name, shape, trained.start(name), "logit", 0.05, 0.999),)


def _scale(trained: Trained, choice: Value) -> tuple[Spec, ...]:
    return (Spec("scale", _by_layer(trained, choice), 1.0, "log", 1e-3, 1e2),)


def _l2(trained: Trained, choice: Value) -> tuple[Spec, ...]:
    return (Spec("l2", _by_layer(trained, choice), trained.start("l2"), "log", 1e-9, 1e2),)


def _sharing(trained: Trained, choice: Value) -> tuple[Spec, ...]:
    pairs = math.comb(trained.classes, 2)
    return (Spec("sharing", (pairs,), 1e-3, "log", 1e-9, 1e1),)


def _examples(trained: Trained, choice: Value) -> tuple[Spec, ...]:
    return (Spec("examples", (trained.rows,), 1.0, "logit", 1e-3, 1.999, 2.0),)


def _inputs(trained: Trained, choice: Value) -> tuple[Spec, ...]:
    return (Spec("inputs", (trained.inputs,), 1.0, "linear", -10.0, 10.0),)


def _training_set(trained: Trained, choice: Value) -> tuple[Spec, ...]:
    shape = (int(choice) * trained.classes, trained.inputs)  # type: ignore[arg-type]
    return (Spec("learned", shape, 0.0, "linear", -10.0, 10.0, spread=SMALL),)


def _of_classes(code: str) -> Callable[[Trained], InputError | None]:
    """Without classes there is nothing to tune."""
    return lambda trained: None if trained.classes else InputError(code)


def _initial(trained: Trained, choice: Value) -> tuple[Spec, ...]:
    return (Spec("initial", (trained.weights,), 0.0, "linear", -10.0, 10.0, drawn=True),)


def _transform(trained: Trained, choice: Value) -> tuple[Spec, ...]:
    if choice == "alike":
        return (Spec("transform", (4,), 0.0, "linear", -1.0, 1.0),)
    return (Spec("jitter", (4,), 0.05, "log", 1e-4, 1.0),)


def _no_picture(trained: Trained) -> InputError | None:
    return InputError("gradient.picture") if trained.picture is None else None


def _unused(option: str, what: str) -> Callable[[Trained], InputError | None]:
    """With ``option``, nothing depends on ``what``."""

    def hindrance(trained: Trained) -> InputError | None:
        return InputError("gradient.unused", names=what) if trained.options[option] else None

    return hindrance


SMALL = 0.01
"""Of the values that learned rows start with (Maclaurin et al. 2015, section 3.3)."""
SCHEDULES = (FIXED, "one", "layers", "steps", "layers and steps")
KINDS: tuple[Kind, ...] = (
    Kind("step_size", "Step size", SCHEDULES, _step_size, on_the_way=True),
    Kind("momentum", "Momentum", SCHEDULES, _momentum, on_the_way=True),
    Kind(
        "scale",
        "Initial scale",
        (FIXED, "layers"),
        _scale,
        on_the_way=True,
        at_the_start=True,
        hindrance=_unused("initial", "the initial scale"),
    ),
    Kind(
        "initial",
        "Initial weights",
        (False, True),
        _initial,
        on_the_way=True,
        at_the_start=True,
    ),
    Kind("l2", "L2 penalty", (FIXED, "one", "layers", "weights"), _l2),
    Kind(
        "sharing",
        "Sharing between classes",
        (False, True),
        _sharing,
        hindrance=_of_classes("gradient.sharing"),
    ),
    Kind(
        "examples",
        "Weights of examples",
        (False, True),
        _examples,
        hindrance=_unused("training_set", "the weights of examples"),
    ),
    Kind("inputs", "Scale of columns", (False, True), _inputs),
    Kind(
        "training_set",
        "Learned training set",
        (0, 1),
        _training_set,
        hindrance=_of_classes("gradient.training_set"),
    ),
    Kind(
        "transform",
        "Moves of pictures",
        (FIXED, "alike", "at random"),
        _transform,
        hindrance=_no_picture,
    ),
)
"""In the order in which they are shown."""
