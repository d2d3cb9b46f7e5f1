"""Bayesian optimisation: the parts shared by the Gaussian process and the random forest.

The modules work on *rows*: points of the unit cube as `SearchSpace.to_unit` gives them, shape ``(m,
d)``, with NaN where a hyperparameter is inactive. Scores are minimised throughout.
"""
