"""Results of comparisons as plain values, shared by experiments, statistics, pictures, report and
window.

A comparison is a table of finished (or unfinished) searches with three keys: case (a table with a
learner), contender (a method with its options), repetition. Within a repetition all contenders
share seed, folds and outer test rows, so their scores are paired; between repetitions all are drawn
anew. The learner's default configuration is one of the contenders (`DEFAULT`): it is trial 0 of
every search, so it has no search of its own.
"""

from __future__ import annotations

import math
import re
from typing import Literal

import msgspec
import numpy as np

from engine.domain.results import Interval
from engine.gradients import Gradients
from engine.plan import Budget, MethodPlan
from engine.space import Configuration

DEFAULT = "default"
"""Name of the contender that is the learner's default configuration."""


Kind = Literal["compare", "nested", "loose"]
"""``compare``: repetitions redraw everything; ``nested``: they are the outer folds of one
cross-validation; ``loose``: runs put side by side afterwards."""


MemberState = Literal["waiting", "running", "interrupted", "finished", "failed"]


Judge = Literal["test", "validation"]


class Contender(msgspec.Struct, frozen=True):
    """A method with its options. ``name`` is unique in a comparison and fit for a file name."""

    name: str
    label: str
    method: MethodPlan | Gradients | None = None
    """None for `DEFAULT`."""
    reference: bool = False
    """Present for comparison only; the user did not ask for it."""

    @property
    def short(self) -> str:
        """``TPE`` for ``Tree-structured Parzen estimator (TPE)``; else the label itself."""
        found = re.search(r"\((\w[\w-]*)\)$", self.label)
        return found[1] if found else self.label


class Case(msgspec.Struct, frozen=True):
    """A table with a learner. ``name`` is unique in a comparison."""

    name: str
    data: str
    """The table's source, such as ``builtin:wine``."""
    target: str
    learner: str
    search_rows: int
    """Rows available to a search."""
    test_rows: int
    """Outer test rows; 0 without."""


class Curve(msgspec.Struct, frozen=True):
    """The best validation score so far, as a step function: after ``evaluations[i]`` full
    evaluations, ``seconds[i]`` into the search, it is ``score[i]``.

    All of one length, in order of time; a point where the score changed, and one at the end.
    """

    evaluations: tuple[float, ...] = ()
    seconds: tuple[float, ...] = ()
    score: tuple[float, ...] = ()


class Member(msgspec.Struct, frozen=True):
    """One search of a comparison; scores are of the tuned measure, None where there is none."""

    case: str
    contender: str
    repetition: int
    """From 0; of a nested comparison the outer fold."""
    state: MemberState = "waiting"
    path: str = ""
    """The run's folder; empty for `DEFAULT`."""
    seed: int = 0
    validation: float | None = None
    """Of the best trial."""
    test: float | None = None
    """Of its model on the outer test rows."""
    trial: int | None = None
    """The best one's number."""
    configuration: Configuration = {}
    """The best one's."""
    trials: int = 0
    failed: int = 0
    evaluations: float = 0.0
    """Full evaluations."""
    seconds: float = 0.0
    """Wall time without pauses."""
    fit_seconds: float = 0.0
    """Time in fits, summed over workers; the workers' other time (``seconds`` times ``workers``
    less this) went into thinking and waiting."""
    workers: int = 1
    curve: Curve = Curve()
    problem: str = ""
    """Why it has no score, as a sentence."""


class Comparison(msgspec.Struct, frozen=True):
    """A whole comparison. Members are ordered by case, contender and repetition, in the order of
    ``cases`` and ``contenders``; those not started are among them."""

    kind: Kind
    measure: str
    measure_label: str
    maximise: bool
    budget: Budget
    """Of each search."""
    cases: tuple[Case, ...]
    contenders: tuple[Contender, ...]
    repetitions: int
    members: tuple[Member, ...]
    path: str = ""
    """The comparison's folder; empty for loose runs."""

    @property
    def judge(self) -> Judge:
        """The final score that contenders are judged by: on the outer test rows where every case
        has some, else the validation score, which flatters long searches."""
        return "test" if all(case.test_rows for case in self.cases) else "validation"

    def member(self, case: str, contender: str, repetition: int) -> Member | None:
        """Return the member of a case, contender and repetition, if there is one.

        Args:
            case: name of the case.
            contender: name of the contender.
            repetition: from 0.
        """
        keys = (case, contender, repetition)
        same = (m for m in self.members if (m.case, m.contender, m.repetition) == keys)
        return next(same, None)

    def scores(self, judge: Judge | None = None) -> np.ndarray:
        """Final scores, shape (cases, contenders, repetitions), NaN where there is none (yet)."""
        which = judge or self.judge
        case = {c.name: place for place, c in enumerate(self.cases)}
        contender = {c.name: place for place, c in enumerate(self.contenders)}
        found = np.full((len(case), len(contender), self.repetitions), math.nan)
        for member in self.members:
            score = member.test if which == "test" else member.validation
            if score is not None and member.state == "finished":
                found[case[member.case], contender[member.contender], member.repetition] = score
        return found


