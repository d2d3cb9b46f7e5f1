"""Exact arithmetic for running a training backwards.

A number x is the integer trunc(x 2^R) in 64 bits. Adding is undone by subtracting. Multiplying by
n/d < 1 loses digits; they go into an *information buffer*, one non-negative integer per element:

    push  i <- i d + (c mod d)      c <- c div d
    pop   c <- c n + (i mod n)      i <- i div n

which is undone by the same with n and d exchanged. The buffer grows by log2(d/n) bits per
multiplication. Here d is always 2^16, so half of the divisions are shifts, and the buffer is a head
of 32 bits. When a bound shared by all elements says that it might overflow, its low 8 bits are
*spilled* first. The bound depends on the multipliers alone, so it is known before the first step
when to spill.

Source: Maclaurin et al. 2015, section 2.3 and algorithm 3. They keep the buffer in integers of any
size; the head of 32 bits and its bound are ours.
"""

from __future__ import annotations

from engine.gradient.late import jax, jit, jnp, lax

RADIX = 52
"""R, the bits after the point: values within 2^(62 - 52) = 1,024, in steps of 2e-16."""
DENOMINATOR_BITS = 16
DENOMINATOR = 1 << DENOMINATOR_BITS
SPILL_BITS = 8
LOWEST = 1 / 64
"""Smallest multiplier: below, more digits are lost than are worth keeping, and `_divide` needs
n >= 2^10."""
LIMIT = 2.0**62
"""Size of integers from which sums might wrap around, which int64 does without an error."""

_LOW = DENOMINATOR - 1


def numerators(multipliers: jax.Array) -> jax.Array:
    """Approximate multipliers γ by rationals n / 2^16: n = floor(2^16 γ + 1).

    Args:
        multipliers: any shape, in [1/64, 1).

    Returns:
        n, int64, of the same shape. The rational exceeds γ by 2^-16 at most. It replaces γ wherever
        that occurs, so that the derivative is that of the training that is run.
    """
    return jnp.floor(DENOMINATOR * multipliers.astype(jnp.float64) + 1).astype(jnp.int64)


def to_integer(values: jax.Array, radix: int) -> jax.Array:
    """Convert real values to fixed point: trunc(x 2^R).

    Args:
        values: any shape, below 2^(62 - R) in size.
        radix: R, bits after the point.

    Returns:
        int64, of the same shape.
    """
    return (values.astype(jnp.float64) * 2.0**radix).astype(jnp.int64)


def to_float(integers: jax.Array, radix: int, dtype: jnp.dtype) -> jax.Array:
    """Convert fixed point to real values.

    Args:
        integers: int64, any shape.
        radix: R, bits after the point.
        dtype: type of the result, to which values are rounded.

    Returns:
        Values of the same shape.
    """
    return (integers.astype(jnp.float64) * 2.0**-radix).astype(dtype)


def multiply(c: jax.Array, head: jax.Array, n: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Multiply by n / 2^16 and keep the digits that this loses.

    Args:
        c: int64, shape (k,), below 2^62 in size.
        head: uint32, shape (k,), such that (head 2^16 + 2^16 - 1) div n fits 32 bits.
        n: int64 in 2^10..2^16, a scalar or of shape (k,).

    Returns:
        The product, int64, and the new head, uint32.

    Source: Maclaurin et al. 2015, algorithm 3.
    """
    # Algorithm 3 with d = 2^16, lines 2 and 3: i d + (c mod d). A mask is a modulus also for c < 0.
    kept = (head.astype(jnp.int64) << DENOMINATOR_BITS) | (c & _LOW)
    head = _divide(kept, n)  # line 7: i div n
    digits = kept - head * n  # i mod n
    # Lines 4 to 6: (c div d) n + (i mod n).
    return (c >> DENOMINATOR_BITS) * n + digits, head.astype(jnp.uint32)


def divide(c: jax.Array, head: jax.Array, n: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Undo `multiply`, bit for bit.

    Args:
        c: int64, shape (k,), the product.
        head: uint32, shape (k,), the head after multiplying.
        n: int64, the numerators multiplied by.

    Returns:
        The integers and the head before multiplying.

    Source: Maclaurin et al. 2015, algorithm 3 with n and d exchanged.
    """
    q = _divide(c, n)
    kept = head.astype(jnp.int64) * n + (c - q * n)
    head = (kept >> DENOMINATOR_BITS).astype(jnp.uint32)
    return (q << DENOMINATOR_BITS) | (kept & _LOW), head


@jit
def spill(head: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Split off the low 8 bits of ``head``: the shorter head, uint32, and those bits, uint8."""
    return head >> SPILL_BITS, head.astype(jnp.uint8)


@jit
def unspill(head: jax.Array, low: jax.Array) -> jax.Array:
    """Undo `spill`: the head, uint32, from its shorter form and its low bits, uint8."""
    return (head << SPILL_BITS) | low.astype(jnp.uint32)


@jit
def spills(n: jax.Array) -> jax.Array:
    """Find the steps before which the buffer's head must be spilled.

    Args:
        n: int64, shape (T,) or (T, G), the numerators of each step (and group of elements).

    Returns:
        Shape (T,), bool. The groups spill together.
    """
    # The largest head that is possible grows from step to step by the worst case of `multiply`, in
    # which the digit lost is 2^16 - 1.

    def step(bound: jax.Array, n: jax.Array) -> tuple[jax.Array, jax.Array]:
        full = ((bound << DENOMINATOR_BITS) | _LOW) // n >= 1 << 32
        now = full.any()
        bound = jnp.where(now, bound >> SPILL_BITS, bound)
        return ((bound << DENOMINATOR_BITS) | _LOW) // n, now

    start = jnp.zeros(n.shape[1:], jnp.int64)
    return lax.scan(step, start, n)[1]


def _divide(c: jax.Array, n: jax.Array) -> jax.Array:
    """Floor division in floating point, which processors do on many numbers at once.

    The quotient has fewer than 53 bits, so the estimate is off by one at most, also where the
    compiler multiplies by 1/n instead.
    """
    q = jnp.floor(c.astype(jnp.float64) / n.astype(jnp.float64)).astype(jnp.int64)
    rest = c - q * n
    return q + (rest >= n).astype(jnp.int64) - (rest < 0).astype(jnp.int64)
