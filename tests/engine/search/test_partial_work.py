"""Searches by methods that ask for small fits, or for some of the folds."""

from __future__ import annotations

import math

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from engine.domain.trials import TrialState
from engine.plan import Budget, EvaluationPlan, MethodPlan, Resampling
from engine.search import Ending
from engine.search.folds import evaluations_of
from engine.space import Categorical, Integer, SearchSpace

HALVING = ("halving", "hyperband", "asha", "bohb")
METHODS = (*HALVING, "racing")
TEN_FOLDS = EvaluationPlan("accuracy", Resampling("kfold", folds=10))


def planned(method: str, evaluations: float, **options: object) -> dict:
    return {
        "method": MethodPlan(method, {**options}),
        "budget": Budget(evaluations=evaluations),
        "evaluation": TEN_FOLDS,
        "seed": 4,
    }


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("method", METHODS)
def test_partial_work_counts_its_share(bed, method, workers):
    one = bed(**planned(method, 20))
    search = one.search(workers=workers)
    assert search.run() is Ending.FINISHED
    cost = sum(evaluations_of(t, warm_starts=method in HALVING) for t in one.trials) / 10
    assert search.evaluations == pytest.approx(cost)
    # One proposal more than fits may be under way for each worker.
    assert 19 <= search.evaluations <= 20 + workers + 1
    assert len(one.trials) > 20  # more configurations than full evaluations
    states = {t.state for t in one.trials}
    assert TrialState.COMPLETE in states
    for trial in one.trials:
        if trial.state is TrialState.COMPLETE:
            assert sorted(trial.folds) == list(range(10))
            scores = [f.scores["accuracy"] for f in trial.folds.values()]
            assert trial.value == math.fsum(scores) / 10
        if trial.state is TrialState.PRUNED:
            assert trial.value is None
            assert trial.message.startswith("Dropped")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("cut", [1, 7, 40, 111])
def test_a_search_cut_anywhere_ends_with_the_same_archive(bed, method, cut):
    whole = bed("whole", **planned(method, 12))
    whole.run()

    class PowerCut(BaseException):
        pass

    done = 0

    def fails(configuration, fold):
        nonlocal done
        done += 1
        if done == cut:
            raise PowerCut
        return score(configuration, fold)

    parts = bed("parts", **planned(method, 12))
    with pytest.raises(PowerCut):
        parts.run(evaluate=fails)
    parts.run()
    whole_again = bed("again", **planned(method, 12))
    whole_again.run()
    assert whole_again.outline() == whole.outline()
    assert parts.outline() == whole.outline()


@pytest.mark.parametrize("method", HALVING)
@pytest.mark.parametrize("cut", [7, 60])
def test_rungs_may_be_numbers_of_folds(bed, method, cut):
    options = planned(method, 12, fidelity="folds")
    whole = bed("whole", **options)
    search = whole.search()
    search.run()
    # Every fold that was fitted is counted once, and none was fitted twice.
    assert search.evaluations == pytest.approx(sum(len(t.folds) for t in whole.trials) / 10)
    assert not any(t.partial for t in whole.trials)
    assert len(whole.trials) > 20
    assert {len(t.folds) for t in whole.trials[1:]} == {1, 3, 10}
    for trial in whole.trials:
        assert (trial.state is TrialState.COMPLETE) == (len(trial.folds) == 10)
        if trial.state is TrialState.PRUNED:
            assert trial.message == f"Dropped after {len(trial.folds)} of 10 folds."

    class PowerCut(BaseException):
        pass

    left = iter(range(cut))

    def fails(configuration, fold):
        if next(left, None) is None:
            raise PowerCut
        return score(configuration, fold)

    parts = bed("parts", **options)
    with pytest.raises(PowerCut):
        parts.run(evaluate=fails)
    parts.run()
    assert parts.outline() == whole.outline()


