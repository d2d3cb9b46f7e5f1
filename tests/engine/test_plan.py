"""Plans as files, and their fields by path."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import plan as plans
from engine.errors import InputError
from engine.gradients import Gradients, Groups
from engine.plan import (
    FORMAT,
    Budget,
    Configurations,
    DataPlan,
    EvaluationPlan,
    LearnerPlan,
    MethodPlan,
    PictureOptions,
    Plan,
    Resampling,
    TextOptions,
    TypedOptions,
    replace,
)
from engine.space import Float, SearchSpace
from engine.testing.strategies import CHOICES, spaces

PLAN = Plan(
    data=DataPlan("wine.csv", target="target", read=TextOptions()),
    learner=LearnerPlan("svm"),
    search=Configurations(SearchSpace((Float("C", 1e-3, 1e3, log=True),)), MethodPlan("tpe")),
    evaluation=EvaluationPlan("accuracy"),
    budget=Budget(evaluations=20),
)

names = st.text(min_size=1, max_size=8)
finite = st.floats(allow_nan=False, allow_infinity=False)
any_plan = st.builds(
    Plan,
    data=st.builds(
        DataPlan,
        source=names,
        target=st.none() | names,
        leave_out=st.lists(names, max_size=3).map(tuple),
        kinds=st.dictionaries(names, st.sampled_from(["number", "category", "date", "text"])),
        read=st.sampled_from(
            [
                None,
                TextOptions(delimiter=";"),
                PictureOptions(side=8),
                TypedOptions(options={"sheet": 2}),
            ]
        ),
    ),
    learner=st.builds(LearnerPlan, names, st.dictionaries(names, st.sampled_from(CHOICES))),
    search=st.builds(
        Configurations,
        spaces(),
        st.builds(MethodPlan, names, st.dictionaries(names, st.sampled_from(CHOICES))),
    )
    | st.builds(
        Gradients,
        names,
        engine_options=st.dictionaries(names, st.sampled_from(CHOICES)),
        groups=st.builds(Groups),
    ),
    evaluation=st.builds(
        EvaluationPlan,
        names,
        st.builds(Resampling, st.sampled_from(["holdout", "kfold", "repeated_kfold"])),
        finite,
        st.lists(names, max_size=2).map(tuple),
    ),
    budget=st.builds(Budget, st.none() | finite, st.none() | finite),
    seed=st.integers(0, 2**32 - 1),
    reproducible=st.booleans(),
)


@given(any_plan)
def test_a_plan_survives_its_file(plan: Plan) -> None:
    text = plans.encode(plan)
    assert plans.decode(text) == plan
    assert text.endswith(b"\n")
    # Choices of different types are equal to Python; the file must tell them apart.
    assert plans.encode(plans.decode(text)) == text


@given(any_plan, st.integers(2, 50), st.booleans())
def test_replacing_changes_one_field_and_nothing_else(
    plan: Plan, folds: int, reproducible: bool
) -> None:
    changed = replace(plan, {"evaluation.resampling.folds": folds, "reproducible": reproducible})
    assert changed.evaluation.resampling.folds == folds
    assert changed.reproducible is reproducible
    back = {
        "evaluation.resampling.folds": plan.evaluation.resampling.folds,
        "reproducible": plan.reproducible,
    }
    assert plans.encode(replace(changed, back)) == plans.encode(plan)


def test_load_reads_what_encode_wrote(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(plans.encode(PLAN))
    assert plans.load(path) == PLAN


def test_open_fields_take_new_names() -> None:
    changed = replace(
        PLAN,
        {
            "method.options.n_startup_trials": 5,
            "learner.fixed.gamma": 0.1,
            "data.kinds.age": "number",
            "data.leave_out": ["id", "name"],
            "data.read.delimiter": ";",
        },
    )
    assert changed.method.options == {"n_startup_trials": 5}
    assert changed.learner.fixed == {"gamma": 0.1}
    assert changed.data.kinds == {"age": "number"}
    assert changed.data.leave_out == ("id", "name")
    assert changed.data.read.delimiter == ";"


def test_a_part_may_be_replaced_whole() -> None:
    changed = replace(PLAN, {"evaluation.resampling": Resampling("holdout", share=0.3)})
    assert changed.evaluation.resampling == Resampling("holdout", share=0.3)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("evaluation.fold", 5, "plan.unknown"),
        ("evalation.folds", 5, "plan.unknown"),
        ("seed.deeper", 5, "plan.unknown"),
        ("evaluation.resampling.folds", "many", "plan.field"),
        ("evaluation.resampling.kind", "bootstrap", "plan.field"),
        ("workers", 1.5, "plan.field"),
        ("data.kinds.age", "colour", "plan.field"),
        ("budget", None, "plan.field"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_path(path: str, value: object, code: str) -> None:
    with pytest.raises(InputError) as caught:
        replace(PLAN, {path: value})
    assert caught.value.code == code
    assert caught.value.exit_status == 2
    assert caught.value.field


def test_an_impossible_space_is_refused() -> None:
    space = {"parameters": [{"type": "float", "name": "C", "low": 3.0, "high": 1.0}]}
    with pytest.raises(InputError):
        replace(PLAN, {"space": space})


def test_a_newer_plan_is_refused_by_name() -> None:
    tree = msgspec.to_builtins(PLAN) | {"format": FORMAT + 1, "novelty": True}
    with pytest.raises(InputError) as caught:
        plans.decode(json.dumps(tree).encode(), name="out/plan.json")
    assert caught.value.code == "plan.newer"
    assert "out/plan.json" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"3", b"{}", b'{"format": "new"}', b"\xff\xfe", b'{"data": 3}'],
)
def test_what_is_no_plan_is_refused(text: bytes) -> None:
    with pytest.raises(InputError) as caught:
        plans.decode(text)
    assert caught.value.code == "plan.unreadable"


def test_an_impossible_space_in_a_file_is_refused() -> None:
    text = plans.encode(PLAN).replace(b"1000.0", b"0.0001")
    with pytest.raises(InputError) as caught:
        plans.decode(text)
    assert "ends" in str(caught.value)


def test_a_missing_or_unreadable_file_is_refused(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "none.json", "file.missing"), (tmp_path, "file.unreadable")):
        with pytest.raises(InputError) as caught:
            plans.load(path)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("resampling", "n_folds"),
    [
        (Resampling("holdout", folds=7, repeats=3), 1),
        (Resampling("kfold", folds=7, repeats=3), 7),
        (Resampling("repeated_kfold", folds=7, repeats=3), 21),
    ],
)
def test_n_folds_are_the_fits_of_one_evaluation(resampling: Resampling, n_folds: int) -> None:
    assert resampling.n_folds == n_folds


def test_a_plan_from_before_several_measures_still_opens() -> None:
    old = plans.encode(PLAN).replace(b',\n    "further_measures": []', b"")
    assert b"further_measures" not in old
    assert plans.decode(old) == PLAN


# --- how it searches ------------------------------------------------------------------------------

GRADIENTS = replace(PLAN, {"method.id": "hypergradient", "method.options.l2": "weights"})


def test_another_way_to_search_is_another_type() -> None:
    assert isinstance(PLAN.search, Configurations)
    assert not PLAN.by_gradient
    assert isinstance(GRADIENTS.search, Gradients)
    assert GRADIENTS.by_gradient
    assert GRADIENTS.search.groups == Groups(l2="weights")
    assert len(GRADIENTS.space) == 0
    assert GRADIENTS.method.options["l2"] == "weights"


def test_options_have_the_same_paths_whatever_a_plan_searches_by() -> None:
    changes: dict[str, object] = {
        "method.options.rate": 0.1,
        "method.options.engine": "implicit_cg",
        "method.options.iterations": 7,
    }
    search = replace(GRADIENTS, changes).search
    assert isinstance(search, Gradients)
    assert (search.optimiser.rate, search.engine) == (0.1, "implicit_cg")
    assert search.engine_options == {"iterations": 7}
    assert search.groups == Groups(l2="weights")


def test_another_method_starts_from_its_own_options() -> None:
    changed = replace(GRADIENTS, {"method.id": "tpe", "method.options.gamma": 0.2})
    assert changed.method == MethodPlan("tpe", {"gamma": 0.2})
    assert replace(PLAN, {"method": MethodPlan("random")}).method == MethodPlan("random")
    assert replace(PLAN, {"method": GRADIENTS.search}) == GRADIENTS


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("method.options.l2", "everything", "it must be one of auto, fixed, one, layers, weights"),
        ("method.options.steps", 0, "it must be at least 1"),
        ("method.options.steps", 1.5, "it must be a whole number"),
        ("method.options.examples", "yes", "it must be true or false"),
        ("space", {"parameters": []}, "has no search space"),
    ],
)
def test_settings_of_gradients_are_checked_by_their_types(
    path: str, value: object, why: str
) -> None:
    with pytest.raises(InputError) as caught:
        replace(GRADIENTS, {path: value})
    assert why in str(caught.value)
    assert caught.value.field == path


def test_an_earlier_plan_is_refused_by_name() -> None:
    tree = {"data": {"source": "x.csv"}, "space": {}, "method": {"id": "tpe"}, "format": 1}
    with pytest.raises(InputError) as caught:
        plans.decode(json.dumps(tree).encode(), name="out/plan.json")
    assert caught.value.code == "plan.older"
    assert "out/plan.json" in str(caught.value)
