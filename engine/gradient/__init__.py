"""HPO by differentiating through training: three independent values combine.

The *inner dynamics* train the weights (`dynamics`), a hypergradient *engine* (`engines`) gives the
derivative of the outer loss by the hyperparameters, and the *outer optimiser* (`outer`) moves the
hyperparameters. Any sound combination runs; an unsound one is refused in words.

What is known of a tuning without running it (what may be tuned, sizes, costs, refusals, advice, and
what a run has found so far) is in `spec`, and in the cards and cost models of the engines. None of
that loads JAX, so the window, the command line and the guide may ask for it at once. The rest is
mathematics for worker processes.
"""
