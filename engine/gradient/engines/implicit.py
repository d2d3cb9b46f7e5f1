"""Implicit differentiation at the end of training.

At a minimum w of the inner loss the hypergradient is

    ∂E/∂λ - (∂²L/∂w∂λ)ᵀ q  with  H q = ∂E/∂w

and H the Hessian of L. The training itself is not differentiated, so hyperparameters that act only
on its path (settings of the optimiser, initial weights) can't be tuned. Away from a minimum the
result is wrong; the norm of the inner gradient and the residual of the linear system, given with
it, show how far.

Source: Pedregosa 2016, algorithm 1 (HOAG); Lorraine et al. 2020, algorithm 2; Grazzi et al. 2020,
algorithm 2 (AID).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from msgspec import Meta

from engine.errors import InputError
from engine.gradient.engines.base import (
    Cost,
    Differentiate,
    Engine,
    EngineCard,
    Hypergradient,
    TrainingSize,
    chosen,
)
from engine.gradient.late import jax, jnp, lax
from engine.space import Value

if TYPE_CHECKING:
    from engine.gradient.problem import Bilevel, Hyper, Names

Product = Callable[["jax.Array"], "jax.Array"]
"""Product of H and a vector, both of shape (n,)."""
VECTORS = 4.0
"""Vectors of shape (n,) that a solver holds."""


@dataclass(frozen=True)
class Implicit(Engine):
    """Solves H q = ∂E/∂w using only products of H and a vector; a subclass has the solver.

    Attributes:
        solve: (product, right side, iterations, tolerance) -> q, shape (n,).
        iterations: most iterations of the solver.
        tolerance: norm of the residual, relative to that of ∂E/∂w, at which to stop.
    """

    solve: ClassVar[Callable[..., Any]]

    iterations: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            title="Iterations",
            description="Of the linear solver of an implicit engine, at most.",
        ),
    ] = 50
    tolerance: float = 1e-10

    def takes(self, size: TrainingSize) -> Cost:
        return Cost(VECTORS * size.weights * size.item, 1 + 2 * self.iterations / size.steps)

    def check(self, problem: Bilevel, hyper: Hyper, tuned: Names) -> None:
        """Refuse what acts only on the path to the minimum, and what every engine refuses.

        Args:
            problem: the training.
            hyper: λ at which to differentiate.
            tuned: names in λ to differentiate by.

        Raises:
            InputError: ``gradient.implicit``, with their names.
        """
        from engine.gradient.connection import Place, places

        super().check(problem, hyper, tuned)
        acting = places(problem, hyper)
        refused = [n for n in tuned if Place.SETTINGS in acting[n] or acting[n] == {Place.INITIAL}]
        if refused:
            raise InputError("gradient.implicit", names=", ".join(refused))

    @classmethod
    def fitting(cls, options: Mapping[str, Value]) -> Mapping[str, Value]:
        on_the_way = dict.fromkeys(("step_size", "momentum", "scale"), "fixed")
        return {**super().fitting(options), **on_the_way}

    def prepare(self, problem: Bilevel, tuned: Names) -> Differentiate:
        solve, iterations, tolerance = type(self).solve, self.iterations, self.tolerance

        @jax.jit
        def both(hyper: Hyper, draw: jax.Array) -> Any:
            state = problem.begin(hyper, draw)
            state = problem.advance(hyper, draw)(state, jnp.arange(problem.steps))
            # The inner loss is that of the last step: with minibatches, an estimate.
            w, last = problem.dynamics.weights(state), jnp.asarray(problem.steps - 1)
            part = chosen(hyper, tuned)

            def outer(w: jax.Array, part: Hyper) -> jax.Array:
                return problem.outer(w, {**hyper, **part})

            def gradient_of(w: jax.Array, part: Hyper) -> jax.Array:
                return problem.gradient(w, {**hyper, **part}, last, draw)

            value, (right, direct) = jax.value_and_grad(outer, (0, 1))(w, part)
            inner, pull = jax.vjp(gradient_of, w, part)

            def product(q: jax.Array) -> jax.Array:
                return pull(q)[0]  # qᵀ H = H q, as a Hessian is symmetric

            q = solve(product, right, iterations, tolerance)
            length = jnp.maximum(jnp.linalg.norm(right), jnp.finfo(right.dtype).tiny)
            residual = jnp.linalg.norm(product(q) - right) / length
            gradient = jax.tree.map(jnp.subtract, direct, pull(q)[1])
            return value, gradient, w, residual, jnp.linalg.norm(inner)

        def differentiate(hyper: Hyper, draw: int) -> Hypergradient:
            self.check(problem, hyper, tuned)
            value, gradient, w, residual, inner = both(hyper, jnp.asarray(draw))
            figures = {
                "stored_bytes": self.cost(problem, hyper, tuned).stored_bytes,
                "residual": float(residual),
                "inner_gradient": float(inner),
            }
            return Hypergradient(float(value), gradient, w, figures)

        return differentiate


def conjugate_gradients(
    product: Product, right: jax.Array, iterations: int, tolerance: float
) -> jax.Array:
    """Solve H q = ∂E/∂w by conjugate gradients.

    Where H turns out not to be positive definite, as short of a minimum, conjugate gradients solve
    the normal equations H H q = H ∂E/∂w instead.

    Args:
        product: H times a vector.
        right: ∂E/∂w, shape (n,).
        iterations: most iterations.
        tolerance: norm of the residual, relative to that of ``right``, at which to stop.

    Returns:
        q, shape (n,).

    Source: Hestenes and Stiefel 1952; for hypergradients Pedregosa 2016 and Grazzi et al. 2020.
    """
    q, good = _descend(product, right, iterations, tolerance)

    def normal() -> jax.Array:
        return _descend(lambda p: product(product(p)), product(right), iterations, tolerance)[0]

    return lax.cond(good, lambda: q, normal)


def _descend(
    product: Product, right: jax.Array, iterations: int, tolerance: float
) -> tuple[jax.Array, jax.Array]:
    """Conjugate gradients (Hestenes and Stiefel 1952).

    Returns:
        The solution, and whether H was positive along all search directions.
    """
    target = tolerance * jnp.linalg.norm(right)

    def proceeds(carry: Any) -> jax.Array:
        _, r, _, i, good = carry
        return (i < iterations) & (jnp.linalg.norm(r) > target) & good

    def step(carry: Any) -> Any:
        q, r, p, i, _ = carry
        hp = product(p)
        curvature = jnp.vdot(p, hp)
        good = curvature > 0  # else the step would go uphill, or nowhere
        a = jnp.where(good, jnp.vdot(r, r) / jnp.where(good, curvature, 1), 0)
        rest = r - a * hp
        turned = rest + jnp.vdot(rest, rest) / jnp.vdot(r, r) * p
        return q + a * p, rest, turned, i + 1, good

    start = (jnp.zeros_like(right), right, right, 0, jnp.asarray(True))
    q, _, _, _, good = lax.while_loop(proceeds, step, start)
    return q, good


def neumann(product: Product, right: jax.Array, iterations: int, tolerance: float) -> jax.Array:
    """Solve H q = ∂E/∂w by the Neumann series q = η Σ_i (I - η H)^i ∂E/∂w.

    Where H is positive definite, the sum converges for η below 2 over its largest eigenvalue, which
    a few steps of the power method find. The first term left out is the residual of the linear
    system. Short of a minimum, where H has negative eigenvalues, that falls at first and then only
    grows; the sum ends where it is smallest.

    Args:
        product: H times a vector.
        right: ∂E/∂w, shape (n,).
        iterations: most terms.
        tolerance: norm of the residual, relative to that of ``right``, at which to stop.

    Returns:
        q, shape (n,).

    Source: Lorraine et al. 2020, algorithm 3.
    """
    rate = 1 / largest_eigenvalue(product, right)
    target = tolerance * jnp.linalg.norm(right)

    def proceeds(carry: Any) -> jax.Array:
        _, _, left, i, falls = carry
        return (i < iterations) & (left > target) & falls

    def step(carry: Any) -> Any:
        total, term, left, i, _ = carry
        after = term - rate * product(term)  # (I - η H)^(i+1) ∂E/∂w
        size = jnp.linalg.norm(after)
        falls = size < left
        return jnp.where(falls, total + term, total), after, size, i + 1, falls

    start = (jnp.zeros_like(right), right, jnp.linalg.norm(right), 0, jnp.asarray(True))
    return rate * lax.while_loop(proceeds, step, start)[0]


def fixed_point(product: Product, right: jax.Array, iterations: int, tolerance: float) -> jax.Array:
    """Solve H q = ∂E/∂w by iterating v <- Jᵀ v + ∂E/∂w with J = I - η H; q = η v.

    J is the derivative of a step of gradient descent. The iterates are the partial sums of the
    Neumann series: a vector less is stored, but the stop sees only their differences, one step
    later.

    Args:
        product: H times a vector.
        right: ∂E/∂w, shape (n,).
        iterations: most iterations.
        tolerance: norm of a step, relative to that of ``right``, at which to stop.

    Returns:
        q, shape (n,).

    Source: Grazzi et al. 2020, algorithm 2 with the fixed-point solver.
    """
    rate = 1 / largest_eigenvalue(product, right)
    target = tolerance * jnp.linalg.norm(right)

    def proceeds(carry: Any) -> jax.Array:
        _, i, change, falls = carry
        return (i < iterations) & (change > target) & falls

    def step(carry: Any) -> Any:
        v, i, change, _ = carry
        new = v - rate * product(v) + right  # Jᵀ v + ∂E/∂w
        size = jnp.linalg.norm(new - v)
        falls = size <= change
        return jnp.where(falls, new, v), i + 1, size, falls

    start = (jnp.zeros_like(right), 0, jnp.asarray(jnp.inf, right.dtype), jnp.asarray(True))
    return rate * lax.while_loop(proceeds, step, start)[0]


def largest_eigenvalue(product: Product, start: jax.Array, iterations: int = 20) -> jax.Array:
    """Estimate the eigenvalue of H that is largest in size by the power method.

    Args:
        product: H times a vector.
        start: vector to start from, shape (n,).
        iterations: number of products.

    Returns:
        The estimate and a tenth more, since the power method comes from below; shape ().
    """

    def step(_: Any, v: jax.Array) -> jax.Array:
        found = product(v)
        return found / jnp.maximum(jnp.linalg.norm(found), 1e-30)

    v = lax.fori_loop(0, iterations, step, start / jnp.maximum(jnp.linalg.norm(start), 1e-30))
    return 1.1 * jnp.maximum(jnp.linalg.norm(product(v)), 1e-30)


def _card(id: str, label: str, order: int) -> EngineCard:
    return EngineCard(
        id, label, exact=False, differentiates_path=False, order=order, suits="minimum"
    )


class ConjugateGradients(Implicit):
    """Implicit differentiation by `conjugate_gradients`."""

    card = _card("implicit_cg", "Implicit, conjugate gradients", 60)
    solve = staticmethod(conjugate_gradients)


class Neumann(Implicit):
    """Implicit differentiation by the `neumann` series."""

    card = _card("neumann", "Implicit, Neumann series", 70)
    solve = staticmethod(neumann)


class FixedPoint(Implicit):
    """Implicit differentiation by `fixed_point` iterations."""

    card = _card("fixed_point", "Implicit, fixed point", 80)
    solve = staticmethod(fixed_point)
