"""Tunesmith's engine: guided hyperparameter optimisation, usable without any window.

Data flows one way: ``Plan -> Objective (fold jobs) -> Tuner (ask/tell) -> search loop -> Archive ->
events -> pictures``; workers do the fits. ``python -m engine`` is the command line.
"""

__version__ = "0.1.0"
