"""Switches JAX to wide types. Every module of this room that computes imports it.

Integers of 64 bits and the accuracy that hypergradients are checked to need them; every array here
has an explicit type, so that networks still train in float32.
"""

import jax

jax.config.update("jax_enable_x64", True)
