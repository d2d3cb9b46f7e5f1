"""Effects, the ablation path and permutation importance, all read off the forest."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.inspection import partial_dependence

from engine.analysis.ablation_path import ablation
from engine.analysis.effects import effect, grid, plane
from engine.analysis.forest_model import draws, learn
from engine.analysis.permutation import permutation
from engine.errors import Cancelled
from engine.space import Categorical, Float, Integer, SearchSpace
from engine.testing.planted import CONDITIONAL, planted, random_search


class AsRegressor(RegressorMixin, BaseEstimator):
    """A forest over features, as scikit-learn's inspection wants it."""

    def __init__(self, model=None):
        self.model = model

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        return self.model.trees.mean(np.ascontiguousarray(X, dtype=np.float32))


PLAIN = SearchSpace(tuple(Float(n, 0.0, 1.0) for n in "abc"))


@pytest.fixture
def plain():
    return learn(random_search(PLAIN, lambda u: (u[0] - 0.3) ** 2 + u[1] * u[2], 200), trees=16)


def test_effects_agree_with_scikit_learns(plain):
    others = draws(plain.encoding, 60, 3)
    found = effect(plain, "b", background=others)
    reference = partial_dependence(
        AsRegressor(plain).fit(None, None),
        others.astype(np.float32),
        features=[1],
        custom_values={1: np.array(found.x)},
        kind="both",
        method="brute",
    )
    np.testing.assert_allclose(found.mean, reference["average"][0], atol=1e-9)
    np.testing.assert_allclose(found.curves, reference["individual"][0][: len(found.curves)])


def test_the_plane_agrees_with_scikit_learns(plain):
    others = draws(plain.encoding, 20, 3)
    found = plane(plain, "b", "c", background=others)
    reference = partial_dependence(
        AsRegressor(plain).fit(None, None),
        others.astype(np.float32),
        features=[1, 2],
        custom_values={1: np.array(found.x), 2: np.array(found.y)},
        method="brute",
    )
    np.testing.assert_allclose(np.array(found.mean).T, reference["average"][0], atol=1e-9)


def test_an_effect_is_what_was_planted_within_its_bounds(plain):
    found = effect(plain, "a")
    x, mean = np.array(found.x), np.array(found.mean)
    wanted = (x - 0.3) ** 2
    assert np.abs((mean - mean.mean()) - (wanted - wanted.mean())).max() < 0.08
    assert all(lo <= m <= hi for lo, m, hi in zip(found.low, found.mean, found.high, strict=True))
    assert {len(c) for c in found.curves} == {len(found.x)}


def test_a_conditional_hyperparameter_is_looked_at_where_it_is_active():
    def score(unit):
        return 5.0 if np.isnan(unit[4]) else unit[4]

    model = learn(random_search(CONDITIONAL, score, 400), trees=16)
    found = effect(model, "offset")
    assert found.mean[0] == pytest.approx(0.0, abs=0.2)
    assert found.mean[-1] == pytest.approx(1.0, abs=0.2)


def test_a_plane_is_empty_where_the_parent_switches_its_child_off():
    model = learn(random_search(CONDITIONAL, lambda u: u[0], 100), trees=4)
    found = plane(model, "gamma", "kernel")
    mean = np.array(found.mean)
    assert found.y == ("rbf", "linear", "poly")
    assert np.isnan(mean[1]).all()
    assert np.isfinite(mean[[0, 2]]).all()
    np.testing.assert_array_equal(np.isnan(mean), np.isnan(found.doubt))


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        (Categorical("k", ("a", None)), ["a", None]),
        (Integer("n", 2, 5), [2, 3, 4, 5]),
        (Float("f", 0.5, 0.5), [0.5]),
        (Float("f", 0.01, 100, log=True), [0.01, 1.0, 100.0]),
    ],
)
def test_values_along_a_hyperparameter(parameter, values):
    found, units = grid(parameter, 3 if isinstance(parameter, Float) else 25)
    assert found == pytest.approx(values) if isinstance(parameter, Float) else found == values
    assert len(units) == len(values)


def test_many_whole_numbers_are_thinned_out():
    values, _ = grid(Integer("n", 1, 10_000, log=True))
    assert values[0] == 1
    assert values[-1] == 10_000
    assert len(values) <= 25
    assert values == sorted(set(values))


def test_the_path_takes_over_what_matters_first():
    snapshot = planted(200)
    model = learn(snapshot, trees=16)
    names = snapshot.space.names
    source = {**dict.fromkeys(names[:5], 0.1), "rate": 0.9, "kind": "c", "depth": 2}
    target = {**dict.fromkeys(names[:5], 0.8), "rate": 0.003, "kind": "a", "depth": 7}
    path = ablation(model, source, target, maximise=False)
    assert {s.name for s in path.steps[:2]} == {"rate", "kind"}
    assert [s.name for s in path.steps].count("rate") == 1
    assert len(path.steps) == 8
    total = path.start - path.steps[-1].score
    assert sum(s.gain for s in path.steps) == pytest.approx(total)
    assert path.steps[0].gain_low > 0
    assert (path.steps[0].before, path.steps[0].after) in {("c", "a"), (0.9, 0.003)}


def test_the_direction_of_the_measure_counts():
    snapshot = planted(150, maximise=True)
    model = learn(snapshot, trees=8)
    best = {n: snapshot.configurations[n][snapshot.best] for n in snapshot.space.names}
    worst = {
        n: snapshot.configurations[n][int(np.argmin(snapshot.value))] for n in snapshot.space.names
    }
    path = ablation(model, worst, best, maximise=True)
    assert path.steps[0].gain > 0
    assert path.steps[-1].score > path.start


def test_children_come_along_with_their_parent():
    model = learn(random_search(CONDITIONAL, lambda u: u[0], 100), trees=4)
    source = {"kernel": "linear"}
    target = {"kernel": "poly", "gamma": 0.1, "degree": 3, "shift": True, "offset": 0.5}
    (step,) = ablation(model, source, target, maximise=True).steps
    assert step.name == "kernel"
    assert step.along == ("gamma", "degree", "shift", "offset")
    back = ablation(model, target, source, maximise=True)
    assert [s.name for s in back.steps] == ["kernel"]


def test_from_a_configuration_to_itself_there_is_no_step(plain):
    same = {"a": 0.5, "b": 0.5, "c": 0.5}
    assert ablation(plain, same, same, maximise=False).steps == ()


def test_shuffling_harms_where_it_matters():
    found = permutation(learn(planted(200), trees=16))
    assert {i.name for i in found[:2]} == {"rate", "kind"}
    assert found[1].low > found[2].high
    assert sum(i.share for i in found) == pytest.approx(1)
    assert all(i.low <= i.share <= i.high for i in found)


def test_shuffling_respects_conditions():
    model = learn(random_search(CONDITIONAL, lambda u: 0 if np.isnan(u[2]) else u[2], 200), trees=8)
    found = {i.name: i.share for i in permutation(model, repeats=3)}
    assert set(found) == set(CONDITIONAL.names)
    assert found["degree"] + found["kernel"] > 0.9


def test_shuffling_can_be_cancelled():
    model = learn(planted(40), trees=4)

    def tick(fraction):
        raise Cancelled

    with pytest.raises(Cancelled):
        permutation(model, tick=tick)