class NestedEstimate(msgspec.Struct, frozen=True):
    """Nested-resampling estimate of a contender on a case: the performance of tuning and fitting
    together.

    It is the estimate of a procedure: the outer folds may each have chosen another configuration.
    """

    case: str
    contender: str
    outer: tuple[float | None, ...]
    """Outer score of each fold."""
    validation: tuple[float | None, ...]
    """The validation score that chose the winner in each fold: naive, since it chose."""
    estimate: Interval | None
    """Mean of the outer scores with its interval; None with fewer than two folds done."""
    naive: float | None
    """Validation score of the winner of the search on all rows, or without such a search the mean
    of ``validation``."""
    gap: float | None
    """How much better the naive score looks than the estimate, above 0 where it flatters."""
    spread: dict[str, str] = {}
    """By hyperparameter, what the folds chose, in words: a range, or counts of choices."""
    path: str = ""
    """The run on all rows, with the model to take home; empty without one."""


class Costs(msgspec.Struct, frozen=True):
    """Estimated cost of a comparison before it is started."""

    searches: int
    evaluations: float | None
    """Full evaluations in all; None where the budget is time."""
    fits: float | None
    """Folds fitted in all, the final models of the searches included."""
    seconds: float | None
    """About; None where nothing is known of the time of a fit."""
    sentence: str = ""


class Counterfactual(msgspec.Struct, frozen=True):
    """Estimate of what random search of the same length would have given.

    Its best of n validation scores, drawn from the trials that were placed at random.
    """

    enough: bool
    """Whether there are random trials enough to say so; if not, ``sentence`` says what to do."""
    random: int
    """Random trials that this rests on."""
    length: int
    """Configurations the search tried in full: the n of the end of the curve."""
    best: float | None
    """The search's own best validation score."""
    search: Curve = Curve()
    """The search's own best so far."""
    itself: bool = False
    """Whether the search was random itself, so that this is about its own luck."""
    needed: int = 0
    """Full evaluations of the random search that would tell, where there are too few trials."""
    seconds: float | None = None
    """Estimated time of them, at the cost of the search's own."""
    n: tuple[int, ...] = ()
    mean: tuple[float, ...] = ()
    """Expected best of the first n, by the order statistics of the random trials."""
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    """Bounds within which the best of n falls in 95 of 100 random searches."""
    chance: float | None = None
    """That random search of this length does at least as well, from 0 to 1."""
    sentence: str = ""


Verdict = Literal["better", "alike", "open"]
"""``better``: supported by the data; ``alike``: as good for practical purposes; ``open``: the data
decide nothing."""


class Difference(msgspec.Struct, frozen=True):
    """Difference between two contenders over the repetitions of a case, the better on average
    first.

    Differences are in the measure's units and above 0 where ``one`` is better, whichever way the
    measure runs.
    """

    case: str
    one: str
    other: str
    repetitions: int
    """In which both have a score."""
    wins: int
    """In how many of them ``one`` was better."""
    ties: int
    mean: float
    low: float
    high: float
    """Bounds of a 95 % interval of this difference alone, with Nadeau and Bengio's correction."""
    p: float
    """Holm-corrected for all pairs of the case."""
    effect: float
    """Rank-biserial correlation, from -1 to 1."""
    verdict: Verdict
    detectable: float
    """True difference that so many repetitions detect with power 0.8."""
    needed: int | None = None
    """Repetitions that detect a true difference of this size with power 0.8; None where no number
    would, or none is needed."""


class Ranking(msgspec.Struct, frozen=True):
    """Contenders by average rank over data sets, the best first, and which ranks differ.

    Equal to a critical-difference diagram; ``why_not`` says why there is no such verdict.
    """

    contenders: tuple[str, ...]
    ranks: tuple[float, ...]
    data_sets: int
    p: float | None = None
    """Of the null hypothesis that none differ: Friedman's test in Iman and Davenport's form, for
    two Wilcoxon's."""
    critical: float | None = None
    """The critical difference of average ranks; None with ``why_not``, and of two contenders."""
    groups: tuple[tuple[int, ...], ...] = ()
    """Places of contenders that the data do not tell apart."""
    why_not: str = ""


class Finding(msgspec.Struct, frozen=True):
    """One sentence about a comparison. ``note`` is about the comparison itself."""

    kind: Literal["headline", "better", "alike", "open", "note"]
    text: str
    case: str = ""
    """Empty where it is about all."""


class Findings(msgspec.Struct, frozen=True):
    """Findings of a comparison, as figures and in words."""

    sentences: tuple[Finding, ...]
    differences: tuple[Difference, ...] = ()
    ranking: Ranking | None = None


class ComparisonSummary(msgspec.Struct, frozen=True):
    """A comparison as the library lists it."""

    path: str
    name: str
    kind: Literal["compare", "nested"]
    state: Literal["running", "interrupted", "finished", "damaged"]
    created: float
    cases: tuple[str, ...] = ()
    contenders: tuple[str, ...] = ()
    """Labels of the methods, references included."""
    repetitions: int = 0
    done: int = 0
    total: int = 0
    """Searches."""
    problem: str = ""
