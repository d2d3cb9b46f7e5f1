"""`RunTraining`: the training of a plan's network on the folds of a run, as bilevel problems."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from engine.errors import RunError
from engine.gradient import groups as grouped
from engine.gradient.dynamics import DYNAMICS
from engine.gradient.engines.base import Differentiate, Hypergradient
from engine.gradient.engines.unrolled import Truncated
from engine.gradient.groups import Group
from engine.gradient.guard import Passed, passed
from engine.gradient.network import Architecture, Rows, data, network_problem
from engine.gradient.outer import OPTIMISERS, FoldGradient, falling, lost
from engine.gradient.problem import Bilevel, Hyper
from engine.gradient.spec.checks import engine_of
from engine.gradient.spec.training_spec import TrainingSpec
from engine.gradient.spec.tunable import GroupSpec, groups_of
from engine.gradient.states import States
from engine.gradients import Gradients, OuterOptimiser
from engine.objective.fold_data import FoldData, fold_data
from engine.objective.seeds import fold_seed

DTYPE = jnp.float32
BY_COLUMN = ("inputs", "initial", "training_set")
"""Options that tune a number or more for each prepared column."""


class TargetScale(NamedTuple):
    """Scale on which targets are learned: a number is standardised, a class is its code.

    Attributes:
        classes: number of classes; 0 for a number.
        middle: mean of the training targets, in their units.
        spread: their standard deviation.
    """

    classes: int
    middle: float = 0.0
    spread: float = 1.0

    def learned(self, values: np.ndarray) -> np.ndarray:
        """Convert targets, shape (rows,), to those that the network learns."""
        return values.astype(np.int32) if self.classes else (values - self.middle) / self.spread


class RunTraining:
    """The training of a run, which a worker makes once and uses for all hyper-steps.

    Args:
        task: the run's table and folds.
        folder: folder of the run.

    Attributes:
        states: the hyper-steps done.
        groups: groups of hyperparameters that are tuned.
        tuned: their names in λ.
        given: values of λ that are not tuned, without the rows.
    """

    def __init__(self, task: FoldData, folder: Path) -> None:
        self.task = task
        search = task.plan.search
        assert isinstance(search, Gradients), "the run tunes by gradient"
        self.search = search
        self.classes = len(task.schema.classes)
        self.inputs = task.prepared(0).train.shape[1]
        self.spec = spec = TrainingSpec(
            search.options,
            {**task.learner.default(task.facts), **task.plan.learner.fixed},
            task.plan.learner.fixed,
            self.inputs,
            len(task.rows),
            self.classes,
            task.facts.picture,
        )
        self.steps = spec.steps
        self.batch = int(spec.settings["batch_size"])  # type: ignore[arg-type]
        self.groups = tuple(self._group(group) for group in groups_of(spec))
        self.given = {name: jnp.asarray(value, DTYPE) for name, value in spec.given.items()}
        self.tuned = tuple(group.name for group in self.groups)
        self.states = States(
            folder,
            self.groups,
            optimiser(search.optimiser),
            search.optimiser.longest,
            len(task.folds),
            self.found,
        )
        self._ready: dict[tuple[int, int], Differentiate] = {}
        self._slopes: dict[int, Callable[[jax.Array, Hyper, jax.Array], jax.Array]] = {}

    def hyper(self, free: Hyper) -> Hyper:
        """Return λ without the rows: values tuned, from ``free`` ones, and values not tuned."""
        return {**self.given, **grouped.natural(self.groups, free)}

    def hypergradient(self, free: Hyper, number: int, fold: int, window: int = 0) -> Hypergradient:
        """Compute the hypergradient of a hyper-step on a fold with the plan's engine.

        Args:
            free: free values by name.
            number: number of the hyper-step; with the fold and the plan's seed it decides initial
                weights and minibatches.
            fold: index of the fold.
            window: if above 0, go back over so many last steps only, with the truncated engine.

        Returns:
            The hypergradient by the natural values.

        Raises:
            InputError: if the engine refuses the training.
            RunError: if the training fails, such as ``gradient.columns`` and ``gradient.overflow``.
        """
        inputs = self.task.prepared(fold).train.shape[1]
        self.check_columns(inputs)
        # Compiled once per number of prepared columns, which may differ between folds.
        if (inputs, window) not in self._ready:
            chosen = Truncated(window) if window else engine_of(self.spec.options)
            self._ready[inputs, window] = chosen.prepare(self.bilevel(inputs), self.tuned)
        draw = fold_seed(self.task.plan.seed, number, fold)
        return self._ready[inputs, window](self._whole(free, fold), draw)

    def slope(self, weights: jax.Array, free: Hyper, number: int, fold: int) -> float:
        """Measure how near to a minimum of the training loss a hyper-step's training has come.

        Args:
            weights: weights at its end, shape (n,).
            free: free values by name.
            number: number of the hyper-step.
            fold: index of the fold.

        Returns:
            Norm of the training loss's gradient at ``weights`` over that at the initial weights, on
            the first minibatch: 0 in a minimum.
        """
        inputs = self.task.prepared(fold).train.shape[1]
        if inputs not in self._slopes:
            problem = self.bilevel(inputs)

            def share(w: jax.Array, hyper: Hyper, draw: jax.Array) -> jax.Array:
                start = problem.initial(hyper, draw).astype(w.dtype)
                norms = [
                    jnp.linalg.norm(problem.gradient(at, hyper, jnp.asarray(0), draw))
                    for at in (w, start)
                ]
                return norms[0] / norms[1]

            self._slopes[inputs] = jax.jit(share)
        draw = jnp.asarray(fold_seed(self.task.plan.seed, number, fold))
        return float(self._slopes[inputs](weights, self._whole(free, fold), draw))

    def found(self, free: Hyper, number: int, fold: int) -> FoldGradient:
        """Compute what the outer optimiser gets of a hyper-step on a fold, past the chaos guard.

        A training whose numbers leave their range counts as noise.

        Args:
            free: free values by name.
            number: number of the hyper-step.
            fold: index of the fold.

        Returns:
            Hypergradient by the natural values, outer loss and growth.

        Raises:
            InputError: if the engine refuses the training.
            RunError: if the training fails otherwise.
        """
        try:
            return self.passed(self.hypergradient(free, number, fold), free, number, fold).found
        except RunError as error:
            if error.code != "gradient.overflow":
                raise
            return lost(free)

    def passed(self, given: Hypergradient, free: Hyper, number: int, fold: int) -> Passed:
        """Apply the plan's guard to a hypergradient.

        Args:
            given: hypergradient of the hyper-step on the fold.
            free: free values by name, for the guard to go back fewer steps.
            number: number of the hyper-step.
            fold: index of the fold.

        Returns:
            The hypergradient to follow, and what was done about noise.
        """

        def back(window: int) -> Hypergradient:
            return self.hypergradient(free, number, fold, window)

        return passed(given, self.search.hyper_step.guard, back, self.steps)

    def bilevel(self, inputs: int) -> Bilevel:
        """Build the bilevel problem for a number of prepared columns."""
        return network_problem(
            self.architecture(inputs),
            classes=self.classes,
            dynamics=DYNAMICS[self.spec.dynamics],
            steps=self.steps,
            batch=self.batch,
            picture=self.spec.picture,
        )

    def architecture(self, inputs: int) -> Architecture:
        """Return the network for a number of prepared columns."""
        outputs, activation = max(self.classes, 1), self.spec.settings["activation"]
        spec = self.spec
        return Architecture(inputs, spec.hidden, outputs, activation, spec.convolutions)  # type: ignore[arg-type]

    def target(self, values: np.ndarray) -> TargetScale:
        """Return the scale of targets for training rows with these values, shape (rows,)."""
        if self.classes:
            return TargetScale(self.classes)
        return TargetScale(0, float(values.mean()), float(values.std()) or 1.0)

    def rows(self, X: np.ndarray, y: np.ndarray, numbers: np.ndarray | None = None) -> Rows:
        """Convert rows to arrays in the types of the training.

        Args:
            X: prepared columns, shape (rows, columns).
            y: targets as they are learned, shape (rows,).
            numbers: places of the rows in the weights of examples, shape (rows,).

        Returns:
            The rows as `network.data` takes them.
        """
        dtype = jnp.int32 if self.classes else DTYPE
        places = None if numbers is None else jnp.asarray(numbers)
        return Rows(jnp.asarray(X, DTYPE), jnp.asarray(y, dtype), places)

    def check_columns(self, count: int) -> None:
        """Check that values tuned by column or weight fit a fold with ``count`` prepared columns.

        Raises:
            RunError: ``gradient.columns`` if not, as when categories differ between folds.
        """
        groups = self.search.groups
        by_column = groups.l2 == "weights" or any(getattr(groups, name) for name in BY_COLUMN)
        if by_column and count != self.inputs:
            raise RunError("gradient.columns", here=count, there=self.inputs)

    def _whole(self, free: Hyper, fold: int) -> Hyper:
        """λ of a fold, rows included."""
        prepared, (train, _) = self.task.prepared(fold), self.task.folds[fold]
        target = self.target(prepared.train_target)
        fitted = self.rows(prepared.train, target.learned(prepared.train_target), train)
        judged = self.rows(prepared.valid, target.learned(prepared.valid_target))
        rows = data(fitted, fitted if self.search.hyper_step.goal == "training" else judged)
        return {**self.hyper(free), **rows}

    def _group(self, group: GroupSpec) -> Group:
        draw = jnp.asarray(self.task.plan.seed)
        if group.drawn:
            # Rows are needed for their type only.
            rows = {"train features": jnp.zeros((1, self.inputs), DTYPE)}
            start = self.bilevel(self.inputs).initial(rows, draw)
        else:
            start = jnp.full(group.shape, group.start, DTYPE)
        if group.spread:
            start += group.spread * jax.random.normal(jax.random.key(draw), group.shape, DTYPE)
        return Group(group.name, start, group.scale, group.low, group.high, group.top)


def optimiser(chosen: OuterOptimiser) -> optax.GradientTransformation:
    """Build a plan's outer optimiser, its step size falling as the plan says."""
    rate, halving = chosen.rate, chosen.halving
    return OPTIMISERS[chosen.outer](falling(rate, halving) if halving else rate)


def training(folder: str) -> RunTraining:
    """Return the training of the run in ``folder``, which each process makes once."""
    return _training(fold_data(folder), Path(folder))


@lru_cache(maxsize=1)
def _training(task: FoldData, folder: Path) -> RunTraining:
    return RunTraining(task, folder)
