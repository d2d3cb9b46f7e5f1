"""`Archive`: what happened in a run, durable, in an Optuna journal that other tools can open.

The journal holds one study called ``run``; ``optuna.load_study`` and optuna-dashboard show its
trials, parameters, values and states. The archive records; it is no tuner's working memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import msgspec
import optuna
from optuna.storages import JournalStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial
from optuna.trial import TrialState as OptunaState

from engine.archive import cache
from engine.archive.codec import (
    END,
    PROPOSAL,
    RECORD,
    TO_OPTUNA,
    TOLD,
    End,
    distribution,
    fold_key,
    proposals,
    record_name,
    records_of,
    to_record,
    told_order,
)
from engine.archive.journal import JournalFile
from engine.archive.lock import FolderLock
from engine.domain.trials import Cause, FoldResult, TrialRecord, TrialState
from engine.errors import RunError
from engine.space import SearchSpace
from engine.tuners.base import Proposal

JOURNAL = "journal.log"
STUDY = "run"


class Archive:
    """The archive of the run in ``folder``, open for writing until `close`.

    Attributes:
        trials: every trial by number. Read it; change it only through the methods.
        proposals: what was asked, by proposal number.
        told: numbers of the proposals whose results the tuner was told, in that order.
        ended: numbers of the final trials in the order in which they ended.
        study: free attributes of the run (`note`).
    """

    def __init__(
        self,
        folder: Path,
        space: SearchSpace,
        *,
        maximise: bool,
        further_maximise: tuple[bool, ...] = (),
        record: type[TrialRecord] = TrialRecord,
    ) -> None:
        """Open the archive in ``folder``, or begin one.

        Args:
            maximise: whether larger scores are better.
            further_maximise: the same for each measure optimised at once.
            record: type of its records.

        Raises:
            RunError: ``run.locked`` or ``run.damaged``.
        """
        self.folder = folder
        self._space = space
        self._record = record
        self._lock = FolderLock(folder)
        try:
            self._journal = JournalFile(folder / JOURNAL, write=True)
            self._storage = _replay(self._journal, folder)
            self._study = _open_study(self._storage, (maximise, *further_maximise))
            attributes = self._storage.get_study_user_attrs(self._study)
            # Not only in a new study: its writer may have been killed before it came to this.
            if attributes.get(RECORD, record_name(TrialRecord)) != record_name(record):
                self._storage.set_study_user_attr(self._study, RECORD, record_name(record))
            frozen = self._storage.get_all_trials(self._study, deepcopy=False)
            self.trials = {trial.number: trial for trial in _records(frozen, folder, record)}
        except BaseException:
            self._lock.release()
            raise
        self.study: dict[str, Any] = dict(self._storage.get_study_user_attrs(self._study))
        self._ids = {trial.number: trial._trial_id for trial in frozen}
        self.proposals = {p.number: p for trial in frozen for p in proposals(trial)}
        self.told = told_order(frozen)
        over = [t for t in self.trials.values() if t.ended is not None]
        self.ended = [t.number for t in sorted(over, key=lambda t: (t.ended or 0.0, t.number))]

    def begin(self, proposal: Proposal) -> TrialRecord:
        """Record a proposal; a trial not seen before is started."""
        attribute = {f"{PROPOSAL}{proposal.number}": _proposal_attribute(proposal)}
        if proposal.trial in self.trials:
            for key, value in attribute.items():
                self._storage.set_trial_user_attr(self._ids[proposal.trial], key, value)
        else:
            assert proposal.trial == len(self.trials), "trials are numbered without gaps"
            self._create(proposal, attribute)
        self.proposals[proposal.number] = proposal
        return self.trials[proposal.trial]

    def add_fold(self, result: FoldResult) -> None:
        """Record a fold result; it is durable when this returns."""
        self._storage.set_trial_user_attr(
            self._ids[result.trial], fold_key(result), msgspec.to_builtins(result)
        )
        self.trials[result.trial].add(result)

    def record_told(self, proposal: Proposal, step: int, value: float | None) -> None:
        """Record that the tuner was told the result of ``proposal``, whose trial is not final.

        Args:
            step: how far the trial is, in per mille of a full evaluation; with a ``value`` it is
                an intermediate value of the Optuna trial (which has such for one measure only).
        """
        trial_id = self._ids[proposal.trial]
        if value is not None:
            self._storage.set_trial_intermediate_value(trial_id, step, value)
        position = len(self.told)
        self._storage.set_trial_user_attr(trial_id, f"{TOLD}{proposal.number}", position)
        self.told.append(proposal.number)

    def finish(
        self,
        number: int,
        state: TrialState,
        *,
        value: float | None = None,
        further_values: tuple[float, ...] = (),
        cause: Cause | None = None,
        message: str = "",
        told: Proposal | None = None,
    ) -> None:
        """Record that trial ``number`` is final.

        Args:
            number: of the trial.
            state: COMPLETE, PRUNED or FAILED.
            value: score by the tuned measure, if complete.
            further_values: scores by the further objectives.
            cause: why it failed.
            message: the same as a sentence.
            told: proposal whose result ended the trial, if one did.
        """
        trial, trial_id = self.trials[number], self._ids[number]
        position = None if told is None else len(self.told)
        end = End(told=position, ended=time.time(), cause=cause, message=message)
        self._storage.set_trial_user_attr(trial_id, END, msgspec.to_builtins(end))
        values = None if value is None else [value, *further_values]
        self._storage.set_trial_state_values(trial_id, TO_OPTUNA[state], values)
        trial.state, trial.value, trial.further_values, trial.ended = (
            state,
            value,
            further_values,
            end.ended,
        )
        trial.cause, trial.message = cause, message
        self.ended.append(number)
        if told is not None:
            self.told.append(told.number)

    def note(self, key: str, value: Any) -> None:
        """Record a free, JSON-able attribute of the run, such as the looks at the outer test."""
        self._storage.set_study_user_attr(self._study, key, value)
        self.study[key] = value

    def close(self) -> None:
        """Sync, refresh the cache and release the lock; may be repeated."""
        try:
            self._journal.close()
            made_from = cache.fingerprint(self.folder / JOURNAL)
            cache.save(self.folder, made_from, list(self.trials.values()), self.study)
        finally:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _create(self, proposal: Proposal, attributes: Mapping[str, Any]) -> None:
        # Naive local time, as Optuna itself writes the end: the two are subtracted.
        started = datetime.now()
        template = FrozenTrial(
            number=proposal.trial,
            trial_id=-1,
            state=OptunaState.RUNNING,
            value=None,
            datetime_start=started,
            datetime_complete=None,
            params=dict(proposal.configuration),
            distributions={
                p.name: distribution(p)
                for p in self._space.parameters
                if p.name in proposal.configuration
            },
            user_attrs=dict(attributes),
            system_attrs={},
            intermediate_values={},
        )
        trial_id = self._storage.create_new_trial(self._study, template)
        self._ids[proposal.trial] = trial_id
        self.trials[proposal.trial] = self._record(
            number=proposal.trial,
            configuration=dict(proposal.configuration),
            started=started.timestamp(),
            origin=proposal.origin,
            note=proposal.note,
        )


def read(folder: Path) -> tuple[list[TrialRecord], dict[str, Any]]:
    """Read trials (by number) and free attributes of the run in ``folder``, without writing to its
    journal.

    Raises:
        RunError: ``run.none`` without a journal, ``run.damaged`` when it can't be read.
    """
    journal = folder / JOURNAL
    if not journal.exists():
        raise RunError("run.none", path=folder)
    made_from = cache.fingerprint(journal)  # before reading: its writer may go on meanwhile
    cached = cache.load(folder, made_from)
    if cached is not None:
        return cached
    storage = _replay(JournalFile(journal, write=False), folder)
    try:
        study = storage.get_study_id_from_name(STUDY)
    except KeyError:
        return [], {}
    attributes = dict(storage.get_study_user_attrs(study))
    with _sensible(folder, lambda: "its attributes"):
        kind = records_of(attributes)
    trials = _records(storage.get_all_trials(study, deepcopy=False), folder, kind)
    cache.save(folder, made_from, trials, attributes)
    return trials, attributes


def _replay(journal: JournalFile, folder: Path) -> JournalStorage:
    """Read ``journal`` into an Optuna storage. Raises `RunError`: ``run.damaged``."""
    with _sensible(folder, lambda: f"line {journal.line}"):
        return JournalStorage(journal)


def _records(frozen: list[FrozenTrial], folder: Path, kind: type[TrialRecord]) -> list[TrialRecord]:
    records = []
    for trial in frozen:
        with _sensible(folder, lambda: f"trial {len(records)}"):
            proposals(trial)
            records.append(to_record(trial, kind))
    return records


@contextmanager
def _sensible(folder: Path, where: Callable[[], str]) -> Iterator[None]:
    """Report JSON that makes no sense as damage to the journal, not as a fault of ours."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, AssertionError) as error:
        why = f"{type(error).__name__}: {error}"
        raise RunError("run.damaged", path=folder, where=where(), why=why) from error


def _open_study(storage: JournalStorage, maximise: tuple[bool, ...]) -> int:
    try:
        return storage.get_study_id_from_name(STUDY)
    except KeyError:
        up, down = StudyDirection.MAXIMIZE, StudyDirection.MINIMIZE
        before = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        try:
            return storage.create_new_study([up if m else down for m in maximise], STUDY)
        finally:
            optuna.logging.set_verbosity(before)


def _proposal_attribute(proposal: Proposal) -> dict[str, Any]:
    tree = msgspec.to_builtins(proposal)
    return {k: v for k, v in tree.items() if k not in ("trial", "configuration")}
