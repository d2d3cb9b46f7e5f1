"""`ExperimentExecutor`: execute an experiment, once or in several sittings.

Members are ordinary runs, executed one after another by `engine.runs.run_executor.RunExecutor` with
one pool of workers, all under the experiment's own `Control`. What is done is kept, what was under
way resumes by its own journal: there is no other way of resuming.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.archive.lock import FolderLock
from engine.data.store import load_arrow
from engine.domain.comparison import Member
from engine.domain.trials import FoldResult, TrialRecord
from engine.errors import RunError, TunesmithError
from engine.experiments.collect_results import PROBLEM, Run, is_done
from engine.experiments.experiment import (
    WHOLE,
    Experiment,
    Slot,
    case_names,
    load,
    member_folder,
    plan_of,
    slots,
    table_file,
)
from engine.plan import Plan
from engine.runs import folder as files
from engine.runs import planning
from engine.runs.executor import Executor
from engine.runs.run_executor import Phase, RunExecutor, worker_modules
from engine.search import Control, Counts
from engine.search.clock import Stopwatch
from engine.workers.base import Workers

ONLY_THIS = ("run.failing", "run.no_result", "fit.error")
"""Faults of a member that say nothing about the others: they go on, and it is tried again when the
experiment is resumed. Any other fault, such as a full disk, ends the sitting."""
LIVE_SECONDS = 1.0
"""Shortest interval between events about a running member."""
LEAST_SECONDS, LEAST_SHARE = 5.0, 0.01
"""Shortest work in this sitting for an estimate of the time left."""


@dataclass(frozen=True)
class ExperimentProgress:
    """How far an experiment is.

    Attributes:
        done, total: members.
        fraction: of all the work, 0 to 1.
        elapsed: seconds since it was started or resumed, without pauses.
        left: seconds still to go; None until that can be told.
        slot, folder: the member that runs.
        counts: how far that one is.
    """

    done: int
    total: int
    fraction: float
    elapsed: float
    left: float | None
    slot: Slot | None
    folder: Path | None
    counts: Counts | None = None


class ExperimentListener(Protocol):
    """Called from the thread that executes the experiment; must be quick."""

    def progressed(self, progress: ExperimentProgress) -> None:
        """A member began, got on or ended."""
        ...

    def member(self, member: Member) -> None:
        """A member changed: called once a second at most while it runs, and when it ended."""
        ...

    def paused(self, error: TunesmithError | None) -> None: ...

    def resumed(self) -> None: ...


class ExperimentExecutor(Executor):
    """Executes the experiment in ``folder``.

    When stopped it leaves the member under way as it stands: cut short, that would not be fair.

    Args:
        folder: made by `engine.experiments.compose.create`.
        workers: idle ones; left open. They need `modules` and number `size`.
        listener: who follows it.

    Raises:
        InputError: if it is no experiment.
        RunError: ``run.locked``.
    """

    def __init__(self, folder: Path, workers: Workers, listener: ExperimentListener) -> None:
        super().__init__(folder, workers, Control(workers.wake, stop_abandons=True))
        self.experiment = load(folder)
        self._listener = listener
        self.member: RunExecutor | None = None
        """The one that runs."""
        self.problems: list[str] = []
        """Why members ended without a result, a sentence each."""
        self._clock = Stopwatch()
        self._slots = slots(self.experiment)
        self._done = 0
        self._from = 0.0
        """Share of the work that was done before this sitting."""
        self._resources.callback(FolderLock(folder).release)

    def run(self) -> bool:
        """Execute all members that are not done; whether none is left.

        Raises:
            RunError: a fault that is not one member's own; the experiment can be resumed.
        """
        self._clock = Stopwatch()
        to_do = [slot for slot in self._slots if not is_done(self._place(slot))]
        self._done = len(self._slots) - len(to_do)
        self._from = self._done / max(len(self._slots), 1)
        self._report(None, None)
        for slot in to_do:
            if self.control.abandoned:
                return False
            self._execute(slot)
        return not self.control.abandoned

    # --- members ----------------------------------------------------------------------------------

    def _place(self, slot: Slot) -> Path:
        return member_folder(self.folder, self.experiment, slot)

    def _execute(self, slot: Slot) -> None:
        folder = self._place(slot)
        plan = self._made(folder, slot)
        listener = _MemberListener(self, slot, folder)
        member = RunExecutor(folder, plan, self._workers, listener, control=self.control)
        with member:
            try:
                self.member = listener.member = member
                self._report(slot, folder)
                member.run()
                _note(member, "")
            except RunError as error:
                if error.code not in ONLY_THIS:
                    raise
                self.problems.append(f"{folder.name}: {error}")
                _note(member, str(error))
            finally:
                self.member = None
        if not self.control.abandoned:
            self._done += 1
        self._tell(slot, Run(folder))
        self._report(None, None)

    def _made(self, folder: Path, slot: Slot) -> Plan:
        """The member's plan, its folder being made where there is none yet."""
        if (folder / files.PLAN).is_file() and (folder / files.DATA).is_file():
            return files.load_plan(folder)
        table = table_file(self.folder, slot.case)
        plan = planning.settled(plan_of(self.experiment, slot), load_arrow(table))
        files.create_beside(folder, plan, table)
        return plan

    # --- events -----------------------------------------------------------------------------------

    def _tell(self, slot: Slot, run: Run) -> None:
        if slot.repetition == WHOLE:
            return
        case = case_names(self.experiment.cases)[slot.case]
        self._listener.member(run.member(case, slot.contender.name, slot.repetition))
        default = run.default(case, slot.repetition)
        if default is not None:
            self._listener.member(default)

    def _report(self, slot: Slot | None, folder: Path | None, counts: Counts | None = None) -> None:
        total = max(len(self._slots), 1)
        fraction = (self._done + (counts.fraction if counts else 0.0)) / total
        elapsed, gained, left = self._clock.seconds, fraction - self._from, None
        if elapsed >= LEAST_SECONDS and gained >= LEAST_SHARE:
            left = elapsed * (1 - fraction) / gained
        if fraction >= 1:
            left = 0.0
        self._listener.progressed(
            ExperimentProgress(
                self._done, len(self._slots), fraction, elapsed, left, slot, folder, counts
            )
        )


