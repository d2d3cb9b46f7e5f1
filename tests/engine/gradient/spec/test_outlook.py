"""A tuning by gradient in figures: sizes, costs and refusals are those of the run itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jax.numpy as jnp
import pytest

from engine.data.open import open_table
from engine.domain.hypergradients import TuningOutlook
from engine.gradient.dynamics import DYNAMICS
from engine.gradient.run_training import DTYPE, RunTraining
from engine.gradient.spec.checks import engine_of
from engine.gradient.spec.training_spec import REMEMBERED, SETTINGS
from engine.objective.fold_data import FoldData
from engine.plan import DataPlan, Plan, replace
from engine.runs import folder as files
from engine.runs import planning

SMALL = {
    "learner.id": "network",
    "method.id": "hypergradient",
    "method.options.steps": 6,
    "learner.fixed.width": 5,
    "evaluation.resampling.folds": 2,
}


def plan_of(**options: object) -> Plan:
    changes = {f"method.options.{name}": value for name, value in options.items()}
    data = open_table(DataPlan("builtin:wine")).data
    return planning.draft(data, workers_available=1, changes={**SMALL, **changes}).plan


def outlook(plan: Plan) -> TuningOutlook:
    found = planning.tuning(plan)
    assert found is not None
    return found


def training(plan: Plan, folder: Path) -> RunTraining:
    files.create(folder, plan, planning.load_data(plan.data))
    return RunTraining(FoldData(folder), folder)


def test_the_spec_knows_what_the_dynamics_are() -> None:
    assert {id: dynamics.settings for id, dynamics in DYNAMICS.items()} == SETTINGS
    state = {id: len(dynamics.begin(jnp.zeros(3))) for id, dynamics in DYNAMICS.items()}
    assert state == REMEMBERED


@pytest.mark.parametrize(
    "options",
    [
        {"l2": "weights", "examples": True, "inputs": True, "sharing": True},
        {"dynamics": "adam", "engine": "unrolled", "step_size": "steps", "momentum": "one"},
        {"dynamics": "gd", "engine": "checkpointed", "scale": "fixed"},
        {"engine": "forward", "step_size": "one", "l2": "one"},
        {"engine": "forward", "step_size": "layers and steps", "share": 4, "l2": "one"},
        {"engine": "implicit_cg"},
        {"initial": True, "training_set": 3, "engine": "unrolled"},
    ],
)
def test_sizes_and_costs_are_those_of_the_run(tmp_path: Path, options: dict[str, object]) -> None:
    plan = plan_of(**options)
    work, found = training(plan, tmp_path / "run"), outlook(plan)
    assert found.size == sum(group.start.size for group in work.groups)
    assert found.weights == work.architecture(work.inputs).groups.size
    assert found.epochs == pytest.approx(6 * 71 / 71)  # batches of all of a fold's rows
    shown = {group.option: group.size for group in found.groups}
    names = {"beta1": "momentum", "learned": "training_set"}
    assert {names.get(g.name, g.name): g.start.size for g in work.groups} == {
        option: size for option, size in shown.items() if size
    }
    problem, wanted = work.bilevel(work.inputs), tuple(group.name for group in work.groups)
    hyper = {**work.hyper(work.states.at(0).free), "train features": jnp.zeros((4, 13), DTYPE)}
    cost = engine_of(work.spec.options).cost(problem, hyper, wanted)
    told = next(one for one in found.engines if one.id == plan.method.options["engine"])
    assert told.times == cost.trainings
    assert told.stored_bytes == pytest.approx(cost.stored_bytes, rel=0.3)  # a spill is a byte
    assert not told.refusal


def test_each_choice_tells_its_size() -> None:
    found = {group.option: group for group in outlook(plan_of()).groups}
    assert dict(found["step_size"].sizes) == {
        "fixed": 0,
        "one": 1,
        "layers": 4,
        "steps": 6,
        "layers and steps": 24,
    }
    assert dict(found["l2"].sizes)["weights"] == 13 * 5 + 5 + 5 * 3 + 3
    assert dict(found["examples"].sizes) == {False: 0, True: 142}
    assert (found["momentum"].low, found["momentum"].high) == (0.05, 0.999)
    assert found["inputs"].choice is False
    assert found["inputs"].size == 0


def test_what_stands_in_the_way_is_said_in_words() -> None:
    implicit = {group.option: group for group in outlook(plan_of(engine="neumann")).groups}
    assert "can't tune step size" in implicit["step_size"].hindrance
    assert not implicit["l2"].hindrance
    adam = {one.id: one.refusal for one in outlook(plan_of(dynamics="adam")).engines}
    assert "SGD with momentum" in adam["reversal"]
    assert "straight line" in adam["straight_line"]
    assert not adam["checkpointed"]
    many = {one.id: one.refusal for one in outlook(plan_of(l2="weights")).engines}
    assert "for up to 200" not in many["forward"]  # 83 weights and 52 others
    many = {one.id: one.refusal for one in outlook(plan_of(l2="weights", examples=True)).engines}
    assert "for up to 200" in many["forward"]
    assert "tune step_size" in many["implicit_cg"]
    schedule = {"engine": "forward", "steps": 500, "step_size": "steps"}
    long = {one.id: one.refusal for one in outlook(plan_of(**schedule)).engines}
    shared = {one.id: one.refusal for one in outlook(plan_of(**schedule, share=50)).engines}
    assert "for up to 200" in long["forward"]
    assert not shared["forward"]


@pytest.mark.parametrize(
    ("options", "field", "words"),
    [
        ({"transform": "alike"}, "transform", "Only pictures"),
        ({"initial": True, "scale": "layers"}, "scale", "the initial scale"),
        ({"training_set": 1, "examples": True}, "examples", "weights of examples"),
        ({"engine": "truncated", "scale": "layers", "window": 2}, "scale", "the last steps only"),
        ({"engine": "neumann", "initial": True}, "initial", "can't tune initial"),
        ({"engine": "straight_line", "dynamics": "adam"}, "dynamics", "straight line"),
    ],
)
def test_what_does_not_go_together_is_refused_before_it_starts(
    options: dict[str, object], field: str, words: str
) -> None:
    (problem,) = planning.problems(plan_of(**options))
    assert problem.field == f"method.options.{field}"
    assert words in problem.sentence


def test_a_number_has_no_rows_of_a_class() -> None:
    data = open_table(DataPlan("builtin:diabetes")).data
    changes = {**SMALL, "method.options.training_set": 1}
    plan = planning.draft(data, workers_available=1, changes=changes).plan
    (problem,) = planning.problems(plan)
    assert problem.code == "gradient.training_set"


def test_convolutions_need_pictures_and_say_their_size() -> None:
    (problem,) = planning.problems(replace(conv_plan("wine"), {}))
    assert problem.code == "learner.pictures"
    found = outlook(conv_plan("digits"))
    kernels = (3 * 3 * 4 + 4) + (3 * 3 * 4 * 8 + 8)
    assert found.weights == kernels + 2 * 2 * 8 * 10 + 10
    assert (found.side, len(found.pixels)) == (8, 61)
    sizes = {group.option: dict(group.sizes) for group in found.groups}
    assert sizes["training_set"][1] == 10 * 61
    assert sizes["transform"] == {"fixed": 0, "alike": 4, "at random": 4}
    assert sizes["step_size"]["layers"] == 6


def conv_plan(table: str) -> Plan:
    changes = {**SMALL, "learner.id": "conv_network", "learner.fixed.filters": 4}
    changes.pop("learner.fixed.width")
    data = open_table(DataPlan(f"builtin:{table}")).data
    return planning.draft(data, workers_available=1, changes=changes).plan


def test_a_plan_that_is_refused_still_shows_what_it_would_tune() -> None:
    plan = plan_of(dynamics="adam")  # by the engine that is the default, exact reversal
    assert [p.code for p in planning.problems(plan)] == ["gradient.reversal_dynamics"]
    assert outlook(plan).advice[0].choice == "unrolled"


def test_other_methods_and_broken_plans_tune_nothing_by_gradient() -> None:
    plan = plan_of()
    assert planning.tuning(replace(plan, {"method.id": "random", "method.options": {}})) is None
    assert planning.tuning(replace(plan, {"learner.fixed.width": -3})) is None
    assert planning.tuning(replace(plan, {"data.source": "nowhere.csv"})) is None


def test_the_figures_need_no_jax() -> None:
    code = (
        "import sys; from engine.runs import planning; from engine.data.open import open_table;"
        "from engine.plan import DataPlan;"
        "d = planning.draft(open_table(DataPlan('builtin:wine')).data, workers_available=1,"
        f"changes={SMALL!r}); assert d.tuning.size; assert 'jax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
