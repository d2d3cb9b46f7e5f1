"""Networks that tune their own training by gradient: searches over architectures with a
hypergradient search in every fit."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from engine.domain.cards import LearnerCard
from engine.guide.facts import Facts
from engine.learners.base import COMMON_TYPES, Learner, bounds, settings
from engine.plan import Task
from engine.space import Categorical, Configuration, Integer, SearchSpace, Value

ESTIMATORS = "engine.gradient.self_tuning"
"""Named, as the work of workers is (`engine.catalog.methods.Work`): that room is above this one."""


class SelfTuningNetwork(Learner):
    """A multi-layer perceptron that any method may search the shape of; schedules, initial scales
    and penalties are tuned within each fit."""

    card = LearnerCard(
        id="self_tuning",
        label="Self-tuning network",
        summary="A neural network that tunes step sizes, momentum, initial scales and penalties by "
        "hypergradients while it is fitted; what is searched is its shape.",
        good_for="Numeric columns with smooth relations, where a good training matters more than "
        "many trials.",
        cost="Grows with hyper-steps times steps; a new shape takes some seconds to compile.",
        tasks=("binary", "multiclass", "regression"),
        hyperparameters=(
            "layers",
            "width",
            "activation",
            "solver",
            "batch_size",
            "steps",
            "hyper_steps",
        ),
        help="self_tuning",
        fidelity_parameter="hyper_steps",
        fixed_only=("steps",),
    )
    order = 70
    scales = True
    bounds = bounds(
        Integer("layers", 1, 20),
        Integer("width", 1, 10_000),
        Categorical("activation", ("relu", "tanh")),
        Categorical("solver", ("adam", "sgd")),
        Integer("batch_size", 1, 1_000_000),
        Integer("steps", 1, 100_000),
        Integer("hyper_steps", 0, 100_000),
    )
    trusted = COMMON_TYPES
    modules = ("engine.learners.networks.warm", ESTIMATORS)
    packages = ("jax", "optax")

    def space(self, facts: Facts) -> SearchSpace:
        """Shape, optimiser, batch size and hyper-steps."""
        return SearchSpace(
            (
                Integer("layers", 1, 3),
                Integer("width", 16, 256, log=True),
                Categorical("activation", ("relu", "tanh")),
                Categorical("solver", ("adam", "sgd")),
                Integer("batch_size", 16, 256, log=True),
                Integer("hyper_steps", 1, 40),
            )
        )

    def default(self, facts: Facts) -> Configuration:
        """One hidden layer of 100 units, 20 hyper-steps."""
        return {
            "layers": 1,
            "width": 100,
            "activation": "relu",
            "solver": "sgd",
            "batch_size": 128,
            "hyper_steps": 20,
        }

    def build(
        self,
        task: Task,
        configuration: Mapping[str, Value],
        seed: int,
        *,
        probabilities: bool = False,
    ) -> Any:
        """`SelfTuningClassifier` or `SelfTuningRegressor`."""
        kind = "Regressor" if task == "regression" else "Classifier"
        family = getattr(import_module(ESTIMATORS), f"SelfTuning{kind}")
        return family(**settings(self.bounds, configuration), random_state=seed)

    def fit_seconds(self, facts: Facts, size: float, *, probabilities: bool = False) -> float:
        """Hyper-steps, on as many rows whatever the table has."""
        return 0.3 * size

    def portable(self, model: Any) -> Any:
        """The `MLPClassifier` or `MLPRegressor` with the same weights."""
        return import_module(ESTIMATORS).plain(model)
