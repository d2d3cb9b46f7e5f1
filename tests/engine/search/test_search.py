import math
import threading

import pytest

from engine.domain.trials import Cause, TrialState
from engine.errors import RunError
from engine.plan import Budget, EvaluationPlan, MethodPlan, Resampling
from engine.search import Ending


class Killed(BaseException):
    """Ends a search as a power cut would: no handler runs but the operating system's."""


def killed_after(folds):
    """An objective that dies after so many folds."""
    left = [folds]

    def evaluate(configuration, fold):
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return configuration["depth"] / 10 + fold / 100

    return evaluate


def plain(configuration, fold):
    return configuration["depth"] / 10 + fold / 100


def test_the_budget_is_spent_exactly_and_trial_0_is_the_default(bed):
    one = bed()
    assert one.run() is Ending.FINISHED
    assert len(one.trials) == 6
    assert one.trials[0].configuration["depth"] == 4
    assert one.trials[0].origin == "default"
    assert all(t.state is TrialState.COMPLETE and len(t.folds) == 3 for t in one.trials)


def test_a_value_is_the_mean_of_its_folds(bed):
    one = bed()
    one.run()
    for trial in one.trials:
        mean = math.fsum(f.scores["accuracy"] for f in trial.folds.values()) / 3
        assert trial.value == pytest.approx(mean)


@pytest.mark.parametrize("workers", [2, 5])
def test_several_workers_share_one_trial(bed, workers):
    seen = []

    def evaluate(configuration, fold):
        seen.append((configuration["C"], fold))
        return 0.5

    one = bed(budget=Budget(evaluations=1))
    one.run(workers=workers, evaluate=evaluate)
    assert sorted(fold for _, fold in seen) == [0, 1, 2]
    assert len({c for c, _ in seen}) == 1


@pytest.mark.parametrize("method", ["random", "tpe"])
@pytest.mark.parametrize("folds", [0, 1, 3, 4, 8, 17])
def test_killed_and_resumed_ends_with_the_same_archive(bed, method, folds):
    options = {"method": MethodPlan(method)}
    whole = bed("whole", **options)
    whole.run(evaluate=plain)
    torn = bed("torn", **options)
    with pytest.raises(Killed):
        torn.run(evaluate=killed_after(folds))
    assert torn.run(evaluate=plain) is Ending.FINISHED
    assert torn.outline() == whole.outline()


