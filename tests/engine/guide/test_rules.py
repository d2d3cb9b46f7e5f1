"""Each rule of the guide on both sides of its threshold (table of research: 6.9 and 6.10)."""

from __future__ import annotations

import pytest

from engine.catalog import CATALOG, costs
from engine.domain.advice import ProbeResult
from engine.guide import budget, learner, recommend_measure, recommend_resampling, workers
from engine.guide.facts import Picture
from engine.guide.situation import Situation
from engine.plan import Budget, Resampling
from engine.space import Categorical, Float, SearchSpace


def space(numbers: int, choices: int = 0) -> SearchSpace:
    return SearchSpace(
        (
            *(Categorical(f"c{i}", ("a", "b")) for i in range(choices)),
            *(Float(f"x{i}", 0, 1) for i in range(numbers)),
        )
    )


def probe(fold_seconds: float) -> ProbeResult:
    return ProbeResult(fold_seconds, 5 * fold_seconds, 10.0, 0.9)


# --- resampling -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((60, 60), "5x10-fold"),
        ((99, 100), "5x10-fold"),
        ((100, 100), "3x10-fold"),
        ((249, 250), "3x10-fold"),
        ((250, 250), "10-fold"),
        ((5_000, 4_999), "10-fold"),
        ((5_000, 5_000), "5-fold"),
        ((50_000, 49_999), "5-fold"),
        ((50_000, 50_000), "holdout"),
        ((100_000, 100_000), "holdout"),
    ],
)
def test_resampling_follows_the_rows(facts, counts, expected):
    assert recommend_resampling.scheme_for(facts(*counts)) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((60, 99_940), "5x10-fold"),
        ((24_999, 75_001), "5-fold"),
        ((25_000, 75_000), "holdout"),  # half its fair share is not yet imbalance
        ((200, 4_000, 4_000), "3x10-fold"),
    ],
)
def test_the_rarest_class_counts_as_the_sample_size(facts, counts, expected):
    assert recommend_resampling.scheme_for(facts(*counts)) == expected


def test_a_rare_class_is_named_with_its_rows(situation, facts):
    known = situation(facts=facts(60, 99_940), learner="svm", probe=probe(0.001))
    best = recommend_resampling.recommend(known)[0]
    assert best.choice == "5x10-fold"
    assert "100,000 rows, but only 60 of “class 0”" in best.reason


@pytest.mark.parametrize(
    ("counts", "thin"),
    [
        ((60, 99_940), True),  # 48 of them outside the test, 5 in each of 10 folds
        ((124, 99_876), False),
        ((118, 99_882), True),
        ((60, 60), False),  # few, but balanced: the size alone says so
    ],
)
def test_folds_with_a_handful_of_a_rare_class_get_a_caution(situation, facts, counts, thin):
    known = situation(facts=facts(*counts), learner="svm", probe=probe(0.001))
    best = recommend_resampling.recommend(known)[0]
    assert ("each scores only about" in best.reason) == thin
    if counts[0] == 60 and thin:
        assert "about 5 rows of “class 0”" in best.reason


@pytest.mark.parametrize(
    ("fold_seconds", "expected"),
    [
        (0.5, "5x10-fold"),  # 50 fits of 0.5 s: 24 evaluations in ten minutes
        (0.7, "3x10-fold"),
        (2.0, "10-fold"),
        (3.1, "5-fold"),
        (60.0, "5-fold"),  # never a holdout for so few rows
    ],
)
def test_resampling_gives_way_to_the_time(situation, facts, fold_seconds, expected):
    known = situation(facts=facts(75, 75), learner="svm", probe=probe(fold_seconds))
    best = recommend_resampling.recommend(known)[0]
    assert best.choice == expected
    assert ("too long" in best.reason) == (expected != "5x10-fold")
    assert ("more time" in best.would_change) == (expected != "5x10-fold")


def test_many_rows_may_come_to_a_holdout_for_time(situation, facts):
    known = situation(facts=facts(60, 199_940), learner="svm", probe=probe(60.0))
    assert recommend_resampling.recommend(known)[0].choice == "holdout"


@pytest.mark.parametrize(("rarest", "folds"), [(100, 10), (13, 10), (12, 9), (6, 4), (2, 2)])
def test_no_more_folds_than_rows_of_the_rarest_class(situation, facts, rarest, folds):
    known = situation(facts=facts(rarest, 500), learner="svm", probe=probe(0.001))
    assert (
        recommend_resampling.resampling_of(recommend_resampling.recommend(known)[0].choice).folds
        == folds
    )


@pytest.mark.parametrize(("rows", "share"), [(49, 0.0), (50, 0.2), (1_000_000, 0.2)])
def test_tiny_tables_keep_no_outer_test(facts, rows, share):
    assert recommend_resampling.test_share(facts(rows=rows)) == share


def test_rough_schemes_are_listed_but_not_advised(situation, facts):
    listed = recommend_resampling.recommend(situation(facts=facts(75, 75), learner="svm"))
    assert {r.choice: r.fits for r in listed} == {
        "5x10-fold": True,
        "3x10-fold": True,
        "10-fold": False,
        "5-fold": False,
        "holdout": False,
    }


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("holdout", Resampling(kind="holdout", share=1 / 3)),
        ("7-fold", Resampling(kind="kfold", folds=7)),
        ("3x10-fold", Resampling(kind="repeated_kfold", folds=10, repeats=3)),
    ],
)
def test_a_choice_becomes_a_plan(choice, expected):
    assert recommend_resampling.resampling_of(choice) == expected
    with pytest.raises(ValueError, match="nonsense"):
        recommend_resampling.resampling_of("nonsense")


