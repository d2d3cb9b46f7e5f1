"""How small a fit may be, and what to set of a method that makes small fits."""

from __future__ import annotations

import pytest

from engine.catalog import costs
from engine.domain.cards import Catalog, LearnerCard, MethodCard
from engine.guide.fidelity import kind_of, lowest_fidelity, options, smallest, training_share
from engine.guide.situation import Situation
from engine.options import Option
from engine.plan import Resampling
from engine.space import Integer, SearchSpace

OPTIONS = (
    Option("eta", "Eta", "integer", 3),
    Option("fidelity", "Fidelity", "choice", "auto", choices=("auto", "model", "rows", "folds")),
    Option("min_fidelity", "Smallest", "float", 0.0),
)
PARTIAL = MethodCard("halving", "", "", "", "", OPTIONS, partial_fits=True)
FULL = MethodCard("random", "", "", "", "")
TASKS = ("binary", "multiclass", "regression")
LEARNERS = (
    LearnerCard("svm", "", "", "", "", TASKS, (), ""),
    LearnerCard("forest", "", "", "", "", TASKS, (), "", fidelity_parameter="trees"),
)


@pytest.fixture
def fits(facts):
    def make(*counts: int, rows: int = 0, trees: SearchSpace | None = None, **known) -> Situation:
        known.setdefault("learner", "svm")
        return Situation(
            facts=facts(*counts, rows=rows),
            catalog=Catalog(LEARNERS, (), (), ()),
            costs=costs(),
            space=trees,
            **known,
        )

    return make


@pytest.mark.parametrize(
    ("rows", "expected", "warned"),
    [
        (2_999, 1 / 3, True),
        (3_000, 1 / 3, False),
        (8_999, 1 / 3, False),
        (9_000, 1 / 9, False),
        (27_000, 1 / 27, False),
        (10**9, 1 / 27, False),
    ],
)
def test_a_thousand_rows_at_least(facts, rows, expected, warned):
    share, warning = lowest_fidelity(facts(rows=rows), "rows")
    assert share == pytest.approx(expected)
    assert bool(warning) == warned
    if warned:
        assert warning == (
            "1/3 of the 2,999 rows that a fit learns from is 999; scores from fewer than about "
            "1,000 mislead, so full fits are the safer choice."
        )


@pytest.mark.parametrize(
    ("rare", "expected", "warned"),
    [(59, 1 / 3, True), (60, 1 / 3, False), (180, 1 / 9, False), (540, 1 / 27, False)],
)
def test_twenty_rows_of_the_rarest_class_at_least(facts, rare, expected, warned):
    share, warning = lowest_fidelity(facts(rare, 99_000), "rows")
    assert share == pytest.approx(expected)
    assert ("59 rows of “class 0” that a fit learns from is 19" in warning) == warned


@pytest.mark.parametrize(
    ("full", "expected", "warned"),
    [
        (29, 1 / 3, True),
        (30, 1 / 3, False),
        (100, 1 / 9, False),
        (270, 1 / 27, False),
        (5_000, 1 / 27, False),
    ],
)
def test_ten_trees_or_rounds_at_least(facts, full, expected, warned):
    share, warning = lowest_fidelity(facts(rows=50), "model", full=full)
    assert share == pytest.approx(expected)
    assert bool(warning) == warned


@pytest.mark.parametrize(("eta", "expected"), [(2, 1 / 16), (3, 1 / 27), (4, 1 / 16), (30, 1 / 30)])
def test_rungs_are_powers_of_eta(facts, eta, expected):
    assert lowest_fidelity(facts(rows=10**6), "rows", eta) == (pytest.approx(expected), "")


def test_what_no_fit_learns_from_does_not_count(facts):
    assert lowest_fidelity(facts(rows=9_000), "rows", share=0.64)[0] == pytest.approx(1 / 3)


def test_without_partial_fits_there_is_nothing_to_warn_of(facts):
    assert lowest_fidelity(facts(rows=10), "none") == (1.0, "")
    with pytest.raises(ValueError, match="above 1"):
        lowest_fidelity(facts(rows=10), "rows", 1)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"resampling": Resampling(folds=5)}, 0.8 * 0.8),
        ({"resampling": Resampling(kind="holdout", share=0.25)}, 0.8 * 0.75),
        ({"resampling": Resampling("repeated_kfold", 10, 3)}, 0.8 * 0.9),
        ({"resampling": Resampling(folds=10), "test_share": 0.0}, 0.9),
        ({"resampling": Resampling(folds=10), "test_rows": 500}, 0.9),
        ({"resampling": Resampling(folds=10), "test_share": 0.5}, 0.45),
    ],
)
def test_rows_that_a_fit_learns_from(fits, known, expected):
    assert training_share(fits(rows=1_000, **known)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"learner": "svm"}, "rows"),
        ({"learner": "forest"}, "model"),
        ({"learner": "forest", "fidelity": "rows"}, "rows"),
        ({"learner": "svm", "fidelity": "none"}, "none"),
        ({"learner": None}, "none"),
    ],
)
def test_the_kind_is_the_learners_unless_known(fits, known, expected):
    assert kind_of(fits(rows=1_000, **known)) == expected


