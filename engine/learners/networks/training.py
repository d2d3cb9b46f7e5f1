"""Training a network by minibatches, an epoch per call of one compiled function.

The compiled function depends on the sizes of the network and the table only by *padded* sizes, and
on step size, momentum, penalties and batch size not at all, so the folds of a trial and many
configurations share it. Padding adds rows that no batch picks and units that stay zero.

The state after an epoch decides all that follows, and the order of the rows in an epoch is a
function of (seed, epoch). So training resumed from a saved state gives the same weights, bit
by bit, as training in one go.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from engine.learners.networks.layers import apply, cross_entropy, penalty, squared_error

BETA1 = 0.9
BETA2 = 0.999
EPSILON = 1e-8
DIVERGED = 1e6
"""A larger mean training loss counts as diverged; targets are standardised."""


class Recipe(NamedTuple):
    """Settings of the training.

    Attributes:
        solver: ``adam`` or ``sgd``.
        activation: ``relu`` or ``tanh``.
        step_size: before the schedule.
        momentum: of SGD.
        l2: one per layer.
        batch: rows of a minibatch; the last one of an epoch may have fewer.
        schedule: ``constant`` or ``cosine``.
        schedule_epochs: length of the cosine schedule, after which the step size is constant.
        patience: epochs without a lower held-out loss after which training stops; 0: never.
        seed: of the order of the rows.
    """

    solver: str
    activation: str
    step_size: float
    momentum: float
    l2: tuple[float, ...]
    batch: int
    schedule: str
    schedule_epochs: int
    patience: int
    seed: int


class Rows(NamedTuple):
    """A table, padded with rows that no minibatch uses.

    Attributes:
        X: shape (padded, columns).
        y: class codes or standardised numbers, shape (padded,).
        number: number of real rows, which come first.
    """

    X: Any
    y: Any
    number: int


class Training(NamedTuple):
    """State of a network in training, in plain numpy arrays.

    Attributes:
        layers: pairs (W, b), padded.
        memory: state of the solver, each part shaped like ``layers``.
        steps: minibatches so far.
        losses: mean loss of each epoch, penalty included.
        best: lowest held-out loss.
        kept: the layers at ``best``, or without held-out rows the latest.
        waited: epochs since then.
        ended: why training has ended: ``diverged``, ``patience``, or empty.
    """

    layers: Any
    memory: Any
    steps: int = 0
    losses: tuple[float, ...] = ()
    best: float = math.inf
    kept: Any = None
    waited: int = 0
    ended: str = ""


def begin(
    sizes: tuple[int, ...],
    scales: tuple[float, ...],
    seed: int,
    solver: str,
    kernels: tuple[tuple[int, ...], ...] = (),
) -> Training:
    """Initialise weights uniformly within ±sqrt(6 / (inputs + outputs)) times the layer's scale,
    and biases with zeros.

    Args:
        sizes: inputs of the first dense layer, units of each hidden layer, outputs.
        scales: one per layer, kernels first.
        seed: of the weights.
        solver: whose state is initialised.
        kernels: shapes of the convolutions before, see `layers`.

    Returns:
        The state before the first epoch.

    Source: Glorot and Bengio 2010, equation 16.
    """
    rng = np.random.Generator(np.random.Philox(key=[seed, 2**63]))
    # Inputs and outputs are the table's own; only hidden layers are padded.
    padded = (sizes[0], *(padded_size(size, 16, 2) for size in sizes[1:-1]), sizes[-1])
    shapes = [*zip(kernels, kernels, strict=True)]
    shapes += zip(pairwise(sizes), pairwise(padded), strict=True)
    layers = []
    for scale, (shape, room) in zip(scales, shapes, strict=True):
        *field, before, after = shape
        # Inputs and outputs of a convolution: pixels of the filter times channels.
        reach = scale * math.sqrt(6 / (math.prod(field) * (before + after)))
        weights = np.zeros(room, np.float32)
        # Padding stays zero, and zero units have zero gradients (see `layers`).
        weights[tuple(map(slice, shape))] = rng.uniform(-reach, reach, shape)
        layers.append((weights, np.zeros(room[-1], np.float32)))
    nothing = [(np.zeros_like(weights), np.zeros_like(biases)) for weights, biases in layers]
    memory = (tuple(nothing),) * (2 if solver == "adam" else 1)
    return Training(tuple(layers), memory, kept=tuple(layers))


def resume(state: Training, rows: Rows, held: Rows | None, recipe: Recipe, epochs: int) -> Training:
    """Resume training until ``epochs`` epochs are done in all, or it ends by itself.

    Args:
        state: after some epochs.
        rows: training rows.
        held: held-out rows for early stopping, if any.
        recipe: settings.
        epochs: in all, those of ``state`` included.

    Returns:
        The new state.
    """
    # The batch size is an argument of the compiled function; only its padded size is a shape.
    window = padded_size(min(recipe.batch, rows.number), 16, 1)
    how = {"solver": recipe.solver, "activation": recipe.activation, "window": window}
    l2 = np.asarray(recipe.l2, np.float32)
    # Longer by a window, so that the last slice does not reach beyond the end.
    order = np.zeros(rows.X.shape[0] + window, np.int32)
    table = jax.device_put((rows.X, rows.y))
    beside = () if held is None else jax.device_put((held.X, held.y))
    now = jax.device_put((state.layers, state.memory))
    batches = -(-rows.number // recipe.batch)
    while len(state.losses) < epochs and not state.ended:
        epoch = len(state.losses)
        # Philox is counter-based: the order of any epoch without drawing those before.
        rng = np.random.Generator(np.random.Philox(key=[recipe.seed, epoch]))
        order[: rows.number] = rng.permutation(rows.number)
        settings = {
            "rate": np.float32(recipe.step_size * _factor(recipe, epoch)),
            "momentum": np.float32(recipe.momentum),
            "l2": l2,
        }
        counts = np.asarray([rows.number, recipe.batch, batches, state.steps], np.int32)
        *new, loss, sound = _epoch(*now, *table, order.copy(), counts, settings, **how)
        # NaN is not <= anything either, so it counts as diverged.
        if not (bool(sound) and float(loss) <= DIVERGED):
            state = state._replace(ended="diverged")  # the layers are those of the epoch before
            break
        now = tuple(new)
        losses = (*state.losses, float(loss))
        state = state._replace(steps=state.steps + batches, losses=losses)
        if held is not None:
            loss = _loss(now[0], *beside, np.int32(held.number), activation=recipe.activation)
            state = _watched(state, now[0], float(loss), recipe.patience)
    layers, memory = jax.tree.map(np.asarray, now)
    kept = layers if held is None else jax.tree.map(np.asarray, state.kept)
    return state._replace(layers=layers, memory=memory, kept=kept)


def padded_size(size: int, least: int, parts: int) -> int:
    """Round ``size`` up to a multiple of 1/``parts`` of the power of two below it.

    Args:
        size: to round.
        least: smallest result.
        parts: steps between two powers of two.

    Returns:
        One of few sizes, so that compiled code is shared.
    """
    if size <= least:
        return least
    quantum = max(1, 2 ** (size.bit_length() - 1) // parts)
    return -(-size // quantum) * quantum


def _watched(state: Training, layers: Any, loss: float, patience: int) -> Training:
    """``state`` after an epoch with ``loss`` on the held-out rows."""
    if loss < state.best:
        return state._replace(best=loss, kept=layers, waited=0)
    waited = state.waited + 1
    return state._replace(waited=waited, ended="patience" if waited >= patience else "")


def _factor(recipe: Recipe, epoch: int) -> float:
    """Factor of the schedule for the step size of ``epoch`` = 0, 1, ..."""
    if recipe.schedule == "constant":
        return 1.0
    # Loshchilov and Hutter (2017), equation 5, down to a hundredth rather than to 0.
    passed = min(epoch / recipe.schedule_epochs, 1.0)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * passed))


def _mean_loss(layers: Any, X: Any, y: Any, shares: Any, activation: str) -> Any:
    """Sum over rows of share times loss."""
    classes = jnp.issubdtype(y.dtype, jnp.integer)
    each = (cross_entropy if classes else squared_error)(apply(layers, X, activation), y)
    return jnp.sum(shares * each)


def _run_epoch(
    layers: Any,
    memory: Any,
    X: Any,
    y: Any,
    order: Any,
    counts: Any,
    settings: Any,
    *,
    solver: str,
    activation: str,
    window: int,
) -> Any:
    """Train for an epoch.

    Args:
        layers: pairs (W, b), padded.
        memory: state of the solver.
        X: rows, shape (padded, columns).
        y: targets, shape (padded,).
        order: numbers of the rows in the order of the epoch, then at least ``window`` zeros.
        counts: rows, rows of a minibatch, minibatches, minibatches before this epoch.
        settings: ``rate``, ``momentum``, ``l2``.
        solver: ``adam`` or ``sgd``.
        activation: ``relu`` or ``tanh``.
        window: padded size of a minibatch.

    Returns:
        Layers and memory after the epoch, its mean loss, and whether all weights are finite.
    """
    rows, batch, batches, before = counts

    def objective(layers: Any, X: Any, y: Any, shares: Any) -> Any:
        return _mean_loss(layers, X, y, shares, activation) + penalty(layers, settings["l2"])

    def step(i: Any, carry: Any) -> Any:
        layers, memory, total = carry
        picked = jax.lax.dynamic_slice(order, (i * batch,), (window,))
        size = jnp.minimum(batch, rows - i * batch)
        # A slice always has ``window`` rows; those beyond the minibatch get weight 0.
        real = jnp.arange(window, dtype=jnp.int32) < size
        shares = real.astype(jnp.float32) / size.astype(jnp.float32)
        value, slope = jax.value_and_grad(objective)(layers, X[picked], y[picked], shares)
        layers, memory = _moved(layers, memory, slope, before + i + 1, settings, solver)
        return layers, memory, total + value * size.astype(jnp.float32)

    start = (layers, memory, jnp.zeros((), jnp.float32))
    layers, memory, total = jax.lax.fori_loop(jnp.int32(0), batches, step, start)
    sound = jnp.all(jnp.stack([jnp.all(jnp.isfinite(part)) for part in jax.tree.leaves(layers)]))
    return layers, memory, total / rows.astype(jnp.float32), sound


def _moved(layers: Any, memory: Any, slope: Any, step: Any, settings: Any, solver: str) -> Any:
    """Layers and memory after one step, the ``step``-th from 1."""
    rate, each = settings["rate"], jax.tree.map
    if solver == "sgd":
        (velocity,) = memory
        # Heavy ball: v = mu v - eta g, w = w + v.
        velocity = each(lambda v, g: settings["momentum"] * v - rate * g, velocity, slope)
        return each(jnp.add, layers, velocity), (velocity,)
    first, second = memory  # Adam (Kingma and Ba 2015, algorithm 1)
    first = each(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, slope)
    second = each(lambda u, g: BETA2 * u + (1 - BETA2) * g * g, second, slope)
    passed = step.astype(jnp.float32)
    # Both bias corrections of Adam in the step size (Kingma and Ba 2015, end of section 2).
    rate = rate * jnp.sqrt(1 - jnp.float32(BETA2) ** passed) / (1 - jnp.float32(BETA1) ** passed)
    layers = each(lambda w, m, u: w - rate * m / (jnp.sqrt(u) + EPSILON), layers, first, second)
    return layers, (first, second)


def _held_loss(layers: Any, X: Any, y: Any, count: Any, *, activation: str) -> Any:
    """Mean loss of the first ``count`` rows, without penalties."""
    real = jnp.arange(X.shape[0], dtype=jnp.int32) < count
    shares = real.astype(jnp.float32) / count.astype(jnp.float32)
    return _mean_loss(layers, X, y, shares, activation)


_epoch = jax.jit(_run_epoch, static_argnames=("solver", "activation", "window"))
_loss = jax.jit(_held_loss, static_argnames=("activation",))
