"""Functional ANOVA: exact on the forest, equal to Optuna's, right about planted searches."""

from __future__ import annotations

import itertools

import numpy as np
import optuna
import pytest
from optuna.importance import FanovaImportanceEvaluator

from engine.analysis import functional_anova as fanova_module
from engine.analysis.forest_model import learn
from engine.analysis.functional_anova import fanova
from engine.analysis.partition import partition
from engine.errors import Cancelled
from engine.space import Float, SearchSpace
from engine.testing.planted import CONDITIONAL, EIGHT, planted, random_search


def conditional_score(unit):
    kernel, gamma, degree, _, offset = unit
    return (
        (kernel > 0.6)
        + (0 if np.isnan(gamma) else (gamma - 0.5) ** 2 * 4)
        + (0 if np.isnan(degree) else degree)
        + (0 if np.isnan(offset) else offset)
    )


@pytest.mark.parametrize("space", [EIGHT, CONDITIONAL], ids=["plain", "conditional"])
def test_the_boxes_of_a_tree_fill_the_cube_with_its_expectations(space):
    snapshot = planted(150) if space is EIGHT else random_search(space, conditional_score, 150)
    model = learn(snapshot, trees=4)
    raw = np.random.default_rng(0).random((4_000, len(space)))
    features = model.features(model.encoding.canonical(raw))
    for tree in model.trees.trees:
        boxes = partition(tree, model.encoding)
        assert boxes.volume.sum() == pytest.approx(1)
        expected = tree.value[tree.apply(features), 0, 0]
        assert boxes.mean == pytest.approx(expected.mean(), abs=4 * expected.std() / 60)
        assert boxes.variance == pytest.approx(expected.var(), rel=0.12)


def test_averages_over_the_others_are_those_of_draws():
    model = learn(random_search(CONDITIONAL, conditional_score, 200), trees=4)
    tree = model.trees.trees[0]
    boxes = partition(tree, model.encoding)
    for j, choices in ((0, 3), (3, 2)):
        for cell in range(choices):
            raw = np.random.default_rng(1).random((20_000, len(CONDITIONAL)))
            raw[:, j] = (cell + 0.5) / choices
            features = model.features(model.encoding.canonical(raw))
            drawn = tree.value[tree.apply(features), 0, 0].mean()
            assert boxes.along(j)[cell] + boxes.mean == pytest.approx(drawn, abs=0.03)


def test_it_agrees_with_optunas():
    """On real numbers without log scales: Optuna takes log ranges as they are, and gives weight to
    points at which a categorical has no choice, or two."""
    space = SearchSpace(tuple(Float(f"x{i}", -1.0, 3.0) for i in range(4)))
    snapshot = random_search(space, lambda u: (u[0] - 0.4) ** 2 * 3 + 0.5 * u[1] + u[0] * u[2], 150)
    study = optuna.create_study()
    ranges = {name: optuna.distributions.FloatDistribution(-1.0, 3.0) for name in space.names}
    study.add_trials(
        [
            optuna.trial.create_trial(
                params={name: snapshot.configurations[name][i] for name in space.names},
                distributions=ranges,
                value=float(snapshot.value[i]),
            )
            for i in range(150)
        ]
    )
    theirs = FanovaImportanceEvaluator(seed=0).evaluate(study)
    ours = {i.name: i.share for i in fanova(learn(snapshot)).importances}
    assert list(ours) == list(theirs)
    assert theirs["x0"] > 0.3
    for name in space.names:
        assert ours[name] == pytest.approx(theirs[name], abs=0.03)


def test_the_two_that_matter_of_eight_are_found():
    for seed in range(3):
        found = fanova(learn(planted(150, seed=seed), trees=16))
        assert {i.name for i in found.importances[:2]} == {"rate", "kind"}
        assert found.importances[1].low > found.importances[2].high


def test_what_two_do_only_together_is_a_pair():
    space = SearchSpace(tuple(Float(n, 0.0, 1.0) for n in "abcd"))
    snapshot = random_search(space, lambda u: (u[0] > 0.5) ^ (u[2] > 0.5), 300)
    found = fanova(learn(snapshot, trees=16))
    assert (found.pairs[0].one, found.pairs[0].other) == ("a", "c")
    assert found.pairs[0].share > 0.6
    assert max(i.share for i in found.importances) < 0.1


def test_shares_add_up_to_one():
    for snapshot in (planted(120), random_search(CONDITIONAL, conditional_score, 120)):
        found = fanova(learn(snapshot, trees=8))
        shares = [s.share for s in itertools.chain(found.importances, found.pairs)]
        assert sum(shares) + found.rest == pytest.approx(1, abs=1e-6)
        assert all(s.low <= s.share <= s.high for s in (*found.importances, *found.pairs))


def test_few_pairs_are_looked_at_in_wide_spaces(monkeypatch):
    model = learn(planted(80), trees=4)
    monkeypatch.setattr(fanova_module, "LEAST_SHARE", 0.0)
    assert len(fanova(model, paired=3).pairs) == 3
    assert len(fanova(model).pairs) == 28


def test_it_can_be_cancelled():
    model = learn(planted(60), trees=4)

    def tick(fraction):
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        fanova(model, tick=tick)
