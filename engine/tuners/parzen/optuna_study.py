"""An Optuna study that holds exactly the trials a tuner was told, in the order it was told them.

Optuna's samplers read trials from a study's storage. An ordinary storage numbers trials in the
order they were asked for and can't forget pending ones, so a resumed search would look different to
the sampler. This one is given the trials instead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import TPESampler
from optuna.storages import InMemoryStorage
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

Encoded = tuple[dict[str, float], dict[str, BaseDistribution]]
"""Values and distributions of the active parameters."""

_EPOCH = datetime(1970, 1, 1)
_NAME = "tuner"


class ToldStudy:
    """The trials told so far, and a way to ask a TPE sampler about them."""

    def __init__(self, maximise: bool) -> None:
        self._storage = _Given()
        direction = StudyDirection.MAXIMIZE if maximise else StudyDirection.MINIMIZE
        with _quiet():
            self._storage.create_new_study([direction], _NAME)

    def add(self, encoded: Encoded, value: float) -> None:
        """Add a scored trial."""
        self._storage.told.append(_trial(len(self._storage.told), encoded, value))

    def asker(
        self, *, seed: int, candidates: int, pending: Sequence[Encoded] | None
    ) -> Callable[[dict[str, BaseDistribution]], dict[str, Any]]:
        """Return a function from distributions to values drawn jointly by a fresh TPE sampler.

        Args:
            seed: of the sampler, below 2**32.
            candidates: draws from the good density.
            pending: trials to be treated as bad ones; None switches the constant liar off.

        Returns:
            A function whose draws all come from the same sampler.
        """
        told = self._storage.told
        running = enumerate(pending or (), start=len(told))
        self._storage.running = [_trial(number, encoded, None) for number, encoded in running]
        sampler = TPESampler(
            n_startup_trials=0,
            n_ei_candidates=candidates,
            multivariate=True,
            constant_liar=pending is not None,
            seed=seed,
        )
        # A study caches its trials, so each proposal gets its own view of the storage.
        study = Study(_NAME, self._storage, sampler=sampler)
        asked = _trial(len(told) + len(self._storage.running), ({}, {}), None)
        return lambda distributions: sampler.sample_relative(study, asked, distributions)


class _Given(InMemoryStorage):
    """A storage backed by two lists of trials."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[FrozenTrial] = []
        self.running: list[FrozenTrial] = []

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        # The sampler never changes a trial, so none is copied.
        told = self.told if states is None or TrialState.COMPLETE in states else []
        running = self.running if states is None or TrialState.RUNNING in states else []
        return told + running

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Ignored: the sampler notes here what it draws, for other processes of its own."""


def _trial(number: int, encoded: Encoded, value: float | None) -> FrozenTrial:
    values, distributions = encoded
    return FrozenTrial(
        number=number,
        trial_id=number,
        state=TrialState.RUNNING if value is None else TrialState.COMPLETE,
        value=value,
        datetime_start=_EPOCH,
        datetime_complete=None if value is None else _EPOCH,
        params=values,
        distributions=distributions,
        user_attrs={},
        system_attrs={},
        intermediate_values={},
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna from logging that a study was created."""
    logger = logging.getLogger("optuna")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
