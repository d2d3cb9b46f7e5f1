"""Steering a search from the window."""

from __future__ import annotations

import pytest

from engine.space import Categorical, Condition, Float, SearchSpace
from gui.pages.run.narrow import NarrowSpace
from gui.pages.run.page import RunPage
from gui.pages.run.try_next import TryNext


def test_a_configuration_of_ones_own_is_tried_when_the_search_goes_on(
    show, classified, copy_of, opened, context, until
):
    page = show(RunPage)
    opened(copy_of(classified))
    page.steering.try_next({"C": 2.0, "gamma": 0.01})
    until(lambda: any("Trial 24" in text for text in page.messages.texts))
    assert any("when the search goes on" in text for text in page.messages.texts)


def test_a_run_goes_on_in_a_narrower_space_with_the_trials_in_it(
    show, classified, copy_of, opened, context, until
):
    page = show(RunPage)
    opened(copy_of(classified))
    before = context.run.state.path
    space = context.run.state.plan.space
    first = space.parameters[0]
    assert isinstance(first, Float)
    narrower = Float(first.name, first.low, first.from_unit(0.5), first.log)
    page.steering.narrow(SearchSpace((narrower, *space.parameters[1:]), space.conditions))
    until(lambda: context.run.state.path not in ("", before))
    until(lambda: context.run.state.phase == "finished" or context.run.state.active)
    assert context.run.state.plan.space[first.name] == narrower
    assert context.run.state.plan.parent_run


@pytest.fixture
def space() -> SearchSpace:
    return SearchSpace(
        (
            Categorical("kernel", ("rbf", "linear")),
            Float("gamma", 0.001, 1.0, log=True),
        ),
        (Condition("gamma", "kernel", ("rbf",)),),
    )


def test_the_form_asks_for_what_has_a_meaning_only(qtbot, space):
    asked = TryNext(space, {"kernel": "rbf", "gamma": 0.1})
    qtbot.addWidget(asked)
    asked.show()
    assert asked.configuration == {"kernel": "rbf", "gamma": 0.1}
    asked.fields["kernel"].changed.emit("linear")
    assert asked.configuration == {"kernel": "linear"}
    assert not asked.fields["gamma"].isVisible()
    asked.fields["kernel"].changed.emit("rbf")
    asked.values["gamma"] = 50.0
    asked.answer()
    assert "gamma" in asked.said
    assert asked.result() == 0


def test_an_unchanged_space_is_no_other_space(qtbot, space, theme):
    asked = NarrowSpace(space, {"kernel": "rbf", "gamma": 0.1}, theme)
    qtbot.addWidget(asked)
    asked.answer()
    assert "as it was" in asked.said
