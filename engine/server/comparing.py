"""Requests about comparisons: what is answered at once, and what tells of one under way."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from engine.analysis.verdict_words import findings
from engine.domain.advice import Problem
from engine.domain.comparison import Findings, Member
from engine.errors import InputError, TunesmithError
from engine.experiments import compose, counterfactual, library, nested, side_by_side
from engine.experiments.conduct import Standing
from engine.experiments.costs import costs, costs_left
from engine.experiments.experiment import Experiment, load
from engine.experiments.gather import comparison_of
from engine.protocol import events, replies, requests
from engine.runs import library as runs
from engine.runs import planning
from engine.server.stream import Stream

FLUSH_SECONDS = 0.1


def composed(request: requests.Compare | requests.CheckComparison) -> Experiment:
    """The experiment that ``request`` asks for.

    Raises:
        InputError: if it makes no sense, or one of its searches can't run.
    """
    experiment = compose.compose(
        request.kind,
        request.plans,
        request.contenders,
        request.repetitions,
        seed=request.seed,
        whole=request.whole,
    )
    compose.check(experiment, [planning.load_data(plan.data) for plan in experiment.cases])
    return experiment


def check(request: requests.CheckComparison) -> replies.ComparisonChecked:
    try:
        experiment = composed(request)
    except InputError as error:
        problem = Problem(error.code, str(error), error.field)
        return replies.ComparisonChecked(id=request.id, problems=(problem,))
    found = costs(experiment, request.probe)
    return replies.ComparisonChecked(id=request.id, problems=(), costs=found)


def check_extension(request: requests.CheckExtension) -> replies.ComparisonChecked:
    folder = Path(request.path)
    try:
        larger = compose.checked(folder, request.contenders, request.repetitions)
    except InputError as error:
        problem = Problem(error.code, str(error), error.field)
        return replies.ComparisonChecked(id=request.id, problems=(problem,))
    found = costs_left(larger, comparison_of(folder, larger))
    return replies.ComparisonChecked(id=request.id, problems=(), costs=found)


def begin(request: requests.Compare) -> Path:
    """Make the folder of a new comparison; returns it."""
    experiment = composed(request)
    what = "nested" if request.kind == "nested" else "compare"
    folder = Path(request.out) if request.out else runs.new_folder(experiment.cases[0], what)
    tables = [planning.load_data(plan.data) for plan in experiment.cases]
    compose.create(folder, experiment, tables)
    runs.remember(folder)
    return folder


def take_up(request: requests.ResumeComparison) -> Path:
    """Make the comparison larger, if so asked; returns its folder.

    Raises:
        InputError: ``experiment.finished`` when nothing is left to do.
    """
    folder = Path(request.path)
    if request.contenders or request.repetitions is not None:
        compose.extend(folder, request.contenders, request.repetitions)
    load(folder)
    if library.summary(folder).state == "finished":
        raise InputError("experiment.finished", path=folder)
    return folder


def list_comparisons(request: requests.ListComparisons) -> replies.Comparisons:
    return replies.Comparisons(id=request.id, comparisons=tuple(library.list_experiments()))


def open_comparison(request: requests.OpenComparison) -> replies.ComparisonOpened:
    folder = Path(request.path)
    experiment = load(folder)
    comparison = comparison_of(folder, experiment)
    runs.remember(folder)
    return replies.ComparisonOpened(
        id=request.id,
        path=str(folder),
        summary=library.summary(folder),
        comparison=comparison,
        nested=nested.estimates(folder, experiment, comparison),
        plans=experiment.cases,
        findings=findings(comparison),
    )


def put_side_by_side(request: requests.PutSideBySide) -> replies.SideBySide:
    found = side_by_side.side_by_side([Path(path) for path in request.paths])
    return replies.SideBySide(
        id=request.id,
        comparison=found.comparison,
        reasons=found.reasons,
        cautions=found.cautions,
        # Runs of several makings go on no more, finished or not.
        findings=Findings(())
        if found.comparison is None
        else findings(found.comparison, as_it_is=True),
    )


def ask_counterfactual(request: requests.AskCounterfactual) -> replies.CounterfactualReady:
    found = counterfactual.counterfactual(Path(request.path))
    return replies.CounterfactualReady(id=request.id, counterfactual=found)


class Tell:
    """Listens to an experiment and sends events, progress at most ten times a second."""

    def __init__(self, stream: Stream, folder: Path) -> None:
        self._stream = stream
        self._path = str(folder)
        self._sent = 0.0

    def progressed(self, standing: Standing) -> None:
        now = time.monotonic()
        if standing.counts is not None and now - self._sent < FLUSH_SECONDS:
            return
        self._sent = now
        slot = standing.slot
        self._stream.send(
            events.ComparisonProgress(
                path=self._path,
                done=standing.done,
                total=standing.total,
                fraction=standing.fraction,
                elapsed=standing.elapsed,
                left=standing.left,
                member=str(standing.folder) if standing.folder else "",
                contender=slot.contender.name if slot else "",
                repetition=slot.repetition if slot else 0,
            )
        )

    def member(self, member: Member) -> None:
        self._stream.send(events.MemberChanged(path=self._path, member=member))

    def paused(self, error: TunesmithError | None) -> None:
        self.announce("paused", error)

    def proceeded(self) -> None:
        self.announce("running")

    def announce(
        self, state: str, error: TunesmithError | None = None, sentence: str = "", details: str = ""
    ) -> None:
        """Send that the experiment is now in ``state``."""
        event = events.ComparisonChanged(
            path=self._path,
            state="running",
            code=error.code if error else "",
            sentence=str(error) if error else sentence,
            details=details,
        )
        self._stream.send(msgspec.structs.replace(event, state=state))
