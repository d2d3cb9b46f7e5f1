"""`HyperSteps`: the search method of a gradient run, which proposes one hyper-step after the other.

Thousands of tuned numbers do not fit a configuration, so the archive keeps a hyper-step as a record
of its own (`engine.domain.trials.HyperStepRecord`), and the values are in the run's folder
(`engine.gradient.states`). Workers do the step itself, a training forwards and backwards
(`engine.gradient.job`).
"""

from __future__ import annotations

import msgspec

from engine.domain.cards import MethodCard, Sketch
from engine.domain.trials import TrialState
from engine.gradient.engines import ENGINES
from engine.gradients import AUTO, PARTS, Gradients
from engine.options import Option, options_of
from engine.tuners.base import Decision, MethodOptions, Proposal, Result, Tuner


def settled(search: Gradients) -> Gradients:
    """Replace ``auto`` and options left out by the values that they stand for.

    Args:
        search: legal values.

    Returns:
        The search with every option of its engine, and groups tuned as finely as suits that.
    """
    kind = ENGINES[search.engine]
    fitting = kind.fitting(search.options)
    groups = {
        name: fitting[name]
        for name, choice in msgspec.structs.asdict(search.groups).items()
        if choice == AUTO and name in fitting
    }
    own = {option.name: option.default for option in options_of(kind)}
    return msgspec.structs.replace(
        search,
        groups=msgspec.structs.replace(search.groups, **groups),
        engine_options={name: search.engine_options.get(name, own[name]) for name in own},
    )


def _engine() -> Option:
    return Option(
        "engine",
        "Engine",
        "choice",
        Gradients().engine,
        "How the derivative is computed. Exact reversal runs the training backwards and "
        "stores next to nothing; the implicit engines tune penalties and example weights "
        "only.",
        choices=tuple(ENGINES),
    )


def _engine_options() -> tuple[Option, ...]:
    """Options of all engines; one that several share, once."""
    found = {o.name: o for engine in ENGINES.values() for o in options_of(engine)}
    return tuple(found.values())


class HyperSteps(Tuner[MethodOptions]):
    """Proposes one hyper-step after the other: each begins when the one before has ended.

    Source: Maclaurin et al. 2015; Franceschi et al. 2018.
    """

    card = MethodCard(
        id=Gradients.id,
        label="Hypergradients",
        summary=(
            "Differentiates through the training of a network and tunes thousands of "
            "hyperparameters at once: schedules, penalties, weights of examples."
        ),
        options=(
            _engine(),
            *(option for part in PARTS.values() for option in options_of(part)),
            *_engine_options(),
        ),
        source="Maclaurin, Duvenaud and Adams (2015); Franceschi et al. (2018)",
        help="hypergradient",
        sketch=Sketch(
            "A walk uphill, each trial a step from the one before.",
            "70 158 254 336 411 457 501 544 604 651 666 677 706 759 763 757 793 794 813 826 833 "
            "857 857 858 876 887 862 883",
        ),
        gradient=True,
        picture="outer_loss",
    )

    def _propose(self, number: int) -> Proposal | None:
        return None if self._pending else Proposal(number, number, {}, origin=self.card.id)

    def _observe(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        state = TrialState.COMPLETE if result.ok else TrialState.FAILED
        return (Decision(proposal.trial, state),)
