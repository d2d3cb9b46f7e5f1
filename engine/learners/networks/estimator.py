"""Networks as scikit-learn estimators, trained in JAX by epochs."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from engine.learners.networks.fitted import Fitted, FittedClassifier, FittedRegressor, plain
from engine.learners.networks.training import Recipe, Rows, begin, padded_size, resume

__all__ = ["Network", "NetworkClassifier", "NetworkRegressor", "plain"]

CHOICES = {
    "activation": ("relu", "tanh"),
    "solver": ("adam", "sgd"),
    "schedule": ("constant", "cosine"),
}
COUNTS = {
    "layers": 1,
    "width": 1,
    "batch_size": 1,
    "epochs": 1,
    "schedule_epochs": 1,
    "patience": 0,
}
"""Integer arguments and the smallest value of each."""


class Network(Fitted):
    """A multi-layer perceptron trained in epochs; base of classifier and regressor.

    Args:
        layers: hidden layers.
        width: units of each.
        activation: ``relu`` or ``tanh``.
        solver: ``adam`` or ``sgd`` (with momentum).
        step_size: of the solver.
        momentum: of SGD, from 0 to below 1.
        l2: weight of ½ ‖W‖² in the loss, for all layers or one number for each of ``layers + 1``.
        batch_size: rows of a minibatch, at most all of them.
        epochs: passes over the rows.
        schedule: of the step size: ``constant``, or ``cosine``, which falls to a hundredth over
            ``schedule_epochs`` and stays there. It does not depend on ``epochs``, so that training
            can be resumed.
        schedule_epochs: length of the cosine schedule.
        initial_scale: multiplies the initial weights, for all layers or one number for each.
        patience: if above 0, a tenth of the rows is held out, training stops after so many epochs
            without a lower loss on them, and the best weights are kept.
        warm_start: whether `fit` resumes the last one, with the same data, to more epochs.
        random_state: of initial weights, order of the rows, and held-out rows.
    """

    def __init__(
        self,
        *,
        layers: int = 1,
        width: int = 100,
        activation: str = "relu",
        solver: str = "adam",
        step_size: float = 1e-3,
        momentum: float = 0.9,
        l2: float | Sequence[float] = 1e-6,
        batch_size: int = 128,
        epochs: int = 100,
        schedule: str = "constant",
        schedule_epochs: int = 100,
        initial_scale: float | Sequence[float] = 1.0,
        patience: int = 0,
        warm_start: bool = False,
        random_state: Any = None,
    ) -> None:
        self.layers = layers
        self.width = width
        self.activation = activation
        self.solver = solver
        self.step_size = step_size
        self.momentum = momentum
        self.l2 = l2
        self.batch_size = batch_size
        self.epochs = epochs
        self.schedule = schedule
        self.schedule_epochs = schedule_epochs
        self.initial_scale = initial_scale
        self.patience = patience
        self.warm_start = warm_start
        self.random_state = random_state

    def _train(self, X: np.ndarray, y: np.ndarray, outputs: int) -> list[Any]:
        self._check()
        sizes, kernels = self._sizes(X.shape[1], outputs)
        if not (self.warm_start and hasattr(self, "training_")):
            self.seed_ = int(check_random_state(self.random_state).randint(2**31 - 1))
            self.sizes_, self.kernels_, self.solver_ = sizes, kernels, self.solver
            scales = self._by_layer("initial_scale")
            self.training_ = begin(sizes, scales, self.seed_, self.solver, kernels)
        elif (sizes, kernels, self.solver) != (self.sizes_, self.kernels_, self.solver_):
            raise ValueError("A warm start needs the same solver, layers, columns and classes.")
        elif len(self.training_.losses) > self.epochs:
            raise ValueError(
                f"epochs={self.epochs} is less than the {len(self.training_.losses)} already done."
            )
        rows, held = self._parted(X, y)
        self.training_ = resume(self.training_, rows, held, self._recipe(rows.number), self.epochs)
        self.n_iter_ = max(1, len(self.training_.losses))
        if self.training_.ended == "diverged":
            done = len(self.training_.losses)
            warnings.warn(
                f"The training diverged in epoch {done + 1}; the weights are those before it. "
                "A smaller step size may help.",
                ConvergenceWarning,
                stacklevel=3,
            )
        return self._kept(sizes)

    def _sizes(self, columns: int, outputs: int) -> tuple[Any, Any]:
        """Inputs of the first dense layer and units of each, and shapes of the kernels before."""
        return (columns, *[self.width] * self.layers, outputs), ()

    def _kept(self, sizes: tuple[int, ...]) -> list[Any]:
        """The layers kept, without padding, in float64."""
        return [
            (
                weights[: sizes[k], : sizes[k + 1]].astype(np.float64),
                biases[: sizes[k + 1]].astype(np.float64),
            )
            for k, (weights, biases) in enumerate(self.training_.kept)
        ]

    def _recipe(self, rows: int) -> Recipe:
        return Recipe(
            solver=self.solver,
            activation=self.activation,
            step_size=float(self.step_size),
            momentum=float(self.momentum),
            l2=self._by_layer("l2"),
            batch=min(self.batch_size, rows),
            schedule=self.schedule,
            schedule_epochs=self.schedule_epochs,
            patience=self.patience,
            seed=self.seed_,
        )

    def _parted(self, X: np.ndarray, y: np.ndarray) -> tuple[Rows, Rows | None]:
        """The rows to train on and, with patience, those held out."""
        if not self.patience:
            return _padded(X, y), None
        if len(y) < 2:
            raise ValueError("With patience a row is held out, but there is only 1 sample.")
        # By the seed alone, so that a warm start holds out the same rows.
        order = np.random.default_rng(self.seed_).permutation(len(y))
        out = max(1, len(y) // 10)
        return _padded(X[order[out:]], y[order[out:]]), _padded(X[order[:out]], y[order[:out]])

    def _by_layer(self, name: str) -> tuple[float, ...]:
        value = getattr(self, name)
        if np.ndim(value) == 0:
            return (float(value),) * (self.layers + 1)
        return tuple(float(v) for v in value)

    def _counts(self) -> dict[str, int]:
        """Integer arguments and the smallest value of each."""
        return COUNTS

    def _check(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}.")
        for name, least in self._counts().items():
            value = getattr(self, name)
            whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
            if not (whole and value >= least):
                raise ValueError(f"{name} must be a whole number, at least {least}, not {value!r}.")
        if not 0 < self.step_size < np.inf:
            raise ValueError(f"step_size must be above 0, not {self.step_size!r}.")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum must be from 0 to below 1, not {self.momentum!r}.")
        for name in ("l2", "initial_scale"):
            values = self._by_layer(name)
            if len(values) != self.layers + 1 or not all(0 <= v < np.inf for v in values):
                raise ValueError(
                    f"{name} must be a number from 0, or {self.layers + 1} of them: one a layer."
                )

    def _described(self) -> dict[str, Any]:
        return {
            "activation": self.activation,
            "solver": self.solver,
            "learning_rate_init": float(self.step_size),
            "momentum": float(self.momentum),
            "batch_size": self.batch_size,
            "max_iter": self.epochs,
            "random_state": self.seed_,
        }

    def _history(self) -> tuple[Sequence[float], int]:
        return self.training_.losses, self.training_.steps


class NetworkClassifier(Network, FittedClassifier):
    """A multi-layer perceptron for two or more classes, trained on the cross-entropy.

    For its arguments see `Network`.
    """


class NetworkRegressor(Network, FittedRegressor):
    """A multi-layer perceptron for one number, trained on the squared error of the standardised
    target.

    For its arguments see `Network`.
    """


def _padded(X: np.ndarray, y: np.ndarray) -> Rows:
    more = padded_size(len(y), 64, 8) - len(y)
    return Rows(np.pad(X, ((0, more), (0, 0))), np.pad(y, (0, more)), len(y))
