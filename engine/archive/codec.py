"""Conversion between our records and an Optuna journal.

A trial's configuration is stored as Optuna parameters, its scores as the trial's values, one per
objective. The rest are user attributes: ``proposal:N`` (the request), ``fold:N`` or, at a lower
fidelity, ``fold:N@F`` (a fold result, written the moment the engine has it), ``told:N`` (position
of proposal N in the order in which results reached the tuner) and ``end`` (the same for the last
proposal, cause, time). A study of other records than `TrialRecord` says so in its attribute
``record``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial
from optuna.trial import TrialState as OptunaState

from engine.domain.trials import Cause, FoldResult, HyperStepRecord, TrialRecord, TrialState
from engine.space import Categorical, Float, Parameter
from engine.tuners.base import Proposal

PROPOSAL = "proposal:"
FOLD = "fold:"
TOLD = "told:"
END = "end"
RECORD = "record"

TO_OPTUNA = {
    TrialState.RUNNING: OptunaState.RUNNING,
    TrialState.COMPLETE: OptunaState.COMPLETE,
    TrialState.PRUNED: OptunaState.PRUNED,
    TrialState.FAILED: OptunaState.FAIL,
}
FROM_OPTUNA = {optuna: ours for ours, optuna in TO_OPTUNA.items()}


class End(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a trial ended, beyond its state and score."""

    ended: float
    told: int | None = None
    """Position of the trial's last proposal in the order of telling, if that ended it."""
    cause: Cause | None = None
    message: str = ""


def distribution(parameter: Parameter) -> BaseDistribution:
    """Optuna's distribution for the range of ``parameter``."""
    if isinstance(parameter, Categorical):
        return CategoricalDistribution(parameter.choices)
    if isinstance(parameter, Float):
        return FloatDistribution(parameter.low, parameter.high, log=parameter.log)
    return IntDistribution(parameter.low, parameter.high, log=parameter.log)


def record_name(kind: type[TrialRecord]) -> str:
    """Name of a type of records in the journal."""
    return str(kind.__struct_config__.tag)


def records_of(study: Mapping[str, object]) -> type[TrialRecord]:
    """Type of the records of a study with the attributes ``study``.

    Raises:
        KeyError: if it is not known.
    """
    known = {record_name(kind): kind for kind in (TrialRecord, HyperStepRecord)}
    return known[str(study.get(RECORD, record_name(TrialRecord)))]


def to_record(trial: FrozenTrial, kind: type[TrialRecord]) -> TrialRecord:
    """Convert a trial of the journal to our record, of the type ``kind``."""
    attrs = trial.user_attrs
    state = FROM_OPTUNA.get(trial.state, TrialState.RUNNING)
    # The end is noted before the state: a writer killed in between has not finished the trial.
    over = state is not TrialState.RUNNING and END in attrs
    end = msgspec.convert(attrs[END], End) if over else None
    begun = next(iter(proposals(trial)), None)
    value, *further_values = trial.values if state is TrialState.COMPLETE else (None,)
    found = kind(
        number=trial.number,
        configuration=dict(trial.params),
        state=state,
        value=value,
        further_values=tuple(further_values),
        started=_epoch(trial),
        ended=end.ended if end else None,
        cause=end.cause if end else None,
        message=end.message if end else "",
        origin=begun.origin if begun else "",
        note=begun.note if begun else {},
    )
    for key, value in attrs.items():
        if key.startswith(FOLD):
            found.add(msgspec.convert(value, FoldResult))
    return found


def fold_key(result: FoldResult) -> str:
    """Name of the attribute that holds ``result``."""
    at = "" if result.fidelity == 1.0 else f"@{result.fidelity!r}"
    return f"{FOLD}{result.fold}{at}"


def told_order(trials: Iterable[FrozenTrial]) -> list[int]:
    """Numbers of the proposals whose results the tuner was told, in that order."""
    positions: dict[int, int] = {}
    for trial in trials:
        for key, position in trial.user_attrs.items():
            if key.startswith(TOLD):
                positions[int(key.removeprefix(TOLD))] = position
        last = trial.user_attrs.get(END, {}).get("told")
        asked = proposals(trial)
        if last is not None and asked and trial.state.is_finished():
            positions[asked[-1].number] = last
    return sorted(positions, key=positions.__getitem__)


def proposals(trial: FrozenTrial) -> list[Proposal]:
    """Proposals of ``trial``, by number."""
    found = [
        msgspec.convert(
            {**value, "trial": trial.number, "configuration": dict(trial.params)}, Proposal
        )
        for key, value in trial.user_attrs.items()
        if key.startswith(PROPOSAL)
    ]
    return sorted(found, key=lambda p: p.number)


def _epoch(trial: FrozenTrial) -> float:
    """Start of the trial in seconds since the epoch (Optuna has naive local times)."""
    return trial.datetime_start.timestamp() if trial.datetime_start else 0.0
