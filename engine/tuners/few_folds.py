"""Number of folds as fidelity, for every method whose configurations climb rungs.

Successive halving needs cheap evaluations that predict the full one. Where neither the model nor
the rows can be cut, the folds can: a rung is then a number of folds, and its score their mean. All
trials on a rung have the same folds, drawn from the seed, so that none is ahead by luckier ones. A
promoted trial keeps its folds and is fitted on those it lacks.
"""

from __future__ import annotations

import math

import msgspec

from engine.space import Value
from engine.tuners.base import Decision, MethodOptions, Proposal, Result, Tuner
from engine.tuners.rungs import Climbing, place_of

RUNGS = "rung_folds"
"""Note of a proposal: the folds of each rung of its method from the fewest to all, ``1,3,10``."""


def smallest(min_fidelity: float, n_folds: int) -> float:
    """Smallest share of ``n_folds`` that is at least ``min_fidelity`` and at least one fold."""
    return max(min_fidelity, 1 / n_folds)


def counts(n_folds: int, eta: int, depth: int) -> tuple[int, ...]:
    """Number of folds on each rung, from ``n_folds / eta^depth``, at least 1, to ``n_folds``.

    Each is more than the one before, since it is at least twice as many but for the rounding.

    Args:
        n_folds: folds of a full evaluation.
        eta: reduction factor.
        depth: promotions from the lowest rung to the full evaluation.
    """
    return tuple(math.floor(n_folds / eta ** (depth - i) + 0.5) for i in range(depth + 1))


class FewFolds(Tuner[MethodOptions]):
    """Turns the partial evaluations of a method into evaluations on some of the folds.

    The inner method proposes fidelities and is told means; each of its proposals becomes one of the
    same number and trial for the folds that the trial lacks.

    Args:
        inner: fresh, with a smallest fit that `smallest` allows, and warm starts on.
    """

    def __init__(self, inner: Climbing) -> None:
        self.card = inner.card
        super().__init__(inner.problem)
        self._inner = inner
        n_folds = inner.problem.n_folds
        self._order = [int(fold) for fold in self.rng(0).permutation(n_folds)]
        self._counts = counts(n_folds, inner.eta, inner.depth)
        self._note: dict[str, Value] = {RUNGS: ",".join(map(str, self._counts))}
        self._values: dict[int, dict[int, float]] = {}
        """Trial -> fold -> score."""

    @property
    def exhausted(self) -> bool:
        """Whether the inner method is exhausted."""
        return self._inner.exhausted

    def _propose(self, number: int) -> Proposal | None:
        proposal = self._inner.ask()
        if proposal is None:
            return None
        place = place_of(proposal)
        assert place is not None, "whatever a climbing method proposes has a place"
        # The rungs of a shallow bracket are the last ones.
        end = len(self._counts) - 1 - place.bracket + place.rung
        begin = self._counts[end - 1] if place.rung else 0
        folds = tuple(self._order[begin : self._counts[end]])
        whole = len(folds) == len(self._order)
        return msgspec.structs.replace(
            proposal,
            folds=None if whole else folds,
            fidelity=1.0,
            note={**proposal.note, **self._note},
        )

    def adopt(self, proposal: Proposal) -> None:
        """Adopt the proposal here and, with its fidelity, in the inner method."""
        super().adopt(proposal)
        if all(p.number != proposal.number for p in self._inner.pending):
            # Of an earlier life, a person's own, or the default.
            place = place_of(proposal)
            fidelity = 1.0 if place is None else self._inner.fidelity(place)
            self._inner.adopt(msgspec.structs.replace(proposal, folds=None, fidelity=fidelity))

    def _observe(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        within = next(p for p in self._inner.pending if p.number == proposal.number)
        if result.ok:
            folds = self._order if proposal.folds is None else proposal.folds
            # A result that does not list its folds has the same mean for each.
            told = result.fold_values or dict.fromkeys(folds, result.value or 0.0)
            values = self._values.setdefault(proposal.trial, {})
            values.update(told)
            mean = math.fsum(values.values()) / len(values)
            result = msgspec.structs.replace(result, value=mean, fold_values=dict(values))
        return self._inner.tell(within, result)
