"""Networks: exact continuation, and scikit-learn's own with the weights."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from engine.learners.networks import layers as pure
from engine.learners.networks import training
from engine.learners.networks.convolutional import (
    ConvolutionalClassifier,
    ConvolutionalRegressor,
)
from engine.learners.networks.estimator import Network, NetworkClassifier, NetworkRegressor, plain
from engine.learners.networks.training import padded_size
from engine.learners.neural_network import NeuralNetwork
from engine.testing.learner_suite import table

SOLVERS: tuple[dict[str, Any], ...] = (
    {"solver": "adam"},
    {"solver": "sgd", "step_size": 0.05, "momentum": 0.8, "schedule": "cosine"},
    {"solver": "adam", "patience": 3, "layers": 2, "activation": "tanh"},
)


@parametrize_with_checks(
    [
        NetworkClassifier(width=16, step_size=0.01, batch_size=32, random_state=0),
        NetworkRegressor(width=16, step_size=0.01, batch_size=32, random_state=0),
        ConvolutionalClassifier(layers=1, step_size=0.03, batch_size=32, random_state=0),
        ConvolutionalRegressor(layers=1, step_size=0.03, batch_size=32, random_state=0),
    ]
)
def test_they_are_well_behaved_estimators(estimator: Any, check: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        check(estimator)


def weights_of(model: Network) -> list[np.ndarray]:
    return [*model.model_.coefs_, *model.model_.intercepts_]


def same(left: Network, right: Network) -> bool:
    pairs = zip(weights_of(left), weights_of(right), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("settings", SOLVERS, ids=lambda s: "-".join(map(str, s.values())))
@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_training_in_steps_gives_the_weights_of_training_in_one_go(
    task: Any, settings: dict[str, Any]
) -> None:
    X, y = table(task)
    family = NetworkRegressor if task == "regression" else NetworkClassifier
    common = {"width": 16, "batch_size": 16, "random_state": 3, **settings}
    whole = family(epochs=12, **common).fit(X, y)
    parts = family(epochs=1, warm_start=True, **common).fit(X, y)
    assert not same(whole, parts)
    for epochs in (4, 5, 12):
        parts.set_params(epochs=epochs).fit(X, y)
    assert same(whole, parts)


def test_wide_types_elsewhere_change_nothing() -> None:
    X, y = table("multiclass")
    model = NetworkClassifier(width=16, epochs=5, random_state=1)
    before = jax.config.jax_enable_x64
    found = []
    try:
        for wide in (False, True):
            jax.config.update("jax_enable_x64", wide)
            found.append(weights_of(model.fit(X, y)))
    finally:
        jax.config.update("jax_enable_x64", before)
    assert all(np.array_equal(a, b) for a, b in zip(*found, strict=True))


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_an_epoch_is_what_numpy_makes_of_the_formulas(task: Any, solver: str) -> None:
    """Against the plain equations in float64, with numerical gradients of the loss."""
    X, y = table(task)
    X, y = X[:21], y[:21]
    family = NetworkRegressor if task == "regression" else NetworkClassifier
    model = family(
        layers=2, width=3, activation="tanh", solver=solver, step_size=0.1, momentum=0.7,
        l2=(0.3, 0.2, 0.1), initial_scale=(1.0, 2.0, 0.5), batch_size=8, epochs=1, random_state=5,
    )  # fmt: skip
    model.fit(X, y)
    seed, sizes = model.seed_, model.sizes_
    begun = training.begin(sizes, (1.0, 2.0, 0.5), seed, solver).layers
    w = [
        part[tuple(slice(s) for s in shape)].astype(float)
        for k, pair in enumerate(begun)
        for part, shape in zip(pair, (sizes[k : k + 2], sizes[k + 1 : k + 2]), strict=True)
    ]
    target = (
        (y - y.mean()) / y.std() if task == "regression" else np.unique(y, return_inverse=True)[1]
    )

    def loss(w: list[np.ndarray], rows: np.ndarray) -> float:
        h = X[rows]
        for k in range(0, len(w), 2):
            h = h @ w[k] + w[k + 1]
            h = np.tanh(h) if k < len(w) - 2 else h
        if task == "regression":
            fit = 0.5 * np.mean((h[:, 0] - target[rows]) ** 2)
        else:
            fit = np.mean(np.log(np.exp(h).sum(axis=1)) - h[np.arange(len(rows)), target[rows]])
        return fit + 0.5 * sum(
            c * np.sum(w[k] ** 2) for c, k in zip((0.3, 0.2, 0.1), (0, 2, 4), strict=True)
        )

    memory = [[np.zeros_like(part) for part in w] for _ in range(2)]
    order = np.random.Generator(np.random.Philox(key=[seed, 0])).permutation(len(y))
    for t, rows in enumerate((order[:8], order[8:16], order[16:]), start=1):
        slopes = [np.zeros_like(part) for part in w]
        for part, slope in zip(w, slopes, strict=True):
            for i in np.ndindex(part.shape):
                kept = part[i]
                part[i] = kept + 1e-6
                above = loss(w, rows)
                part[i] = kept - 1e-6
                slope[i] = (above - loss(w, rows)) / 2e-6
                part[i] = kept
        for k, g in enumerate(slopes):
            if solver == "sgd":
                memory[0][k] = 0.7 * memory[0][k] - 0.1 * g
                w[k] = w[k] + memory[0][k]
            else:
                m = memory[0][k] = 0.9 * memory[0][k] + 0.1 * g
                u = memory[1][k] = 0.999 * memory[1][k] + 0.001 * g**2
                w[k] = w[k] - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(u / (1 - 0.999**t)) + 1e-8)
    trained = training.Training(*model.training_).kept
    for k, pair in enumerate(trained):
        for part, expected in zip(pair, w[2 * k : 2 * k + 2], strict=True):
            inner = part[tuple(slice(s) for s in expected.shape)]
            assert np.allclose(inner, expected, atol=2e-3)


def test_padding_units_stay_zero() -> None:
    X, y = table("multiclass")
    for activation in ("relu", "tanh"):
        model = NetworkClassifier(
            layers=2, width=19, activation=activation, l2=0.1, epochs=20, random_state=0
        ).fit(X, y)
        (first, bias), (second, _), (third, _) = model.training_.layers
        assert first.shape == (4, 24)
        assert not first[:, 19:].any() and not bias[19:].any()
        assert not second[19:].any() and not second[:, 19:].any() and not third[19:].any()


@given(st.integers(1, 10**6), st.sampled_from([(16, 1), (16, 2), (64, 8)]))
def test_padding_is_enough_and_not_too_much(size: int, rule: tuple[int, int]) -> None:
    padded = padded_size(size, *rule)
    assert size <= padded <= max(rule[0], size * (1 + 1 / rule[1]))
    assert padded_size(padded, *rule) == padded


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_forward_pass_keeps_its_precision(kind: Any) -> None:
    before = jax.config.jax_enable_x64
    try:
        jax.config.update("jax_enable_x64", True)
        rng = np.random.default_rng(0)
        net = tuple(
            (jnp.asarray(rng.normal(size=s), kind), jnp.asarray(rng.normal(size=s[1]), kind))
            for s in ((4, 5), (5, 3))
        )
        X = jnp.asarray(rng.normal(size=(7, 4)), kind)
        codes = jnp.asarray(rng.integers(0, 3, 7), jnp.int32)
        outputs = pure.apply(net, X, "tanh")
        expected = np.tanh(np.asarray(X) @ net[0][0] + net[0][1]) @ net[1][0] + net[1][1]
        assert outputs.dtype == kind and np.allclose(outputs, expected, atol=1e-5)
        loss = pure.cross_entropy(outputs, codes)
        softmax = np.exp(expected) / np.exp(expected).sum(axis=1, keepdims=True)
        assert loss.dtype == kind
        assert np.allclose(loss, -np.log(softmax[np.arange(7), codes]), atol=1e-5)
        assert pure.penalty(net, jnp.asarray([2.0, 4.0], kind)) == pytest.approx(
            float(jnp.sum(net[0][0] ** 2) + 2 * jnp.sum(net[1][0] ** 2)), rel=1e-5
        )
    finally:
        jax.config.update("jax_enable_x64", before)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_plain_model_predicts_what_the_layers_do(task: Any) -> None:
    X, y = table(task)
    family = NetworkRegressor if task == "regression" else NetworkClassifier
    y = y * 100 + 7 if task == "regression" else np.array(["b", "a", "c"])[y]
    model = family(width=17, layers=2, epochs=20, random_state=2).fit(X, y)
    kept = plain(model)
    assert type(kept) is (MLPRegressor if task == "regression" else MLPClassifier)
    net = tuple((jnp.asarray(a), jnp.asarray(b)) for a, b in model.training_.kept)
    outputs = np.asarray(pure.apply(net, jnp.asarray(X, jnp.float32), "relu"), float)
    if task == "regression":
        expected = outputs[:, 0] * y.std() + y.mean()
        assert np.allclose(kept.predict(X), expected, atol=1e-5 * y.std())
    else:
        shares = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
        assert np.allclose(kept.predict_proba(X), shares, atol=1e-5)
        assert np.array_equal(kept.predict(X), kept.classes_[shares.argmax(axis=1)])
    assert np.array_equal(kept.predict(X), model.predict(X))


def test_the_default_is_about_as_good_as_scikit_learns() -> None:
    X, y = load_digits(return_X_y=True)
    ours = NeuralNetwork().build("multiclass", {}, 0)
    train, test, train_y, test_y = train_test_split(X, y, random_state=0)
    for model in (make_pipeline(StandardScaler(), ours),):
        assert model.fit(train, train_y).score(test, test_y) > 0.965
    X, y = load_diabetes(return_X_y=True)
    regressor = make_pipeline(StandardScaler(), NetworkRegressor(epochs=20, random_state=0))
    assert cross_val_score(regressor, X, y).mean() > 0.4


def test_training_that_diverges_keeps_the_last_sound_weights() -> None:
    X, y = table("regression")
    model = NetworkRegressor(
        solver="sgd", step_size=1e3, momentum=0.99, layers=3, epochs=30, random_state=0
    )
    with pytest.warns(ConvergenceWarning, match="diverged in epoch"):
        model.fit(X, y)
    assert np.isfinite(model.predict(X)).all()
    assert all(np.isfinite(loss) for loss in model.training_.losses)


def test_patience_keeps_the_best_weights_and_stops() -> None:
    X, y = load_digits(return_X_y=True)
    X, y = X[:300] / 16, np.random.default_rng(0).permutation(y[:300])  # nothing to learn
    model = NetworkClassifier(patience=5, step_size=0.01, epochs=200, random_state=0).fit(X, y)
    assert model.n_iter_ < 60
    shorter = NetworkClassifier(
        patience=5, step_size=0.01, epochs=model.n_iter_ - 5, random_state=0
    ).fit(X, y)
    assert same(model, shorter)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"solver": "newton"}, "solver must be one of adam, sgd"),
        ({"width": 2.5}, "width must be a whole number, at least 1"),
        ({"epochs": 0}, "epochs must be a whole number, at least 1"),
        ({"step_size": float("nan")}, "step_size must be above 0"),
        ({"momentum": 1.0}, "momentum must be from 0 to below 1"),
        ({"l2": (1.0, 2.0, 3.0)}, "l2 must be a number from 0, or 2 of them"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        NetworkClassifier(**wrong).fit(*table("binary"))


def test_a_warm_start_wants_the_same_network() -> None:
    X, y = table("binary")
    model = NetworkClassifier(epochs=3, warm_start=True, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="less than the 3"):
        model.set_params(epochs=2).fit(X, y)
    with pytest.raises(ValueError, match="same solver, layers"):
        model.set_params(epochs=4, width=7).fit(X, y)


def test_the_catalog_loads_no_jax() -> None:
    code = "import sys, engine.catalog as c; c.CATALOG(); sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_large_cache_loses_its_oldest_half(tmp_path: Path) -> None:
    from engine.learners.networks.warm import prune

    for age in range(10):
        path = tmp_path / f"{age}"
        path.write_bytes(b"x" * 100)
        os.utime(path, (10_000 - age, 10_000 - age))
    prune(tmp_path, 1000)
    assert len(list(tmp_path.iterdir())) == 10
    prune(tmp_path, 999)
    assert {path.name for path in tmp_path.iterdir()} == {"0", "1", "2", "3"}
