"""Recommend a resampling scheme, by the number of rows, then by the time.

Sizes after Bischl et al. (2023) and the authors' lecture (see ``SIZES``): few rows need many
repetitions, many rows need few; a rare class counts as the sample size, for "100,000 rows can still
be small". When the time does not suffice for `ENOUGH` evaluations, the next cheaper scheme is
chosen: a search over precise scores that evaluates three configurations finds nothing.
"""

from __future__ import annotations

import re

import msgspec

from engine.domain.advice import Recommendation
from engine.guide.cost import affordable, evaluation_seconds
from engine.guide.facts import Facts
from engine.guide.sentences import count, duration
from engine.guide.situation import Situation, imbalance
from engine.plan import Resampling

LADDER = ("5x10-fold", "3x10-fold", "10-fold", "5-fold", "holdout")
"""Choices from the most precise to the cheapest."""
SIZES = ((200, "5x10-fold"), (500, "3x10-fold"), (10_000, "10-fold"), (100_000, "5-fold"))
"""Upper bounds of the rows for each choice; a holdout beyond the last."""
HOLDOUT_ROWS = 100_000
"""With fewer rows, lack of time alone never leads to a holdout."""
ENOUGH = 20
"""Fewest evaluations a search should have time for."""
THIN = 10
"""Rows of the rarest class below which a fold's score is mostly luck."""
TEST_SHARE = 0.2
TEST_LEAST = 50
"""Fewest rows for which an outer test is kept."""

_SOURCE = "Bischl et al. 2023, resampling"


def recommend(situation: Situation) -> tuple[Recommendation, ...]:
    """Recommend all schemes, the advised one first, then from the most precise to the cheapest."""
    facts = situation.facts
    by_size = scheme_for(facts)
    choice = _within_time(by_size, situation)
    reason = _size_reason(facts, by_size)
    if choice != by_size:
        slow = duration(evaluation_seconds(_with(situation, by_size)))
        reason += (
            f" {label_of(by_size).capitalize()} would fit that, but one evaluation would take "
            f"about {slow}, too long for {ENOUGH} of them in {duration(situation.time)}; "
            f"so {label_of(choice)}."
        )
    choice = _limited(choice, facts)
    reason += _thin(facts, choice)
    best = Recommendation(
        choice=choice,
        label=label_of(choice),
        reason=reason,
        source=_SOURCE,
        would_change=_would_change(situation, by_size, choice),
        figures=_figures(situation, choice),
    )
    return (best, *(_listed(o, facts) for o in LADDER if o != choice))


def resampling_of(choice: str) -> Resampling:
    """Parse a choice such as ``holdout``, ``10-fold`` or ``5x10-fold`` into a plan's resampling.

    Raises:
        ValueError: if ``choice`` is of another form.
    """
    if choice == "holdout":
        return Resampling(kind="holdout", share=1 / 3)
    match = re.fullmatch(r"(?:(\d+)x)?(\d+)-fold", choice)
    if match is None:
        raise ValueError(choice)
    repeats, folds = int(match[1] or 1), int(match[2])
    kind = "kfold" if repeats == 1 else "repeated_kfold"
    return Resampling(kind=kind, folds=folds, repeats=repeats)


def validation_share(scheme: Resampling) -> float:
    """Share of the search's rows that one fold validates on."""
    return scheme.share if scheme.kind == "holdout" else 1 / max(scheme.folds, 2)


def label_of(choice: str) -> str:
    """Choice in words: ``10-fold cross-validation, 5 times``."""
    resampling = resampling_of(choice)
    if resampling.kind == "holdout":
        return "holdout"
    times = f", {resampling.repeats} times" if resampling.repeats > 1 else ""
    return f"{resampling.folds}-fold cross-validation{times}"


def test_share(facts: Facts) -> float:
    """Share of the rows for the outer test.

    A fifth; none below `TEST_LEAST` rows: fewer than ten test rows give a 95 % interval wider than
    the differences a search finds, and the fits need every row.
    """
    return TEST_SHARE if facts.rows >= TEST_LEAST else 0.0


def scheme_for(facts: Facts) -> str:
    """Choose a scheme by size alone."""
    size = sample_size(facts)
    return next((choice for limit, choice in SIZES if size < limit), "holdout")


