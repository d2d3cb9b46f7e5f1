"""Multi-layer perceptrons in JAX: the layers, their training, and the scikit-learn estimators.

Importing a module of this folder imports JAX, which takes a second:
`engine.learners.neural_network` does so only when it builds an estimator. An exported script
carries the source of these modules, so they rest on numpy, scikit-learn and JAX alone.
"""
