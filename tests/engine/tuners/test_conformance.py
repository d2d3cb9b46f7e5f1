"""Every method of the registry under the conformance suite, those with rungs under theirs as well.

A class of tests is made for each, so that a new method is tested by being there.
"""

from __future__ import annotations

from typing import Any

from engine.testing.rungs_suite import RungsSuite
from engine.testing.tuner_suite import TunerSuite
from engine.tuners import METHODS
from engine.tuners.base import Tuner
from engine.tuners.bayes.search import Effort
from engine.tuners.gp import GaussianProcess
from engine.tuners.rf_bo import ForestBo
from engine.tuners.rungs import Climbing


class HastyProcess(GaussianProcess):
    """The same method, which searches less for its next proposal."""

    def effort(self) -> Effort:
        return Effort(scattered=40, climbers=2, rounds=3, neighbours=8, polished=1)


class HastyForest(ForestBo):
    """The same method, which searches less for its next proposal."""

    def effort(self) -> Effort:
        return Effort(scattered=40, climbers=2, rounds=3, neighbours=8)


SETTINGS: dict[str, dict[str, Any]] = {
    "gp": {"method": HastyProcess, "options": {"n_initial": 3}},
    "rf_bo": {"method": HastyForest, "options": {"n_initial": 3, "trees": 5}},
    "tpe": {"options": {"n_startup_trials": 3, "n_ei_candidates": 6}},
    "grid": {"same_points": True},
    "cmaes": {"options": {"population": 4}},
    "evolution": {"options": {"population": 3}},
    "de": {"options": {"population": 5}},
    "nsga2": {"options": {"population": 4}},
}
"""What makes a short test reach all of a method, or a method quicker; the others are tested as they
are."""


def suites(method: type[Tuner]) -> dict[str, type[TunerSuite]]:
    """Classes of tests for ``method`` by their names."""
    card = method.card
    settings = {"method": method, **SETTINGS.get(card.id, {})}
    if card.multi_objective:
        settings["further_maximise"] = (False, True)
    name = f"Test{method.__name__}"
    if not issubclass(method, Climbing):
        return {name: type(name, (TunerSuite,), settings)}
    whole = f"{name}WithoutPartialFits"
    return {
        name: type(name, (RungsSuite,), settings),
        whole: type(whole, (TunerSuite,), {**settings, "min_fidelity": 1.0}),
    }


# A tuning by gradient has no space to search: its trials are the steps of one training.
for _method in METHODS.values():
    if not _method.card.gradient:
        globals().update(suites(_method))
