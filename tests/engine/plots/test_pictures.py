"""Every picture of the table: it draws whatever it is given, leaves no trace, and updates."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import msgspec
import numpy as np
import pytest

from engine.domain.trials import Objective
from engine.plots import style
from engine.plots.picture import PICTURES, Live, Picture, SearchSource, pictures_on
from engine.protocol import requests
from engine.space import Categorical, Float, SearchSpace
from engine.testing.picture_examples import LONG, examples, of_search, searched

HELP = Path(__file__).parents[3] / "resources" / "help"
WORDLESS = {"sketch"}
"""Too small for a sentence."""
FROM_TRIALS = {"", "Surrogate", "Effects", "Contour"}
"""Requests of pictures that show trials, too."""
LATER = {"method at work", "watched", "tuning"}
"""Pages whose pictures are drawn before the engine has answered."""
MANY = SearchSpace(
    (
        *(Float(f"h{i}", 0, 1) for i in range(48)),
        Float(LONG, 0, 1),
        Categorical("choice", tuple(f"a rather long choice, number {i}" for i in range(30))),
    )
)
NOTES = [
    {"generation": i // 10, "race": 1 + i // 25, "bracket": i % 3, "rung": 0} for i in range(100)
]
"""What a method that does everything would say of a hundred trials."""

every_picture = pytest.mark.parametrize("picture", PICTURES.values(), ids=list(PICTURES))


SCORES = 0.9 + 0.05 * np.random.default_rng(0).random(100)
MIXED = ["complete", "failed", "pruned", "running"] * 25
USUAL = np.where(np.array(MIXED) == "failed", np.nan, SCORES)

SEARCHES = {
    "usual": lambda search: search(USUAL, MIXED, planned=120, notes=NOTES),
    "no trials": lambda search: search([]),
    "one trial": lambda search: search([0.9]),
    "only failed": lambda search: search([np.nan] * 5, ["failed"] * 5),
    "only running": lambda search: search([np.nan] * 3, ["running"] * 3),
    "only pruned": lambda search: search([0.2, 0.3], ["pruned"] * 2),
    "nan and inf": lambda search: search([np.nan, np.inf, -np.inf, 0.5, 1e300, -1e300, 0.6]),
    "all inf": lambda search: search([np.inf, -np.inf]),
    "constant": lambda search: search([0.5] * 30),
    "zero": lambda search: search([0.0] * 3),
    "minimised": lambda search: search(1 - SCORES, maximise=False),
    "outlier": lambda search: search([0.9, 0.91, -5000.0, *SCORES]),
    "tiny spread": lambda search: search(1 + 1e-15 * np.arange(10)),
    "huge": lambda search: search(np.array([1e15, 2e15, 3e15])),
    "long names": lambda search: search(SCORES, space=MANY, label="x" * 40),
    "several measures": lambda search: with_time(search(SCORES)),
    "several fidelities": lambda search: climbed(search(SCORES)),
}
"""Searches that have gone well, badly and oddly."""


def with_time(snapshot):
    """``snapshot`` with fit times, so that it has a front."""
    times = np.random.default_rng(0).random(snapshot.number.size)
    return replace(snapshot, others=(Objective("fit_seconds", "fit time", False, times),))


def climbed(snapshot):
    """``snapshot`` with folds at three fidelities."""
    n = snapshot.number.size
    trial = np.repeat(snapshot.number, 3)
    fidelity = np.tile([1 / 9, 1 / 3, 1.0], n)
    score = np.repeat(np.nan_to_num(snapshot.value, nan=0.5), 3) - 0.1 * (1 - fidelity)
    columns = {"trial": trial, "fidelity": fidelity, "score": score}
    columns |= {"fold": 0 * trial, "worker": 0 * trial, "ok": trial >= 0}
    return replace(snapshot, folds=columns | {"started": 1.0 * trial, "seconds": 1.0 + 0 * trial})


@pytest.fixture
def stages(search, compared):
    """Makes three prepared values of a picture: of nothing, of little, and of much."""

    def make(picture: Picture):
        after = with_time(SEARCHES["usual"](search))
        if picture.id == "learning_curves":
            after = climbed(after)
        snapshots = (with_time(search([])), with_time(search([0.9, 0.8, 0.85])), after)
        none = compared(methods=2, repetitions=0)
        comparisons = (none, compared(methods=2, repetitions=2), compared(methods=5))
        return examples(picture, snapshots, comparisons)

    return make


def everything(snapshot):
    """Every picture of the trials of ``snapshot``, prepared."""
    for picture in PICTURES.values():
        if of_search(picture) and picture.asks in FROM_TRIALS:
            for prepared in picture.prepared(searched(picture, snapshot)):
                yield picture, prepared


def pixels(figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


# --- the table ------------------------------------------------------------------------------------


def test_no_picture_is_left_out():
    assert PICTURES.rejected == ()
    assert {"history", "ablation", "anytime", "memory"} <= set(PICTURES)
    assert [picture.id for picture in pictures_on("report")] == [
        *("history", "pareto", "importance", "confusion", "residuals"),
        *("schedules", "group_values", "weight_maps", "example_weights", "sharing"),
        *("learned_rows", "trial_times"),  # those of other packages come last
    ]


@every_picture
def test_every_picture_has_a_help_page(picture):
    page = HELP / f"{picture.help_page}.md"
    assert (picture.help_text or page.read_text("utf-8")).startswith("# ")


@every_picture
def test_what_a_picture_asks_is_a_request(picture):
    if picture.asks:
        request = getattr(requests, picture.asks)
        fields = {field.name for field in msgspec.structs.fields(request)}
        assert fields >= {"path", *picture.hyperparameters}


@every_picture
def test_what_is_asked_for_on_the_page_understand_is_explained(picture):
    if "understand" in picture.pages:
        assert picture.says.endswith(".")
        assert bool(picture.doing) == bool(picture.asks)


def test_a_picture_is_painted_or_grows():
    with pytest.raises(ValueError, match="needs either"):
        PICTURES._check(replace(PICTURES["history"], live=None))
    both = Live(lambda axes, theme: None, lambda axes, prepared, artists: None)
    with pytest.raises(ValueError, match="needs either"):
        PICTURES._check(replace(PICTURES["ablation"], live=both))
    with pytest.raises(ValueError, match="has no title"):
        PICTURES._check(replace(PICTURES["ablation"], title=""))


# --- drawing --------------------------------------------------------------------------------------


@every_picture
def test_nothing_is_said_in_a_sentence(stages, figure, picture):
    for prepared in stages(picture)[0]:
        axes = figure().add_subplot()
        picture.draw(axes, prepared, style.LIGHT)
        shown = [text.get_text() for text in axes.texts if text.get_visible()]
        assert picture.id in WORDLESS or any(text.endswith(".") for text in shown)


@every_picture
def test_a_picture_waits_for_the_reply(search, figure, picture):
    if not picture.asks or not LATER & set(picture.pages):
        return
    for prepared in picture.prepared(SearchSource(search([0.9, 0.8]))):
        axes = figure().add_subplot()
        picture.draw(axes, prepared, style.LIGHT)
        assert any(text.get_text().endswith(".") for text in axes.texts)


@pytest.mark.parametrize("name", SEARCHES)
def test_pictures_of_any_search_draw(search, figure, name):
    for picture, prepared in everything(SEARCHES[name](search)):
        made = figure(style.DARK, width=300, height=200, layout=None)
        picture.draw(made.add_subplot(), prepared, style.DARK)
        made.canvas.draw()
        assert prepared.summary.endswith(".")


@every_picture
def test_an_update_shows_what_a_fresh_drawing_shows(stages, figure, picture):
    _, (before, *_), (after, *_) = stages(picture)
    # Without a layout engine: that one starts from where it was, and ends a hair apart.
    updated, fresh = figure(layout=None), figure(layout=None)
    axes = updated.add_subplot()
    artists = picture.draw(axes, before, style.LIGHT)
    first = pixels(updated)
    assert (artists is None) == (picture.live is None)
    assert picture.draw(axes, after, style.LIGHT, artists) is artists
    picture.draw(fresh.add_subplot(), after, style.LIGHT)
    again = pixels(updated)
    assert (again != first).any()
    np.testing.assert_array_equal(again, pixels(fresh))


@every_picture
def test_a_change_of_theme_begins_anew(stages, figure, picture):
    _, (before, *_), (after, *_) = stages(picture)
    changed, fresh = figure(style.DARK, layout=None), figure(style.DARK, layout=None)
    axes = changed.add_subplot()
    artists = picture.draw(axes, before, style.LIGHT)
    again = picture.draw(axes, after, style.DARK, artists)
    assert again is None or again is not artists
    picture.draw(fresh.add_subplot(), after, style.DARK)
    np.testing.assert_array_equal(pixels(changed), pixels(fresh))


@every_picture
def test_many_updates_leak_no_artists(stages, figure, picture):
    _, (before, *_), (after, *_) = stages(picture)
    axes = figure().add_subplot()
    artists = picture.draw(axes, before, style.LIGHT)
    picture.draw(axes, after, style.LIGHT, artists)
    count = len(axes.get_children())
    for turn in range(50 if picture.live is not None else 2):
        picture.draw(axes, (before, after)[turn % 2], style.LIGHT, artists)
    assert len(axes.get_children()) == count


@every_picture
def test_drawing_leaves_global_parameters_and_logs_alone(stages, figure, picture, caplog):
    parameters = dict(mpl.rcParams)
    with caplog.at_level(logging.WARNING):
        made = figure(style.DARK)
        axes, artists = made.add_subplot(), None
        for shown in stages(picture)[1:]:
            artists = picture.draw(axes, shown[0], style.DARK, artists)
        made.canvas.draw()
    assert dict(mpl.rcParams) == parameters
    assert not caplog.records


@every_picture
def test_small_pictures_draw(stages, figure, picture):
    for shown in stages(picture)[1:]:
        made = figure(width=220, height=160)
        picture.draw(made.add_subplot(), shown[0], style.HIGH_CONTRAST)
        made.canvas.draw()


def test_ten_thousand_trials_draw(search, figure):
    values = 0.9 + 0.05 * np.random.default_rng(0).random(10_000)
    notes = [{"generation": i // 20, "race": 1 + i // 500, "bracket": i % 5} for i in range(10_000)]
    snapshot = with_time(search(values, folds=5, notes=notes))
    for picture, prepared in everything(snapshot):
        made = figure(layout=None)
        picture.draw(made.add_subplot(), prepared, style.LIGHT)
        made.canvas.draw()
