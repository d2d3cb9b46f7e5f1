"""`Gradients`: the search of a plan that tunes by hypergradients, as typed values.

There is no space of configurations. The tuned numbers, perhaps thousands, follow from the network
and from how finely each group is tuned.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from engine.errors import InputError
from engine.options import options_of, shown
from engine.space import SearchSpace, Value

AUTO = "auto"
"""Choice for a group: tuned as finely as suits the engine."""
FIXED = "fixed"
"""Choice for a group: not tuned."""

Schedule = Literal["auto", "fixed", "one", "layers", "steps", "layers and steps"]
"""How finely a setting of the inner optimiser is tuned."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some of the settings. No two parts share a name, so settings can be given by name alone."""


class InnerTraining(_Part, frozen=True):
    """Settings of the training that is differentiated."""

    dynamics: Annotated[
        Literal["momentum", "adam", "gd"],
        shown(
            "Inner optimiser",
            "How the network is trained: SGD with momentum, Adam, or gradient descent.",
        ),
    ] = "momentum"
    steps: Annotated[
        int, shown("Steps of training", "Minibatches of one training.", 1, 100_000)
    ] = 200


class OuterOptimiser(_Part, frozen=True):
    """Settings of the outer optimiser, which moves hyperparameters by hypergradients."""

    outer: Annotated[
        Literal["adam", "rmsprop", "sgd"],
        shown("Outer optimiser", "How hypergradients move the hyperparameters."),
    ] = "adam"
    rate: Annotated[
        float,
        shown(
            "Outer step size",
            "On the logarithm of what is tuned: 0.04 changes it by about 4 % a hyper-step.",
            1e-6,
            1e3,
        ),
    ] = 0.04
    halving: Annotated[
        float,
        shown(
            "Halve it after",
            "Hyper-steps after which the outer step size has fallen to a half; after twice as "
            "many to a third, and so on. 0: it stays.",
            0.0,
            1e9,
        ),
    ] = 50.0
    longest: Annotated[
        float,
        shown(
            "Shorten hypergradients to",
            "Longer ones, of the logarithm of the loss, are scaled down to this norm.",
            1e-6,
            1e9,
        ),
    ] = 1.0


class Groups(_Part, frozen=True):
    """How finely each group is tuned, if it is (`engine.gradient.spec.tunable`)."""

    step_size: Annotated[
        Schedule,
        shown(
            "Step size",
            "Tuned as one number, for each layer, for each step of the training, or both.",
        ),
    ] = "auto"
    momentum: Annotated[Schedule, shown("Momentum", "The same for the momentum (β1 for Adam).")] = (
        "auto"
    )
    scale: Annotated[
        Literal["auto", "fixed", "layers"],
        shown("Initial scale", "Of the initial weights of each layer."),
    ] = "auto"
    l2: Annotated[
        Literal["auto", "fixed", "one", "layers", "weights"],
        shown("L2 penalty", "Tuned as one number, for each layer, or for every single weight."),
    ] = "auto"
    sharing: Annotated[
        bool,
        shown(
            "Sharing between classes",
            "How much any two classes are held together: a penalty on how far their weights in "
            "the last layer differ. Helps where each class has few rows.",
        ),
    ] = False
    examples: Annotated[
        bool,
        shown("Weights of examples", "How much each training row counts; finds wrong labels."),
    ] = False
    inputs: Annotated[bool, shown("Scale of columns", "How much each prepared column counts.")] = (
        False
    )
    initial: Annotated[
        bool, shown("Initial weights", "The weights that the training starts with, each one.")
    ] = False
    training_set: Annotated[
        int,
        shown(
            "Learned training set",
            "Rows a class to learn and to train on in place of the table's; 0: none.",
            0,
            1_000,
        ),
    ] = 0
    transform: Annotated[
        Literal["fixed", "alike", "at random"],
        shown(
            "Moves of pictures",
            "How far training pictures are turned, zoomed and moved: all alike, or at random.",
        ),
    ] = "fixed"


class HyperStepPlan(_Part, frozen=True):
    """Settings of a hyper-step: the loss that it lowers, and the remedy for noisy gradients."""

    goal: Annotated[
        Literal["validation", "training"],
        shown(
            "Outer loss",
            "The rows whose loss the hypergradient lowers. Scores are of the validation rows "
            "all the same.",
        ),
    ] = "validation"
    guard: Annotated[
        Literal["smaller", "clip", "shorten", "warn"],
        shown(
            "When a hypergradient is noise",
            "Leave it out and make step sizes a little smaller; shorten it (clip); go back "
            "fewer steps (shorten); or follow it all the same (warn). What was done stands "
            "with the trial.",
        ),
    ] = "smaller"


class Gradients(_Part, frozen=True, tag_field="kind", tag="gradients"):
    """A search that differentiates through training instead of trying configurations.

    It can be read like a method, by id and options, so forms and lists treat both alike.

    Attributes:
        engine: id of the engine that computes the derivative (`engine.gradient.engines`).
        engine_options: options of the engine, by name.
        training: settings of the inner training.
        optimiser: settings of the outer optimiser.
        groups: how finely each group is tuned.
        hyper_step: settings of a hyper-step.
    """

    id: ClassVar[str] = "hypergradient"
    resolved_id: ClassVar[str] = ""
    reason: ClassVar[str] = ""

    engine: str = "reversal"
    engine_options: dict[str, Value] = {}
    training: InnerTraining = InnerTraining()
    optimiser: OuterOptimiser = OuterOptimiser()
    groups: Groups = Groups()
    hyper_step: HyperStepPlan = HyperStepPlan()

    @property
    def working_id(self) -> str:
        """Id of the method that runs, which for configurations can differ from that of the plan."""
        return self.id

    @property
    def method(self) -> Gradients:
        """The search itself, read as the plan's method."""
        return self

    @property
    def space(self) -> SearchSpace:
        """The space of configurations, which is empty."""
        return SearchSpace()

    @property
    def options(self) -> dict[str, Value]:
        """All settings by name, the form in which people set them."""
        parts = [msgspec.to_builtins(getattr(self, part)) for part in PARTS]
        every = {name: value for part in parts for name, value in part.items()}
        return {"engine": self.engine, **every, **self.engine_options}

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Gradients:
        """Build a search from settings by name; those left out have their default.

        Names that belong to no part count as options of the engine.

        Raises:
            InputError: ``plan.field`` for the first value that does not fit.
        """
        left = dict(options)
        fields: dict[str, Any] = {}
        if "engine" in left:
            fields["engine"] = str(left.pop("engine"))
        for name, kind in PARTS.items():
            known = {option.name: option for option in options_of(kind)}
            own = {option: left.pop(option) for option in known if option in left}
            for option, value in own.items():
                if why := known[option].misfit(value):
                    path = f"method.options.{option}"
                    raise InputError("plan.field", path=path, value=value, why=why, field=path)
            fields[name] = msgspec.convert(own, kind)
        return cls(engine_options=left, **fields)


PARTS: Mapping[str, type[_Part]] = {
    "training": InnerTraining,
    "optimiser": OuterOptimiser,
    "groups": Groups,
    "hyper_step": HyperStepPlan,
}
"""Fields of `Gradients` that hold settings, in the order in which these are shown."""
