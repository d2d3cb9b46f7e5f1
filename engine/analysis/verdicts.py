"""Tests of the differences between the contenders of a comparison.

Within a case the repetitions are tested by the corrected resampled t-test with the case's own ratio
of test rows. All pairs of a case are one family (Holm), except that references are not compared
with each other. Each case is a family of its own, so that the answer about one table does not
depend on which others were compared. Over data sets the ranks are tested, each data set being one
observation.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from engine.analysis.friedman import alike, critical_difference, friedman
from engine.analysis.paired import (
    LEVEL,
    MeanDifference,
    corrected_t,
    holm,
    rank_biserial,
    signed_rank,
)
from engine.analysis.power import detectable, repetitions_needed
from engine.analysis.ranks import ranks, win_tie_loss
from engine.domain.comparison import Case, Comparison, Difference, Ranking

LEAST_REPETITIONS = 5
"""Fewest repetitions for a test. With four, the true standard deviation may be half or nearly four
times the estimated one (95 % interval), and an outlier can't be recognised."""

LEAST_DATA_SETS = 6
"""Fewest data sets with which two contenders can differ at 5 %: five of five have p = 1/16."""


def differences(
    comparison: Comparison, margin: float = 0.0, level: float = LEVEL
) -> tuple[Difference, ...]:
    """Test all pairs of contenders on all cases with outer test rows and enough repetitions.

    Args:
        comparison: finished or not; what is missing is left out.
        margin: the region of practical equivalence, in the measure's units; 0 for none.
        level: family-wise error rate on each case.

    Returns:
        By case, then supported, equivalent and undecided ones, each with the largest first. Pairs
        with fewer than `LEAST_REPETITIONS` are left out.
    """
    if comparison.judge != "test":
        return ()
    scores = final_scores(comparison)
    if not comparison.maximise:
        scores = -scores
    found: list[Difference] = []
    for case, of_case in zip(comparison.cases, scores, strict=True):
        found += _of_case(comparison, case, of_case, margin, level)
    return tuple(found)


def final_scores(comparison: Comparison) -> np.ndarray:
    """Scores by the comparison's judge, shape (cases, contenders, repetitions), NaN for none.

    An infinite score can't enter a mean, and counts as none.
    """
    scores = comparison.scores()
    return np.where(np.isfinite(scores), scores, math.nan)


def _of_case(
    comparison: Comparison, case: Case, scores: np.ndarray, margin: float, level: float
) -> list[Difference]:
    """Test the pairs of one case, from ``scores`` of shape (k, R), larger is better."""
    ratio = case.test_rows / case.search_rows
    tested: list[tuple[int, int, np.ndarray, MeanDifference]] = []
    for i, j in itertools.combinations(range(len(scores)), 2):
        if comparison.contenders[i].reference and comparison.contenders[j].reference:
            continue
        apart = scores[i] - scores[j]
        apart = apart[np.isfinite(apart)]
        if apart.size < LEAST_REPETITIONS:
            continue
        one, other = i, j
        if apart.mean() < 0:
            # The first of a pair is always the one ahead, which is how it is written about.
            one, other, apart = j, i, -apart
        tested.append((one, other, apart, corrected_t(apart, ratio, level)))
    # Holm's smallest p-value is tested at level / m, which is what `detectable` assumes below.
    p = holm(np.array([t.p for *_, t in tested]))
    # Pairs already settled need no more repetitions, so only the others share the level.
    unsettled = max(int((p >= level).sum()), 1)
    found = []
    for (one, other, apart, t), corrected in zip(tested, p.tolist(), strict=True):
        if corrected < level:
            verdict = "better"
        # Equivalence: the whole interval lies within the margin.
        elif -margin <= t.low and t.high <= margin and margin > 0:
            verdict = "alike"
        else:
            verdict = "open"
        pair = scores[[one, other]].T
        wins, ties = win_tie_loss(pair, maximise=True)
        found.append(
            Difference(
                case=case.name,
                one=comparison.contenders[one].name,
                other=comparison.contenders[other].name,
                repetitions=t.repetitions,
                wins=int(wins[0, 1]),
                ties=int(ties[0, 1]),
                mean=t.mean,
                low=t.low,
                high=t.high,
                p=corrected,
                effect=rank_biserial(apart),
                verdict=verdict,
                detectable=detectable(t.spread, t.repetitions, ratio, level / len(tested)),
                needed=_needed(t, ratio, level / unsettled) if verdict == "open" else None,
            )
        )
    order = {"better": 0, "alike": 1, "open": 2}
    return sorted(found, key=lambda d: (order[d.verdict], -d.mean))


def _needed(t: MeanDifference, ratio: float, level: float) -> int | None:
    if t.spread == 0:
        return None
    return repetitions_needed(t.mean, t.spread, ratio, level)


def ranking(comparison: Comparison, level: float = LEVEL) -> Ranking | None:
    """Rank contenders by their average rank over data sets.

    A data set's score is the mean over its learners and repetitions, by the comparison's judge.
    Data sets on which a contender lacks a score that others have are left out.

    Args:
        comparison: finished or not.
        level: significance level.

    Returns:
        Average ranks with the test's verdict, or why there is none; None without a complete data
        set.
    """
    table = _by_data_set(comparison)
    complete = np.isfinite(table).all(axis=1)
    ranked = ranks(table[complete], comparison.maximise)
    n, k = ranked.shape
    if not n or k < 2:
        return None
    average = ranked.mean(axis=0)
    order = np.argsort(average, kind="stable")
    said = Ranking(
        contenders=tuple(comparison.contenders[i].name for i in order.tolist()),
        ranks=tuple(average[order].tolist()),
        data_sets=n,
        why_not=_why_no_verdict(comparison, n, len(table)),
    )
    if said.why_not:
        return said
    if k == 2:
        # The rank test of two, which uses how far apart the scores are (Demsar 2006, section 3.1).
        p = signed_rank(table[complete, 0] - table[complete, 1]).p
        groups = ((0, 1),) if p >= level else ()
        return Ranking(said.contenders, said.ranks, n, p, None, groups)
    # Friedman's test with Nemenyi's post-hoc test (Demsar 2006, section 3.2.2).
    critical = critical_difference(k, n, level)
    p = friedman(ranked).f_p
    # Where even Friedman's test finds nothing, no single difference is believed.
    groups = alike(average[order], critical) if p < level else (tuple(range(k)),)
    return Ranking(said.contenders, said.ranks, n, p, critical, groups)


def _by_data_set(comparison: Comparison) -> np.ndarray:
    """Mean scores, shape (data sets, k), NaN where a repetition has no score."""
    scores = final_scores(comparison)
    data = [(case.data, case.target) for case in comparison.cases]
    found = np.full((len(set(data)), len(comparison.contenders)), math.nan)
    for row, one in zip(found, dict.fromkeys(data), strict=True):
        if comparison.repetitions:
            row[:] = scores[[d == one for d in data]].mean(axis=(0, 2))
    return found


def _why_no_verdict(comparison: Comparison, complete: int, planned: int) -> str:
    if planned < LEAST_DATA_SETS:
        return (
            f"{LEAST_DATA_SETS} data sets are the least that can tell methods apart; here "
            f"{'is' if planned == 1 else 'are'} {planned}."
        )
    if complete < LEAST_DATA_SETS:
        return (
            f"{LEAST_DATA_SETS} data sets are the least that can tell methods apart; {complete} of "
            f"{planned} {'has' if complete == 1 else 'have'} a score for every method."
        )
    if comparison.judge != "test":
        return "Without outer test rows scores flatter whoever searches most."
    return ""
