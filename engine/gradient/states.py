"""States of a gradient run, as files in its folder: one per hyper-step.

A state is a function of the state before it and of the hypergradients of all folds. Where a file is
missing, its content is computed again, to the same bits. So any process can do any hyper-step, and
a killed process costs one step at most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

from engine.gradient import outer
from engine.gradient.groups import Group
from engine.gradient.outer import FoldGradient, OuterState
from engine.gradient.problem import Hyper
from engine.gradient.spec.state_files import FOLDER, FREE, read_arrays, state_path, write_arrays

_FIGURES = " figures"
"""Key of outer loss and growth in the file of a hypergradient. It can't clash: no name in λ begins
with a space."""


class States:
    """Loads, computes and stores the states of a run.

    Args:
        folder: folder of the run.
        groups: groups of hyperparameters, as `outer.step` takes them.
        optimiser: outer optimiser.
        longest: norm to which hypergradients are shortened, see `outer.step`.
        folds: number of folds over which hypergradients are averaged.
        differentiate: (free values, hyper-step, fold) -> hypergradient of the fold's training; for
            those that are not stored.
    """

    def __init__(
        self,
        folder: Path,
        groups: Sequence[Group],
        optimiser: optax.GradientTransformation,
        longest: float,
        folds: int,
        differentiate: Callable[[Hyper, int, int], FoldGradient],
    ) -> None:
        self._run = folder
        self._folder = folder / FOLDER
        self._groups = groups
        self._optimiser = optimiser
        self._step = jax.jit(partial(outer.step, groups, optimiser, longest=longest))
        self._folds = folds
        self._differentiate = differentiate

    def at(self, number: int) -> OuterState:
        """Return the state before hyper-step ``number`` = 0, 1, ...

        States after the latest one that is stored are computed and stored.
        """
        known = next((n for n in range(number, 0, -1) if self._path(n).exists()), 0)
        state = self._load(known) or outer.begin(self._groups, self._optimiser)
        for n in range(state.done, number):
            state = self._after(state, n)
            self._save(state)
        return state

    def enter(self, number: int, fold: int, found: FoldGradient) -> None:
        """Store the hypergradient of a hyper-step on a fold.

        Args:
            number: number of the hyper-step, from 0.
            fold: index of the fold.
            found: hypergradient by the natural values, outer loss and growth.
        """
        arrays = {name: np.asarray(values) for name, values in found.gradient.items()}
        write_arrays(self._gradient(number, fold), {**arrays, _FIGURES: np.asarray(found[1:])})
        # Those of the step before may still be read by workers on this step's other folds.
        for old in self._folder.glob(f"gradient-{number - 2}-*.npz"):
            old.unlink(missing_ok=True)

    def _after(self, state: OuterState, number: int) -> OuterState:
        found = [self._found(state, number, fold) for fold in range(self._folds)]
        return self._step(state, found)._replace(done=number + 1)

    def _found(self, state: OuterState, number: int, fold: int) -> FoldGradient:
        kept = read_arrays(self._gradient(number, fold))
        if kept is None:
            return self._differentiate(state.free, number, fold)
        value, growth = kept.pop(_FIGURES).tolist()
        return FoldGradient(
            {name: jnp.asarray(values) for name, values in kept.items()}, value, growth
        )

    def _load(self, number: int) -> OuterState | None:
        start = outer.begin(self._groups, self._optimiser)
        kept = read_arrays(self._path(number)) if number else None
        if kept is None:
            return None
        free = {name: jnp.asarray(kept[f"{FREE}{name}"]) for name in start.free}
        # Only the leaves of the optimiser's memory are stored; its structure is that of the start.
        leaves, tree = jax.tree.flatten(start.memory)
        memory = [jnp.asarray(kept[f"memory {i}"]) for i in range(len(leaves))]
        return OuterState(free, jax.tree.unflatten(tree, memory), number)

    def _save(self, state: OuterState) -> None:
        free = {f"{FREE}{name}": np.asarray(values) for name, values in state.free.items()}
        leaves = jax.tree.leaves(state.memory)
        memory = {f"memory {i}": np.asarray(leaf) for i, leaf in enumerate(leaves)}
        write_arrays(self._path(state.done), {**free, **memory})

    def _path(self, number: int) -> Path:
        return state_path(self._run, number)

    def _gradient(self, number: int, fold: int) -> Path:
        return self._folder / f"gradient-{number}-{fold}.npz"
