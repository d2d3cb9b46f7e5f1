"""Whole advice and whole plans."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog import costs
from engine.domain.advice import ProbeResult
from engine.errors import InputError
from engine.guide import estimate
from engine.guide.advise import (
    advise,
    decided,
    method_options,
    pick,
    recommended_plan,
    situation_of,
)
from engine.guide.situation import Situation
from engine.plan import Budget, DataPlan, MethodPlan, Resampling, replace
from engine.space import Categorical, Float, Integer, SearchSpace

SPACES = {
    "elastic_net": SearchSpace((Float("C", 1e-4, 1e4, log=True), Float("l1_ratio", 0, 1))),
    "svm": SearchSpace((Float("C", 1e-4, 1e4, log=True), Float("gamma", 1e-4, 1e4, log=True))),
    "random_forest": SearchSpace(
        (
            Integer("trees", 1, 2_000),
            *(Float(name, 0, 1) for name in ("max_features", "max_samples", "a")),
            Categorical("bootstrap", (True, False)),
        )
    ),
    "gradient_boosting": SearchSpace(
        (Integer("rounds", 1, 5_000), *(Float(f"x{i}", 0, 1) for i in range(5)))
    ),
}


@pytest.fixture
def plan_for(catalog, facts):
    def make(table=None, **known):
        table = table or facts(59, 71, 48, numeric=13)
        plan, advice, _ = recommended_plan(
            DataPlan("builtin:wine", target="target"),
            table,
            catalog=known.pop("catalog", catalog),
            costs=costs(),
            space_of=SPACES.__getitem__,
            **known,
        )
        return plan, advice

    return make


@pytest.mark.parametrize("counts", [(20, 25), (60, 60), (300, 300), (60, 99_940), (10**5, 10**5)])
@pytest.mark.parametrize("seconds", [None, 30.0, 36_000.0])
@pytest.mark.parametrize("learner_id", [None, *SPACES])
@pytest.mark.parametrize("cores", [1, 16])
def test_each_answer_has_its_reason_its_source_and_what_would_change_it(
    plan_for, facts, counts, seconds, learner_id, cores
):
    _, advice = plan_for(
        facts(*counts), seconds=seconds, learner_id=learner_id, workers_available=cores
    )
    for name in advice.__struct_fields__:
        for best in getattr(advice, name)[:1]:
            assert best.reason.endswith("."), name
            assert best.source, name
            assert best.would_change.startswith(("It would ", "Nested ", "The outer ")), name
            assert best.figures, name


def test_the_plan_is_made_of_the_first_recommendations(plan_for):
    plan, advice = plan_for(workers_available=2)
    assert plan.learner.id == advice.learner[0].choice == "svm"
    assert plan.space == SPACES["svm"]
    assert plan.evaluation.measure == advice.measure[0].choice == "accuracy"
    assert plan.evaluation.resampling == Resampling("repeated_kfold", 10, 5)
    assert plan.evaluation.test_share == 0.2
    assert plan.method.id == advice.method[0].choice
    assert plan.budget == Budget(evaluations=200, seconds=600)
    assert plan.workers == 2


def test_half_a_minute_on_wine_is_enough_for_a_search(plan_for):
    plan, _ = plan_for(seconds=30, workers_available=2)
    assert plan.budget.seconds == 30
    assert plan.budget.evaluations == 200


@pytest.mark.parametrize("learner", sorted(SPACES))
def test_half_a_minute_leaves_time_for_some_evaluations_of_any_learner(plan_for, learner):
    """A forest's fits are slow, so the scheme that size alone would ask for is cut down."""
    plan, _ = plan_for(seconds=30, workers_available=2, learner_id=learner)
    assert plan.learner.id == learner
    if learner == "random_forest":
        assert plan.evaluation.resampling == Resampling("kfold", 5)


def test_what_the_person_set_is_kept_and_the_rest_goes_around_it(plan_for):
    slow = ProbeResult(seconds=1.0, evaluation_seconds=50.0, memory_mb=1, score=0.9)
    free, _ = plan_for(probe=slow, learner_id="random_forest")
    kept, advice = plan_for(
        probe=slow,
        changes={
            "learner.id": "random_forest",
            "evaluation.resampling.kind": "holdout",
            "evaluation.measure": "log_loss",
            "workers": 1,
        },
    )
    assert kept.evaluation.resampling.kind == "holdout"
    assert kept.evaluation.measure == "log_loss"
    assert kept.budget.evaluations > free.budget.evaluations
    assert "500 evaluations of 1 s" in advice.method[0].reason


