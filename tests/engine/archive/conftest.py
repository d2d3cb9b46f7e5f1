"""Archives in a folder of their own, and two trials to put into them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.archive import Archive
from engine.domain.trials import Cause, FoldResult, TrialState
from engine.space import Categorical, Condition, Float, Integer, SearchSpace
from engine.tuners.base import Proposal

SPACE = SearchSpace(
    (
        Float("C", 1e-3, 1e3, log=True),
        Integer("depth", 1, 8),
        Categorical("kernel", ("rbf", None, True, 1)),
        Float("gamma", 0.0, 1.0),
    ),
    (Condition("gamma", "kernel", ("rbf",)),),
)

Open = Callable[[], Archive]


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """Functions that make an archive in a folder and what goes into it."""

    def archive(folder: Path) -> Archive:
        return Archive(folder, SPACE, maximise=True)

    def proposal(number: int, trial: int | None = None) -> Proposal:
        configuration = {"C": 0.1 * (number + 1), "depth": 1 + number % 8, "kernel": True}
        if number % 2:
            configuration.update(kernel="rbf", gamma=0.3)
        origin = "random" if number else "default"
        trial = number if trial is None else trial
        return Proposal(number, trial, configuration, origin=origin)

    def fold(trial: int, fold: int, **values: object) -> FoldResult:
        given = {"scores": {"accuracy": 0.1 * trial + 0.01 * fold}, "started": 5.0, "seconds": 0.5}
        return FoldResult(trial, fold, **{**given, **values})

    def fill(archive: Archive) -> None:
        """A complete trial, a failed one and an unfinished one."""
        for number in range(3):
            archive.begin(proposal(number))
        archive.add_fold(fold(1, 0, scores={}, cause=Cause.TIMEOUT, message="late", details="…"))
        archive.finish(1, TrialState.FAILED, cause=Cause.TIMEOUT, message="late", told=proposal(1))
        archive.add_fold(fold(0, 1, warnings=("ConvergenceWarning: no",), worker=1))
        archive.add_fold(fold(0, 0))
        archive.finish(0, TrialState.COMPLETE, value=0.25, told=proposal(0))
        archive.add_fold(fold(2, 0))
        archive.note("looks", [1.5])

    return SimpleNamespace(archive=archive, proposal=proposal, fold=fold, fill=fill)


@pytest.fixture
def open_archive(tmp_path: Path, make: SimpleNamespace) -> Open:
    """Opens the archive of one folder."""
    return lambda: make.archive(tmp_path)
