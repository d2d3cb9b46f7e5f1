"""Importances and effects over the protocol, of a run that is on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.protocol import events, replies, requests
from engine.testing.recorded import record_run


@pytest.fixture(scope="module")
def run(plan, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Eighty trials of a support vector machine in which C matters."""
    folder = tmp_path_factory.mktemp("understanding") / "run"
    noise = np.random.default_rng(0)
    record_run(
        folder,
        plan(80),
        lambda unit, fold: 1 - (unit[0] - 0.6) ** 2 + 0.01 * noise.standard_normal(),
        80,
    )
    return str(folder)


def test_importances_and_effects_are_answered(served, run: str) -> None:
    found = served.ask(requests.Fanova, path=run)
    assert isinstance(found, replies.FanovaReady)
    assert found.importances[0].name == "C"
    assert found.importances[0].share > 0.8
    assert found.quality.trials == 80
    assert found.quality.r2 > 0.7
    assert served.ask(requests.Permutation, path=run).importances[0].name == "C"
    path = served.ask(requests.Ablation, path=run)
    assert path.steps[0].name == "C"
    assert path.steps[0].gain > 0
    one = served.ask(requests.Ablation, path=run, trial=3)
    assert one.trial == 3
    (effect,) = served.ask(requests.Effects, path=run, names=("C",)).effects
    assert effect.x[int(np.argmax(effect.mean))] == pytest.approx(10, rel=30)
    assert len(served.ask(requests.Effects, path=run).effects) == 2
    plane = served.ask(requests.Contour, path=run, one="C", other="gamma").plane
    assert np.shape(plane.mean) == (len(plane.y), len(plane.x))


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        (requests.Effects, {"names": ("oracle",)}, "plan.unknown"),
        (requests.Contour, {"one": "C", "other": "C"}, "understand.same"),
        (requests.Ablation, {"trial": 999}, "run.no_such_trial"),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(served, run: str, kind, fields, code) -> None:
    failed = served.ask(kind, path=run, **fields)
    assert isinstance(failed, replies.Failed)
    assert failed.code == code
    assert failed.details == ""


def test_too_few_trials_are_refused_in_words(served, plan, tmp_path: Path) -> None:
    folder = record_run(tmp_path / "run", plan(5), lambda unit, fold: unit[0], 5)
    failed = served.ask(requests.Fanova, path=str(folder))
    assert failed.code == "understand.few"
    assert "5 trials" in failed.sentence


def test_it_is_cancelled_while_other_requests_are_answered(served, run: str) -> None:
    number = served.send(requests.Fanova, path=run)
    assert isinstance(served.ask(requests.ListRuns), replies.Runs)
    served.ask(requests.Cancel, request=number)
    assert served.reply(number).code == "cancelled"
    assert isinstance(served.ask(requests.Effects, path=run), replies.EffectsReady)


def test_how_far_it_is_is_told(served, run: str) -> None:
    served.events.clear()
    number = served.send(requests.Fanova, path=run)
    served.reply(number)
    told = [e for e in served.events if isinstance(e, events.Activity) and e.request == number]
    fractions = [e.fraction for e in told]
    assert fractions
    assert fractions == sorted(fractions)
    assert all(0 <= f <= 1 for f in fractions)
