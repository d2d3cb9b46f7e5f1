"""What a comparison's data support, in figures and in words: both sides of every rule."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from scipy import stats

from engine.analysis.paired import holm
from engine.analysis.power import power
from engine.analysis.verdict_words import findings
from engine.analysis.verdicts import differences, ranking
from engine.domain.comparison import Case, Comparison, Contender, Findings, Member
from engine.plan import Budget, MethodPlan

WAVE = np.array([0.0, 0.01, -0.01, 0.02, -0.02])
"""Differences between repetitions that average out."""


def compare(
    scores, *, maximise=True, test=36, rows=144, references=(), data=None, label="Accuracy"
):
    """A finished comparison with ``scores`` of shape (cases, contenders, repetitions) or without
    the first; NaN is a search that failed, None one that has not begun."""
    table = np.array(scores, dtype=object)
    table = table[None] if table.ndim == 2 else table
    names = [f"m{i}" for i in range(table.shape[1])]
    members = []
    for (case, contender, repetition), score in np.ndenumerate(table):
        state = "waiting" if score is None else "failed" if np.isnan(score) else "finished"
        known = float(score) if state == "finished" else None
        members.append(
            Member(f"t{case}", names[contender], repetition, state, validation=known, test=known)
        )
    return Comparison(
        kind="compare",
        measure="accuracy",
        measure_label=label,
        maximise=maximise,
        budget=Budget(evaluations=30),
        cases=tuple(
            Case(f"t{i}", (data or {}).get(i, f"table{i}"), "y", "svm", rows, test)
            for i in range(len(table))
        ),
        contenders=tuple(
            Contender(name, name.upper(), MethodPlan("tpe"), i in references)
            for i, name in enumerate(names)
        ),
        repetitions=table.shape[2],
        members=tuple(members),
    )


def two(gain: float, noise=WAVE, repetitions: int = 5, **more) -> Comparison:
    """Two contenders, the first ``gain`` better but for noise."""
    wave = np.resize(noise, repetitions)
    base = 0.8 + 0.05 * np.sin(np.arange(repetitions))
    return compare([base + gain + wave, base], **more)


def words(comparison: Comparison, kind: str = "", **options) -> str:
    return " ".join(
        f.text for f in findings(comparison, **options).sentences if not kind or f.kind == kind
    )


# --- figures


def test_a_pair_has_the_corrected_tests_figures():
    (found,) = differences(two(0.05))
    apart = 0.05 + WAVE
    error = np.sqrt((1 / 5 + 0.25) * apart.var(ddof=1))
    assert (found.one, found.other, found.repetitions, found.wins) == ("m0", "m1", 5, 5)
    assert found.mean == pytest.approx(0.05)
    assert found.p == pytest.approx(2 * stats.t.sf(0.05 / error, 4))
    assert found.high == pytest.approx(0.05 + stats.t.ppf(0.975, 4) * error)
    assert power(found.detectable, float(apart.std(ddof=1)), 5, 0.25) == pytest.approx(0.8)


def test_the_better_one_comes_first_whichever_way_the_measure_runs():
    larger, smaller = two(-0.05), two(-0.05, maximise=False)
    assert [(d.one, d.mean > 0, d.verdict) for d in differences(larger)] == [("m1", True, "better")]
    assert [(d.one, d.mean > 0, d.verdict) for d in differences(smaller)] == [
        ("m0", True, "better")
    ]


def test_pairs_of_a_case_are_one_question():
    random = np.random.default_rng(0)
    base = random.normal(0.8, 0.05, 10)
    scores = [base + g + 0.01 * random.normal(size=10) for g in (0.04, 0.02, 0.0)]
    found = differences(compare(scores))
    alone = [differences(compare([scores[i], scores[j]]))[0].p for i, j in ((0, 1), (0, 2), (1, 2))]
    by_pair = {frozenset((d.one, d.other)): d.p for d in found}
    pairs = [frozenset(pair) for pair in (("m0", "m1"), ("m0", "m2"), ("m1", "m2"))]
    np.testing.assert_allclose([by_pair[p] for p in pairs], holm(np.array(alone)))


def test_cases_are_questions_of_their_own():
    one, other = two(0.05), two(0.001)
    scores = np.concatenate([one.scores(), other.scores()])
    together = differences(compare(scores))
    assert together[0].p == differences(one)[0].p
    assert [d.verdict for d in together] == ["better", "open"]


def test_references_are_not_compared_with_each_other():
    base = np.linspace(0.7, 0.8, 5)
    scores = [base + g + WAVE for g in (0.05, 0.02, 0.0)]
    assert len(differences(compare(scores))) == 3
    pairs = {(d.one, d.other) for d in differences(compare(scores, references=(1, 2)))}
    assert pairs == {("m0", "m1"), ("m0", "m2")}


@pytest.mark.parametrize(
    ("gain", "margin", "verdict"),
    [
        (0.05, 0.0, "better"),
        (0.01, 0.0, "open"),
        (0.001, 0.0, "open"),
        (0.001, 0.02, "open"),
        (0.001, 0.04, "alike"),
        # Supported and small: what is supported is said.
        (0.05, 0.2, "better"),
    ],
)
def test_verdicts(gain, margin, verdict):
    (found,) = differences(two(gain), margin)
    assert found.verdict == verdict


def test_needed_repetitions_are_of_the_open_ones():
    (found,) = differences(two(0.02, repetitions=5, test=9, rows=171))
    assert found.verdict == "open"
    assert found.needed is not None and found.needed > 5
    spread = float((0.02 + WAVE).std(ddof=1))
    assert power(0.02, spread, found.needed, 9 / 171) >= 0.8
    assert power(0.02, spread, found.needed - 1, 9 / 171) < 0.8
    # So small beside the rows in common that no number would do.
    assert differences(two(0.004))[0].needed is None
    assert differences(two(0.05))[0].needed is None


def test_repetitions_that_lack_a_score_are_left_out_of_their_pairs():
    comparison = two(0.05, repetitions=7)
    scores = comparison.scores()[0]
    scores[0, 2] = np.nan
    (found,) = differences(compare(scores))
    assert (found.repetitions, found.wins) == (6, 6)


# --- ranks over data sets


def many(k: int, n: int, spread: float, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    quality = -0.05 * np.arange(k)[:, None]
    return 0.7 + quality + spread * random.normal(size=(n, k, 2))


def test_a_ranking_is_a_critical_difference_diagram():
    found = ranking(compare(many(4, 12, 0.01)))
    assert found is not None and found.why_not == ""
    assert found.contenders == ("m0", "m1", "m2", "m3")
    assert found.ranks == (1, 2, 3, 4)
    # Demsar's q for four contenders is 2.569.
    assert found.critical == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 12)), abs=1e-3)
    assert found.groups == ((0, 1), (1, 2), (2, 3))
    assert found.p == 0.0


def test_a_ranking_without_a_difference_is_one_group():
    found = ranking(compare(np.random.default_rng(1).normal(size=(12, 4, 2))))
    assert found is not None
    assert found.p is not None and found.p > 0.05
    assert found.groups == ((0, 1, 2, 3),)


@pytest.mark.parametrize(("gain", "groups"), [(0.05, ()), (0.0, ((0, 1),))])
def test_two_contenders_are_ranked_by_wilcoxons_test(gain, groups):
    scores = np.random.default_rng(3).normal(0.8, 0.01, size=(8, 2, 1))
    scores[:, 0] += gain
    found = ranking(compare(scores))
    assert found is not None and found.critical is None
    expected = stats.wilcoxon(scores[:, 0, 0] - scores[:, 1, 0], method="exact").pvalue
    assert found.p == pytest.approx(expected)
    assert found.groups == groups


@pytest.mark.parametrize(
    ("comparison", "why"),
    [
        (compare(many(3, 5, 0.01)), "here are 5"),
        (compare(many(3, 1, 0.01)), "here is 1"),
        # Learners on the same table are not data sets of their own.
        (compare(many(3, 8, 0.01), data=dict.fromkeys(range(4), "same")), "here are 5"),
        (compare(many(3, 6, 0.01), test=0), "outer test rows"),
        (compare(np.where(np.arange(6)[:, None, None] == 2, np.nan, many(3, 6, 0.01))), "5 of 6"),
    ],
)
def test_a_ranking_says_why_there_is_no_verdict(comparison, why):
    found = ranking(comparison)
    assert found is not None
    assert why in found.why_not
    assert (found.p, found.critical, found.groups) == (None, None, ())
    assert len(found.ranks) == 3


def test_learners_on_a_table_count_as_one_data_set():
    scores = many(3, 7, 0.01)
    found = ranking(compare(scores, data={0: "same", 1: "same"}))
    assert found is not None and found.data_sets == 6


def test_without_any_complete_data_set_there_is_no_ranking():
    assert ranking(compare([[np.nan], [0.5]])) is None
    assert ranking(compare([[0.5]])) is None


# --- words


def test_what_is_supported_is_said_with_its_figures():
    comparison = two(0.05)
    assert words(comparison, "headline") == (
        "M0 has the best average accuracy, 0.861; the data support that it is better than M1."
    )
    assert words(comparison, "better") == (
        "M0 is better than M1: accuracy 0.050 higher on average (95 % interval 0.021 to 0.079), "
        "better in 5 of 5 repetitions, rank-biserial effect 1.00, p = 0.0092."
    )
    assert words(comparison, "open") == ""


def test_smaller_measures_are_lower():
    comparison = two(-0.05, maximise=False, label="RMSE")
    assert "best average RMSE" in words(comparison, "headline")
    assert "M0 is better than M1: RMSE 0.050 lower on average" in words(comparison, "better")


def test_what_is_open_is_said_with_how_many_more():
    comparison = two(0.02, test=9, rows=171)
    assert words(comparison, "headline").endswith("against M1 the data decide nothing.")
    text = words(comparison, "open")
    assert text.startswith(
        "Between M0 and M1 the data decide nothing: accuracy 0.020 higher for M0 on average, but "
        "anything from −0.002 to 0.042 fits (p = 0.066). If it is as large as it looks, "
    )
    assert "more repetitions would settle it with a chance of 80 %." in text
    needed = differences(comparison)[0].needed
    assert needed is not None and f"looks, {needed - 5} more" in text


def test_what_no_number_of_repetitions_settles_is_said_too():
    comparison = two(0.004)
    assert "No number of repetitions on these rows" in words(comparison, "open")
    assert "it takes more rows, or other tables" in words(comparison, "note")
    assert "it takes more rows" not in words(two(0.05), "note")


def test_a_pair_that_counts_alone_but_not_among_many():
    random = np.random.default_rng(0)
    base = random.normal(0.8, 0.02, 5)
    scores = [base + 0.03 + WAVE, base]
    assert differences(compare(scores))[0].verdict == "better"
    scores += [base + 0.02 * random.normal(size=5) for _ in range(3)]
    text = words(compare(scores), "open")
    assert "fits; as one of 10 pairs asked about that is not enough" in text
    assert "pairs asked about" not in words(two(0.01), "open")


def test_practically_equal_ones_are_said_to_be():
    text = words(two(0.001), "alike", margin=0.04)
    assert text == (
        "M0 and M1 are as good as each other for practical purposes: the difference is within "
        "0.040 (95 % interval −0.028 to 0.030)."
    )
    assert "as good as M1 for practical" in words(two(0.001), "headline", margin=0.04)
    assert words(two(0.001), "alike", margin=0.02) == ""


@pytest.mark.parametrize("repetitions", [1, 2, 4])
def test_with_too_few_repetitions_nothing_can_be_said(repetitions):
    found = findings(two(0.3, repetitions=repetitions))
    assert found.differences == ()
    has = "1 repetition has" if repetitions == 1 else f"{repetitions} repetitions have"
    assert [f.text for f in found.sentences] == [
        f"Nothing can be said yet: {has} a score for every method, and 5 are the least that can "
        "tell methods apart."
    ]


def test_five_are_enough_to_say_something():
    assert findings(two(0.3, repetitions=5)).differences != ()


def test_a_search_under_way_keeps_the_verdict_back():
    scores = two(0.05, repetitions=8).scores()[0].astype(object)
    scores[0, 7] = None
    going = compare(scores)
    assert words(going).startswith(
        "7 of 8 repetitions are done. What the data support is said when"
    )
    assert findings(going).differences == ()
    assert "M0 is better than M1" in words(going, as_it_is=True)


def test_failed_searches_are_counted():
    scores = two(0.05, repetitions=7).scores()[0]
    assert "failed" not in words(compare(scores))
    scores[0, 2] = np.nan
    assert words(compare(scores), "note").endswith(
        "1 search failed (M0). Their repetitions are left out, which flatters a method that fails "
        "where it is hard."
    )


def test_without_outer_test_rows_nothing_is_claimed():
    found = findings(two(0.3, test=0))
    assert found.differences == ()
    assert found.sentences[0].text.startswith("Nothing can be said about new rows")


@pytest.mark.parametrize(
    ("gain", "repetitions", "expected"),
    [
        (0.1, 5, "M0 is ahead of M1 by the same 0.100000 in all 5 repetitions, which so few"),
        (0.1, 8, "M0 is better than M1 by the same 0.100000 in all 8 repetitions"),
    ],
)
def test_differences_without_spread(gain, repetitions, expected):
    assert expected in words(two(gain, np.zeros(1), repetitions))


def test_contenders_that_never_differ_are_said_so_once():
    base = np.linspace(0.7, 0.8, 5)
    assert [f.text for f in findings(compare([base, base, base])).sentences] == [
        "M0, M1 and M2 share the best average accuracy, 0.7500, and have the same score in every "
        "repetition (5)."
    ]
    found = findings(compare([base, base, base - 0.1 - WAVE])).sentences
    assert found[0].text == "M0 and M1 share the best average accuracy, 0.750."
    texts = [f.text for f in found]
    assert "M0 and M1 have the same score in all 5 repetitions." in texts
    # What can be shown is that of pairs that vary.
    assert texts[-1].startswith("5 repetitions show a true difference of 0.0")
    assert "0.0000" not in texts[-1]


def test_the_power_is_announced():
    comparison = two(0.05)
    (found,) = differences(comparison)
    assert words(comparison, "note") == (
        f"5 repetitions show a true difference of {found.detectable:.3f} in accuracy between two "
        "methods in 80 of 100 such comparisons."
    )


def test_several_cases_are_named():
    scores = np.concatenate([two(0.05).scores(), two(0.001).scores()])
    text = words(compare(scores))
    assert "On t0: M0 has the best average accuracy" in text
    assert "On t1: M0" in text
    assert (
        "Average ranks over 2 data sets: M0 1.00, M1 2.00. Nothing can be said about other" in text
    )
    assert "On t0" not in words(two(0.05))


def test_several_cases_with_too_few_repetitions_are_said_once():
    scores = np.concatenate([two(0.05, repetitions=3).scores()] * 4)
    assert words(compare(scores), "headline").startswith("Nothing can be said on any case yet: 3 ")
    mixed = np.concatenate([two(0.05).scores(), two(0.05).scores()])
    mixed[1, 0, :3] = np.nan
    assert "Nothing can be said on t1 yet: 2 repetitions have" in words(compare(mixed), "headline")


def test_ranks_over_data_sets_in_words():
    text = words(compare(many(4, 12, 0.01)), "better")
    assert text == (
        "Average ranks over 12 data sets: M0 1.00, M1 2.00, M2 3.00, M3 4.00. They differ "
        "(Friedman's test, p < 0.001), and two ranks do where they lie 1.35 or more apart "
        "(Nemenyi): M0 is better than M2 and M3; M1 is better than M3."
    )
    equal = words(compare(np.random.default_rng(1).normal(size=(12, 4, 2))), "open")
    assert "The data do not tell them apart (p = " in equal
    pair = np.random.default_rng(0).normal(0.8, 0.01, size=(8, 2, 1))
    pair[:, 0] += 0.1
    assert "M0 is better than M1 (Wilcoxon's test, p = 0.0078)." in words(compare(pair), "better")


def test_nothing_breaks_on_odd_comparisons():
    for comparison in (
        compare(np.empty((1, 2, 0))),
        compare(np.full((2, 3, 6), np.nan)),
        compare(np.full((2, 3, 6), np.inf)),
        compare(np.full((1, 2, 5), 0.5)),
        compare(np.full((1, 1, 5), 0.5)),
        compare(np.random.default_rng(0).normal(0, 1e12, (7, 3, 6))),
        compare(np.random.default_rng(0).normal(0, 1e-12, (7, 3, 6))),
    ):
        found = findings(comparison)
        assert all(f.text.endswith(".") for f in found.sentences)
        assert "nan" not in " ".join(f.text for f in found.sentences)
        assert msgspec.json.decode(msgspec.json.encode(found), type=Findings) == found