def test_any_budget_of_the_person_replaces_the_recommended_one(plan_for):
    plan, _ = plan_for(changes={"budget.evaluations": 25})
    assert plan.budget == Budget(evaluations=25)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"folds": 5}, Resampling("kfold", 5)),
        ({"repeats": 2}, Resampling("repeated_kfold", 10, 2)),
        ({"kind": "holdout", "share": 0.5}, Resampling("holdout", share=0.5)),
    ],
)
def test_a_part_of_the_resampling_means_the_plain_scheme(plan_for, change, expected):
    changes = {f"evaluation.resampling.{key}": value for key, value in change.items()}
    assert plan_for(changes=changes)[0].evaluation.resampling == expected


def test_a_test_file_takes_the_place_of_test_rows(catalog, facts):
    data = DataPlan("a.csv", target="y", test_source="b.csv")
    known = {"catalog": catalog, "costs": costs(), "space_of": SPACES.__getitem__}
    plan, _, _ = recommended_plan(data, facts(300, 300), **known)
    assert plan.evaluation.test_share == 0


def test_an_unknown_learner_is_refused(plan_for):
    with pytest.raises(InputError, match=r"no learner called “magic”.*svm"):
        plan_for(learner_id="magic")


def test_a_space_without_freedom_still_gives_a_plan(plan_for):
    fixed = {"parameters": [{"type": "float", "name": "C", "low": 1.0, "high": 1.0}]}
    plan, advice = plan_for(changes={"space": fixed})
    assert plan.budget.evaluations is not None
    assert advice.budget == ()


# --- methods with partial fits, and the automatic one -------------------------------------------


DEAR = ProbeResult(seconds=60.0, evaluation_seconds=60.0, memory_mb=1, score=0.9)
ROUNDS = SearchSpace((*(Float(f"x{i}", 0, 1) for i in range(1, 6)), Integer("rounds", 1, 5_000)))


def test_partial_fits_come_with_their_smallest(plan_for, wider, facts):
    plan, advice = plan_for(
        facts(50_000, 50_000),
        catalog=wider,
        learner_id="gradient_boosting",
        probe=DEAR,
        changes={"space": ROUNDS},
    )
    assert plan.method.id == advice.method[0].choice == "hyperband"
    assert plan.method.options == {"fidelity": "model", "min_fidelity": pytest.approx(1 / 27)}
    assert [r.choice for r in advice.method[:2]] == ["hyperband", "auto"]


def test_a_persons_method_and_options_are_kept_and_the_rest_filled(plan_for, wider, facts):
    table = facts(8_000, 8_000)
    changes: dict[str, object] = {
        "method.id": "hyperband",
        "method.options.fidelity": "rows",
    }
    plan, advice = plan_for(table, catalog=wider, learner_id="gradient_boosting", changes=changes)
    # 16,000 rows, a fifth for the test, 5 folds: 10,240 to learn from.
    assert plan.method.options == {"fidelity": "rows", "min_fidelity": pytest.approx(1 / 9)}
    listed = {r.choice: r for r in advice.method}
    assert "1/9 of the rows, about 1,138" in listed["hyperband"].reason

    changes["method.options.min_fidelity"] = 0.5
    plan, _ = plan_for(table, catalog=wider, learner_id="gradient_boosting", changes=changes)
    assert plan.method.options == {"fidelity": "rows", "min_fidelity": 0.5}


def test_methods_with_full_fits_get_no_such_options(plan_for, wider):
    assert plan_for(catalog=wider)[0].method.options == {}
    unknown = plan_for(catalog=wider, changes={"method.id": "magic"})[0]
    assert unknown.method == MethodPlan("magic")


@pytest.mark.parametrize(
    ("outer", "third"),
    [({}, "2,160"), ({"evaluation.test_share": 0.5}, "1,350")],
)
def test_rows_for_the_test_are_no_rows_to_learn_from(plan_for, wider, facts, outer, third):
    plan, advice = plan_for(
        facts(4_500, 4_500),
        catalog=wider,
        learner_id="svm",
        changes={"method.id": "hyperband", "evaluation.resampling.folds": 10, **outer},
    )
    hyperband = next(r for r in advice.method if r.choice == "hyperband")
    assert f"1/3 of the rows, about {third}" in hyperband.reason
    assert plan.method.options["min_fidelity"] == pytest.approx(1 / 3)


def test_a_time_of_the_persons_own_is_all_the_budget_there_is(plan_for, wider):
    """Then as many evaluations as it has room for, not the rule of thumb's."""
    quick = ProbeResult(seconds=0.001, evaluation_seconds=0.01, memory_mb=1, score=0.9)
    _, advice = plan_for(
        catalog=wider,
        probe=quick,
        changes={"budget.seconds": 100, "evaluation.resampling.folds": 5},
    )
    assert "20,000 evaluations" in advice.method[0].reason


