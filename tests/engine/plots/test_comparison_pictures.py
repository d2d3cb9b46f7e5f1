"""The columns of the pictures of comparisons, and that they draw whatever they are given."""

from __future__ import annotations

from time import perf_counter

import msgspec
import numpy as np
import pytest

from engine.domain.comparison import DEFAULT, Ranking
from engine.plots import (
    anytime,
    critical_difference,
    distribution,
    final_scores,
    found,
    rank_over_time,
    series,
    style,
    thinking,
    wins,
)
from engine.plots.colour import contrast
from engine.plots.picture import PICTURES
from engine.space import Categorical, Float, SearchSpace
from engine.testing.picture_examples import compared as compared_source
from engine.testing.picture_examples import of_comparison

RANKING = Ranking(
    ("a", "b", "c", "d"), (1.5, 1.75, 2.75, 4.0), 12, 0.001, 1.35, ((0, 1, 2), (2, 3))
)


def everything(comparison):
    """Every picture of ``comparison``, and those that the table shows in no such way: (picture,
    prepared)."""
    source = compared_source(comparison)
    shown = [
        (picture, prepared)
        for picture in filter(of_comparison, PICTURES.values())
        for prepared in picture.prepared(source)
    ]
    curves = anytime.prepare(comparison, source.case, "seconds", gain=True, log=True)
    ranks = rank_over_time.prepare(comparison, source.case, "seconds", log=True)
    return [
        *shown,
        (anytime.PICTURE, curves),
        (rank_over_time.PICTURE, rank_over_time.prepare(comparison)),
        (rank_over_time.PICTURE, ranks),
        (final_scores.PICTURE, final_scores.prepare(comparison, source.case, "validation")),
        (wins.PICTURE, wins.prepare(comparison)),
        (wins.PICTURE, wins.prepare(comparison, source.case, margin=0.01)),
        (thinking.PICTURE, thinking.prepare(comparison)),
    ]


def changed(comparison, which, **fields):
    """``comparison`` with other fields in the members for which ``which`` holds."""
    members = tuple(
        msgspec.structs.replace(m, **fields) if which(m) else m for m in comparison.members
    )
    return msgspec.structs.replace(comparison, members=members)


ODD = {
    "usual": lambda make: make(),
    "minimised": lambda make: make(maximise=False),
    "one repetition": lambda make: make(repetitions=1),
    "no repetitions": lambda make: make(repetitions=0),
    "no methods": lambda make: make(methods=0),
    "many methods": lambda make: make(methods=14, repetitions=2),
    "not begun": lambda make: msgspec.structs.replace(
        changed(make(state="waiting"), lambda m: True, curve=anytime.Member("", "", 0).curve),
    ),
    "running": lambda make: make(state="running"),
    "all equal": lambda make: make(scores=0.5),
    "infinite": lambda make: make(scores=np.inf),
    "not a number": lambda make: make(scores=np.nan),
    "huge": lambda make: make(scores=1e300),
    "some failed": lambda make: changed(
        make(), lambda m: m.repetition % 2, state="failed", test=None, validation=None
    ),
    "no configurations": lambda make: changed(make(), lambda m: True, configuration={}),
    "odd configurations": lambda make: changed(
        make(), lambda m: m.contender == "m1", configuration={"C": None, "x": np.inf, "y": True}
    ),
    "long names": lambda make: msgspec.structs.replace(
        (made := make()),
        contenders=tuple(
            msgspec.structs.replace(c, label=c.label + "x" * 40) for c in made.contenders
        ),
    ),
    "no time": lambda make: changed(make(), lambda m: True, seconds=0.0, fit_seconds=0.0),
}


@pytest.mark.parametrize("name", ODD)
def test_pictures_of_any_comparison_draw(compared, figure, name):
    comparison = ODD[name](compared)
    for picture, prepared in everything(comparison):
        made = figure(style.DARK, width=300, height=200, layout=None)
        picture.draw(made.add_subplot(), prepared, style.DARK)
        made.draw_without_rendering()
        assert prepared.summary.endswith(".")
        assert "nan" not in prepared.summary.split()


def test_long_names_are_called_by_their_initials(compared):
    comparison = compared()
    named = msgspec.structs.replace(comparison.contenders[0], label="A rather long name (TPE)")
    renamed = msgspec.structs.replace(comparison, contenders=(named, *comparison.contenders[1:]))
    assert anytime.prepare(renamed, "t0").names[:2] == ("TPE", "Method 1")


# --- anytime


