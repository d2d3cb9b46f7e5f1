"""Groups of hyperparameters that a gradient can tune, with size, start, scale and bounds.

The outer optimiser moves *free* values, which can be any number; the training takes *natural* ones:
exp of the free value on a log scale, its sigmoid on a logit scale, as in the code of Maclaurin et
al. 2015.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from engine.errors import InputError
from engine.gradient.spec.training_spec import TrainingSpec
from engine.space import Value

Scale = Literal["linear", "log", "logit"]
FIXED = "fixed"


class GroupSpec(NamedTuple):
    """Hyperparameters of one kind, to be tuned.

    Attributes:
        name: key in λ (`engine.gradient.network.network_problem`).
        shape: shape of the values.
        start: natural value at the start.
        scale: scale on which the values are moved.
        low: natural lower bound.
        high: natural upper bound.
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
        """Number of values."""
        return math.prod(self.shape)


class Tunable(NamedTuple):
    """An option of the method that says how finely something is tuned.

    Attributes:
        option: name of the option.
        label: name for people.
        choices: values of the option other than ``auto``; the first tunes nothing.
        groups: (training, choice) -> groups tuned with a choice other than the first.
        on_the_way: whether it acts only on the path to a minimum, not on its place.
        at_the_start: whether it acts on the first state only.
        hindrance: (training) -> error if no engine can tune it, else None.
    """

    option: str
    label: str
    choices: tuple[Value, ...]
    groups: Callable[[TrainingSpec, Value], tuple[GroupSpec, ...]]
    on_the_way: bool = False
    at_the_start: bool = False
    hindrance: Callable[[TrainingSpec], InputError | None] = lambda _: None

    def chosen(self, spec: TrainingSpec) -> tuple[GroupSpec, ...]:
        """Return the groups that the options of ``spec`` tune."""
        return self.with_choice(spec, spec.options[self.option])

    def with_choice(self, spec: TrainingSpec, choice: Value) -> tuple[GroupSpec, ...]:
        """Return the groups that ``choice`` would tune."""
        return () if choice == self.choices[0] else self.groups(spec, choice)


def groups_of(spec: TrainingSpec) -> tuple[GroupSpec, ...]:
    """Return all groups that the options of ``spec`` tune."""
    return tuple(group for kind in TUNABLES for group in kind.chosen(spec))


def natural(
    free: Any, scale: Scale, top: float, *, exp: Callable[[Any], Any], sigmoid: Callable[[Any], Any]
) -> Any:
    """Convert free values to the natural ones that the training takes.

    Args:
        free: array of any shape, of numpy or JAX.
        scale: scale on which the values are moved.
        top: upper end of a logit scale.
        exp: exponential function for such arrays.
        sigmoid: logistic function for such arrays.

    Returns:
        Array of the same shape: exp(free), top sigmoid(free), or ``free`` itself.
    """
    if scale == "log":
        return exp(free)
    return top * sigmoid(free) if scale == "logit" else free


def _by_layer(spec: TrainingSpec, choice: Value) -> tuple[int, ...]:
    """The shape of a setting that is tuned as one, by layer, by step or by weight."""
    layers, steps = len(spec.shapes), spec.steps
    sizes: Mapping[Value, tuple[int, ...]] = {
        "one": (),
        "layers": (layers,),
        "steps": (steps,),
        "layers and steps": (steps, layers),
        "weights": (spec.weights,),
    }
    return sizes[choice]


def _step_size(spec: TrainingSpec, choice: Value) -> tuple[GroupSpec, ...]:
    rate = spec.start("step_size")
    shape = _by_layer(spec, choice)
    return (GroupSpec("step_size", shape, rate, "log", rate * 1e-4, rate * 1e3),)


def _momentum(spec: TrainingSpec, choice: Value) -> tuple[GroupSpec, ...]:
    name = {"momentum": "momentum", "adam": "beta1"}.get(spec.dynamics)
    if name is None:  # gradient descent has none
        return ()
    shape = _by_layer(spec, choice)
    return (GroupSpec(name, shape, spec.start(name), "logit", 0.05, 0.999),)


def _scale(spec: TrainingSpec, choice: Value) -> tuple[GroupSpec, ...]:
    return (GroupSpec("scale", _by_layer(spec, choice), 1.0, "log", 1e-3, 1e2),)


