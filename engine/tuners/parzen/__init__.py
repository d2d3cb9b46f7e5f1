"""Density models of good and bad configurations, after the tree-structured Parzen estimator."""