def test_a_methods_line_is_its_median(compared):
    prepared = anytime.prepare(compared(), "t0")
    assert prepared.names == ("Method 0", "Method 1", "Method 2", "Random search")
    line = prepared.lines[1]
    assert line.at.tolist() == [1, 4, 9, 20]
    last = compared().scores("validation")[0, 1]
    assert line.median[-1] == pytest.approx(np.median(last))
    # Of six repetitions the interval reaches over all.
    assert (line.low[-1], line.high[-1]) == (last.min(), last.max())
    assert prepared.default == pytest.approx(np.median(compared().scores("validation")[0, -1]))
    assert (prepared.start, prepared.limit, prepared.log) == (0, 20, False)


def test_over_seconds_it_ends_where_the_slowest_does(compared):
    prepared = anytime.prepare(compared(), "t0", "seconds")
    assert prepared.limit == 30
    assert prepared.xlabel == "time in the search, seconds"
    assert anytime.prepare(compared(), "t0", "seconds", log=True).start == 1.5


def test_a_wide_budget_gets_a_log_axis(compared, figure):
    curve = anytime.Member("", "", 0).curve
    long = msgspec.structs.replace(
        curve, evaluations=(1.0, 1_000.0), seconds=(1.0, 1_000.0), score=(0.5, 0.8)
    )
    prepared = anytime.prepare(
        changed(compared(), lambda m: m.contender != DEFAULT, curve=long), "t0"
    )
    assert prepared.log
    axes = figure().add_subplot()
    anytime.PICTURE.draw(axes, prepared, style.LIGHT)
    assert axes.get_xscale() == "log"
    # The room for names at the right has no ticks.
    assert max(axes.get_xticks()) <= 1_000 < axes.get_xlim()[1]


def test_the_gain_leaves_out_what_the_draw_of_rows_does(compared):
    plain, gain = (anytime.prepare(compared(), "t0", gain=g) for g in (False, True))
    spread = [line.high[-1] - line.low[-1] for line in (plain.lines[0], gain.lines[0])]
    assert gain.default == 0.0
    scores = compared().scores("validation")[0]
    assert gain.lines[0].median[-1] == pytest.approx(np.median(scores[0] - scores[-1]))
    assert spread[1] > 0
    smaller = anytime.prepare(compared(maximise=False), "t0", gain=True)
    assert smaller.lines[0].median[-1] == pytest.approx(gain.lines[0].median[-1])


def test_once_a_search_has_ended_those_under_way_are_left_out(compared):
    short = anytime.Member("", "", 0).curve
    half = msgspec.structs.replace(short, evaluations=(1.0,), seconds=(1.0,), score=(0.1,))
    going = changed(compared(), lambda m: m.repetition == 5, state="running", curve=half)
    line = anytime.prepare(going, "t0").lines[0]
    assert line.at[-1] == 20
    assert line.low.min() > 0.1
    # With none ended, as far as the slowest has come.
    running = changed(compared(state="running"), lambda m: m.repetition == 5, curve=half)
    assert anytime.prepare(running, "t0").lines[0].at.tolist() == [1]


# --- ranks over time


def test_ranks_are_over_repetitions_of_all_cases(compared):
    comparison = compared(cases=3, repetitions=2)
    prepared = rank_over_time.prepare(comparison)
    assert prepared.ylabel == "average rank over 6 repetitions"
    assert rank_over_time.prepare(comparison, "t1").ylabel == "average rank over 2 repetitions"
    last = np.moveaxis(comparison.scores("validation"), 1, 2).reshape(-1, 5)
    expected = (np.argsort(np.argsort(-last, axis=1), axis=1) + 1).mean(axis=0)
    np.testing.assert_allclose(prepared.ranks[:, -1], expected)
    assert prepared.at[-1] == 20
    np.testing.assert_allclose(prepared.ranks.sum(axis=0), 15)


def test_repetitions_that_a_method_failed_are_not_ranked(compared):
    empty = anytime.Member("", "", 0).curve
    failed = changed(
        compared(),
        lambda m: m.repetition == 0 and m.contender == "m0",
        state="failed",
        validation=None,
        curve=empty,
    )
    assert rank_over_time.prepare(failed).ylabel == "average rank over 5 repetitions"


# --- final scores


