"""Experiments as values: what contenders make of a case's plan, and their file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.experiments.experiment import FILE, load, plan_of, slots
from engine.plan import method_of


def test_a_tuning_by_gradient_stands_beside_methods_that_try_configurations(
    make: Callable[..., Path],
) -> None:
    experiment = load(make("hypergradient", learner__id="network", repetitions=1))
    plans = {one.contender.name: plan_of(experiment, one) for one in slots(experiment)}
    assert plans.keys() == {"hypergradient", "random"}
    assert plans["hypergradient"].search == method_of("hypergradient")
    assert plans["random"].space == experiment.cases[0].space
    assert len(plans["random"].space) > 0


def test_an_earlier_experiment_is_refused_by_name(make: Callable[..., Path]) -> None:
    folder = make("random", repetitions=1)
    tree = json.loads((folder / FILE).read_text())
    (folder / FILE).write_text(json.dumps(tree | {"format": 1}))
    with pytest.raises(InputError) as caught:
        load(folder)
    assert caught.value.code == "experiment.older"
    assert str(folder / FILE) in str(caught.value)
