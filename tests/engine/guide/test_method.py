"""The table of methods, each row on both sides of its thresholds (research: 6.9 and 6.10)."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import pytest

from engine.catalog import costs
from engine.domain.advice import ProbeResult
from engine.domain.cards import Catalog, LearnerCard, MeasureCard, MethodCard
from engine.guide import method
from engine.guide.advise import advise, pick
from engine.guide.situation import Situation
from engine.options import Option
from engine.plan import Resampling
from engine.space import Categorical, Condition, Float, Integer, SearchSpace

ETA = Option("eta", "Share", "integer", 3)
METHODS = {
    "random": {},
    "grid": {},
    "sobol": {},
    "lhs": {},
    "tpe": {"model_based": True},
    "gp": {"model_based": True},
    "rf_bo": {"model_based": True},
    "cmaes": {"conditions": False},
    "evolution": {},
    "de": {"conditions": False},
    "halving": {"partial_fits": True, "options": (ETA,)},
    "hyperband": {"partial_fits": True, "options": (ETA,)},
    "asha": {"partial_fits": True, "options": (ETA,)},
    "bohb": {"partial_fits": True, "model_based": True, "options": (ETA,)},
    "racing": {"partial_folds": True},
    "auto": {},
}
PARTIAL = ("halving", "hyperband", "asha", "bohb")


def card(name: str, **abilities) -> MethodCard:
    abilities = {"options": (), **abilities}
    return MethodCard(
        id=name,
        label=name.upper(),
        summary=f"About {name}.",
        source="somewhere",
        help=name,
        **abilities,
    )


def learner(name: str, fidelity_parameter: str = "") -> LearnerCard:
    tasks = ("binary", "multiclass", "regression")
    return LearnerCard(name, name, "", "", "", tasks, (), name, fidelity_parameter)


def catalog_of(*names: str) -> Catalog:
    learners = (learner("svm"), learner("gradient_boosting", "max_iter"))
    methods = tuple(card(name, **METHODS[name]) for name in names)
    measures = (MeasureCard("accuracy", "Accuracy", True, ("binary",), "", "accuracy"),)
    return Catalog(learners=learners, methods=methods, measures=measures, datasets=())


WHOLE = catalog_of(*METHODS)


def without(*names: str) -> Catalog:
    return catalog_of(*(name for name in METHODS if name not in names))


def space(numbers: int, choices: int = 0, conditional: bool = False, rounds: int = 0):
    parameters = (
        *(Categorical(f"c{i}", ("a", "b")) for i in range(choices)),
        *(Float(f"x{i}", 0, 1) for i in range(numbers - (rounds > 0))),
        *([Integer("max_iter", 1, rounds)] if rounds else []),
    )
    conditions = (Condition("x0", "c0", ("a",)),) if conditional else ()
    return SearchSpace(parameters, conditions)


def probe(seconds: float) -> ProbeResult:
    return ProbeResult(seconds, 5 * seconds, 10.0, 0.9)


def noisy(known: ProbeResult, scheme: Resampling, noise: float) -> ProbeResult:
    """``known`` with ten fold scores around 0.9 that differ by ``noise`` times 0.1."""
    half = 0.1 * noise * math.sqrt(9 / 10)  # the deviation of values as far above as below
    scores = {"accuracy": (0.9 - half, 0.9 + half) * 5}
    return msgspec.structs.replace(known, fold_scores=scores, resampling=scheme)


@pytest.fixture
def search(facts) -> Callable[..., Situation]:
    """An SVM on 600 rows (too few for partial fits), 5 folds, all methods; ``evaluation`` is the
    cost of one."""

    def make(searched: SearchSpace, evaluation: float, evaluations: float, **known) -> Situation:
        known = {
            "facts": facts(300, 300),
            "catalog": WHOLE,
            "learner": "svm",
            "resampling": Resampling(folds=5),
            **known,
        }
        n_folds = known["resampling"].n_folds
        return Situation(
            space=searched,
            costs=costs(),
            probe=probe(evaluation / n_folds),
            evaluations=evaluations,
            **known,
        )

    return make


@pytest.fixture
def boosting(search) -> Callable[..., Situation]:
    """Boosting with five hyperparameters, its rounds among them: fits can be partial."""

    def make(evaluation: float, evaluations: float, **known) -> Situation:
        known = {"learner": "gradient_boosting", "rounds": 5000, "tuned": 5, **known}
        searched = space(known.pop("tuned"), rounds=known.pop("rounds"))
        return search(searched, evaluation, evaluations, **known)

    return make


@pytest.mark.parametrize(
    ("searched", "evaluation", "evaluations", "expected", "reason"),
    [
        # few, cheap, and enough of them to cover the space
        (space(2), 0.02, 200, "random", "Two numeric hyperparameters and 200 evaluations of 0.02"),
        (space(3), 0.049, 300, "random", "take longer to propose one than to try it"),
        (space(3), 0.051, 300, "gp", "Three numeric hyperparameters"),
        (space(4), 0.02, 400, "gp", "Four numeric hyperparameters"),
        (space(3), 0.02, 150, "random", "cover the space"),
        (space(3), 0.02, 149, "gp", "Gaussian process"),
        # everything can be tried
        (space(0, 3), 30.0, 8, "grid", "only 8 configurations, so a grid tries them all"),
        (space(0, 6), 30.0, 63, "rf_bo", "Six hyperparameters and 63 evaluations"),
        # a model of the score needs something to learn from
        (space(4), 30.0, 9, "random", "needs about 10 evaluations"),
        (space(4), 30.0, 10, "gp", "learn from the scores"),
        (space(15), 30.0, 29, "random", "needs about 30 evaluations"),
        (space(15), 30.0, 30, "gp", "learn from the scores"),
        # which model
        (space(8), 30.0, 100, "gp", "100 evaluations of 30 s each"),
        (space(20), 30.0, 100, "gp", "20 numeric hyperparameters"),
        (space(21), 30.0, 100, "tpe", "copes with many hyperparameters"),
        (space(8), 30.0, 500, "gp", "Gaussian process"),
        (space(8), 30.0, 501, "tpe", "so long a search"),
        (space(4, 2), 30.0, 100, "gp", "Six hyperparameters"),
        (space(4, 3), 30.0, 100, "rf_bo", "takes choices and conditions as they are"),
        (space(7, 3, True), 30.0, 100, "gp", "some of them conditional"),
        (space(8, 3, True), 30.0, 100, "rf_bo", "11 hyperparameters, some of them conditional"),
        (space(8, 4, True), 5.0, 500, "rf_bo", "12 hyperparameters, some of them conditional"),
        # cheap and very many
        (space(12), 0.049, 1_000, "cmaes", "so many and such cheap evaluations"),
        (space(12), 0.051, 1_000, "tpe", "so long a search"),
        (space(12), 0.049, 999, "tpe", "so long a search"),
        (space(8, 4), 0.049, 1_000, "evolution", "a population learns"),
        (space(11, 1, True), 0.049, 1_000, "evolution", "some of them conditional"),
        # nothing to search
        (space(0), 0.1, 1, "random", "No numeric hyperparameters and 1 evaluation"),
    ],
)
def test_method(search, searched, evaluation, evaluations, expected, reason):
    best = method.recommend(search(searched, evaluation, evaluations))[0]
    assert best.choice == expected
    assert reason in best.reason
    assert best.source.startswith("Bischl et al. 2023")
    assert best.would_change.startswith("It would change if ")


@pytest.mark.parametrize(
    ("evaluation", "evaluations", "expected"),
    [
        # dear: from a minute an evaluation, while there are fewer than 50
        (60.0, 15, "bohb"),
        (60.0, 40, "bohb"),
        (60.0, 49, "bohb"),
        (60.0, 50, "gp"),
        (59.0, 40, "gp"),
        # few, and fits not so cheap that small ones save nothing: 1 s for each of 5 folds
        (5.0, 19, "bohb"),
        (5.0, 20, "gp"),
        (4.9, 19, "gp"),
        (4.9, 9, "random"),
        # how many brackets of 4 full fits (1/27, 1/9, 1/3, 1) there is room for
        (60.0, 8, "bohb"),
        (60.0, 7.9, "hyperband"),
        (60.0, 4, "hyperband"),
        (60.0, 3.9, "halving"),
    ],
)
def test_small_fits_when_full_ones_are_few(boosting, evaluation, evaluations, expected):
    best = method.recommend(boosting(evaluation, evaluations))[0]
    assert best.choice == expected
    if expected in PARTIAL:
        assert "Fits with 1/27 of the trees, rounds or epochs, about 93, show" in best.reason
        assert ("smallest fit", "1/27 of the trees, rounds or epochs, about 93") in best.figures
        assert best.source == "Bischl et al. 2023, Hyperband"


def test_what_would_change_small_fits_is_a_figure_that_changes_them(boosting):
    assert "reached 50 evaluations, or an evaluation took less than 60 s" in (
        method.recommend(boosting(60.0, 30))[0].would_change
    )
    assert "reached 20 evaluations, or a fit took less than 1 s" in (
        method.recommend(boosting(5.0, 15))[0].would_change
    )


@pytest.mark.parametrize(
    ("workers", "folds", "expected"), [(20, 5, "asha"), (19, 5, "bohb"), (4, 1, "asha")]
)
def test_many_trials_at_once_do_not_wait_for_rungs(boosting, workers, folds, expected):
    scheme = Resampling(folds=folds) if folds > 1 else Resampling(kind="holdout", share=1 / 3)
    known = boosting(60.0, 15, workers=workers, resampling=scheme)
    assert method.recommend(known)[0].choice == expected


@pytest.mark.parametrize(("tuned", "expected"), [(8, "bohb"), (9, "hyperband")])
def test_densities_need_configurations_enough(boosting, tuned, expected):
    """100 rounds leave two rungs below the full fit: 9 configurations a bracket."""
    known = boosting(60.0, 15, tuned=tuned, rounds=200)
    assert method.recommend(known)[0].choice == expected


@pytest.mark.parametrize(
    ("rows", "learner_id", "fidelity", "expected"),
    [
        (4_688, "svm", None, "hyperband"),  # 3,001 of them to learn from, a third is 1,000
        (4_687, "svm", None, "gp"),
        (4_688, "svm", "none", "gp"),
        (600, "gradient_boosting", None, "bohb"),
        (600, "gradient_boosting", "rows", "gp"),
        (600, "unheard_of", None, "gp"),
    ],
)
def test_small_fits_only_where_they_can_be_trusted(
    search, facts, rows, learner_id, fidelity, expected
):
    known = search(
        space(5, rounds=5000),
        60.0,
        15,
        facts=facts(rows=rows),
        learner=learner_id,
        fidelity=fidelity,
    )
    ranked = method.recommend(known)
    assert ranked[0].choice == expected
    if expected == "gp":
        assert {r.choice for r in ranked if not r.fits} >= set(PARTIAL)


@pytest.mark.parametrize(
    ("noise", "folds", "tuned", "evaluations", "expected"),
    [
        (0.31, 30, 5, 100, "racing"),
        (0.29, 30, 5, 100, "gp"),
        (None, 30, 5, 100, "gp"),
        (0.5, 29, 5, 100, "gp"),
        (0.5, 30, 5, 50, "racing"),
        (0.5, 30, 5, 49, "gp"),
        (0.5, 30, 30, 60, "racing"),
        (0.5, 30, 30, 59, "random"),
    ],
)
def test_racing_where_folds_are_many_and_noisy(search, noise, folds, tuned, evaluations, expected):
    scheme = Resampling(folds=folds)
    known = search(space(tuned), 30.0, evaluations, resampling=scheme, measure="accuracy")
    if noise is not None:
        known = msgspec.structs.replace(known, probe=noisy(known.probe, scheme, noise))
    best = method.recommend(known)[0]
    assert best.choice == expected
    if expected == "racing":
        assert f"differ by {noise:.0%} of their distance from a perfect one" in best.reason
        assert "or the budget were below 50 evaluations" in best.would_change
    if noise is not None:
        assert ("noise between folds", f"{noise:.0%}") in best.figures


@pytest.mark.parametrize(
    ("situation", "missing", "expected"),
    [
        ((space(2), 0.02, 200), ("random",), "sobol"),
        ((space(2), 0.02, 200), ("random", "sobol", "lhs"), "gp"),
        ((space(0, 3), 30.0, 8), ("grid",), "random"),
        ((space(8), 30.0, 100), ("gp",), "tpe"),
        ((space(8), 30.0, 100), ("gp", "tpe"), "rf_bo"),
        ((space(8), 30.0, 100), ("gp", "tpe", "rf_bo"), "random"),
        ((space(8, 4, True), 5.0, 500), ("rf_bo",), "tpe"),
        ((space(8, 4, True), 5.0, 500), ("rf_bo", "tpe"), "gp"),
        ((space(12), 0.02, 2_000), ("cmaes",), "de"),
        ((space(12), 0.02, 2_000), ("cmaes", "de"), "evolution"),
        ((space(12), 0.02, 2_000), ("cmaes", "de", "evolution"), "tpe"),
        ((space(8, 4), 0.02, 2_000), ("evolution",), "de"),
        # differential evolution and CMA-ES can't take conditions
        ((space(8, 4, True), 0.02, 2_000), ("evolution",), "tpe"),
    ],
)
def test_what_the_catalog_lacks_is_passed_over(search, situation, missing, expected):
    ranked = method.recommend(search(*situation, catalog=without(*missing)))
    assert ranked[0].choice == expected
    assert not {r.choice for r in ranked} & set(missing)
    assert not any(name.upper() in r.reason for r in ranked for name in missing)


def test_small_fits_without_their_methods_are_passed_over(boosting):
    for missing in (("bohb",), ("bohb", "hyperband"), ("bohb", "hyperband", "asha")):
        best = method.recommend(boosting(60.0, 15, catalog=without(*missing)))[0]
        assert best.choice == next(
            name for name in ("hyperband", "asha", "halving") if name not in missing
        )
    best = method.recommend(boosting(60.0, 15, catalog=without(*PARTIAL)))[0]
    assert best.choice == "gp"


def test_what_a_method_can_do_is_data(search):
    """A model nobody has heard of is advised as far as its card says it can."""
    fresh = msgspec.structs.replace(
        WHOLE, methods=(card("random"), card("new", model_based=True, conditions=False))
    )
    assert method.recommend(search(space(5), 10.0, 100, catalog=fresh))[0].choice == "new"
    conditional = method.recommend(search(space(5, 1, True), 10.0, 100, catalog=fresh))
    assert conditional[0].choice == "random"
    assert [r.choice for r in conditional if not r.fits] == ["new"]


def test_a_gaussian_process_without_conditions_is_passed_over(search):
    methods = tuple(
        msgspec.structs.replace(one, conditions=one.id != "gp") for one in WHOLE.methods
    )
    limited = msgspec.structs.replace(WHOLE, methods=methods)
    assert method.recommend(search(space(7, 3, True), 9.0, 100, catalog=limited))[0].choice == (
        "rf_bo"
    )


def test_something_is_advised_with_any_catalog(search):
    known = search(space(9), 30.0, 900)
    for name in METHODS:
        listed = method.recommend(msgspec.structs.replace(known, catalog=catalog_of(name)))
        assert [r.choice for r in listed] == [name]
        assert listed[0].fits == (name != "auto")


def test_the_time_bounds_what_a_model_can_learn_from(search):
    best = method.recommend(search(space(5), 5.0, 500, seconds=30.0))[0]
    assert best.choice == "random"
    assert "6 evaluations of 5 s" in best.reason


def test_without_a_space_nothing_is_said(search):
    known = msgspec.structs.replace(search(space(5), 5.0, 100), space=None)
    assert method.recommend(known) == ()
    with pytest.raises(ValueError, match="no space"):
        pick(known)


# --- the list -------------------------------------------------------------------------------------


def test_the_guides_own_pick_is_listed_second_and_names_it(search):
    ranked = method.recommend(search(space(8), 30.0, 100))
    assert [r.choice for r in ranked[:2]] == ["gp", "auto"]
    assert ranked[1].reason.startswith("The guide's own pick, as things stand GP, decided when")
    assert ranked[1].fits
    assert {r.choice for r in ranked} == set(METHODS)


@pytest.mark.parametrize(
    ("searched", "evaluations", "folds", "unfit"),
    [
        (space(2), 100, 5, PARTIAL),
        (space(4), 81, 5, PARTIAL),
        (space(4), 80, 5, (*PARTIAL, "grid")),
        (space(0, 6), 64, 5, PARTIAL),
        (space(2), 100, 4, (*PARTIAL, "racing")),
        (space(1, 1, True), 100, 5, (*PARTIAL, "cmaes", "de")),
    ],
)
def test_what_can_not_do_well_is_listed_last_with_the_reason(
    search, searched, evaluations, folds, unfit
):
    known = search(searched, 0.5, evaluations, resampling=Resampling(folds=folds))
    ranked = method.recommend(known)
    fits = [r.fits for r in ranked]
    assert fits == sorted(fits, reverse=True)
    assert {r.choice for r in ranked if not r.fits} == set(unfit)
    assert all("About" not in r.reason for r in ranked if not r.fits)


def test_reasons_against_are_in_the_persons_figures(search, boosting):
    listed = {r.choice: r for r in method.recommend(search(space(8), 30.0, 100))}
    assert "6,561 points, and the budget is 100 evaluations" in listed["grid"].reason
    assert "1/3 of the 384 rows that a fit learns from is 128" in listed["hyperband"].reason
    listed = {r.choice: r for r in method.recommend(boosting(30.0, 100))}
    assert listed["asha"].fits
    assert "smallest fits have 1/27 of the trees, rounds or epochs" in listed["asha"].reason
    few = {r.choice: r for r in method.recommend(search(space(8), 30.0, 12))}
    assert few["tpe"].reason.endswith("With 12 evaluations its model has little to learn from.")
    assert few["tpe"].fits


# --- the automatic method -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("searched", "evaluation", "evaluations"),
    [(space(2), 0.02, 200), (space(8), 30.0, 100), (space(8, 4, True), 5.0, 300)],
)
def test_the_pick_is_the_first_recommendation(search, searched, evaluation, evaluations):
    known = search(searched, evaluation, evaluations)
    assert pick(known) == advise(known).method[0]


def test_the_pick_is_never_itself(search):
    alone = search(space(3), 0.01, 300, catalog=catalog_of("auto", "sobol"))
    assert pick(alone).choice == "sobol"
    with pytest.raises(ValueError, match="no method"):
        pick(msgspec.structs.replace(alone, catalog=catalog_of("auto")))


def test_the_pick_takes_what_is_open_as_recommended(search):
    known = search(space(8), 2.5, 100)
    known = msgspec.structs.replace(known, resampling=None, evaluations=None)
    assert "evaluations of 5 s each" in pick(known).reason  # 10 folds for 600 rows
