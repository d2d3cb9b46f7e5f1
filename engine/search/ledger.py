"""Which proposals wait for which folds, and what may be asked or told next: the search's
bookkeeping.

Pure state without effects, so that the rules of reproducibility (design.md decision 6) can be read
and tested in one place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.domain.trials import Cause, FoldResult, TrialRecord
from engine.plan import EvaluationPlan, Plan
from engine.tuners.base import Proposal, Result


@dataclass
class Pending:
    """A proposal whose result is not told yet."""

    proposal: Proposal
    missing: set[int]
    results: dict[int, FoldResult] = field(default_factory=dict)
    shares: dict[int, float] = field(default_factory=dict)
    """What each fold costs, as a share of a full fit."""

    @property
    def done(self) -> float:
        """Cost of the folds done."""
        return math.fsum(self.shares[fold] for fold in self.results)

    @property
    def begun(self) -> float:
        """Cost of the folds done or to do."""
        return math.fsum(self.shares[fold] for fold in (*self.results, *self.missing))

    @property
    def failure(self) -> FoldResult | None:
        """The failed fold with the lowest index."""
        failed = [r for r in self.results.values() if r.cause is not None]
        return min(failed, key=lambda r: r.fold, default=None)


class Ledger:
    """Proposals under way, in the order asked.

    Args:
        plan: its measure, ``reproducible`` and ``outstanding`` matter.
        jobs: folds of a full evaluation.
        continues: whether a fit at a higher fidelity goes on where the trial's last one stopped.
    """

    def __init__(self, plan: Plan, jobs: int, *, continues: bool = False) -> None:
        self._evaluation = plan.evaluation
        self._reproducible = plan.reproducible
        self._outstanding = plan.outstanding
        self._jobs = jobs
        self._continues = continues
        self._fits_told = 0.0
        self.pending: dict[int, Pending] = {}
        self.told = 0
        """Proposals told so far."""

    # --- asking -----------------------------------------------------------------------------------

    @property
    def may_ask(self) -> bool:
        """Whether the next proposal may be asked now.

        Reproducible: proposal n is asked when exactly the results up to n - q are told, q being the
        number that may be outstanding. Where the method has nothing to ask then, it is asked again
        after each further result (`next_to_tell`), so more may be told.
        """
        return not self._reproducible or self.told >= self._told_before_next

    def take_up(self, proposal: Proposal, trial: TrialRecord) -> list[int]:
        """Enter ``proposal`` for ``trial`` with the results it has already; returns the folds to
        do."""
        wanted = proposal.folds if proposal.folds is not None else tuple(range(self._jobs))
        done = trial.at(proposal.fidelity)
        results = {fold: done[fold] for fold in wanted if fold in done}
        shares = {fold: self._share(proposal.fidelity, fold, trial) for fold in wanted}
        pending = Pending(proposal, set(wanted) - set(results), results, shares)
        self.pending[proposal.number] = pending
        self._drop_rest(pending)
        return [fold for fold in wanted if fold in pending.missing]

    # --- taking in --------------------------------------------------------------------------------

    def record(self, result: FoldResult) -> list[int]:
        """Enter a fold result; returns the proposals whose other folds are not worth doing any
        more."""
        dropped = []
        for number, pending in self.pending.items():
            same = (pending.proposal.trial, pending.proposal.fidelity) == (
                result.trial,
                result.fidelity,
            )
            if same and result.fold in pending.missing:
                pending.missing.discard(result.fold)
                pending.results[result.fold] = result
                if self._drop_rest(pending):
                    dropped.append(number)
        return dropped

    def next_to_tell(self, *, nothing_to_ask: bool) -> Pending | None:
        """The proposal whose result should be told now, if any.

        Reproducible: in the order asked, and no earlier than the next proposal needs it, unless
        nothing more will be asked before something is told.
        """
        if not self._reproducible:
            return next((p for p in self.pending.values() if not p.missing), None)
        first = next(iter(self.pending.values()), None)
        if first is None or first.missing:
            return None
        return first if nothing_to_ask or self.told < self._told_before_next else None

    def result(self, pending: Pending) -> Result:
        """What the tuner is told of ``pending``: means over its folds, None when one failed."""
        seconds = math.fsum(r.seconds for r in pending.results.values())
        if pending.failure is not None:
            return Result(value=None, seconds=seconds)
        measure = self._evaluation.measure
        values = {f: r.scores[measure] for f, r in sorted(pending.results.items())}
        value, *also = means(pending.results.values(), self._evaluation)
        return Result(value, values, seconds, tuple(also))

    def close(self, pending: Pending) -> None:
        """``pending`` has been told."""
        self._fits_told += pending.done
        self.told += 1
        self.pending.pop(pending.proposal.number, None)

    # --- counting ---------------------------------------------------------------------------------

    @property
    def evaluations(self) -> float:
        """Full evaluations told; a partial one counts its share."""
        return self._fits_told / self._jobs

    @property
    def done(self) -> float:
        """Full evaluations done, told or not."""
        return (self._fits_told + sum(p.done for p in self.pending.values())) / self._jobs

    @property
    def begun(self) -> float:
        """Full evaluations done once everything under way is."""
        return (self._fits_told + sum(p.begun for p in self.pending.values())) / self._jobs

    @property
    def _told_before_next(self) -> int:
        number = self.told + len(self.pending)
        return max(0, number - self._outstanding + 1)

    def _share(self, fidelity: float, fold: int, trial: TrialRecord) -> float:
        return fidelity - (reached(trial, fold, below=fidelity) if self._continues else 0.0)

    def _drop_rest(self, pending: Pending) -> bool:
        """A trial with a failed fold has no score, so its other folds are not worth their time.

        How many of them were done by then depends on the speed of the workers, so a *reproducible*
        search does them all, unless a person killed the trial.
        """
        killed = any(r.cause is Cause.KILLED for r in pending.results.values())
        if pending.failure is None or (self._reproducible and not killed):
            return False
        pending.missing.clear()
        return True


def reached(trial: TrialRecord, fold: int, *, below: float) -> float:
    """The highest fidelity under ``below`` at which ``fold`` has a score; 0 without one."""
    return max(
        (
            f.fidelity
            for f in trial.partial
            if f.fold == fold and f.fidelity < below and f.cause is None
        ),
        default=0.0,
    )


def spent(trial: TrialRecord, *, continues: bool) -> float:
    """What the folds of ``trial`` have cost, in full fits."""
    return math.fsum(
        f.fidelity - (reached(trial, f.fold, below=f.fidelity) if continues else 0.0)
        for f in trial.results
    )


def means(folds: Iterable[FoldResult], evaluation: EvaluationPlan) -> tuple[float, ...]:
    """Means over ``folds``, all with scores, of the tuned measure and those optimised at once."""
    done = list(folds)
    names = (evaluation.measure, *evaluation.also)
    return tuple(mean(fold.measured(name) for fold in done) for name in names)


def mean(values: Iterable[float]) -> float:
    """Arithmetic mean with exact summation, so that the order of folds does not matter."""
    listed = list(values)
    return math.fsum(listed) / len(listed)
