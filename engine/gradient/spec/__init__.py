"""Tuning by gradient as plain values: sizes, costs, refusals, advice, and runs summed up. Nothing
here loads JAX."""
