"""Hypergradient engines, one file each."""
