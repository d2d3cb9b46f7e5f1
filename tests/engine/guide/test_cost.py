"""What a fit is taken to cost: by rule of thumb, and by the probe."""

from __future__ import annotations

import pytest

from engine.domain.advice import ProbeResult
from engine.guide import cost
from engine.plan import Resampling
from engine.space import Float, Integer, SearchSpace

FREE = Float("x", 0, 1)


@pytest.mark.parametrize("learner", ["random_forest", "gradient_boosting"])
def test_trees_and_rounds_count_those_of_the_space_or_held(situation, learner):
    name = "trees" if learner == "random_forest" else "rounds"

    def seconds(space, **fixed):
        return cost.fold_seconds(situation(learner=learner, space=space, fixed=fixed))

    preparing = seconds(SearchSpace((FREE,)), **{name: 1e-9})
    default = seconds(SearchSpace((FREE,))) - preparing
    narrow = seconds(SearchSpace((FREE, Integer(name, 1, 400)))) - preparing
    held = seconds(SearchSpace((FREE,)), **{name: 1_000}) - preparing
    assert narrow == pytest.approx(2 * default, rel=0.01)  # the library's 100, half of 400
    assert held == pytest.approx(10 * default, rel=0.01)


def test_probabilities_cost_an_svm_several_fits(situation, facts):
    known = {"facts": facts(2_500, 2_500), "learner": "svm"}
    plain = cost.fold_seconds(situation(measure="roc_auc", **known))
    assert 3 < cost.fold_seconds(situation(measure="log_loss", **known)) / plain < 6
    assert cost.fold_seconds(situation(**known)) == plain
    known["learner"] = "random_forest"
    forest = cost.fold_seconds(situation(**known))
    assert cost.fold_seconds(situation(measure="log_loss", **known)) == forest


@pytest.mark.parametrize(
    ("rounds", "fixed", "seconds", "stated"),
    [
        (Integer("rounds", 1, 2_000), {}, 10.0, "about 50 s"),
        (Integer("rounds", 100, 100), {}, 1.0, "5 s"),
        (FREE, {"rounds": 50}, 0.5, "about 2.5 s"),
        (FREE, {}, 1.0, "5 s"),
    ],
)
def test_a_probe_is_scaled_to_the_middle_of_the_space(situation, rounds, fixed, seconds, stated):
    """The default has a hundred rounds, the space has more or fewer on average."""
    known = situation(
        learner="gradient_boosting",
        space=SearchSpace((rounds,)),
        fixed=fixed,
        resampling=Resampling(folds=5),
        probe=ProbeResult(1.0, 5.0, 1.0, 0.9, fidelity_parameter="rounds", size=100),
    )
    assert cost.fold_seconds(known) == pytest.approx(seconds, rel=0.01)
    assert cost.stated(known) == stated


def test_what_does_not_grow_costs_what_the_probe_says(situation):
    known = {"learner": "svm", "space": SearchSpace((FREE,)), "probe": ProbeResult(2.0, 2.0, 1, 1)}
    assert cost.fold_seconds(situation(**known)) == 2.0
