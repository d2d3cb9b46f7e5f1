"""A trial once more on other folds: on the rows of the search, and on no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.archive import read
from engine.domain.trials import TrialState
from engine.domain.trust import Recheck
from engine.errors import Cancelled, InputError, RunError
from engine.objective.fold_data import FoldData
from engine.objective.fold_job import evaluate_fold
from engine.plan import Budget, DataPlan, replace
from engine.runs import planning
from engine.runs.recheck import recheck
from engine.search.spec import FOLD_FUNCTION
from engine.testing.inline_workers import InlineWorkers
from engine.testing.recorded import record_run

WINE = DataPlan("builtin:wine", target="target", task="multiclass")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    changes = {
        "learner.id": "svm",
        "method.id": "random",
        "evaluation.resampling.kind": "kfold",
        "evaluation.resampling.folds": 3,
    }
    plan = planning.draft(WINE, workers_available=1, changes=changes).plan
    plan = replace(plan, {"budget": Budget(evaluations=8)})
    return record_run(tmp_path / "run", plan, lambda unit, fold: 0.5 + 0.1 * unit[0], 4)


@pytest.fixture
def check(run: Path) -> Callable[..., Recheck]:
    def make(number: int, fold=evaluate_fold, **options) -> Recheck:
        workers = InlineWorkers(1, {FOLD_FUNCTION: fold})
        return recheck(run, read(run)[0], number, workers, **options)

    return make


def test_the_folds_are_others_of_the_same_rows(run: Path, check) -> None:
    own, seen = FoldData(run), {}

    def fold(folder, configuration, number, seed):
        problem = FoldData(Path(folder))
        assert problem.test is None
        seen[number] = problem
        return evaluate_fold(folder, configuration, number, seed)

    check(1, fold)
    assert set(seen) == {0, 1, 2}
    other = seen[0]
    # The table holds what the search may see, and nothing of the outer test.
    np.testing.assert_array_equal(other.features.to_numpy(), own.features.to_numpy())
    np.testing.assert_array_equal(other.target, own.target)
    assert len(other.target) < 178
    check(1, fold, redraw=2)
    drawn = [np.concatenate([f[1] for f in p.folds]).tolist() for p in (own, other, seen[0])]
    assert drawn[0] != drawn[1] != drawn[2] != drawn[0]


def test_it_stands_beside_the_default_and_in_words(run: Path, check) -> None:
    found = check(2)
    assert (found.trial, found.before) == (2, read(run)[0][2].value)
    assert len(found.scores) == len(found.default_scores) == 3
    assert "on other folds trial 2" in found.sentence.lower()
    assert "of 3 folds" in found.sentence
    default = check(0)
    assert default.default_scores == ()
    assert default.scores == found.default_scores
    assert check(2).scores == found.scores


def test_what_has_no_score_is_refused_and_a_failure_told(run: Path, check) -> None:
    with pytest.raises(RunError, match="no trial 9"):
        check(9)
    trials = read(run)[0]
    trials[3].state, trials[3].value = TrialState.FAILED, None
    with pytest.raises(RunError, match="not complete"):
        recheck(run, trials, 3, InlineWorkers(1, {}))

    def broken(*_):
        raise ValueError("no way")

    with pytest.raises(RunError, match="other folds"):
        check(1, broken)
    with pytest.raises(Cancelled):
        check(1, cancelled=lambda: True)
    with pytest.raises(InputError):
        recheck(run.parent, trials, 1, InlineWorkers(1, {}))