# --- budget ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fold_seconds", "workers", "seconds", "evaluations", "reason"),
    [
        (0.1, 1, None, 400, "takes about 3.3 min"),
        (0.31, 1, None, 350, "has room for about 350."),
        (1.0, 1, None, 120, "fewer than the rule asks"),
        (1.0, 2, None, 200, "has room for about 200."),
        (100.0, 1, None, 5, "has room for about 1,"),
        (1.0, 1, 30.0, 400, "30 s has room for about 6, fewer"),
        (0.01, 1, 30.0, 400, "takes about 20 s"),
    ],
)
def test_budget(situation, fold_seconds, workers, seconds, evaluations, reason):
    known = situation(
        learner="svm",
        space=space(4),
        probe=probe(fold_seconds),
        workers=workers,
        seconds=seconds,
        resampling=Resampling(folds=5),
    )
    best = budget.recommend(known)[0]
    assert budget.budget_of(best.choice) == Budget(evaluations=evaluations, seconds=seconds or 600)
    assert best.reason.startswith("Four hyperparameters: the rule of thumb is 50 to 100")
    assert reason in best.reason


def test_a_small_space_needs_no_more_evaluations_than_it_has(situation):
    known = situation(learner="svm", space=space(0, 3), probe=probe(0.01))
    best = budget.recommend(known)[0]
    assert budget.budget_of(best.choice).evaluations == 8
    assert "only 8 configurations" in best.reason


def test_nothing_to_search_needs_no_budget(situation):
    assert budget.recommend(situation(space=space(0))) == ()
    assert budget.recommend(situation()) == ()


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("200 evaluations", Budget(evaluations=200)),
        ("60.5 s", Budget(seconds=60.5)),
        ("200 evaluations or 600 s", Budget(evaluations=200, seconds=600)),
    ],
)
def test_a_budget_choice_becomes_a_plan(choice, expected):
    assert budget.budget_of(choice) == expected
    with pytest.raises(ValueError, match="soon"):
        budget.budget_of("soon")


# --- learner, measure, workers --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"rows": 100, "encoded": 100}, "elastic_net"),
        ({"rows": 101, "encoded": 100}, "svm"),
        ({"rows": 1_000}, "svm"),
        ({"rows": 1_001}, "gradient_boosting"),
        ({"rows": 1_000, "categorical": 1}, "random_forest"),
        ({"rows": 1_001, "categorical": 1}, "gradient_boosting"),
    ],
)
def test_learner(situation, facts, table, expected):
    best, *others = learner.recommend(situation(facts=facts(**table)))
    assert best.choice == expected
    assert f"{table['rows']:,} row" in best.reason
    assert len(others) == 3


@pytest.mark.parametrize(
    ("rows", "side", "expected"),
    [
        (1_001, 12, "conv_network"),
        (1_000, 12, "elastic_net"),
        (1_001, 11, "gradient_boosting"),
        (1_001, None, "gradient_boosting"),
    ],
)
def test_many_detailed_pictures_are_for_convolutions(facts, rows, side, expected):
    pictured = None if side is None else Picture(side, tuple(range(side * side)))
    pixels = 1_000 if rows == 1_000 else 144
    table = facts(rows - 500, 500, encoded=pixels, picture=pictured)
    best = learner.recommend(Situation(catalog=CATALOG(), costs=costs(), facts=table))[0]
    assert best.choice == expected
    if expected == "conv_network":
        assert "1,001 pictures of 12 by 12 pixels" in best.reason


@pytest.mark.parametrize(("rows", "fits"), [(10_000, True), (10_001, False)])
def test_an_svm_is_not_advised_for_many_rows(situation, facts, rows, fits):
    listed = learner.recommend(situation(catalog=CATALOG(), facts=facts(rows=rows)))
    svm = next(r for r in listed if r.choice == "svm")
    assert svm.fits == fits
    assert fits or "grows with the square of the rows" in svm.reason


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((250, 750), "accuracy"),
        ((249, 751), "roc_auc"),
        ((50, 125, 125), "accuracy"),
        ((49, 125, 126), "balanced_accuracy"),
    ],
)
def test_measure_follows_the_balance_of_classes(situation, facts, counts, expected):
    best, *others = recommend_measure.recommend(situation(facts=facts(*counts)))
    assert best.choice == expected
    assert str(counts[0]) in best.reason
    assert len(others) == 4


def test_measure_of_a_number(situation, facts):
    listed = recommend_measure.recommend(situation(facts=facts(rows=300)))
    assert [r.choice for r in listed] == ["rmse", "mae", "r2"]


@pytest.mark.parametrize(
    ("cores", "n_folds", "reason", "level"),
    [
        (1, 5, "One physical core", "nothing"),
        (4, 5, "the 5 fits of one evaluation keep them busy", "folds"),
        (5, 5, "knows nearly all scores before it", "folds"),
        (6, 5, "without the scores of the one still running", "2 configurations"),
        (16, 5, "without the scores of the 3 still running", "4 configurations"),
    ],
)
def test_workers_parallelise_one_level(situation, cores, n_folds, reason, level):
    best = workers.recommend(situation(workers=cores, resampling=Resampling(folds=n_folds)))[0]
    assert best.choice == str(cores)
    assert reason in best.reason
    assert ("parallel", level) in best.figures
