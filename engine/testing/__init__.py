"""Conformance suites: what every method, learner and the like must hold to, as tests to inherit.

A test file names what it tests and inherits the suite; pytest does the rest. Development only.
"""
