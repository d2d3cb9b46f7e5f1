"""Networks, trained in JAX: multi-layer perceptrons, and convolutions for pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.cards import LearnerCard
from engine.guide.facts import Facts, Picture
from engine.learners.base import COMMON_TYPES, Learner, bounds, settings
from engine.plan import Task
from engine.space import Categorical, Condition, Configuration, Float, Integer, SearchSpace, Value

_TRAINING = (
    Categorical("solver", ("adam", "sgd")),
    Float("step_size", 1e-12, 1e3, log=True),
    Float("momentum", 0.0, 0.9999),
    Float("l2", 0.0, 1e6),
    Integer("batch_size", 1, 1_000_000),
    Categorical("activation", ("relu", "tanh")),
    Integer("epochs", 1, 1_000_000),
    Categorical("schedule", ("constant", "cosine")),
    Integer("schedule_epochs", 1, 1_000_000),
    Float("initial_scale", 0.0, 100.0),
    Integer("patience", 0, 1_000_000),
)
"""Bounds of the hyperparameters of every network's training."""
FIXED_ONLY = ("schedule", "schedule_epochs", "initial_scale", "patience")


class NeuralNetwork(Learner):
    """A multi-layer perceptron.

    The ranges are those of LCBench (Zimmer, Lindauer and Hutter 2021) as far as it has them, cut to
    networks that a small computer trains in seconds. Two hyperparameters of the schedule and two
    more can be fixed but are not searched.
    """

    card = LearnerCard(
        id="network",
        label="Neural network",
        summary="Layers of simple units, their weights learned step by step (multi-layer "
        "perceptron).",
        good_for="Numeric columns with smooth relations, small images, a thousand rows or more.",
        cost="Grows with epochs times rows times weights; a new shape takes a moment to compile.",
        tasks=("binary", "multiclass", "regression"),
        hyperparameters=(
            "solver",
            "step_size",
            "momentum",
            "l2",
            "batch_size",
            "layers",
            "width",
            "activation",
            "epochs",
            "schedule",
            "schedule_epochs",
            "initial_scale",
            "patience",
        ),
        help="network",
        fidelity_parameter="epochs",
        fixed_only=FIXED_ONLY,
        differentiable=True,
    )
    order = 50
    scales = True
    bounds = bounds(*_TRAINING, Integer("layers", 1, 20), Integer("width", 1, 10_000))
    trusted = COMMON_TYPES
    modules = ("engine.learners.networks.warm",)
    packages = ("jax",)

    def space(self, facts: Facts) -> SearchSpace:
        """Optimiser, regularisation, batch size, shape and epochs."""
        return SearchSpace(
            (
                Categorical("solver", ("adam", "sgd")),
                Float("step_size", 1e-4, 1e-1, log=True),
                Float("momentum", 0.1, 0.99),
                Float("l2", 1e-7, 1e-1, log=True),
                Integer("batch_size", 16, 512, log=True),
                Integer("layers", 1, 3),
                Integer("width", 16, 512, log=True),
                Categorical("activation", ("relu", "tanh")),
                Integer("epochs", 1, 200),
            ),
            (Condition("momentum", "solver", ("sgd",)),),
        )

    def default(self, facts: Facts) -> Configuration:
        """One hidden layer of 100 units, trained by Adam for 100 epochs."""
        # scikit-learn's for its perceptron, but for the batches of 200 and stopping at a plateau
        # before 200 epochs; its penalty of 1e-4 is per batch.
        return {
            "solver": "adam",
            "step_size": 1e-3,
            "l2": 1e-6,
            "batch_size": 128,
            "layers": 1,
            "width": 100,
            "activation": "relu",
            "epochs": 100,
        }

    def build(
        self,
        task: Task,
        configuration: Mapping[str, Value],
        seed: int,
        *,
        probabilities: bool = False,
    ) -> Any:
        """`NetworkClassifier` or `NetworkRegressor`."""
        from engine.learners.networks.estimator import NetworkClassifier, NetworkRegressor

        chosen = settings(self.bounds, configuration)
        family = NetworkRegressor if task == "regression" else NetworkClassifier
        return family(**chosen, random_state=seed)

    def fit_seconds(self, facts: Facts, size: float, *, probabilities: bool = False) -> float:
        """Epochs times rows, with a share of the time to compile."""
        return (4e-3 + 3e-6 * facts.rows) * size

    def portable(self, model: Any) -> Any:
        """The `MLPClassifier` or `MLPRegressor` with the same weights."""
        from engine.learners.networks.estimator import plain

        return plain(model)