def test_every_search_is_a_dot(compared):
    comparison = compared()
    prepared = final_scores.prepare(comparison, "t0")
    scores = comparison.scores()[0]
    for row, expected in zip(prepared.rows, scores, strict=True):
        assert sorted(row.score) == sorted(expected)
        assert row.quartiles == pytest.approx(np.percentile(expected, [25, 50, 75]))
    # A repetition stands at the same height in every row.
    np.testing.assert_array_equal(prepared.rows[0].shift, prepared.rows[1].shift)
    assert prepared.xlabel == "accuracy on outer test rows (larger is better)"
    assert "validation rows" in final_scores.prepare(comparison, "t0", "validation").xlabel


def test_scores_far_off_are_counted(compared):
    comparison = changed(
        compared(repetitions=30), lambda m: m.contender == "m1" and m.repetition == 3, test=-500.0
    )
    prepared = final_scores.prepare(comparison, "t0")
    assert [row.cut for row in prepared.rows] == [0, 1, 0, 0, 0]
    assert prepared.rows[1].score.size == 29


# --- wins


def test_the_matrix_counts_repetitions(compared):
    comparison = compared(cases=2)
    scores = np.moveaxis(comparison.scores(), 1, 2).reshape(-1, 5)
    prepared = wins.prepare(comparison)
    assert prepared.wins[3, 0] == (scores[:, 3] > scores[:, 0]).sum()
    assert (prepared.wins + prepared.wins.T + prepared.ties)[0, 1] == 12
    one = wins.prepare(comparison, "t1")
    assert (one.wins + one.wins.T + one.ties)[0, 1] == 6
    tied = wins.prepare(comparison, margin=1.0)
    assert tied.ties[0, 1] == 12
    assert tied.summary == "No method was ever better than another."
    assert "a tie within 1" in wins.prepare(comparison, margin=1.0).note


# --- critical differences


def lines(axes):
    """Corners of the leaders, of the bars of groups, and of the bracket."""
    return [made.get_segments() for made in axes.collections]


def test_the_diagram_is_the_rankings(figure):
    prepared = critical_difference.prepare(RANKING, {"a": "Gaussian process"})
    assert prepared.names == ("Gaussian process", "b", "c", "d")
    assert prepared.groups == ((0, 2), (2, 3))
    assert "Not told apart: Gaussian process to c; c to d." in prepared.summary
    axes = figure(width=640).add_subplot()
    critical_difference.PICTURE.draw(axes, prepared, style.LIGHT)
    leaders, bars, bracket = lines(axes)
    bracket = bracket[0]
    assert bracket[1, 0] - bracket[0, 0] == pytest.approx(1.35)
    ends = [leader[0][0] for leader in leaders]
    assert ends == pytest.approx([1.5, 1.75, 2.75, 4.0])
    # Bars that overlap lie apart, and each spans its group.
    assert bars[0][0, 1] != bars[1][0, 1]
    assert bars[0][0, 0] < 1.5 and bars[0][1, 0] > 2.75


def test_with_few_data_sets_it_says_why_there_is_no_diagram(figure):
    why = "6 data sets are the least that can tell methods apart; here are 2."
    few = Ranking(("a", "b", "c"), (1.0, 2.0, 3.0), 2, why_not=why)
    for ranking, expected in ((few, why), (None, "No data set has a score of every method yet.")):
        prepared = critical_difference.prepare(ranking)
        axes = figure().add_subplot()
        critical_difference.PICTURE.draw(axes, prepared, style.LIGHT)
        assert " ".join(axes.texts[-1].get_text().split()) == expected
        assert prepared.summary == expected
        assert not any(lines(axes))


# --- time


def test_a_workers_time_is_shared_out(compared):
    prepared = thinking.prepare(compared())
    # 40 seconds in fits on two workers, of 30 or more.
    np.testing.assert_allclose(prepared.fits, 20)
    np.testing.assert_allclose(prepared.other, [10, 11, 12, 13])
    assert prepared.summary.startswith("Share of the workers' time that was not spent in fits:")
    assert "Method 0 33%" in prepared.summary
    long = thinking.prepare(changed(compared(), lambda m: True, seconds=7_200.0))
    assert long.unit == "h" and long.fits[0] == pytest.approx(20 / 3600)


# --- configurations


def test_configurations_stand_on_the_axes_of_the_space(compared):
    space = SearchSpace((Float("C", 1e-2, 1e2, log=True), Categorical("kernel", ("rbf", "poly"))))
    prepared = found.prepare(compared(), "t0", space)
    assert [scale.name for scale in prepared.scales] == ["C", "kernel"]
    # 0.1, 1 and 10 between 0.01 and 1,000: the default lies outside the space.
    assert [places[0, 0] for places in prepared.places[:3]] == pytest.approx([0.2, 0.4, 0.6])
    assert prepared.scales[0].ticks[0] == (0.0, "0.01")
    assert np.abs(prepared.places[0][:, 1]).max() < 0.1
    # Choices alike are spread.
    assert len(set(prepared.places[0][:, 1])) == 6


