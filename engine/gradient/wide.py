"""Switches JAX to wide types. Every module of this room that computes imports it.

Exact reversal needs integers of 64 bits, and tests compare hypergradients in float64. Every array
here has an explicit type, so networks still train in float32.
"""

import jax

jax.config.update("jax_enable_x64", True)
