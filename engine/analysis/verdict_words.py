"""Findings of a comparison as sentences: which differences the data support."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.analysis.verdicts import LEAST_REPETITIONS, differences, final_scores, ranking
from engine.domain.comparison import Comparison, Difference, Finding, Findings, Ranking
from engine.guide.words import count

_DONE = ("finished", "failed")


def findings(comparison: Comparison, margin: float = 0.0, *, as_it_is: bool = False) -> Findings:
    """Compute figures and sentences about ``comparison``.

    While members are running, differences are not reported: testing after each repetition and
    stopping at the first success inflates the rate of false alarms.

    Args:
        comparison: finished or not.
        margin: the region of practical equivalence, in the measure's units.
        as_it_is: report an unfinished comparison all the same, since it will not be resumed.

    Returns:
        Sentences, tested differences and the ranking over data sets.
    """
    notes = _notes(comparison)
    if not as_it_is and any(m.state not in _DONE for m in comparison.members):
        return Findings((*_so_far(comparison), *notes))
    if comparison.judge != "test":
        text = (
            "Nothing can be said about new rows: without outer test rows there are only validation "
            "scores, and these flatter whoever searches most."
        )
        return Findings((Finding("headline", text), *notes), ranking=ranking(comparison))
    found = differences(comparison, margin)
    ranked = ranking(comparison)
    return Findings(
        sentences=(
            *_by_case(comparison, found, margin),
            *_over_data_sets(comparison, ranked),
            *notes,
        ),
        differences=found,
        ranking=ranked,
    )


def _so_far(comparison: Comparison) -> list[Finding]:
    done = np.isfinite(final_scores(comparison)).all(axis=1).sum(axis=1)
    least = int(done.min(initial=comparison.repetitions))
    text = (
        f"{least:,} of {count(comparison.repetitions, 'repetition')} are done"
        f"{' on every case' if len(comparison.cases) > 1 else ''}. What the data support is said "
        "when all are: looking early and often finds differences that are not there."
    )
    return [Finding("headline", text)]


def _notes(comparison: Comparison) -> list[Finding]:
    failed = [m for m in comparison.members if m.state == "failed"]
    if not failed:
        return []
    labels = _labels(comparison)
    names = dict.fromkeys(labels[m.contender] for m in failed)
    text = (
        f"{count(len(failed), 'search', 'searches')} failed ({_listed(list(names))}). Their "
        "repetitions are left out, which flatters a method that fails where it is hard."
    )
    return [Finding("note", text)]


def _by_case(comparison: Comparison, found: Sequence[Difference], margin: float) -> list[Finding]:
    several_cases = len(comparison.cases) > 1
    if not found:
        done = np.isfinite(final_scores(comparison)).all(axis=1).sum(axis=1)
        return [_too_few(int(done.max(initial=0)), "", "on any case " if several_cases else "")]
    sentences: list[Finding] = []
    for case, scores in zip(comparison.cases, final_scores(comparison), strict=True):
        of_case = [d for d in found if d.case == case.name]
        if not of_case:
            done = int(np.isfinite(scores).all(axis=0).sum())
            sentences.append(_too_few(done, case.name, f"on {case.name} "))
            continue
        sentences.append(_headline(comparison, case.name, of_case, scores))
        if all(d.low == d.high == 0 for d in of_case):
            continue
        sentences += [_sentence(comparison, d, margin, len(of_case)) for d in of_case]
        sentences += _announcement(comparison, case.name, of_case)
    return sentences


def _too_few(done: int, case: str, where: str) -> Finding:
    has = f"{count(done, 'repetition')} {'has' if done == 1 else 'have'}"
    text = (
        f"Nothing can be said {where}yet: {has if done else 'no repetition has'} a score for every "
        f"method, and {LEAST_REPETITIONS} are the least that can tell methods apart."
    )
    return Finding("headline", text, case)


def _headline(
    comparison: Comparison, case: str, of_case: Sequence[Difference], scores: np.ndarray
) -> Finding:
    """Sentence on which contender has the best average, and against which others that is
    supported."""
    labels = _labels(comparison)
    known = np.isfinite(scores)
    # Over the repetitions that all have, if there are such: means of others do not compare.
    used = known & (known.all(axis=0) if known.all(axis=0).any() else True)
    there = np.flatnonzero(used.any(axis=1))
    means = np.array(
        [row[mask].mean() for row, mask in zip(scores[there], used[there], strict=True)]
    )
    place = int(np.argmax(means) if comparison.maximise else np.argmin(means))
    where = f"On {case}: " if len(comparison.cases) > 1 else ""
    value = _figure(float(means[place]), _finest(of_case))
    measure = _measure(comparison)
    equal = np.flatnonzero(np.isclose(means, means[place], rtol=1e-12, atol=0.0))
    if equal.size > 1:
        names = [labels[comparison.contenders[there[i]].name] for i in equal]
        text = f"{where}{_listed(names)} share the best average {measure}, {value}"
        if all(d.low == d.high == 0 for d in of_case):
            text += f", and have the same score in every repetition ({of_case[0].repetitions})"
        return Finding("headline", f"{text}.", case)
    name = comparison.contenders[int(there[place])].name
    beaten = [labels[d.other] for d in of_case if d.one == name and d.verdict == "better"]
    alike = [labels[_rival(d, name)] for d in of_case if _about(d, name) == "alike"]
    undecided = [labels[_rival(d, name)] for d in of_case if _about(d, name) == "open"]
    parts = []
    if beaten:
        parts.append(f"the data support that it is better than {_listed(beaten)}")
    if alike:
        parts.append(f"it is as good as {_listed(alike)} for practical purposes")
    if undecided:
        who = "they" if beaten else "the data"
        parts.append(f"against {_listed(undecided)} {who} decide nothing")
    text = f"{where}{labels[name]} has the best average {measure}, {value}"
    return Finding("headline", f"{'; '.join([text, *parts])}.", case)


def _about(d: Difference, name: str) -> str | None:
    return d.verdict if name in (d.one, d.other) else None


def _rival(d: Difference, name: str) -> str:
    return d.other if d.one == name else d.one


def _sentence(comparison: Comparison, d: Difference, margin: float, pairs: int) -> Finding:
    labels = _labels(comparison)
    one, other = labels[d.one], labels[d.other]
    if d.low == d.high:
        return Finding(d.verdict, _without_spread(comparison, d, one, other), d.case)
    digits = _decimals(d)
    interval = f"95 % interval {_figure(d.low, digits)} to {_figure(d.high, digits)}"
    gain = f"{_measure(comparison)} {_figure(d.mean, digits)} {_way(comparison)}"
    if d.verdict == "better":
        text = (
            f"{one} is better than {other}: {gain} on average ({interval}), better in {d.wins} of "
            f"{count(d.repetitions, 'repetition')}, rank-biserial effect {d.effect:.2f}, "
            f"{_p(d.p)}."
        )
    elif d.verdict == "alike":
        text = (
            f"{one} and {other} are as good as each other for practical purposes: the difference "
            f"is within {_figure(margin, _enough(margin))} ({interval})."
        )
    else:
        text = (
            f"Between {one} and {other} the data decide nothing: {gain} for {one} on average, but "
            f"anything from {_figure(d.low, digits)} to {_figure(d.high, digits)} fits"
            f"{_alone(d, pairs)} ({_p(d.p)}). {_how_many_more(d)}"
        )
    return Finding(d.verdict, _signless(text), d.case)


def _without_spread(comparison: Comparison, d: Difference, one: str, other: str) -> str:
    """Sentence on a pair whose differences are all the same."""
    if d.mean == 0:
        return f"{one} and {other} have the same score in all {count(d.repetitions, 'repetition')}."
    by = f"by the same {_figure(d.mean, 6)} in all {count(d.repetitions, 'repetition')}"
    if d.verdict == "better":
        return f"{one} is better than {other} {by} ({_p(d.p)})."
    return f"{one} is ahead of {other} {by}, which so few can't decide ({_p(d.p)})."


def _alone(d: Difference, pairs: int) -> str:
    """Explain an interval that excludes 0 although the corrected p-value is not significant."""
    return f"; as one of {pairs} pairs asked about that is not enough" if d.low > 0 else ""


def _how_many_more(d: Difference) -> str:
    if d.needed is None:
        return "No number of repetitions on these rows is likely to settle so small a difference."
    more = count(d.needed - d.repetitions, "more repetition")
    return f"If it is as large as it looks, {more} would settle it with a chance of 80 %."


def _announcement(
    comparison: Comparison, case: str, of_case: Sequence[Difference]
) -> list[Finding]:
    """Sentence on the power of the repetitions, for the pair with the median detectable
    difference."""
    varied = sorted((d for d in of_case if d.low < d.high), key=lambda d: d.detectable)
    if not varied:
        return []
    pair = varied[len(varied) // 2]
    text = (
        f"{count(pair.repetitions, 'repetition')} show a true difference of "
        f"{_figure(pair.detectable, _enough(pair.detectable))} in {_measure(comparison)} between "
        "two methods in 80 of 100 such comparisons."
    )
    if any(d.verdict == "open" and d.needed is None for d in varied):
        text += (
            " More repetitions help only so far, since all draw from the same rows: for smaller "
            "differences it takes more rows, or other tables."
        )
    return [Finding("note", text, case)]


def _over_data_sets(comparison: Comparison, ranked: Ranking | None) -> list[Finding]:
    if ranked is None or len({case.data for case in comparison.cases}) < 2:
        return []
    labels = _labels(comparison)
    order = [f"{labels[n]} {r:.2f}" for n, r in zip(ranked.contenders, ranked.ranks, strict=True)]
    text = f"Average ranks over {count(ranked.data_sets, 'data set')}: {', '.join(order)}. "
    if ranked.why_not:
        return [
            Finding("note", f"{text}Nothing can be said about other data sets: {ranked.why_not}")
        ]
    assert ranked.p is not None
    apart = _apart(ranked)
    if not apart:
        text += f"The data do not tell them apart ({_p(ranked.p)})."
        return [Finding("open", text)]
    if ranked.critical is not None:
        text += (
            f"They differ (Friedman's test, {_p(ranked.p)}), and two ranks do where they lie "
            f"{ranked.critical:.2f} or more apart (Nemenyi): "
        )
    pairs = [f"{labels[a]} is better than {_listed([labels[b] for b in bs])}" for a, bs in apart]
    text += "; ".join(pairs)
    text += "." if ranked.critical is not None else f" (Wilcoxon's test, {_p(ranked.p)})."
    return [Finding("better", text)]


def _apart(ranked: Ranking) -> list[tuple[str, list[str]]]:
    """Each contender with those that it is significantly better than."""
    names = ranked.contenders
    together = {(a, b) for group in ranked.groups for a in group for b in group}
    found = []
    for a, name in enumerate(names):
        beaten = [names[b] for b in range(a + 1, len(names)) if (a, b) not in together]
        if beaten:
            found.append((name, beaten))
    return found


def _labels(comparison: Comparison) -> dict[str, str]:
    return {contender.name: contender.short for contender in comparison.contenders}


def _measure(comparison: Comparison) -> str:
    """The measure's name within a sentence; acronyms such as RMSE keep their capitals."""
    label = comparison.measure_label
    return label if label[:2].isupper() or label[1:2].isdigit() else label[:1].lower() + label[1:]


def _way(comparison: Comparison) -> str:
    return "higher" if comparison.maximise else "lower"


def _listed(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}" if p < 0.1 else f"p = {p:.2f}"


def _decimals(d: Difference) -> int:
    """Decimals that show the interval's half width with two digits."""
    return _enough((d.high - d.low) / 2)


def _enough(size: float) -> int:
    return min(max(1 - math.floor(math.log10(size)), 0), 9) if size > 0 else 4


def _finest(found: Sequence[Difference]) -> int:
    return min(max((_decimals(d) for d in found if d.high > d.low), default=4), 4)


def _figure(x: float, digits: int) -> str:
    return f"{x:,.{digits}f}"


def _signless(text: str) -> str:
    """Replace hyphens before figures by minus signs."""
    return text.replace(" -", " −").replace("(-", "(−")
