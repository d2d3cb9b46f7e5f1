"""Answers to requests about comparisons that need no workers."""

from __future__ import annotations

from pathlib import Path

from engine.analysis.verdict_words import findings
from engine.domain.advice import PlanProblem
from engine.domain.comparison import Findings
from engine.errors import InputError
from engine.experiments import compose, counterfactual, library, nested, side_by_side
from engine.experiments.collect_results import comparison_of
from engine.experiments.costs import costs, costs_left
from engine.experiments.experiment import Experiment, load
from engine.protocol import replies, requests
from engine.runs import library as runs
from engine.runs import planning
from engine.server.handlers import answers


def composed(request: requests.Compare | requests.CheckComparison) -> Experiment:
    """Compose and check the experiment that ``request`` describes.

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


@answers(requests.CheckComparison)
def check(request: requests.CheckComparison) -> replies.ComparisonChecked:
    """Estimate the cost of a comparison, or report its problem."""
    try:
        experiment = composed(request)
    except InputError as error:
        problem = PlanProblem(error.code, str(error), error.field)
        return replies.ComparisonChecked(id=request.id, problems=(problem,))
    found = costs(experiment, request.probe)
    return replies.ComparisonChecked(id=request.id, problems=(), costs=found)


@answers(requests.CheckExtension)
def check_extension(request: requests.CheckExtension) -> replies.ComparisonChecked:
    """Estimate the remaining cost of an extended comparison, or report its problem."""
    folder = Path(request.path)
    try:
        larger = compose.checked(folder, request.contenders, request.repetitions)
    except InputError as error:
        problem = PlanProblem(error.code, str(error), error.field)
        return replies.ComparisonChecked(id=request.id, problems=(problem,))
    found = costs_left(larger, comparison_of(folder, larger))
    return replies.ComparisonChecked(id=request.id, problems=(), costs=found)


def create(request: requests.Compare) -> Path:
    """Create the folder of a new comparison; returns it."""
    experiment = composed(request)
    what = "nested" if request.kind == "nested" else "compare"
    folder = Path(request.out) if request.out else runs.new_folder(experiment.cases[0], what)
    tables = [planning.load_data(plan.data) for plan in experiment.cases]
    compose.create(folder, experiment, tables)
    runs.remember(folder)
    return folder


def to_resume(request: requests.ResumeComparison) -> Path:
    """Extend the comparison that is to be resumed, if so asked; returns its folder.

    Raises:
        InputError: ``experiment.finished`` when there is nothing to do.
    """
    folder = Path(request.path)
    if request.contenders or request.repetitions is not None:
        compose.extend(folder, request.contenders, request.repetitions)
    load(folder)
    if library.summary(folder).state == "finished":
        raise InputError("experiment.finished", path=folder)
    return folder


@answers(requests.ListComparisons)
def list_comparisons(request: requests.ListComparisons) -> replies.Comparisons:
    """List the comparisons of the library."""
    return replies.Comparisons(id=request.id, comparisons=tuple(library.list_experiments()))


@answers(requests.OpenComparison)
def open_comparison(request: requests.OpenComparison) -> replies.ComparisonOpened:
    """Load a comparison with its results and findings."""
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


@answers(requests.PutSideBySide)
def put_side_by_side(request: requests.PutSideBySide) -> replies.SideBySide:
    """Compare finished runs."""
    found = side_by_side.side_by_side([Path(path) for path in request.paths])
    return replies.SideBySide(
        id=request.id,
        comparison=found.comparison,
        reasons=found.reasons,
        cautions=found.cautions,
        # Runs made separately will not be resumed as one, finished or not.
        findings=Findings(())
        if found.comparison is None
        else findings(found.comparison, as_it_is=True),
    )


@answers(requests.AskCounterfactual)
def ask_counterfactual(request: requests.AskCounterfactual) -> replies.CounterfactualReady:
    """Estimate what random search would have given."""
    found = counterfactual.counterfactual(Path(request.path))
    return replies.CounterfactualReady(id=request.id, counterfactual=found)
