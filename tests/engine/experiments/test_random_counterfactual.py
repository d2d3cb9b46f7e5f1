"""What random search would have given: exact where it can be counted, refused where it can't be
known."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from engine.archive import Archive
from engine.domain.trials import Cause, FoldResult, TrialState
from engine.errors import InputError
from engine.experiments.random_counterfactual import (
    LEAST,
    TWIN,
    counterfactual,
    prepare,
    random_trials,
    twin,
)
from engine.plan import Budget, MethodPlan, replace
from engine.runs import folder as files
from engine.runs import planning, run_library
from engine.tuners.base import Proposal


@pytest.fixture
def run(plan, tmp_path: Path):
    """Makes a run whose trials have the scores given, the default's first."""

    def make(scores: list[float | None], name: str = "run", **changes: object) -> Path:
        given = {path.replace("__", "."): value for path, value in changes.items()}
        one = planning.checked(replace(plan(len(scores)), given))
        folder = tmp_path / name
        files.create(folder, one, planning.load_data(one.data))
        with Archive(folder, one.space, maximise=one.evaluation.measure == "accuracy") as archive:
            for number, score in enumerate(scores):
                origin = one.method.id if number else "default"
                configuration = {"C": 1.0 + number, "gamma": 0.5}
                archive.begin(Proposal(number, number, configuration, origin=origin))
                for fold in range(2):
                    scored = {} if score is None else {"accuracy": score}
                    cause = Cause.ERROR if score is None else None
                    archive.add_fold(FoldResult(number, fold, scored, started=number, cause=cause))
                state = TrialState.FAILED if score is None else TrialState.COMPLETE
                archive.finish(number, state, value=score)
            archive.note(run_library.STATE, "finished")
        return folder

    return make


def test_the_expected_best_is_that_of_all_subsets(run) -> None:
    scores = [0.5, 0.41, 0.62, 0.35, 0.71, 0.53, 0.66, 0.47, 0.59, 0.8, 0.3]
    found = counterfactual(run(scores))
    assert found.enough
    assert (found.random, found.length, found.best) == (10, 11, 0.8)
    assert found.n == tuple(range(1, 12))
    for n, mean in zip(found.n, found.mean, strict=True):
        draws = itertools.combinations(scores[1:], n - 1)
        assert mean == pytest.approx(np.mean([max(0.5, *d) if d else 0.5 for d in draws]))
    assert all(a <= b <= c for a, b, c in zip(found.low, found.mean, found.high, strict=True))
    assert found.itself
    assert found.chance is None
    assert "another one of 11 evaluations would reach 0.8 " in found.sentence
    assert found.search.score == (0.5, 0.62, 0.71, 0.8)


def test_smaller_is_better_just_the_same(run) -> None:
    scores = [0.5, 0.41, 0.62, 0.35, 0.71, 0.53, 0.66, 0.47, 0.59, 0.8, 0.3]
    up = counterfactual(run(scores))
    down = counterfactual(run([1 - s for s in scores], "down", evaluation__measure="log_loss"))
    assert down.best == pytest.approx(0.2)
    assert down.mean == pytest.approx([1 - m for m in up.mean])
    assert down.low == pytest.approx([1 - h for h in up.high])
    assert down.search.score == pytest.approx([1 - s for s in up.search.score])


def test_bounds_and_chance_are_those_of_repeated_draws(run) -> None:
    rng = np.random.default_rng(4)
    scores = [0.0, *rng.random(40).tolist()]
    found = counterfactual(run(scores))
    best = rng.choice(scores[1:], size=(20_000, 9)).max(axis=1)
    assert found.low[9] == pytest.approx(np.quantile(best, 0.025), abs=0.03)
    assert found.high[9] == pytest.approx(np.quantile(best, 0.975), abs=0.03)


def test_with_too_few_random_trials_it_says_what_to_do(run, tmp_path: Path) -> None:
    folder = run([0.5, *np.linspace(0.6, 0.9, 19).tolist()], method__id="sobol")
    found = counterfactual(folder)
    assert (found.enough, found.random, found.length) == (False, 0, 20)
    assert "None of its trials was drawn at random" in found.sentence
    assert found.needed == 20
    plan = twin(folder)
    assert plan.method == MethodPlan("random", plan.method.options)
    mine = files.load_plan(folder)
    assert (plan.seed, plan.evaluation) == (mine.seed, mine.evaluation)
    assert plan.budget == Budget(evaluations=20)
    run([0.5, *np.linspace(0.4, 0.7, 19).tolist()], f"run/{TWIN}")
    told = counterfactual(folder)
    assert (told.enough, told.random, told.best) == (True, 19, 0.9)
    assert told.mean[-1] == pytest.approx(0.7)
    assert told.chance == 0
    assert "hardly have got here" in told.sentence


def test_the_chance_is_that_of_as_many_draws(run) -> None:
    folder = run([0.5, *np.linspace(0.6, 0.9, 19).tolist()], method__id="sobol")
    run([0.5, *np.linspace(0.4, 0.95, 19).tolist()], f"run/{TWIN}")
    found = counterfactual(folder)
    assert found.chance == pytest.approx(1 - (17 / 19) ** 19)
    assert "would have done as well" in found.sentence


def test_where_nothing_beats_the_default_it_says_so(run) -> None:
    folder = run([0.9, *np.linspace(0.6, 0.8, 14).tolist()], method__id="sobol")
    run([0.9, *np.linspace(0.4, 0.7, 14).tolist()], f"run/{TWIN}")
    found = counterfactual(folder)
    assert found.chance == 1
    assert "better than the default configuration" in found.sentence


def test_failed_draws_count_as_drawn(run) -> None:
    folder = run([0.5, *np.linspace(0.6, 0.9, 14).tolist()], method__id="sobol")
    scores = [0.5, *np.linspace(0.4, 0.7, 12).tolist(), None, None]
    run(scores, f"run/{TWIN}")
    found = counterfactual(folder)
    assert (found.enough, found.random, found.length) == (True, 12, 15)


def test_the_random_search_is_made_once_and_follows_a_longer_run(run) -> None:
    folder = run([0.5, *np.linspace(0.6, 0.9, 19).tolist()], method__id="sobol")
    place, plan = prepare(folder)
    assert place == folder / TWIN
    assert plan.budget.evaluations == counterfactual(folder).needed == 20
    assert prepare(folder) == (place, plan)
    short = run([0.5, 0.6, 0.7], "short", method__id="sobol")
    assert prepare(short)[1].budget.evaluations == LEAST + 1


def test_the_first_trials_of_tpe_are_random_and_no_others(run) -> None:
    folder = run([0.5] * 30, method__id="tpe", method__options={"n_startup_trials": 12})
    found = random_trials(files.load_plan(folder), run_library.archive_of(folder)[0])
    assert [trial.number for trial in found] == list(range(1, 12))


def test_a_run_that_has_not_begun_and_no_run_at_all(plan, tmp_path: Path) -> None:
    one = planning.checked(plan(5))
    files.create(tmp_path / "run", one, planning.load_data(one.data))
    found = counterfactual(tmp_path / "run")
    assert (found.enough, found.random, found.best) == (False, 0, None)
    assert found.needed == LEAST + 1
    with pytest.raises(InputError):
        counterfactual(tmp_path)
