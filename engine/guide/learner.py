"""Recommend a learner, by the size and shape of the table.

The review leaves the learner to the user; these are Tunesmith's rules of thumb from how the cost of
each family grows and what it can use, and they are labelled so.
"""

from __future__ import annotations

from engine.domain.advice import Recommendation
from engine.domain.cards import LearnerCard
from engine.guide.sentences import count
from engine.guide.situation import Rule, Situation, first

SMALL = 1_000
"""Most rows for which a kernel method's fit takes milliseconds."""
DETAILED = 12
"""Pixels of an edge from which local patterns tell more than single pixels."""

_RULE_OF_THUMB = "Tunesmith's rule of thumb"


def recommend(situation: Situation) -> tuple[Recommendation, ...]:
    """Recommend learners for the task, the advised one first, unsuitable ones last."""
    cards = {c.id: c for c in situation.catalog.learners if situation.facts.task in c.tasks}
    best = first(_RULES, situation)
    others = [
        _listed(card, situation)
        for card in cards.values()
        if best is None or card.id != best.choice
    ]
    others.sort(key=lambda r: not r.fits)
    return (*([best] if best is not None else []), *others)


def _pictures(situation: Situation) -> Recommendation | None:
    facts = situation.facts
    picture = facts.picture
    if picture is None or picture.side < DETAILED or facts.rows <= SMALL:
        return None
    return _advised(
        situation,
        "conv_network",
        f"{facts.rows:,} pictures of {picture.side} by {picture.side} pixels: a convolutional "
        "network looks for the same small pattern everywhere, where other models take each pixel "
        "for a column of its own.",
        "LeCun et al. (1998), Proceedings of the IEEE 86(11)",
        f"you had at most {SMALL:,} pictures, or ones of less than {DETAILED} pixels an edge",
    )


def _wide(situation: Situation) -> Recommendation | None:
    facts = situation.facts
    if facts.encoded < facts.rows:
        return None
    return _advised(
        situation,
        "elastic_net",
        f"{count(facts.encoded, 'column')} after encoding and only {count(facts.rows, 'row')}: "
        "a linear model whose penalty can set coefficients to zero is the safest choice here.",
        _RULE_OF_THUMB,
        "you had more rows than columns",
    )


def _small_and_numeric(situation: Situation) -> Recommendation | None:
    facts = situation.facts
    if facts.rows > SMALL or facts.categorical:
        return None
    return _advised(
        situation,
        "svm",
        f"{count(facts.rows, 'row')} and {count(facts.numeric, 'numeric column')}: a fit takes "
        "milliseconds, so the search can look at many configurations of a flexible model.",
        "scikit-learn user guide, 1.4.4 Complexity",
        f"you had more than {SMALL:,} rows, or columns of categories",
    )


def _small(situation: Situation) -> Recommendation | None:
    facts = situation.facts
    if facts.rows > SMALL:
        return None
    return _advised(
        situation,
        "random_forest",
        f"{count(facts.rows, 'row')} with {count(facts.categorical, 'column')} of categories: a "
        "forest takes mixed columns without scaling and is hard to set badly.",
        _RULE_OF_THUMB,
        f"you had more than {SMALL:,} rows, or only numeric columns",
    )


def _large(situation: Situation) -> Recommendation | None:
    facts = situation.facts
    return _advised(
        situation,
        "gradient_boosting",
        f"{count(facts.rows, 'row')}: enough for boosting, which first sorts each column into at "
        "most 255 bins, so that its cost grows only in step with the rows.",
        "scikit-learn user guide, 1.11.1.1 Histogram-Based Gradient Boosting",
        f"you had at most {SMALL:,} rows",
    )


_RULES: tuple[Rule, ...] = (_pictures, _wide, _small_and_numeric, _small, _large)


def _advised(
    situation: Situation, learner: str, reason: str, source: str, would_change: str
) -> Recommendation | None:
    card = next((c for c in situation.catalog.learners if c.id == learner), None)
    if card is None or situation.facts.task not in card.tasks:
        return None
    return Recommendation(
        choice=card.id,
        label=card.label,
        reason=reason,
        source=source,
        would_change=f"It would change if {would_change}.",
        figures=_figures(situation),
    )


def _listed(card: LearnerCard, situation: Situation) -> Recommendation:
    rows = situation.facts.rows
    if card.most_rows is not None and rows > card.most_rows:
        return Recommendation(
            choice=card.id,
            label=card.label,
            reason=f"You have {rows:,} rows. The cost of a fit: {card.cost[:1].lower()}"
            f"{card.cost[1:]}",
            source=card.cost_source or _RULE_OF_THUMB,
            would_change=f"It would fit with at most {card.most_rows:,} rows.",
            fits=False,
        )
    if card.pictures and situation.facts.picture is None:
        return Recommendation(
            choice=card.id,
            label=card.label,
            reason="It is for columns that are the pixels of square pictures, and these are not.",
            source=_RULE_OF_THUMB,
            would_change="It would fit with columns called pixel0, pixel1 and so on, or a square "
            "number of numeric ones, from 36 on.",
            fits=False,
        )
    return Recommendation(
        choice=card.id, label=card.label, reason=card.good_for, source=_RULE_OF_THUMB
    )


def _figures(situation: Situation) -> tuple[tuple[str, str], ...]:
    facts = situation.facts
    return (
        ("rows", f"{facts.rows:,}"),
        ("numeric columns", f"{facts.numeric:,}"),
        ("columns of categories", f"{facts.categorical:,}"),
        ("columns after encoding", f"{facts.encoded:,}"),
    )
