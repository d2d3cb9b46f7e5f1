"""Every ready plan can be run as it is, and says what it shows."""

from __future__ import annotations

import pytest

import resources
from engine import plan as plans
from engine.runs import planning

RECIPES = {recipe.id: recipe for recipe in resources.gallery()}


def test_every_plan_has_a_page_and_every_page_a_plan():
    folder = resources.path("gallery")
    pages, files = ({p.stem for p in folder.glob(f"*.{kind}")} for kind in ("md", "json"))
    assert pages == files
    assert len(RECIPES) == len(pages) > 0


@pytest.mark.parametrize("name", RECIPES)
def test_a_ready_plan_can_run(name):
    plan = planning.checked(plans.load(RECIPES[name].plan))
    assert plan.data.source.startswith("builtin:")
    tuning = planning.tuning(plan)
    assert tuning is not None
    assert tuning.size > 0
    assert plan.budget.evaluations is not None


@pytest.mark.parametrize("name", RECIPES)
def test_a_ready_plan_says_what_it_shows(name):
    recipe = RECIPES[name]
    assert recipe.title
    assert recipe.text
    assert "(20" in recipe.source
    assert "—" not in recipe.text


def test_plans_that_belong_together_differ_in_what_they_say_only():
    def differing(one: str, other: str) -> set[str]:
        first, second = (plans.load(RECIPES[n].plan).method.options for n in (one, other))
        return {name for name in first | second if first.get(name) != second.get(name)}

    assert differing("forward", "reverse") == {"engine"}
    assert differing("few-steps", "many-steps") == {"steps"}
    assert differing("many-steps", "implicit") == {"engine", "iterations"}