class _MemberListener:
    """Listens to the member that runs and passes on what concerns the whole."""

    def __init__(self, whole: ExperimentExecutor, slot: Slot, folder: Path) -> None:
        self._whole = whole
        self._slot = slot
        self._folder = folder
        self.member: RunExecutor | None = None
        self._news = False
        self._due = 0.0

    def changed(self, trial: TrialRecord, fold: FoldResult | None) -> None:
        self._news = True

    def progressed(self, counts: Counts) -> None:
        self._whole._report(self._slot, self._folder, counts)
        now = time.monotonic()
        if self.member is None or not self._news or now < self._due:
            return
        archive = self.member.archive
        self._whole._tell(self._slot, Run(self._folder, [*archive.trials.values()], archive.study))
        # A long archive takes long to sum up: that may cost a twentieth of the time at most.
        took = time.monotonic() - now
        self._news, self._due = False, now + max(LIVE_SECONDS, 20 * took)

    def paused(self, error: TunesmithError | None) -> None:
        self._whole._clock.pause()
        self._whole._listener.paused(error)

    def resumed(self) -> None:
        self._whole._clock.resume()
        self._whole._listener.resumed()

    def entered(self, phase: Phase) -> None:
        """The fit of the final model belongs to the member."""


def modules(experiment: Experiment) -> tuple[str, ...]:
    """Modules that the workers of ``experiment`` import before their first job."""
    found = dict.fromkeys(
        module
        for case in range(len(experiment.cases))
        for one in experiment.contenders
        for module in worker_modules(plan_of(experiment, Slot(case, one, 0)))
    )
    return tuple(found)


def size(experiment: Experiment) -> int:
    """How many workers it needs."""
    return max(plan.workers for plan in experiment.cases)


def _note(member: RunExecutor, problem: str) -> None:
    """Keep why a member has no result; on a full disk it is only not known later."""
    if member.archive.study.get(PROBLEM, "") != problem:
        with contextlib.suppress(RunError):
            member.archive.note(PROBLEM, problem)
