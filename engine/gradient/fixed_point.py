"""Exact arithmetic for running a training backwards (Maclaurin et al. 2015, section 2.2).

A number x is the integer trunc(x 2^R) in 64 bits. Adding is undone by subtracting. Multiplying by
n/d < 1 loses digits; they go into an *information buffer*, one non-negative integer an element:

    push  i <- i d + (c mod d)      c <- c div d
    pop   c <- c n + (i mod n)      i <- i div n

which is undone by the same with n and d exchanged. The buffer grows by log2(d/n) bits a time. Here
d is always 2^16, so half of the divisions are shifts, and the buffer is a head of 32 bits; when a
bound that all elements share says that it might overflow, its low 8 bits are *spilled* first. When
to spill follows from the multipliers alone and is known before the first step.
"""

from __future__ import annotations

from engine.gradient.late import jax, jit, jnp, lax

RADIX = 52
"""Bits after the point: values within 2^(62 - 52) = 1,024, in steps of 2e-16."""
DENOMINATOR_BITS = 16
DENOMINATOR = 1 << DENOMINATOR_BITS
SPILL_BITS = 8
LOWEST = 1 / 64
"""Multipliers below lose more digits than are worth keeping, and `_divide` needs n >= 2^10."""
LIMIT = 2.0**62
"""Integers beyond might wrap without a word."""

_LOW = DENOMINATOR - 1


def numerators(multipliers: jax.Array) -> jax.Array:
    """n of the rational n / 2^16 that stands for each multiplier in [1/64, 1); int64."""
    return jnp.floor(DENOMINATOR * multipliers.astype(jnp.float64) + 1).astype(jnp.int64)


def to_integer(values: jax.Array, radix: int) -> jax.Array:
    """trunc(x 2^R), int64."""
    return (values.astype(jnp.float64) * 2.0**radix).astype(jnp.int64)


def to_float(integers: jax.Array, radix: int, dtype: jnp.dtype) -> jax.Array:
    """The values that ``integers`` stand for, rounded to ``dtype``."""
    return (integers.astype(jnp.float64) * 2.0**-radix).astype(dtype)


def multiply(c: jax.Array, head: jax.Array, n: jax.Array) -> tuple[jax.Array, jax.Array]:
    """``c`` times n / 2^16, and the head with the digits that this loses.

    Args:
        c: int64, below 2^62 in size.
        head: uint32, such that (head 2^16 + 2^16 - 1) div n fits 32 bits.
        n: int64 in 2^10..2^16, a scalar or an element each.
    """
    kept = (head.astype(jnp.int64) << DENOMINATOR_BITS) | (c & _LOW)
    head = _divide(kept, n)
    digits = kept - head * n
    return (c >> DENOMINATOR_BITS) * n + digits, head.astype(jnp.uint32)


def divide(c: jax.Array, head: jax.Array, n: jax.Array) -> tuple[jax.Array, jax.Array]:
    """``multiply`` undone, bit for bit."""
    q = _divide(c, n)
    kept = head.astype(jnp.int64) * n + (c - q * n)
    head = (kept >> DENOMINATOR_BITS).astype(jnp.uint32)
    return (q << DENOMINATOR_BITS) | (kept & _LOW), head


@jit
def spill(head: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The head without its low 8 bits, and those; uint32 and uint8."""
    return head >> SPILL_BITS, head.astype(jnp.uint8)


@jit
def unspill(head: jax.Array, low: jax.Array) -> jax.Array:
    """``spill`` undone."""
    return (head << SPILL_BITS) | low.astype(jnp.uint32)


@jit
def spills(n: jax.Array) -> jax.Array:
    """Before which steps to spill.

    Args:
        n: shape (T,) or (T, G), the numerators of each step (and group of elements).

    Returns:
        Shape (T,), bool. The groups spill together.
    """

    def step(bound: jax.Array, n: jax.Array) -> tuple[jax.Array, jax.Array]:
        full = ((bound << DENOMINATOR_BITS) | _LOW) // n >= 1 << 32
        now = full.any()
        bound = jnp.where(now, bound >> SPILL_BITS, bound)
        return ((bound << DENOMINATOR_BITS) | _LOW) // n, now

    start = jnp.zeros(n.shape[1:], jnp.int64)
    return lax.scan(step, start, n)[1]


def _divide(c: jax.Array, n: jax.Array) -> jax.Array:
    """Floor division; by way of floating point, which processors do many at once.

    The quotient has less than 53 bits, so the estimate is off by one at most, also where the
    compiler multiplies by 1/n instead.
    """
    q = jnp.floor(c.astype(jnp.float64) / n.astype(jnp.float64)).astype(jnp.int64)
    rest = c - q * n
    return q + (rest >= n).astype(jnp.int64) - (rest < 0).astype(jnp.int64)
