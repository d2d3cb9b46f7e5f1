"""Fits at a fidelity below 1: with fewer trees or rounds, or on a share of the training rows.

A learner that grows (trees, boosting rounds) resumes the fit of the fidelity before: the state of
that fit waits in the engine's scratch folder. It only saves time. Where a state is missing, the fit
starts from scratch, and its scores are the same.
"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.learners import Learner
from engine.plan import Plan
from engine.space import Value

FULL_SIZE = 100
"""Trees or rounds of a full fit where neither space nor plan has them: the library's default."""


def uses_fidelity_parameter(plan: Plan, learner: Learner) -> bool:
    """Whether the plan's method makes partial fits by growing the model, rather than by rows."""
    return bool(learner.card.fidelity_parameter) and plan.method.options.get("fidelity") != "rows"


def sized(
    plan: Plan, learner: Learner, configuration: Mapping[str, Value], fidelity: float
) -> dict[str, Value]:
    """Scale the trees or rounds of a configuration to a fidelity, at least to one.

    Args:
        plan: of the run.
        learner: with a hyperparameter that grows.
        configuration: of a full fit.
        fidelity: share of a full fit, in (0, 1].

    Returns:
        The configuration of the partial fit.
    """
    name = learner.card.fidelity_parameter
    full = {**plan.learner.fixed, **configuration}.get(name, FULL_SIZE)
    assert isinstance(full, int | float)
    return {**configuration, name: max(1, round(fidelity * full))}


def fit_on(
    model: Any, features: np.ndarray, target: np.ndarray, size: str, state: Path, *, last: bool
) -> tuple[Any, float]:
    """Fit ``model``, resuming a smaller fit of it from ``state`` if there is one, and save the new
    state.

    Args:
        model: unfitted.
        features: shape (n, columns).
        target: shape (n,).
        size: its hyperparameter that counts trees or rounds.
        state: a file in the scratch folder.
        last: whether no later fit resumes this one, so that no state is saved.

    Returns:
        The fitted model, and the share of it that was there already; 0 where it started from
        scratch.
    """
    wanted, share = getattr(model, size), 0.0
    model.set_params(warm_start=True)
    earlier = _load(state)
    if earlier is not None and getattr(earlier, size) <= wanted:
        share = getattr(earlier, size) / wanted
        model = earlier.set_params(**{size: wanted})
    model.fit(features, target)
    if not last:
        _save(model, state)
    return model, share


def some_rows(target: np.ndarray, share: float, seed: int, *, classes: bool) -> np.ndarray:
    """Choose the first ``share`` of the rows in an order drawn from ``seed``.

    A larger share includes a smaller one. With ``classes`` each prefix of the order has about the
    classes' shares, and every class at least once.

    Args:
        target: shape (n,); class codes if ``classes``.
        share: of the rows, in (0, 1].
        seed: of the order.
        classes: whether to stratify.

    Returns:
        Ascending row numbers, shape (m,).
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(target.size)
    if not classes:
        return np.sort(order[: max(2, math.ceil(share * target.size))])
    position = np.empty(target.size)
    kinds = np.unique(target)
    for kind in kinds:
        rows = order[target[order] == kind]
        # Each class is spread evenly over the order, which stratifies every prefix.
        position[rows] = (np.arange(rows.size) + 0.5) / rows.size
        # One row of every class comes first, or a classifier could not be fitted.
        position[rows[0]] = -1.0
    count = max(kinds.size, 2, math.ceil(share * target.size))
    return np.sort(order[np.argsort(position[order], kind="stable")][:count])


def _load(state: Path) -> Any:
    # Ours alone: the engine made the folder a moment ago, and nobody else may write there.
    with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError), state.open("rb") as file:
        return pickle.load(file)
    return None


def _save(model: Any, state: Path) -> None:
    part = state.with_suffix(f".{os.getpid()}")
    try:
        part.write_bytes(pickle.dumps(model, pickle.HIGHEST_PROTOCOL))
        part.replace(state)
    except OSError:
        # No room: the next fit begins anew.
        for left in (part, state):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)