def _l2(spec: TrainingSpec, choice: Value) -> tuple[GroupSpec, ...]:
    return (GroupSpec("l2", _by_layer(spec, choice), spec.start("l2"), "log", 1e-9, 1e2),)


def _sharing(spec: TrainingSpec, choice: Value) -> tuple[GroupSpec, ...]:
    pairs = math.comb(spec.classes, 2)
    return (GroupSpec("sharing", (pairs,), 1e-3, "log", 1e-9, 1e1),)


def _examples(spec: TrainingSpec, choice: Value) -> tuple[GroupSpec, ...]:
    return (GroupSpec("examples", (spec.rows,), 1.0, "logit", 1e-3, 1.999, 2.0),)


def _inputs(spec: TrainingSpec, choice: Value) -> tuple[GroupSpec, ...]:
    return (GroupSpec("inputs", (spec.inputs,), 1.0, "linear", -10.0, 10.0),)


def _training_set(spec: TrainingSpec, choice: Value) -> tuple[GroupSpec, ...]:
    shape = (int(choice) * spec.classes, spec.inputs)  # type: ignore[arg-type]
    return (GroupSpec("learned", shape, 0.0, "linear", -10.0, 10.0, spread=SMALL),)


def _of_classes(code: str) -> Callable[[TrainingSpec], InputError | None]:
    """Build a check that refuses, with the error ``code``, tasks without classes."""
    return lambda spec: None if spec.classes else InputError(code)


def _initial(spec: TrainingSpec, choice: Value) -> tuple[GroupSpec, ...]:
    return (GroupSpec("initial", (spec.weights,), 0.0, "linear", -10.0, 10.0, drawn=True),)


def _transform(spec: TrainingSpec, choice: Value) -> tuple[GroupSpec, ...]:
    if choice == "alike":
        return (GroupSpec("transform", (4,), 0.0, "linear", -1.0, 1.0),)
    return (GroupSpec("jitter", (4,), 0.05, "log", 1e-4, 1.0),)


def _no_picture(spec: TrainingSpec) -> InputError | None:
    return InputError("gradient.picture") if spec.picture is None else None


def _unused(option: str, what: str) -> Callable[[TrainingSpec], InputError | None]:
    """Build a check that refuses to tune ``what`` with ``option``: nothing would depend on it."""

    def hindrance(spec: TrainingSpec) -> InputError | None:
        return InputError("gradient.unused", names=what) if spec.options[option] else None

    return hindrance


SMALL = 0.01
"""Standard deviation of learned rows at the start: nearly blank (Maclaurin et al. 2015, section
3.3)."""
SCHEDULES = (FIXED, "one", "layers", "steps", "layers and steps")
TUNABLES: tuple[Tunable, ...] = (
    Tunable("step_size", "Step size", SCHEDULES, _step_size, on_the_way=True),
    Tunable("momentum", "Momentum", SCHEDULES, _momentum, on_the_way=True),
    Tunable(
        "scale",
        "Initial scale",
        (FIXED, "layers"),
        _scale,
        on_the_way=True,
        at_the_start=True,
        hindrance=_unused("initial", "the initial scale"),
    ),
    Tunable(
        "initial",
        "Initial weights",
        (False, True),
        _initial,
        on_the_way=True,
        at_the_start=True,
    ),
    Tunable("l2", "L2 penalty", (FIXED, "one", "layers", "weights"), _l2),
    Tunable(
        "sharing",
        "Sharing between classes",
        (False, True),
        _sharing,
        hindrance=_of_classes("gradient.sharing"),
    ),
    Tunable(
        "examples",
        "Weights of examples",
        (False, True),
        _examples,
        hindrance=_unused("training_set", "the weights of examples"),
    ),
    Tunable("inputs", "Scale of columns", (False, True), _inputs),
    Tunable(
        "training_set",
        "Learned training set",
        (0, 1),
        _training_set,
        hindrance=_of_classes("gradient.training_set"),
    ),
    Tunable(
        "transform",
        "Moves of pictures",
        (FIXED, "alike", "at random"),
        _transform,
        hindrance=_no_picture,
    ),
)
"""All that can be tuned, in the order in which it is shown."""
