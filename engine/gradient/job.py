"""The unit of work of a gradient run, done by a worker: one hyper-step on one fold."""

from __future__ import annotations

import time

import jax
import jax.numpy as jnp
import numpy as np

from engine.domain.hypergradients import HypergradientFigures
from engine.domain.trials import FoldResult
from engine.gradient.guard import norm_of
from engine.gradient.run_training import RunTraining, TargetScale, training
from engine.objective.measures import Predicted, score_all


def hyper_step(folder: str, number: int, fold: int, *_: object) -> FoldResult:
    """Do a hyper-step on a fold.

    It trains with the hyperparameters of the hyper-step, stores the hypergradient, and scores the
    network on the validation rows.

    Args:
        folder: folder of the run.
        number: number of the hyper-step, from 0.
        fold: index into the folds of the plan's resampling.

    Returns:
        Scores, times in seconds, and figures of the hypergradient.

    Raises:
        InputError: if the engine refuses the training.
        RunError: if the training fails.
    """
    started = time.perf_counter()
    work = training(folder)
    state = work.states.at(number)
    before = time.perf_counter()
    found = work.hypergradient(state.free, number, fold)
    passed = work.passed(found, state.free, number, fold)
    trained = time.perf_counter() - before
    work.states.enter(number, fold, passed.found)
    work.task.prepared(fold)  # not part of the time of predicting
    before = time.perf_counter()
    predicted = _predicted(work, fold, found.weights, state.free)
    predicting = time.perf_counter() - before
    scores = score_all(work.task.schema.task, predicted)
    norm = norm_of(found.gradient)
    slope = work.slope(found.weights, state.free, number, fold)
    figures = {"loss": found.value, "norm": norm, "slope": slope}
    figures |= {**found.figures, **passed.figures}
    warnings = (passed.sentence,) if passed.sentence else ()
    return FoldResult(
        scores=scores,
        seconds=time.perf_counter() - started,
        fit_seconds=trained,
        predict_seconds=predicting,
        warnings=warnings,
        hypergradient=HypergradientFigures.of(figures),
    )


def _predicted(work: RunTraining, fold: int, weights: jax.Array, free: object) -> Predicted:
    data = work.task.prepared(fold)
    features = jnp.asarray(data.valid, weights.dtype)
    hyper = work.hyper(free)  # type: ignore[arg-type]
    if "inputs" in hyper:
        features = features * hyper["inputs"]
    outputs = np.asarray(
        work.architecture(data.valid.shape[1]).apply(weights, features), dtype=np.float64
    )
    target: TargetScale = work.target(data.train_target)
    if not work.classes:
        return Predicted(data.valid_target, outputs[:, 0] * target.spread + target.middle)
    probabilities = np.asarray(jax.nn.softmax(outputs, axis=1))
    return Predicted(data.valid_target, probabilities.argmax(axis=1), work.classes, probabilities)