@pytest.mark.parametrize("cut", [1, 15, 60])
def test_losers_are_dropped_after_some_folds_by_any_method(bed, cut):
    options = planned("tpe", 15, drop_losers=True, n_startup_trials=4)
    whole = bed("whole", **options)
    search = whole.search()
    search.run()
    dropped = [t for t in whole.trials if t.state is TrialState.PRUNED]
    assert dropped
    assert all(3 <= len(t.folds) < 10 for t in dropped)
    assert search.evaluations == pytest.approx(sum(len(t.folds) for t in whole.trials) / 10)
    assert len(whole.trials) > 16

    class PowerCut(BaseException):
        pass

    left = iter(range(cut))

    def fails(configuration, fold):
        if next(left, None) is None:
            raise PowerCut
        return score(configuration, fold)

    parts = bed("parts", **options)
    with pytest.raises(PowerCut):
        parts.run(evaluate=fails)
    parts.run()
    assert parts.outline() == whole.outline()


def score(configuration, fold):
    return configuration["depth"] / 10 + fold / 100 - 0.05 * configuration.get("share", 0)


@pytest.mark.parametrize("method", METHODS)
def test_a_kill_between_being_told_and_writing_it_down_loses_nothing(bed, method, monkeypatch):
    """The decisions about other trials are made again."""
    whole = bed("whole", **planned(method, 12))
    whole.run()
    parts = bed("parts", **planned(method, 12))
    search = parts.search()
    finish, ended = parts.archive.finish, 0

    class PowerCut(BaseException):
        pass

    def cut(*args, **kwargs):
        nonlocal ended
        ended += 1
        if ended == 3:
            raise PowerCut
        finish(*args, **kwargs)

    monkeypatch.setattr(parts.archive, "finish", cut)
    with pytest.raises(PowerCut):
        search.run()
    monkeypatch.undo()
    parts.run()
    assert parts.outline() == whole.outline()


@pytest.mark.parametrize("method", METHODS)
def test_failures_end_only_their_trials(bed, method):
    def sometimes(configuration, fold):
        if configuration["depth"] == 3:
            raise ValueError("three is no depth")
        return score(configuration, fold)

    one = bed(**planned(method, 15))
    one.run(evaluate=sometimes, workers=3)
    failed = [t for t in one.trials if t.state is TrialState.FAILED]
    assert failed
    assert all(t.configuration["depth"] == 3 for t in failed)
    complete = [t for t in one.trials if t.state is TrialState.COMPLETE]
    assert max(complete, key=lambda t: t.value).configuration["depth"] >= 7


def test_rungs_are_intermediate_values_for_other_tools(bed, tmp_path):
    one = bed(**planned("hyperband", 12))
    one.run()
    one.close()
    storage = JournalStorage(JournalFileBackend(str(tmp_path / "run" / "journal.log")))
    study = optuna.load_study(study_name="run", storage=storage)
    climbed = [t for t in study.trials if len(t.intermediate_values) > 1]
    assert climbed
    assert all(0 < step < 1000 for trial in climbed for step in trial.intermediate_values)


def test_a_continued_fit_costs_the_difference(bed):
    one = bed(**planned("halving", 30))
    one.run()
    for trial in one.trials[1:]:
        if trial.state is TrialState.COMPLETE:
            assert evaluations_of(trial, warm_starts=True) == pytest.approx(10)
            assert evaluations_of(trial, warm_starts=False) > 14


SMALL = SearchSpace((Integer("depth", 1, 8), Categorical("bootstrap", (True, False))))
"""Sixteen configurations: methods have nothing to ask until rungs and races are decided."""


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("max_pending", [1, 3])
def test_reproducible_waits_for_methods_that_have_nothing_to_ask(bed, method, max_pending):
    """The same archive for any number and speed of workers, and after a kill."""
    options = planned(method, 20) | {
        "reproducible": True,
        "max_pending": max_pending,
        "space": SMALL,
    }
    outlines = []
    for workers, pick in ((1, lambda j: 0), (2, lambda j: -1), (4, lambda j: len(j) // 2)):
        one = bed(f"with-{workers}", **options)
        assert one.run(workers=workers, pick=pick, evaluate=score) is Ending.FINISHED
        outlines.append(one.outline())
    assert outlines[0] == outlines[1] == outlines[2]

    class PowerCut(BaseException):
        pass

    left = iter(range(40))

    def fails(configuration, fold):
        if next(left, None) is None:
            raise PowerCut
        return score(configuration, fold)

    torn = bed("torn", **options)
    with pytest.raises(PowerCut):
        torn.run(workers=2, pick=lambda j: -1, evaluate=fails)
    torn.run(workers=3, pick=lambda j: len(j) // 2, evaluate=score)
    assert torn.outline() == outlines[0]
