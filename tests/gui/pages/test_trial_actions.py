"""What can be done with a selected trial."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from gui.pages.run.page import RunPage
from gui.pages.understand.page import UnderstandPage
from gui.widgets.trial_details import TrialDetails


def offered(page) -> dict[str, QPushButton]:
    details = page.findChild(TrialDetails)
    return {b.text(): b for b in details.widget().findChildren(QPushButton)}


@pytest.mark.parametrize("page_class", [RunPage, UnderstandPage])
def test_a_trial_is_scored_on_other_folds_again_and_again(
    page_class, show, classified, opened, context, until
):
    page = show(page_class)
    opened(classified)
    context.run.select(3)
    assert ("Vary it" in offered(page)) == (page_class is RunPage)
    offered(page)["Other folds"].click()
    assert any("Scoring trial 3" in text for text in page.messages.texts)
    until(lambda: any("On other folds trial 3" in text for text in page.messages.texts))
    again = next(b for b in page.messages.findChildren(QPushButton) if b.text() == "Once more")
    again.click()
    assert any("Scoring trial 3" in text for text in page.messages.texts)
    until(lambda: any("On other folds trial 3" in text for text in page.messages.texts))


def test_scoring_is_stopped_at_once(show, classified, opened, context, until):
    page = show(UnderstandPage)
    opened(classified)
    page.trial_actions.recheck(2)
    next(b for b in page.messages.findChildren(QPushButton) if b.text() == "Stop").click()
    assert page.messages.texts == ()
    page.trial_actions.recheck(99)
    until(lambda: any("no trial 99" in text for text in page.messages.texts))


@pytest.mark.parametrize("suffix", ["json", "py"])
def test_a_trial_goes_home(suffix, show, classified, opened, until, tmp_path: Path):
    page = show(RunPage)
    opened(classified)
    to = tmp_path / f"trial.{suffix}"
    page.trial_actions.save(4, str(to))
    until(lambda: any("Saved" in text for text in page.messages.texts))
    text = to.read_text(encoding="utf-8")
    assert json.loads(text)["trial"] == 4 if suffix == "json" else "def make_model" in text
