"""Arithmetic that can be undone bit for bit (algorithms.md 1.6, tests 1 and 2)."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine.gradient.wide  # noqa: F401
from engine.gradient import fixed_point as fixed


@given(
    st.lists(st.integers(-(2**61), 2**61), min_size=1, max_size=5),
    st.lists(st.floats(fixed.LOWEST, 0.99999), min_size=1, max_size=12),
)
def test_products_are_undone_bit_for_bit(start: list[int], multipliers: list[float]) -> None:
    c = first = jnp.asarray(start, jnp.int64)
    head = jnp.zeros(c.shape, jnp.uint32)
    n = fixed.numerators(jnp.asarray(multipliers))
    when, spilled = np.asarray(fixed.spills(n)), []
    for now, each in zip(when, n, strict=True):
        if now:
            head, low = fixed.spill(head)
            spilled.append(low)
        c, head = fixed.multiply(c, head, each)
    for now, each in reversed([*zip(when, n, strict=True)]):
        c, head = fixed.divide(c, head, each)
        if now:
            head = fixed.unspill(head, spilled.pop())
    assert (c == first).all()
    assert not head.any()


@pytest.mark.parametrize("multiplier", [0.95, 0.9, 0.5, 0.3])
def test_a_product_is_that_of_the_rational_number(multiplier: float) -> None:
    n = fixed.numerators(jnp.asarray(multiplier))
    values = jnp.asarray([1.5, -0.7, 1e-3])
    c, _ = fixed.multiply(fixed.to_integer(values, 52), jnp.zeros(3, jnp.uint32), n)
    exact = values * int(n) / fixed.DENOMINATOR
    assert np.allclose(fixed.to_float(c, 52, jnp.dtype("float64")), exact, rtol=0, atol=2.0**-35)


@pytest.mark.parametrize("multiplier", [0.999, 0.9, 0.3, fixed.LOWEST])
def test_compiled_products_are_undone_where_quotients_are_whole(multiplier: float) -> None:
    # Where a compiler multiplies by 1/n, n/n is a little less than 1.
    n = fixed.numerators(jnp.asarray(multiplier))
    around = int(n) * np.arange(2**16 // int(n) + 1)[:, None] + np.array([-1, 0, 1])
    low = np.clip(around.ravel(), 0, 2**16 - 1)
    c = jnp.asarray(np.concatenate([low, low + (5 << 16), low - (5 << 16), -(2**61) + low]))
    head = jnp.zeros(c.shape, jnp.uint32)
    product, digits = jax.jit(fixed.multiply)(c, head, n)
    back, empty = jax.jit(fixed.divide)(product, digits, n)
    assert (back == c).all()
    assert not empty.any()


def test_heads_never_leave_their_32_bits() -> None:
    rng = np.random.default_rng(0)
    n = fixed.numerators(jnp.asarray(rng.uniform(fixed.LOWEST, 1, (300, 3))))
    bound = [0, 0, 0]
    for now, row in zip(np.asarray(fixed.spills(n)), np.asarray(n).tolist(), strict=True):
        bound = [b >> 8 if now else b for b in bound]
        bound = [((b << 16) | 0xFFFF) // m for b, m in zip(bound, row, strict=True)]
        assert max(bound) < 2**32
