"""HPO by differentiating through training, from three parts that combine freely.

The *inner dynamics* train the weights (`dynamics`), a hypergradient *engine* (`engines`) computes
the derivative of the outer loss by the hyperparameters, and the *outer optimiser* (`outer`) moves
the hyperparameters. Every sound combination runs; an unsound one is refused with a reason.

Everything that is computed without training (groups that can be tuned, sizes, costs, refusals,
advice, and the summary of a run so far) is in `spec`, and in the cards and cost models of the
engines. None of it loads JAX, so window, command line and guide can use it at once. The rest is
mathematics for worker processes.
"""
