"""A configuration into fold jobs, and predictions into scores: what workers run."""
