"""HPO by differentiating through training: three independent values combine.

The *inner dynamics* train the weights (`dynamics`), a hypergradient *engine* (`engines`) gives the
derivative of the outer loss by the hyperparameters, and the *outer optimiser* (`outer`) moves the
hyperparameters. Any sound combination runs; an unsound one is refused in words.

Integers of 64 bits and the accuracy that hypergradients are checked to need JAX's wide types; every
array here has an explicit type, so that networks still train in float32.
"""

import jax

jax.config.update("jax_enable_x64", True)