def test_the_situation_of_a_plan_leads_to_the_same_method(plan_for, wider, facts):
    table = facts(50_000, 50_000)
    known = {"catalog": wider, "learner_id": "gradient_boosting", "probe": DEAR}
    plan, advice = plan_for(table, changes={"space": ROUNDS}, **known)
    situation = situation_of(plan, table, wider, costs(), probe=DEAR)
    assert pick(situation) == advice.method[0]
    card = next(c for c in wider.methods if c.id == pick(situation).choice)
    assert method_options(situation, card) == plan.method.options


@pytest.mark.parametrize("known", [{}, {"probe": DEAR, "learner_id": "gradient_boosting"}])
def test_auto_says_what_it_picks_and_why(plan_for, wider, facts, known):
    table = facts(50_000, 50_000)
    plain, advice = plan_for(table, catalog=wider, **known)
    plan, _ = plan_for(table, catalog=wider, changes={"method.id": "auto"}, **known)
    best = advice.method[0]
    assert plan.method == MethodPlan("auto", plain.method.options, best.choice, best.reason)

    # A saved plan that leaves it open is decided when it starts; one that says it, stays.
    open_plan = replace(plan, {"method": MethodPlan("auto")})
    assert decided(open_plan, table, wider, costs(), probe=known.get("probe")) == plan
    other = replace(plan, {"method": MethodPlan("auto", {}, "random", "So it was.")})
    assert decided(other, table, wider, costs()) == other


def test_noise_between_the_folds_of_the_probe_leads_to_racing(plan_for, wider, facts):
    table = facts(75, 75)
    slow = ProbeResult(seconds=0.1, evaluation_seconds=5.0, memory_mb=1, score=0.9)
    scores = {"accuracy": (0.8, 0.9, 1.0, 0.8, 1.0), "balanced_accuracy": (0.9, 0.91) * 5}
    noisy = msgspec.structs.replace(slow, fold_scores=scores)
    known = {"catalog": wider, "changes": {"budget.evaluations": 100}}
    plan, advice = plan_for(table, probe=noisy, **known)
    assert plan.method.id == "racing"
    assert "differ by 100% of their distance" in advice.method[0].reason
    assert pick(situation_of(plan, table, wider, costs(), probe=noisy)) == advice.method[0]
    assert plan_for(table, probe=slow, **known)[0].method.id != "racing"
    known["changes"]["evaluation.measure"] = "balanced_accuracy"
    assert plan_for(table, probe=noisy, **known)[0].method.id != "racing"


def test_what_a_person_holds_is_what_a_fit_costs(plan_for, facts):
    known = {"learner_id": "random_forest", "seconds": 60}
    changes = {"learner.fixed.trees": 10, "space": SPACES["svm"]}
    tuned, _ = plan_for(facts(2_000, 2_000), **known)
    held, _ = plan_for(facts(2_000, 2_000), changes=changes, **known)
    assert tuned.evaluation.resampling == Resampling(folds=5)
    assert held.evaluation.resampling == Resampling(folds=10)


@given(
    rows=st.integers(2, 10**7),
    columns=st.integers(1, 10**4),
    learner=st.sampled_from(sorted(SPACES)),
    workers=st.integers(1, 128),
    seconds=st.none() | st.floats(1, 1e6),
    fold=st.none() | st.floats(0, 1e5),
    wide=st.booleans(),
    scores=st.lists(st.floats(-1e6, 1e6), max_size=10),
)
def test_every_situation_gets_complete_advice(
    catalog, wider, facts, rows, columns, learner, workers, seconds, fold, wide, scores
):
    probe = None
    if fold is not None:
        probe = ProbeResult(fold, fold, 1.0, 0.5, fold_scores={"rmse": tuple(scores)})
    situation = Situation(
        facts=facts(rows=rows, numeric=columns),
        catalog=wider if wide else catalog,
        costs=costs(),
        workers=workers,
        learner=learner,
        space=SPACES[learner],
        seconds=seconds,
        probe=probe,
    )
    advice = advise(situation)
    for name in ("learner", "measure", "resampling", "method", "budget", "workers"):
        ranked = getattr(advice, name)
        assert ranked[0].fits
        assert ranked[0].reason and ranked[0].source
        assert len({r.choice for r in ranked}) == len(ranked)
        assert all(r.reason.endswith(".") and "  " not in r.reason for r in ranked)
    assert pick(situation) == advice.method[0]
    assert advice.method[0].choice != "auto"
    assert estimate.recommend(situation)[0].fits
    assert advise(situation) == advice
    assert msgspec.json.decode(msgspec.json.encode(advice), type=type(advice)) == advice
