"""Early stopping of trials by folds, for every method that evaluates its configurations fully.

`DropLosers` asks for a trial's folds in blocks. After each it compares the trial with the incumbent
(the best complete trial) on the folds that both have, and drops it once it is all but certain to
end behind.

The prediction. Let ``d_1 .. d_n`` be the differences to the incumbent on the ``n`` folds done, to
be taken as independent draws of a normal with unknown mean and variance, which have the usual
non-informative prior. Then the mean over the ``m`` remaining folds, given these, has a Student
distribution with n - 1 degrees around the mean difference ``d`` with scale ``s sqrt(1/n + 1/m)``,
``s`` being the sample standard deviation (Gelman et al. 2013, section 3.2). The trial's final mean
difference is ``(n d + m rest) / (n + m)``: the same distribution around ``d`` with

    scale = s sqrt(1/n + 1/m) m / (n + m) = s sqrt(m / (n (n + m)))

which is the standard error with the finite-population correction. The folds come in an order drawn
from the seed, so that the remaining ones are like those done.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import msgspec
import numpy as np

from engine.domain.trials import TrialState
from engine.options import Option
from engine.tuners.base import Decision, MethodOptions, Proposal, Result, Tuner

FEWEST = 3
"""Folds before a trial is judged."""
GROWTH = 1.5
"""Factor by which the folds done grow with each further block."""
CERTAINTY = 0.95
"""How sure a drop must be. On real fold scores 0.99 did worse; 0.9 did a little better still, but
wrong drops weigh more for who sees them than rank."""

OPTION = Option(
    name="drop_losers",
    label="Drop losers early",
    kind="boolean",
    default=False,
    help="Stops a configuration after some of its folds when these make it all but certain that "
    "it will not beat the best one. Saves time; needs at least four folds.",
)


def wrap(tuner: Tuner) -> Tuner:
    """Wrap ``tuner`` in `DropLosers`, unless that would save nothing or make no sense."""
    card = tuner.card
    if tuner.problem.n_folds <= FEWEST or card.partial_folds or card.partial_fits:
        return tuner
    return DropLosers(tuner)


def chance(differences: np.ndarray, remaining: int) -> float:
    """Probability that the mean over all folds ends below 0, given the ``differences`` so far.

    Args:
        differences: trial minus incumbent on the folds done, shape (n,), n >= 2, smaller is better.
        remaining: folds to come, at least 1.

    Returns:
        Student's predictive probability (see the module).
    """
    from scipy.special import stdtr

    n, centre = len(differences), float(np.mean(differences))
    spread = float(np.std(differences, ddof=1))
    if spread <= 1e-9 * abs(centre):
        return 0.5 if centre == 0 else float(centre < 0)
    # The standard error with finite-population correction, as derived at the top of the module.
    scale = spread * math.sqrt(remaining / (n * (n + remaining)))
    return float(stdtr(n - 1, -centre / scale))


def blocks(n_folds: int) -> tuple[int, ...]:
    """Number of folds done after each block, rising to ``n_folds``."""
    ends = [min(FEWEST, n_folds)]
    while ends[-1] < n_folds:
        ends.append(min(n_folds, math.ceil(ends[-1] * GROWTH)))
    return tuple(ends)


@dataclass
class _Trial:
    proposal: Proposal
    """As the method within asked for it."""
    costs: dict[int, float] = field(default_factory=dict)
    """Fold -> score, turned so that smaller is better."""
    seconds: float = 0.0


class DropLosers(Tuner[MethodOptions]):
    """Ends trials of a method early when they can't win any more.

    The inner method sees whole evaluations: its proposal ``t`` is trial ``t`` here. For a dropped
    trial it is told the expected final value: the incumbent's mean plus the mean difference to it.

    Args:
        inner: a method whose every proposal is a new configuration, fully evaluated; fresh.
        certainty: drop when the probability to end as the best is below ``1 - certainty``.
    """

    def __init__(self, inner: Tuner, certainty: float = CERTAINTY) -> None:
        self.card = inner.card
        super().__init__(inner.problem)
        self._inner = inner
        self.exhausted_reason = inner.exhausted_reason
        self._certainty = certainty
        n_folds = inner.problem.n_folds
        self._order = [int(fold) for fold in self.rng(0).permutation(n_folds)]
        self._ends = blocks(n_folds)
        self._trials: dict[int, _Trial] = {}
        self._waiting: set[int] = set()
        """Trials between two blocks."""
        self._incumbent: dict[int, float] | None = None
        """Costs of the best complete trial."""

    @property
    def exhausted(self) -> bool:
        """Whether the inner method is exhausted and no trial waits for its next block."""
        return self._inner.exhausted and not self._waiting

    def _propose(self, number: int) -> Proposal | None:
        if self._waiting:
            trial = self._trials[min(self._waiting)]
            done = len(trial.costs)
            end = next(end for end in self._ends if end > done)
            return self._block(number, trial.proposal, done, end)
        proposal = self._inner.ask()
        return None if proposal is None else self._block(number, proposal, 0, self._ends[0])

    def _block(self, number: int, proposal: Proposal, done: int, end: int) -> Proposal:
        folds = None if end - done == len(self._order) else tuple(self._order[done:end])
        return msgspec.structs.replace(proposal, number=number, trial=proposal.number, folds=folds)

    def adopt(self, proposal: Proposal) -> None:
        """Adopt the proposal here and, as a whole evaluation, in the inner method."""
        super().adopt(proposal)
        trial = proposal.trial
        self._waiting.discard(trial)
        if trial in self._trials:
            return
        whole = next((p for p in self._inner.pending if p.number == trial), None)
        if whole is None:  # of an earlier life, a person's own, or the default
            whole = msgspec.structs.replace(proposal, number=trial, folds=None)
            self._inner.adopt(whole)
        self._trials[trial] = _Trial(whole)

    def _observe(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        trial = self._trials[proposal.trial]
        trial.seconds += result.seconds
        if not result.ok:
            return self._decide(trial, None, TrialState.FAILED)
        sign = -1.0 if self.problem.maximise else 1.0
        folds = self._order if proposal.folds is None else proposal.folds
        # A result that does not list its folds has the same mean for each.
        values = result.fold_values or dict.fromkeys(folds, result.value or 0.0)
        trial.costs.update((fold, sign * value) for fold, value in values.items())
        mean = _mean(trial.costs)
        if len(trial.costs) == self.problem.n_folds:
            if self._incumbent is None or mean < _mean(self._incumbent):
                self._incumbent = trial.costs
            return self._decide(trial, sign * mean, TrialState.COMPLETE)
        if self._incumbent is not None:
            seen = {fold: cost - self._incumbent[fold] for fold, cost in trial.costs.items()}
            remaining = self.problem.n_folds - len(seen)
            if chance(np.array(list(seen.values())), remaining) < 1 - self._certainty:
                expected = _mean(self._incumbent) + _mean(seen)
                return self._decide(trial, sign * expected, TrialState.PRUNED)
        self._waiting.add(proposal.trial)
        return ()

    def _decide(
        self, trial: _Trial, value: float | None, state: TrialState
    ) -> tuple[Decision, ...]:
        sign = -1.0 if self.problem.maximise else 1.0
        seen = {} if value is None else {f: sign * trial.costs[f] for f in sorted(trial.costs)}
        self._inner.tell(trial.proposal, Result(value, seen, trial.seconds))
        return (Decision(trial.proposal.number, state),)


def _mean(costs: dict[int, float]) -> float:
    return math.fsum(costs.values()) / len(costs)