class ConvolutionalNetwork(NeuralNetwork):
    """A small convolutional network, for tables whose columns are the pixels of square pictures."""

    card = LearnerCard(
        id="conv_network",
        label="Convolutional network",
        summary="Filters that look for the same small pattern everywhere in a picture, their "
        "weights learned step by step.",
        good_for="Small square pictures, one column a pixel, a thousand or more of them.",
        cost="Grows with epochs times rows times pixels times filters; a new shape takes a moment "
        "to compile.",
        tasks=("binary", "multiclass", "regression"),
        hyperparameters=(
            "solver",
            "step_size",
            "momentum",
            "l2",
            "batch_size",
            "layers",
            "filters",
            "kernel",
            "activation",
            "epochs",
            "schedule",
            "schedule_epochs",
            "initial_scale",
            "patience",
        ),
        help="conv_network",
        fidelity_parameter="epochs",
        fixed_only=FIXED_ONLY,
        differentiable=True,
        pictures=True,
    )
    order = 60
    bounds = bounds(
        *_TRAINING,
        Integer("layers", 1, 6),
        Integer("filters", 1, 1_000),
        Integer("kernel", 1, 101),
    )

    def space(self, facts: Facts) -> SearchSpace:
        """As for the perceptron, with filters and kernel size instead of a width."""
        side = 8 if facts.picture is None else facts.picture.side
        return SearchSpace(
            (
                Categorical("solver", ("adam", "sgd")),
                Float("step_size", 1e-4, 1e-1, log=True),
                Float("momentum", 0.1, 0.99),
                Float("l2", 1e-7, 1e-1, log=True),
                Integer("batch_size", 16, 512, log=True),
                Integer("layers", 1, 2 if side < 16 else 3),
                Integer("filters", 4, 32, log=True),
                Integer("kernel", 2, 5),
                Categorical("activation", ("relu", "tanh")),
                Integer("epochs", 1, 100),
            ),
            (Condition("momentum", "solver", ("sgd",)),),
        )

    def default(self, facts: Facts) -> Configuration:
        """Two convolutions of 16 filters, trained by Adam for 50 epochs."""
        return {
            "solver": "adam",
            "step_size": 1e-3,
            "l2": 1e-6,
            "batch_size": 128,
            "layers": 2,
            "filters": 16,
            "kernel": 3,
            "activation": "relu",
            "epochs": 50,
        }

    def build(
        self,
        task: Task,
        configuration: Mapping[str, Value],
        seed: int,
        *,
        probabilities: bool = False,
        picture: Picture | None = None,
    ) -> Any:
        """`ConvolutionalClassifier` or `ConvolutionalRegressor`.

        Args:
            task: what is predicted.
            configuration: hyperparameters by name.
            seed: of all randomness of the fit.
            probabilities: ignored; both have them.
            picture: where the columns lie; row by row if left out.

        Returns:
            The estimator.
        """
        from engine.learners.networks.convolutional import (
            ConvolutionalClassifier,
            ConvolutionalRegressor,
        )

        chosen = settings(self.bounds, configuration)
        family = ConvolutionalRegressor if task == "regression" else ConvolutionalClassifier
        where = {} if picture is None else {"side": picture.side, "places": picture.places}
        return family(**chosen, **where, random_state=seed)

    def fit_seconds(self, facts: Facts, size: float, *, probabilities: bool = False) -> float:
        """Epochs times rows times pixels."""
        return (4e-3 + 1e-6 * facts.rows * facts.encoded) * size