def sample_size(facts: Facts) -> int:
    """Effective sample size: rows of the rarest class when classes are imbalanced, else all
    rows."""
    rare = imbalance(facts)
    return facts.rows if rare is None else rare[1]


def _within_time(choice: str, situation: Situation) -> str:
    """First scheme from ``choice`` downwards that leaves time for enough evaluations."""
    cheapest = LADDER if situation.facts.rows >= HOLDOUT_ROWS else LADDER[:-1]
    options = cheapest[cheapest.index(choice) :] if choice in cheapest else (choice,)
    for option in options:
        if affordable(_with(situation, option)) >= ENOUGH:
            return option
    return options[-1]


def _limited(choice: str, facts: Facts) -> str:
    """``choice`` with no more folds than the rarest class has rows outside the outer test."""
    least = min((n for _, n in facts.classes), default=facts.rows)
    least = int(least * (1 - test_share(facts)))
    resampling = resampling_of(choice)
    if resampling.kind == "holdout" or resampling.folds <= least:
        return choice
    times = f"{resampling.repeats}x" if resampling.repeats > 1 else ""
    return f"{times}{max(least, 2)}-fold"


def _with(situation: Situation, choice: str) -> Situation:
    return msgspec.structs.replace(situation, resampling=resampling_of(choice))


def _size_reason(facts: Facts, choice: str) -> str:
    rare = imbalance(facts)
    rows = count(facts.rows, "row")
    if rare is not None:
        label, least = rare
        begin = f"{rows}, but only {least:,} of “{label}”, and the rarest class counts"
    else:
        begin = rows
    if choice == "holdout":
        return f"{begin}: enough that one split of two to one gives a steady score."
    if choice in LADDER[:2]:
        return f"{begin}: so few that a single round of folds depends on the luck of the split."
    return f"{begin}: one round of folds gives a steady score."


def _thin(facts: Facts, choice: str) -> str:
    """Caution where a fold validates on only a handful of rows of the rarest class."""
    rare = imbalance(facts)
    if rare is None or (rows := _rare_a_fold(facts, choice)) >= THIN:
        return ""
    return (
        f" Folds keep the classes' shares, yet each scores only about {count(rows, 'row')} of "
        f"“{rare[0]}”, so single fold scores say little."
    )


def _rare_a_fold(facts: Facts, choice: str) -> int:
    """Number of rows of the rarest class that one fold validates on."""
    scheme = resampling_of(choice)
    least = min(n for _, n in facts.classes)
    return max(round(least * (1 - test_share(facts)) * validation_share(scheme)), 1)


def _would_change(situation: Situation, by_size: str, choice: str) -> str:
    if choice != by_size and affordable(_with(situation, by_size)) < ENOUGH:
        return "It would change if you had more time, or a model whose fits are quicker."
    limits = [limit for limit, _ in SIZES]
    size = sample_size(situation.facts)
    above = next((limit for limit in limits if size < limit), None)
    if above is None:
        return f"It would change with fewer than {limits[-1]:,} rows."
    what = "rows" if imbalance(situation.facts) is None else "rows of the rarest class"
    return f"It would change from {above:,} {what} on, where fewer fits are enough."


def _figures(situation: Situation, choice: str) -> tuple[tuple[str, str], ...]:
    facts = situation.facts
    share = test_share(facts)
    test = f"about {round(facts.rows * share):,} rows" if share else "none: too few rows to spare"
    rare = imbalance(facts)
    return (
        ("rows", f"{facts.rows:,}"),
        *((("rarest class", f"{rare[1]:,} rows"),) if rare is not None else ()),
        ("fits an evaluation", str(resampling_of(choice).n_folds)),
        ("outer test", test),
    )


def _listed(choice: str, facts: Facts) -> Recommendation:
    n_folds = resampling_of(choice).n_folds
    too_rough = LADDER.index(choice) > LADDER.index(scheme_for(facts)) + 1
    reason = f"{count(n_folds, 'fit')} an evaluation."
    if too_rough:
        reason += f" With {sample_size(facts):,} rows that count, its score depends on the split."
    return Recommendation(
        choice=choice, label=label_of(choice), reason=reason, source=_SOURCE, fits=not too_rough
    )
