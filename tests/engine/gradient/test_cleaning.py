"""Data hyper-cleaning (Franceschi et al. 2017, section 5.1; algorithms.md 3.7, test 9): half of the
labels are wrong, and a weight for each example is tuned by the loss on clean validation rows."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import f1_score

from engine.gradient import groups as grouped
from engine.gradient import outer
from engine.gradient.dynamics import GradientDescent
from engine.gradient.engines import ENGINES
from engine.gradient.groups import Group
from engine.gradient.network import Architecture, Rows, data, network_problem

SOFTMAX = Architecture(64, (), 10)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_tuned_weights_tell_wrong_labels_and_mend_the_model(seed: int) -> None:
    features, target = load_digits(return_X_y=True)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(target))
    features, target = features[order] / 16, target[order]
    wrong = rng.permutation(600) < 300
    target[:600][wrong] = (target[:600][wrong] + rng.integers(1, 10, 300)) % 10
    train, valid, test = (
        Rows(jnp.asarray(features[part]), jnp.asarray(target[part]))
        for part in (slice(0, 600), slice(600, 1000), slice(1000, None))
    )
    problem = network_problem(SOFTMAX, classes=10, dynamics=GradientDescent(), steps=200, batch=600)
    differentiate = ENGINES["unrolled"]().prepare(problem, ("examples",))
    given = {**data(train, valid), "initial": jnp.zeros(650), "step_size": jnp.asarray(1.0)}

    def accuracy(w: jax.Array) -> float:
        return float((SOFTMAX.apply(w, test.features).argmax(axis=1) == test.target).mean())

    groups = [Group("examples", jnp.full(600, 0.5), "logit", 1e-4, 1 - 1e-4)]
    optimiser = outer.OPTIMISERS["adam"](0.1)
    tuning = outer.begin(groups, optimiser)
    for _ in range(150):
        hyper = {**given, **grouped.natural(groups, tuning.free)}
        found = [outer.FoldGradient(dict(differentiate(hyper, 0).gradient))]
        tuning = outer.step(groups, optimiser, tuning, found, longest=1e9)
    weights = grouped.natural(groups, tuning.free)["examples"]
    cleaned = differentiate({**given, "examples": weights}, 0).weights
    dirty = differentiate({**given, "examples": jnp.ones(600)}, 0).weights
    assert f1_score(wrong, np.asarray(weights) < 0.5) >= 0.93
    assert accuracy(cleaned) >= accuracy(dirty) + 0.03