@pytest.mark.parametrize(
    ("trees", "expected"),
    [
        (None, "1/9 of the trees, rounds or epochs, about 11"),  # 100, the library's own
        (
            SearchSpace((Integer("trees", 1, 2_000),)),
            "1/27 of the trees, rounds or epochs, about 37",
        ),
        (
            SearchSpace((Integer("trees", 10, 1_000, log=True),)),
            "1/9 of the trees, rounds or epochs, ",
        ),
        (
            SearchSpace((Integer("other", 1, 2_000),)),
            "1/9 of the trees, rounds or epochs, about 11",
        ),
    ],
)
def test_a_full_size_is_the_middle_of_the_space(fits, trees, expected):
    found = smallest(fits(rows=100, learner="forest", trees=trees))
    assert found.words.startswith(expected)
    assert found.helps


def test_a_full_size_that_is_held_is_that(fits):
    found = smallest(fits(rows=100, learner="forest", fixed={"trees": 810}))
    assert found.words == "1/27 of the trees, rounds or epochs, about 30"


@pytest.mark.parametrize(
    ("known", "chosen", "expected"),
    [
        ({}, {}, {"fidelity": "rows", "min_fidelity": 1 / 9}),
        ({"learner": "forest"}, {}, {"fidelity": "model", "min_fidelity": 1 / 9}),
        (
            {"learner": "forest"},
            {"fidelity": "auto", "min_fidelity": 0.0},
            {"fidelity": "model", "min_fidelity": 1 / 9},
        ),
        ({}, {"min_fidelity": 0.5}, {"fidelity": "rows", "min_fidelity": 0.5}),
        ({}, {"eta": 2}, {"eta": 2, "fidelity": "rows", "min_fidelity": 1 / 16}),
        ({}, {"eta": 0}, {"eta": 0, "fidelity": "rows", "min_fidelity": 1 / 9}),
        (
            {"learner": "forest", "facts": 1_000},
            {"fidelity": "rows"},
            {"fidelity": "rows", "min_fidelity": 1 / 3},
        ),
        ({"fidelity": "none"}, {}, {"min_fidelity": 1.0}),
        (
            {"resampling": Resampling(folds=10), "facts": 50},
            {"fidelity": "folds"},
            {"fidelity": "folds", "min_fidelity": 1 / 9},
        ),
    ],
)
def test_options_are_the_persons_and_the_rest_the_guides(fits, known, chosen, expected):
    rows = known.pop("facts", 30_000)
    found = options(PARTIAL, fits(rows=rows, **known), chosen)
    assert found == {
        name: pytest.approx(value) if isinstance(value, float) else value
        for name, value in expected.items()
    }


@pytest.mark.parametrize(
    ("n_folds", "expected", "words", "warned"),
    [
        (2, 1 / 3, "1/3 of the folds, about 1", True),
        (3, 1 / 3, "1/3 of the folds, about 1", False),
        (8, 1 / 3, "1/3 of the folds, about 3", False),
        (9, 1 / 9, "1/9 of the folds, about 1", False),
        (27, 1 / 27, "1/27 of the folds, about 1", False),
        (50, 1 / 27, "1/27 of the folds, about 2", False),
    ],
)
def test_one_fold_at_least(fits, n_folds, expected, words, warned):
    scheme = Resampling(folds=n_folds)
    found = smallest(fits(rows=60, fidelity="folds", resampling=scheme))
    assert found.share == pytest.approx(expected)
    assert found.words == words
    assert bool(found.warning) == warned == (not found.helps)


def test_only_options_that_a_method_has_are_set(fits):
    bare = MethodCard("asha", "", "", "", "", OPTIONS[:1], partial_fits=True)
    assert options(bare, fits(rows=30_000)) == {}
    assert options(FULL, fits(rows=30_000), {"a": 1}) == {"a": 1}
