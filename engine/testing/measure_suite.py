"""What every measure must hold to: `MeasureSuite`, a class of tests to inherit.

class TestMatthews(MeasureSuite):
    @pytest.fixture
    def measure(self) -> Measure:
        return MATTHEWS
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine.export import script_parts
from engine.export.embed import import_block
from engine.export.measure import scoring
from engine.objective.measures.base import Measure, Predicted
from engine.plan import Task

ROWS = 60


class _Model:
    """A fitted model that says what it is given to say, in place of scikit-learn's."""

    def __init__(self, found: Predicted) -> None:
        self.classes_ = np.arange(found.classes)
        self.predict = lambda features: found.labels
        if found.probabilities is not None:
            self.predict_proba = lambda features: found.probabilities
        elif found.decision is not None:
            self.decision_function = lambda features: found.decision


class MeasureSuite:
    """Tests of one measure; a subclass provides the fixture ``measure``."""

    def test_card_is_complete(self, measure: Measure) -> None:
        card = measure.card
        assert card.id and card.label and card.tasks and card.help
        assert card.summary.endswith(".")
        assert card.low is None or card.high is None or card.low < card.high

    def test_better_predictions_score_better(self, measure: Measure) -> None:
        for task in measure.card.tasks:
            good, poor = (measure.score(rows_of(task, error)) for error in (0.1, 0.9))
            assert good is not None and poor is not None
            assert (good > poor) == measure.card.maximise

    def test_perfect_predictions_reach_the_better_bound(self, measure: Measure) -> None:
        bound = measure.card.high if measure.card.maximise else measure.card.low
        if bound is None:
            pytest.skip("the better end has no bound")
        for task in measure.card.tasks:
            assert measure.score(rows_of(task, 0.0)) == pytest.approx(bound, abs=1e-6)

    @pytest.mark.parametrize("seed", range(5))
    def test_scores_lie_within_the_bounds(self, measure: Measure, seed: int) -> None:
        for task in measure.card.tasks:
            score = measure.score(rows_of(task, 1.0, seed))
            assert score is not None
            assert math.isfinite(score)
            assert measure.card.low is None or score >= measure.card.low
            assert measure.card.high is None or score <= measure.card.high

    def test_a_model_that_lacks_what_it_needs_has_no_score(self, measure: Measure) -> None:
        for task in measure.card.tasks:
            found = rows_of(task, 0.3)
            score = measure.score(Predicted(found.truth, found.labels, found.classes))
            assert (score is None) == (measure.card.needs != "labels")

    def test_means_over_rows_give_the_same(self, measure: Measure) -> None:
        if measure.row_means is None:
            pytest.skip("not a function of means over rows")
        for task in measure.card.tasks:
            found = rows_of(task, 0.4)
            given = measure.given(found)
            assert given is not None
            parts = measure.row_means.parts(found.truth, given)
            assert parts.shape[0] == ROWS
            score = measure.row_means.combine(parts.mean(axis=0))
            assert score == pytest.approx(measure.score(found))

    @pytest.mark.parametrize("certain", [True, False], ids=["probabilities", "decisions"])
    def test_a_script_computes_the_same(self, measure: Measure, certain: bool) -> None:
        if not certain and measure.card.needs == "probabilities":
            pytest.skip("needs probabilities")
        for task in measure.card.tasks:
            found = rows_of(task, 0.3)
            if not certain and found.probabilities is not None:
                decision = np.log(found.probabilities + 1e-9)
                decision = decision[:, 1] - decision[:, 0] if found.classes == 2 else decision
                found = Predicted(found.truth, found.labels, found.classes, decision=decision)
            model = _Model(found)
            functions, imports = scoring(measure, model, classes=bool(found.classes))
            statements = import_block([*imports, script_parts.IMPORTS["np"]])
            text = "\n".join([statements, *functions])
            names: dict[str, Any] = {"CLASSES": [str(code) for code in range(found.classes)]}
            exec(compile(text, "script", "exec"), names)
            expected = rows_of(task, 0.3)
            assert names["score"](model, None, found.truth) == measure.score(expected)


def rows_of(task: Task, error: float, seed: int = 0) -> Predicted:
    """Predictions of 60 rows, perfect at an ``error`` of 0 and of no use at one of 1."""
    rng = np.random.default_rng(seed)
    if task == "regression":
        truth = rng.normal(5.0, 2.0, ROWS)
        return Predicted(truth, truth + 3 * error * rng.normal(size=ROWS))
    classes = 2 if task == "binary" else 3
    truth = rng.permutation(np.arange(ROWS) % classes)
    probabilities = (1 - error) * np.eye(classes)[truth]
    probabilities += error * rng.dirichlet(np.ones(classes), ROWS)
    return Predicted(truth, probabilities.argmax(axis=1), classes, probabilities)
