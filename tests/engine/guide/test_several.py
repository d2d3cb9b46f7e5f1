"""Several measures at once: which method is advised, and why the others are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.catalog import costs
from engine.domain.advice import ProbeResult
from engine.domain.cards import Catalog, LearnerCard, MeasureCard, MethodCard
from engine.guide import method
from engine.guide.advise import pick
from engine.guide.situation import Situation
from engine.plan import Resampling
from engine.space import Categorical, Condition, Float, SearchSpace

TASKS = ("binary", "multiclass", "regression")
METHODS = {
    "random": {},
    "grid": {},
    "gp": {"model_based": True},
    "hyperband": {"partial_fits": True},
    "racing": {"partial_folds": True},
    "cmaes": {"conditions": False},
    "evolution": {},
    "nsga2": {"multi_objective": True},
    "auto": {},
}


def catalog_of(*names: str) -> Catalog:
    methods = tuple(
        MethodCard(name, name.upper(), f"About {name}.", "here", name, **METHODS[name])
        for name in names
    )
    time = MeasureCard("fit_seconds", "Fit time", False, TASKS, "", "fit_seconds")
    learners = (LearnerCard("svm", "SVM", "", "", "", TASKS, (), "svm"),)
    return Catalog(learners=learners, methods=methods, measures=(), datasets=(), costs=(time,))


def space(numbers: int, choices: int = 0, conditional: bool = False) -> SearchSpace:
    parameters = (
        *(Categorical(f"c{i}", ("a", "b")) for i in range(choices)),
        *(Float(f"x{i}", 0, 1) for i in range(numbers)),
    )
    return SearchSpace(parameters, (Condition("x0", "c0", ("a",)),) if conditional else ())


@pytest.fixture
def search(facts) -> Callable[..., Situation]:
    """An SVM on 600 rows, 5 folds of a fifth of a second each."""

    def make(searched: SearchSpace, evaluations: float, **known) -> Situation:
        known = {"catalog": catalog_of(*METHODS), **known}
        return Situation(
            facts=facts(300, 300),
            costs=costs(),
            learner="svm",
            resampling=Resampling(folds=5),
            space=searched,
            probe=ProbeResult(0.2, 1.0, 10.0, 0.9),
            evaluations=evaluations,
            **known,
        )

    return make


@pytest.mark.parametrize(
    "searched", [space(2), space(0, 3), space(6, 3, conditional=True), space(40)]
)
@pytest.mark.parametrize("evaluations", [8, 100, 5000])
def test_several_measures_have_a_method_of_their_own(search, searched, evaluations):
    ranked = method.recommend(
        search(searched, evaluations, further_measures=("fit_seconds", "loss"))
    )
    first, *others = ranked
    assert first.choice == "nsga2"
    assert "with Fit time and loss optimised as well there is no single best" in first.reason
    assert "Karl et al. 2023" in first.source
    assert first.would_change == "It would change if you optimised one measure alone."
    assert ("measures", "3") in first.figures
    assert [other.choice for other in others if other.fits] == ["auto"]
    for other in others:
        if other.choice != "auto":
            why = "It optimises one measure, and Fit time and loss are optimised as well."
            assert other.reason == why
    assert pick(search(searched, evaluations, further_measures=("loss",))).choice == "nsga2"


@pytest.mark.parametrize("searched", [space(2), space(6, 3, conditional=True)])
def test_one_measure_is_not_for_the_method_of_several(search, searched):
    ranked = method.recommend(search(searched, 5000))
    (several,) = [r for r in ranked if r.choice == "nsga2"]
    assert not several.fits
    assert several.reason == "It weighs several measures against each other, and one is optimised."


def test_without_such_a_method_nothing_is_advised(search):
    without = catalog_of(*(name for name in METHODS if name != "nsga2"))
    ranked = method.recommend(
        search(space(3), 50, catalog=without, further_measures=("fit_seconds",))
    )
    assert not any(recommendation.fits for recommendation in ranked)
