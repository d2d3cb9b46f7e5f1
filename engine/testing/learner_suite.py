"""What every learner must hold to: `LearnerSuite`, a class of tests to inherit.

class TestSvm(LearnerSuite):
    learner = Svm()
    quick = {}
"""

from __future__ import annotations

import pickle
import warnings
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.utils.validation import has_fit_parameter

from engine.guide.facts import Facts
from engine.learners.base import Learner
from engine.plan import Task
from engine.space import Categorical, Configuration

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
ROWS, COLUMNS = 60, 4

# The tests are shared by the classes that inherit them, which Hypothesis would object to.
_shared = settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.function_scoped_fixture],
)


class LearnerSuite:
    """Tests of one learner; a subclass sets `learner`."""

    learner: ClassVar[Learner]
    quick: ClassVar[Configuration] = {}
    """Values that make a fit fast, in place of sampled ones."""

    @pytest.fixture(params=TASKS)
    def task(self, request: pytest.FixtureRequest) -> Task:
        """Each task of the learner in turn."""
        if request.param not in self.learner.card.tasks:
            pytest.skip("not a task of this learner")
        return request.param

    def test_card_is_complete(self) -> None:
        card = self.learner.card
        assert card.id and card.label and card.summary and card.good_for and card.cost
        assert card.tasks and card.help
        assert set(self.learner.bounds) == set(card.hyperparameters)
        assert {card.fidelity_parameter, *card.fixed_only} - {""} <= set(card.hyperparameters)

    def test_modules_for_workers_can_be_imported(self) -> None:
        for module in self.learner.modules:
            import_module(module)

    def test_a_fit_is_taken_to_cost_more_with_more_to_do(self, task: Task) -> None:
        small, large = (facts_of(task, rows=rows) for rows in (100, 10_000))
        assert 0 < self.learner.fit_seconds(small, 10) <= self.learner.fit_seconds(large, 10)
        if self.learner.card.fidelity_parameter:
            assert self.learner.fit_seconds(small, 10) < self.learner.fit_seconds(small, 20)
        certain = self.learner.fit_seconds(small, 10, probabilities=True)
        assert certain >= self.learner.fit_seconds(small, 10)

    def test_it_takes_the_weights_it_declares(self, task: Task) -> None:
        model = self.learner.build(task, self.quick, 1)
        if task != "regression":
            assert ("class_weight" in model.get_params()) == self.learner.class_weight
        assert has_fit_parameter(model, "sample_weight") == self.learner.row_weights

    @given(rows=st.integers(2, 10**7), columns=st.integers(1, 10**4), encoded=st.integers(1, 10**5))
    @_shared
    def test_the_default_is_in_the_space_and_the_space_within_bounds(
        self, task: Task, rows: int, columns: int, encoded: int
    ) -> None:
        facts = facts_of(task, rows=rows, columns=columns, encoded=encoded)
        space = self.learner.space(facts)
        space.validate(self.learner.default(facts))
        for parameter in space.parameters:
            legal = self.learner.bounds[parameter.name]
            ends = (
                parameter.choices
                if isinstance(parameter, Categorical)
                else (parameter.low, parameter.high)
            )
            assert all(legal.contains(end) for end in ends)

    @given(draw=st.integers(0, 2**32 - 1))
    @_shared
    def test_sampled_configurations_fit_and_repeat(self, task: Task, draw: int) -> None:
        features, target = table(task)
        space = self.learner.space(facts_of(task))
        configuration = space.sample(np.random.default_rng(draw))
        configuration |= {name: v for name, v in self.quick.items() if name in configuration}
        models = [
            self.fitted(task, configuration, seed=1, features=features, target=target)
            for _ in range(2)
        ]
        predicted = [model.predict(features) for model in models]
        assert predicted[0].shape == (ROWS,)
        assert np.isfinite(predicted[0]).all()
        assert np.array_equal(predicted[0], predicted[1])

    def test_no_hyperparameter_is_needed(self, task: Task) -> None:
        self.fitted(task, {})

    def test_every_hyperparameter_alone_builds(self, task: Task) -> None:
        default = self.learner.default(facts_of(task))
        for name, value in default.items():
            self.fitted(task, {**self.quick, name: value} if name in self.quick else {name: value})

    def test_estimators_use_one_thread(self, task: Task) -> None:
        estimator = self.learner.build(task, {}, 1)
        assert estimator.get_params().get("n_jobs", 1) in (1, None)

    def test_models_pickle(self, task: Task) -> None:
        features, _ = table(task)
        model = self.fitted(task, self.quick)
        again = pickle.loads(pickle.dumps(model))
        assert np.array_equal(again.predict(features), model.predict(features))

    @pytest.mark.parametrize("probabilities", [False, True])
    def test_saved_models_open_with_the_allow_list(self, task: Task, probabilities: bool) -> None:
        from skops.io import dumps, get_untrusted_types, loads

        features, _ = table(task)
        model = self.fitted(task, self.quick, probabilities=probabilities)
        saved = dumps(self.learner.portable(model))
        assert set(get_untrusted_types(data=saved)) <= set(self.learner.trusted)
        again = loads(saved, trusted=list(self.learner.trusted))
        assert np.array_equal(again.predict(features), model.predict(features))

    def test_gives_probabilities_when_asked(self) -> None:
        for task in ("binary", "multiclass"):
            if task in self.learner.card.tasks:
                features, target = table(task)
                shares = self.fitted(task, self.quick, probabilities=True).predict_proba(features)
                assert shares.shape == (ROWS, np.unique(target).size)
                assert np.allclose(shares.sum(axis=1), 1.0)

    def fitted(
        self,
        task: Task,
        configuration: Configuration,
        *,
        seed: int = 1,
        probabilities: bool = False,
        features: np.ndarray | None = None,
        target: np.ndarray | None = None,
    ) -> Any:
        """The learner fitted on a small table; that it has not converged is no fault here."""
        if features is None or target is None:
            features, target = table(task)
        model = self.learner.build(task, configuration, seed, probabilities=probabilities)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=UserWarning)
            return model.fit(features, target)


def facts_of(
    task: Task, *, rows: int = ROWS, columns: int = COLUMNS, encoded: int = COLUMNS
) -> Facts:
    """Figures of a table, by default of `table`."""
    labels = {"binary": 2, "multiclass": 3, "regression": 0}[task]
    return Facts(
        rows=rows,
        columns=columns,
        encoded=encoded,
        numeric=columns,
        categorical=0,
        missing_cells=0,
        task=task,
        target="y",
        classes=tuple((str(i), rows // labels) for i in range(labels)),
    )


def table(task: Task) -> tuple[np.ndarray, np.ndarray]:
    """Prepared features, shape (60, 4), and a target that depends on them."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(ROWS, COLUMNS))
    signal = features[:, 0] + 0.5 * features[:, 1] ** 2 + rng.normal(0, 0.3, ROWS)
    if task == "regression":
        return features, signal
    cuts = np.quantile(signal, [0.5] if task == "binary" else [1 / 3, 2 / 3])
    return features, np.searchsorted(cuts, signal)
