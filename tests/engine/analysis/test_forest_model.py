"""The forest that importances and effects are read off: what it knows, and when it is refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from engine.analysis.forest_model import LEAST, MOST, POOR, activated, draws, fenced, learn
from engine.errors import Cancelled, RunError
from engine.testing.planted import CONDITIONAL, EIGHT, planted
from engine.tuners.bayes.encoding import Encoding


def test_its_quality_is_that_on_trials_not_seen():
    model = learn(planted(300, noise=0.0), trees=20)
    fresh = planted(300, seed=9, noise=0.0)
    rows = np.array(
        [EIGHT.to_unit({n: fresh.configurations[n][i] for n in EIGHT.names}) for i in range(300)]
    )
    missed = np.mean((fresh.value - model.trees.mean(model.features(rows))) ** 2)
    r2 = 1 - missed / np.var(fresh.value)
    assert model.quality.r2 > 0.8
    assert model.quality.r2 == pytest.approx(r2, abs=0.1)


def test_noise_is_refused_in_words():
    with pytest.raises(RunError, match="guesswork") as refused:
        learn(planted(100, noise=50.0), trees=10)
    assert refused.value.code == "understand.poor"
    assert float(refused.value.params["r2"]) < POOR


@pytest.mark.parametrize(("trials", "code"), [(0, "understand.few"), (LEAST - 1, "understand.few")])
def test_few_trials_are_refused(trials, code):
    with pytest.raises(RunError) as refused:
        learn(planted(trials))
    assert refused.value.code == code


def test_equal_scores_are_refused():
    flat = dataclasses.replace(planted(40), value=np.full(40, 0.9))
    with pytest.raises(RunError) as refused:
        learn(flat)
    assert refused.value.code == "understand.equal"


def test_what_is_not_finite_or_outside_is_left_out():
    snapshot = planted(60)
    value = snapshot.value.copy()
    value[:5] = [np.nan, np.inf, -np.inf, np.nan, np.inf]
    depth = snapshot.configurations["depth"].copy()
    depth[5] = 100
    odd = dataclasses.replace(
        snapshot, value=value, configurations={**snapshot.configurations, "depth": depth}
    )
    model = learn(odd, trees=10)
    assert model.index.tolist() == list(range(6, 60))


def test_of_many_trials_a_sample_is_taken_with_the_best():
    snapshot = planted(MOST + 50)
    model = learn(snapshot, trees=2)
    assert model.quality.trials == len(model.index) == MOST
    assert snapshot.best in model.index


def test_a_few_awful_scores_are_moved_to_a_fence():
    scores = np.append(np.linspace(0, 1, 50), [1e9, 1e12])
    moved, count = fenced(scores, maximise=False)
    assert count == 2
    assert moved[:50].tolist() == scores[:50].tolist()
    assert 1 < moved[50] == moved[51] < 5
    turned, _ = fenced(-scores, maximise=True)
    np.testing.assert_allclose(turned, -moved)
    usual = np.random.default_rng(0).standard_normal(1000)
    assert fenced(usual, maximise=True)[1] == 0


def test_it_can_be_cancelled():
    heard = []

    def tick(fraction):
        heard.append(fraction)
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        learn(planted(60), tick=tick)
    assert heard == sorted(heard)
    assert heard[-1] < 0.5


def test_the_same_seed_gives_the_same_forest():
    first, second = (learn(planted(60), trees=10, seed=4) for _ in range(2))
    np.testing.assert_array_equal(
        first.trees.each(first.features(first.rows)),
        second.trees.each(second.features(second.rows)),
    )
    assert first.quality == second.quality


@pytest.mark.parametrize("name", CONDITIONAL.names)
def test_a_hyperparameter_is_switched_on_with_all_its_parents(name):
    encoding = Encoding(CONDITIONAL)
    place = CONDITIONAL.names.index(name)
    raw = draws(encoding, 100, 0)
    moved = activated(encoding, raw, place)
    assert not np.isnan(encoding.canonical(moved)[:, place]).any()
    # Those in which it was active stay as they were.
    active = ~np.isnan(encoding.canonical(raw)[:, place])
    np.testing.assert_array_equal(moved[active], raw[active])
