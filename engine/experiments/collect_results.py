"""Results of the members of an experiment, collected into one `Comparison`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from engine import catalog
from engine import plan as plans
from engine.archive import is_locked
from engine.data.table_store import load_arrow
from engine.domain.comparison import (
    DEFAULT,
    Case,
    Comparison,
    Contender,
    Curve,
    Member,
    MemberState,
)
from engine.domain.results import RunResult
from engine.domain.trials import TrialRecord, TrialState
from engine.errors import TunesmithError
from engine.experiments.curve import curve
from engine.experiments.experiment import (
    WHOLE,
    Experiment,
    Slot,
    case_names,
    load,
    member_folder,
    plan_of,
    seed_of,
    slots,
    table_file,
)
from engine.plan import Plan
from engine.runs import folder as files
from engine.runs import planning, run_library
from engine.search.clock import active_seconds
from engine.search.folds import evaluations_of

PROBLEM = "problem"
"""Archive note: why a member ended without a result, as a sentence."""
NO_SCORE = "The search ended before a trial was complete."
DEFAULT_LABEL = "Default configuration"


def comparison_of(root: Path, experiment: Experiment | None = None) -> Comparison:
    """Collect the results of the experiment in ``root`` so far.

    Raises:
        InputError: if it is none.
    """
    found = experiment or load(root)
    names = case_names(found.cases)
    places = [slot for slot in slots(found) if slot.repetition != WHOLE]
    order = {c.name: n for n, c in enumerate(found.contenders)}
    places.sort(key=lambda slot: (slot.case, order[slot.contender.name], slot.repetition))
    members: list[Member] = []
    defaults: dict[tuple[int, int], Member] = {}
    for slot in places:
        folder, name = member_folder(root, found, slot), names[slot.case]
        if not (folder / files.PLAN).is_file():
            waiting = Member(
                case=name,
                contender=slot.contender.name,
                repetition=slot.repetition,
                path=str(folder),
                seed=seed_of(found, slot.repetition),
                workers=found.cases[slot.case].workers,
            )
            members.append(waiting)
            continue
        run = Run(folder)
        members.append(run.member(name, slot.contender.name, slot.repetition))
        key = (slot.case, slot.repetition)
        if key not in defaults or defaults[key].state != "finished":
            default = run.default(name, slot.repetition)
            if default is not None:
                defaults[key] = default
    for case, name in enumerate(names):
        for repetition in range(found.repetitions):
            waiting = Member(name, DEFAULT, repetition, seed=seed_of(found, repetition))
            members.append(defaults.get((case, repetition), waiting))
    reference = Contender(DEFAULT, DEFAULT_LABEL, reference=True)
    card = catalog.measure_card(found.cases[0].evaluation.measure)
    place = {name: case for case, name in enumerate(names)}
    members.sort(key=lambda m: place[m.case])
    return Comparison(
        kind=found.kind,
        measure=card.id,
        measure_label=card.label,
        maximise=card.maximise,
        budget=found.cases[0].budget,
        cases=tuple(_case(root, found, case, name) for case, name in enumerate(names)),
        contenders=(*found.contenders, reference),
        repetitions=found.repetitions,
        members=tuple(members),
        path=str(root),
    )


def is_done(folder: Path) -> bool:
    """Whether there is nothing left to do in the run in ``folder``: it has a result, or ended
    without a score. What a fault has kept from ending is tried again."""
    if (folder / files.RESULT).is_file():
        return True
    if not (folder / files.PLAN).is_file() or not files.has_journal(folder):
        return False
    run = Run(folder)
    return run.state == "failed" and not run.damage and not run.notes.get(PROBLEM)


class Run:
    """A run on disk as a member of a comparison; one that can't be read says why.

    Args:
        folder: of the run.
        trials, notes: its archive as it stands, for who has it open.
    """

    def __init__(
        self,
        folder: Path,
        trials: Sequence[TrialRecord] | None = None,
        notes: dict[str, object] | None = None,
    ) -> None:
        self.folder = folder
        self.plan: Plan = files.load_plan(folder)
        self.result: RunResult | None = files.load_result(folder)
        self.damage = ""
        try:
            archived = (
                run_library.archive_of(folder) if trials is None else (list(trials), notes or {})
            )
        except TunesmithError as error:
            archived, self.damage = ([], {}), str(error)
        self.trials, self.notes = archived

    @property
    def state(self) -> MemberState:
        """State of the run as a member."""
        if self.damage:
            return "failed"
        if is_locked(self.folder):
            return "running"
        if self.result is not None:
            return "finished"
        ended = self.notes.get(run_library.STATE) == "finished"
        return "failed" if ended or self.notes.get(PROBLEM) else "interrupted"

    def member(self, case: str, contender: str, repetition: int) -> Member:
        """The run as a member of a comparison.

        Args:
            case: its name.
            contender: its name.
            repetition: from 0.
        """
        plan, result, trials = self.plan, self.result, self.trials
        maximise = catalog.measure_card(plan.evaluation.measure).maximise
        n_folds, warm_starts = plan.evaluation.resampling.n_folds, catalog.warm_starts(plan)
        done = [t for t in trials if t.state is TrialState.COMPLETE and t.value is not None]
        best = min(
            done, key=lambda t: (-(t.value or 0) if maximise else t.value, t.number), default=None
        )
        if result is not None:
            best = next((t for t in done if t.number == result.trial), best)
        state = self.state
        problem = self.damage or str(self.notes.get(PROBLEM) or "")
        if state == "failed" and not problem:
            problem = NO_SCORE
        return Member(
            case=case,
            contender=contender,
            repetition=repetition,
            state=state,
            path=str(self.folder),
            seed=plan.seed,
            validation=None if best is None else best.value,
            test=result.test.score if result is not None and result.test is not None else None,
            trial=None if best is None else best.number,
            configuration={} if best is None else best.configuration,
            trials=len(trials),
            failed=sum(t.state is TrialState.FAILED for t in trials),
            evaluations=sum(evaluations_of(t, warm_starts=warm_starts) for t in trials) / n_folds,
            seconds=active_seconds(trials),
            fit_seconds=sum(t.seconds for t in trials),
            workers=plan.workers,
            curve=curve(trials, n_folds=n_folds, maximise=maximise, warm_starts=warm_starts),
            problem=problem,
        )

    def default(self, case: str, repetition: int) -> Member | None:
        """The default configuration as a member, from trial 0; None while that has no score, or
        where the method begins elsewhere (a tuning by gradient)."""
        first = self.trials[0] if self.trials else None
        if first is None or first.value is None or self.plan.by_gradient:
            return None
        test = self.result.test_default if self.result is not None else None
        tested = self.result is not None
        return Member(
            case=case,
            contender=DEFAULT,
            repetition=repetition,
            state="finished" if tested else "running",
            seed=self.plan.seed,
            validation=first.value,
            test=test,
            trial=0,
            configuration=first.configuration,
            trials=1,
            evaluations=1.0,
            seconds=active_seconds([first]),
            fit_seconds=first.seconds,
            workers=self.plan.workers,
            curve=Curve((1.0,), (active_seconds([first]),), (first.value,)),
        )


def _case(root: Path, experiment: Experiment, case: int, name: str) -> Case:
    plan = plan_of(experiment, Slot(case, experiment.contenders[0], 0))
    search, test = _rows(table_file(root, case), plans.encode(plan))
    return Case(
        name=name,
        data=plan.data.source,
        target=plan.data.target or "",
        learner=plan.learner.id,
        search_rows=search,
        test_rows=test,
    )


@lru_cache(maxsize=64)
def _rows(table: Path, plan: bytes) -> tuple[int, int]:
    """Rows that a search by ``plan`` sees, and outer test rows; a table in place never changes."""
    return planning.rows_of(plans.decode(plan), load_arrow(table))