@pytest.mark.parametrize("method", ["random", "tpe"])
@pytest.mark.parametrize("max_pending", [1, 2, 3])
def test_reproducible_is_the_same_for_any_number_and_speed_of_workers(bed, method, max_pending):
    options = {
        "method": MethodPlan(method, {"n_startup_trials": 3} if method == "tpe" else {}),
        "reproducible": True,
        "max_pending": max_pending,
        "budget": Budget(evaluations=9),
    }
    outlines = []
    for workers, pick in ((1, lambda j: 0), (2, lambda j: -1), (4, lambda j: len(j) // 2)):
        one = bed(f"with-{workers}", **options)
        assert one.run(workers=workers, pick=pick, evaluate=plain) is Ending.FINISHED
        outlines.append(one.outline())
    assert outlines[0] == outlines[1] == outlines[2]


@pytest.mark.parametrize("folds", [2, 5, 11, 20])
def test_reproducible_survives_kills_with_several_workers(bed, folds):
    options = {
        "method": MethodPlan("tpe", {"n_startup_trials": 3}),
        "reproducible": True,
        "max_pending": 2,
        "budget": Budget(evaluations=9),
    }
    whole = bed("whole", **options)
    whole.run(workers=3, evaluate=plain)
    torn = bed("torn", **options)
    with pytest.raises(Killed):
        torn.run(workers=2, pick=lambda j: -1, evaluate=killed_after(folds))
    torn.run(workers=3, pick=lambda j: len(j) // 2, evaluate=plain)
    assert torn.outline() == whole.outline()


def test_a_failed_fold_fails_its_trial_with_the_reason_and_spares_the_rest(bed):
    def evaluate(configuration, fold):
        if configuration["depth"] == 4 and fold == 1:
            raise ValueError("no luck")
        return 0.5

    one = bed()
    one.run(evaluate=evaluate)
    failed = one.trials[0]
    assert failed.state is TrialState.FAILED
    assert failed.cause is Cause.ERROR
    assert failed.message == "no luck"
    assert sorted(failed.folds) == [0, 1]
    assert "ValueError" in failed.folds[1].details


def test_a_score_that_is_no_number_is_a_failure(bed):
    one = bed(budget=Budget(evaluations=1))
    one.run(evaluate=lambda configuration, fold: math.nan)
    assert one.trials[0].cause is Cause.NON_FINITE


def test_five_failures_alike_in_a_row_pause_the_search(bed):
    def evaluate(configuration, fold):
        raise ValueError(f"singular at {configuration['C']}")

    one = bed(budget=Budget(evaluations=50))
    with pytest.raises(RunError, match="Five trials in a row") as caught:
        one.run(evaluate=evaluate)
    assert caught.value.code == "run.failing"
    assert "singular" in str(caught.value)
    assert len(one.trials) == 5


def test_five_different_failures_do_not_pause(bed):
    words = iter(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"] * 10
    )

    def evaluate(configuration, fold):
        raise ValueError(next(words))

    one = bed(budget=Budget(evaluations=2))
    assert one.run(evaluate=evaluate) is Ending.FINISHED


def test_after_a_fault_the_search_goes_on_when_told(bed, listener):
    broken = [True]

    def evaluate(configuration, fold):
        if broken[0]:
            raise ValueError("broken")
        return 0.5

    one = bed(budget=Budget(evaluations=4))
    search = one.search(evaluate=evaluate, listener=listener, faults_pause=True)
    ended = []
    thread = threading.Thread(target=lambda: ended.append(search.run()))
    thread.start()
    while not listener.pauses:
        thread.join(0.01)
    assert listener.pauses[0].code == "run.failing"
    broken[0] = False
    search.control.resume()
    thread.join(10)
    assert ended == [Ending.FINISHED]
    assert any(t.state is TrialState.COMPLETE for t in one.trials)


def test_a_full_disk_pauses_and_nothing_is_lost(bed, listener, monkeypatch):
    one = bed()
    search = one.search(evaluate=plain, listener=listener, faults_pause=True)
    journal = one.archive._journal
    write, fail = journal.append_logs, [0]

    def append(logs):
        fail[0] += 1
        if 7 <= fail[0] < 10:
            raise RunError("run.disk_full", path="journal")
        write(logs)

    monkeypatch.setattr(journal, "append_logs", append)
    ended = []
    thread = threading.Thread(target=lambda: ended.append(search.run()))
    thread.start()
    heard = 0
    while thread.is_alive():
        thread.join(0.01)
        if len(listener.pauses) > heard and listener.pauses[-1] != "resumed":
            heard = len(listener.pauses)
            search.control.resume()
    assert ended == [Ending.FINISHED]
    assert [p.code for p in listener.pauses if p != "resumed"] == ["run.disk_full"] * 3
    whole = bed("whole")
    whole.run(evaluate=plain)
    assert one.outline() == whole.outline()


def test_the_target_ends_the_search(bed):
    one = bed(budget=Budget(evaluations=500, target=0.8))
    one.run(evaluate=lambda configuration, fold: configuration["depth"] / 8)
    assert 1 < len(one.trials) < 500
    assert one.trials[-1].value >= 0.8


def test_stagnation_ends_the_search(bed):
    one = bed(budget=Budget(evaluations=500, stagnation=4))
    one.run(evaluate=lambda configuration, fold: 0.5)
    assert len(one.trials) == 5


def test_an_exhausted_space_ends_the_search(bed):
    from engine.space import Integer, SearchSpace

    one = bed(space=SearchSpace((Integer("depth", 1, 5),)), budget=Budget(evaluations=100))
    search = one.search(evaluate=lambda configuration, fold: 0.5)
    assert search.run() is Ending.FINISHED
    assert sorted(t.configuration["depth"] for t in one.trials) == [1, 2, 3, 4, 5]
    assert search.reason == "Every configuration of the search space has been tried."


@pytest.mark.parametrize("drop", [False, True])
def test_a_grid_that_is_done_ends_the_search(bed, drop):
    method = MethodPlan("grid", {"resolution": 2, "own": "depth=3", "drop_losers": drop})
    folds = EvaluationPlan("accuracy", Resampling("kfold", folds=4))
    one = bed(method=method, budget=Budget(evaluations=100), evaluation=folds)
    search = one.search()
    assert search.run() is Ending.FINISHED
    # C 2 x depth 3 x (share 2 under one choice of bootstrap, none under the other), the default.
    assert len(one.trials) == 2 * 3 * 3 + 1
    assert search.reason == "Every point of the grid has been tried."


def test_time_is_up_even_while_evaluations_are_left(bed):
    one = bed(budget=Budget(evaluations=10**6, seconds=0.3))
    assert one.run() is Ending.FINISHED
    assert len(one.trials) > 1


def test_stopped_search_goes_on_where_it_was(bed):
    one = bed()
    search = one.search(evaluate=lambda c, f: (search.control.stop(), plain(c, f))[1])
    assert search.run() is Ending.STOPPED
    assert len(one.trials) < 6
    assert one.run(evaluate=plain) is Ending.FINISHED
    whole = bed("whole")
    whole.run(evaluate=plain)
    assert one.outline() == whole.outline()


def test_more_budget_goes_on_under_new_numbers(bed):
    one = bed()
    one.run(evaluate=plain)
    one.run(evaluate=plain, budget=Budget(evaluations=10))
    assert [t.number for t in one.trials] == list(range(10))


def test_a_killed_trial_says_so_and_others_go_on(bed):
    one = bed()

    def evaluate(configuration, fold):
        if one.trials[-1].number == 2:
            search.kill(2)
        return plain(configuration, fold)

    search = one.search(evaluate=evaluate)
    assert search.run() is Ending.FINISHED
    causes = {t.number: t.cause for t in one.trials}
    assert causes[2] is Cause.KILLED
    assert sum(cause is not None for cause in causes.values()) == 1


def test_listener_hears_each_trial_fold_and_state_once(bed, listener):
    one = bed()
    one.run(listener=listener)
    folds = [(fold.trial, fold.fold) for _, fold in listener.changes if fold]
    assert len(folds) == len(set(folds)) == 18
    assert len(listener.changes) == 18 + 2 * 6
    last = listener.counts[-1]
    assert (last.trials, last.complete, last.failed, last.busy) == (6, 6, 0, 0)
    assert last.fraction == 1.0


def test_a_configuration_of_ones_own_is_evaluated_next(bed):
    made = bed(budget=Budget(evaluations=6))
    search = made.search(workers=1)
    own = {"C": 7.0, "depth": 8, "bootstrap": False}
    answers = []

    def ask():
        answers.append(search.enqueue(own))

    import threading

    asker = threading.Thread(target=ask)
    asker.start()
    while search._commands.empty():
        pass
    assert search.run() is Ending.FINISHED
    asker.join()
    (trial,) = answers
    assert made.archive.trials[trial].configuration == own
    assert made.archive.trials[trial].origin == "person"
    assert made.archive.trials[trial].value == pytest.approx(0.81)
    assert len(made.trials) == 6  # it counts

    again = made.search(budget=Budget(evaluations=8))
    again.run()
    assert made.archive.trials[trial].origin == "person"
    assert len(made.trials) == 8
    with pytest.raises(RunError, match="has just ended"):
        again.enqueue({"C": 8.0, "depth": 8, "bootstrap": False}, seconds=0.05)
