"""The model that a tuning by gradient ends with: trained with the hyperparameters of its best
hyper-step, and in plain scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from engine.gradient import groups as grouped
from engine.gradient.engines.unrolled import advance
from engine.gradient.network import data
from engine.gradient.training import DTYPE, Training, training
from engine.learners.networks.estimator import NetworkClassifier, NetworkRegressor
from engine.learners.networks.training import Training as Progress
from engine.objective import final
from engine.objective.pipeline import MODEL, PREPARE, preparation
from engine.objective.problem import Problem
from engine.space import Value
from engine.tuners.hyper.stored import write_arrays
from engine.tuners.hypergradient import STEP, VALUES


class _Tuned:
    """A network that is trained as a hyper-step says, in place of its own training.

    Attributes:
        work, number, numbers: the training, the hyper-step, and the numbers of the rows to fit on.
    """

    work: Training
    number: int
    numbers: np.ndarray
    random_state: int

    def _train(self, X: np.ndarray, y: np.ndarray, outputs: int) -> list[Any]:
        self.seed_, self.n_iter_ = int(self.random_state), int(self.work.steps)
        self.training_ = Progress((), (), steps=self.n_iter_)
        return train(self.work, self.number, X, y, self.numbers, self.seed_)


class TunedClassifier(_Tuned, NetworkClassifier):
    """For classes."""


class TunedRegressor(_Tuned, NetworkRegressor):
    """For numbers."""


def fit_final(
    folder: str, configuration: Mapping[str, Value], default: Mapping[str, Value], seed: int
) -> final.FinalFit:
    """`engine.objective.final.fit_final` for a tuning by gradient; keeps what was tuned in
    `VALUES`."""
    work = training(folder)
    state = work.states.at(int(configuration[STEP]))  # type: ignore[arg-type]
    tuned = grouped.natural(work.groups, state.free)
    write_arrays(Path(folder) / VALUES, {name: np.asarray(value) for name, value in tuned.items()})
    return final.fit_final(folder, configuration, default, seed, make_tuned)


def make_tuned(
    task: Problem, configuration: Mapping[str, Value], seed: int, numbers: np.ndarray
) -> Any:
    """The unfitted pipeline of a hyper-step (`engine.objective.final.Make`)."""
    from sklearn.pipeline import Pipeline

    work = training(str(task.folder))
    family = TunedClassifier if work.classes else TunedRegressor
    settings = work.figures.settings
    model = family(
        layers=int(settings["layers"]),  # type: ignore[arg-type]
        width=int(settings["width"]),  # type: ignore[arg-type]
        activation=str(settings["activation"]),
        random_state=seed,
    )
    model.work, model.number, model.numbers = work, int(configuration[STEP]), numbers  # type: ignore[arg-type]
    prepare = preparation(task.schema, task.plan.preparation, scales=task.learner.scales)
    return Pipeline([(PREPARE, prepare), (MODEL, model)])


def train(
    work: Training, number: int, X: np.ndarray, y: np.ndarray, numbers: np.ndarray, draw: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The layers (W, b), float64, after a training with the hyperparameters of a hyper-step.

    Args:
        X, y: prepared rows, shapes (n, columns) and (n,); class codes, or standardised numbers.
        numbers: the rows' places in the weights of examples, shape (n,); beyond its end a row
            weighs 1.
        draw: decides initial weights and minibatches.
    """
    work.check_columns(X.shape[1])
    rows = work.rows(X, y, numbers)
    hyper = {**work.hyper(work.states.at(number).free), **data(rows, rows)}
    if "examples" in hyper:
        hyper["examples"] = jnp.append(hyper["examples"], jnp.ones(1, DTYPE))
    bilevel = work.bilevel(X.shape[1])

    @jax.jit
    def run(hyper: Any, draw: jax.Array) -> jax.Array:
        state = bilevel.begin(hyper, draw)
        state = advance(bilevel, hyper, draw)(state, jnp.arange(bilevel.steps))
        return bilevel.dynamics.weights(state)

    flat = run(hyper, jnp.asarray(draw))
    layers = [np.asarray(part, np.float64) for part in work.architecture(X.shape[1]).split(flat)]
    if "inputs" in hyper:
        layers[0] = np.asarray(hyper["inputs"], np.float64)[:, None] * layers[0]
    return [*zip(layers[::2], layers[1::2], strict=True)]