def test_without_a_space_axes_reach_over_what_was_found(compared):
    prepared = found.prepare(compared(), "t0")
    assert [scale.name for scale in prepared.scales] == ["C", "kernel", "depth"]
    places = np.concatenate(prepared.places)
    assert (places[:, 0].min(), places[:, 0].max()) == (0, 1)
    many = {f"h{i}": float(i) for i in range(20)}
    full = found.prepare(changed(compared(), lambda m: True, configuration=many), "t0")
    assert (len(full.scales), full.left_out) == (found.MOST, 12)


# --- distributions


def test_a_search_stands_beside_its_halves_in_the_order_of_their_ends(search):
    scores = np.linspace(0.1, 0.9, 12)
    states = ["complete"] * 12 + ["pruned", "running"]
    prepared = distribution.of_search(search([*scores, 0.95, 0.99], states))
    assert prepared.names == ("all trials", "first half", "second half")
    assert prepared.references == (True, False, False)
    # Of 13 that are over 12 have a score that counts, among the first 6 all.
    everything, first, second = (line[:, 1].max() for line in prepared.lines)
    assert (everything, first, second) == pytest.approx((12 / 13, 1.0, 6 / 7))
    assert distribution.of_search(search([0.5, 0.6])).names == ("all trials",)
    assert not len(distribution.of_search(search([])).lines[0])


def test_the_final_scores_of_a_comparison_are_of_searches(compared):
    comparison = compared(methods=2)
    prepared = distribution.of_comparison(comparison, "t0")
    assert prepared.ylabel == "searches at least as good"
    assert len(prepared.lines) == len(comparison.contenders)
    assert not any(len(line) for line in distribution.of_comparison(comparison, "other").lines)


@pytest.mark.parametrize(("maximise", "better", "worse"), [(True, 0.7, 0.5), (False, 0.5, 0.7)])
def test_a_distribution_is_the_share_at_least_as_good(maximise, better, worse):
    runs = [distribution.Scores("run", np.array([0.5, 0.7, np.nan]))]
    (line,) = distribution.prepare(runs, "Accuracy", maximise).lines
    as_good = line[:, 0] >= better if maximise else line[:, 0] <= better
    # Of three trials one has no score.
    assert line[as_good, 1].max() == pytest.approx(1 / 3)
    as_good = line[:, 0] >= worse if maximise else line[:, 0] <= worse
    assert line[as_good, 1].max() == pytest.approx(2 / 3)
    assert line[:, 1].min() == 0


# --- what tells series apart


@pytest.mark.parametrize("theme", style.THEMES, ids=lambda theme: theme.name)
def test_looks_can_be_told_apart_and_read(figure, theme):
    axes = figure(theme).add_subplot()
    found_ = series.looks([False] * 24 + [True, True], axes, theme)
    assert len({(look.colour, look.marker) for look in found_}) == 26
    for look in found_:
        assert contrast(look.colour, theme.window) >= 3
        assert contrast(look.ink, theme.window) >= 4.5


def test_a_methods_look_does_not_change_when_others_are_added(figure):
    axes = figure().add_subplot()
    before = series.looks([False, False, True], axes, style.LIGHT)
    after = series.looks([False, False, False, True], axes, style.LIGHT)
    assert (before[:2], before[2]) == (after[:2], after[3])


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([50.0], [50.0]),
        ([50.0, 50.0], [45.0, 55.0]),
        ([80.0, 20.0, 22.0], [80.0, 16.0, 26.0]),
        ([0.0, 0.0, 0.0], [0.0, 10.0, 20.0]),
        ([100.0, 99.0], [100.0, 90.0]),
        ([], []),
    ],
)
def test_words_are_moved_apart_as_little_as_need_be(wanted, expected):
    assert series.apart(np.array(wanted), 10.0, 100.0).tolist() == pytest.approx(expected)


def test_large_comparisons_are_prepared_without_a_stall(compared):
    comparison = compared(methods=6, cases=10, repetitions=20)
    everything(comparison)
    begun = perf_counter()
    everything(comparison)
    # Twelve pictures of 1,600 searches; the limit is for a loaded machine.
    assert perf_counter() - begun < 3
