"""Answers from analyses of a search; slow ones, which report progress and can be cancelled.

Each fits the forest to the trials first, and takes the request, the trials and a progress callback.
They raise as `engine.analysis.forest_model.learn`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.analysis.ablation_path import ablation as path_between
from engine.analysis.effects import effect, plane
from engine.analysis.forest_model import Model, ProgressCallback, learn, parts
from engine.analysis.functional_anova import fanova as shares_of
from engine.analysis.permutation import permutation as by_permutation
from engine.domain.trials import Snapshot, TrialRecord, TrialState
from engine.errors import InputError, RunError
from engine.protocol import replies, requests
from engine.runs import folder as files
from engine.runs.trial_summary import snapshot
from engine.server.handlers import Kind, answers
from engine.space import SearchSpace

Trials = Sequence[TrialRecord]


@answers(requests.Fanova, kind=Kind.ANALYSIS)
def fanova(request: requests.Fanova, trials: Trials, tick: ProgressCallback) -> replies.FanovaReady:
    """Functional ANOVA of the forest."""
    model, then, _ = _model(request.path, trials, tick)
    found = shares_of(model, tick=then)
    return replies.FanovaReady(
        id=request.id,
        quality=model.quality,
        importances=found.importances,
        pairs=found.pairs,
        rest=found.rest,
    )


@answers(requests.Permutation, kind=Kind.ANALYSIS)
def permutation(
    request: requests.Permutation, trials: Trials, tick: ProgressCallback
) -> replies.PermutationReady:
    """Permutation importances of the forest."""
    model, then, _ = _model(request.path, trials, tick)
    found = by_permutation(model, tick=then)
    return replies.PermutationReady(id=request.id, quality=model.quality, importances=found)


@answers(requests.Ablation, kind=Kind.ANALYSIS)
def ablation(
    request: requests.Ablation, trials: Trials, tick: ProgressCallback
) -> replies.AblationReady:
    """Ablation path from the default configuration to a trial's, the best if none is named.

    Raises:
        RunError: ``run.no_such_trial``.
    """
    by_number = {trial.number: trial for trial in trials}
    if request.trial is not None and request.trial not in by_number:
        raise RunError("run.no_such_trial", number=request.trial)
    model, _, shown = _model(request.path, trials, tick)
    space = model.encoding.space
    assert shown.best is not None, "there is a model, so there are scores"
    number = int(shown.number[shown.best]) if request.trial is None else request.trial
    goal = by_number[number].configuration
    found = path_between(
        model,
        space.nearest(by_number[0].configuration),
        space.nearest(goal),
        maximise=shown.maximise,
    )
    return replies.AblationReady(
        id=request.id,
        quality=model.quality,
        trial=number,
        start=found.start,
        start_low=found.low,
        start_high=found.high,
        steps=found.steps,
    )


@answers(requests.Effects, kind=Kind.ANALYSIS)
def effects(
    request: requests.Effects, trials: Trials, tick: ProgressCallback
) -> replies.EffectsReady:
    """Partial dependence on the hyperparameters named, or on all."""
    _check_names(files.load_plan(Path(request.path)).space, request.names)
    model, then, _ = _model(request.path, trials, tick)
    names = request.names or model.encoding.space.names
    found = []
    for done, name in enumerate(names):
        then(done / len(names))
        found.append(effect(model, name))
    return replies.EffectsReady(id=request.id, quality=model.quality, effects=tuple(found))


@answers(requests.Contour, kind=Kind.ANALYSIS)
def contour(
    request: requests.Contour, trials: Trials, tick: ProgressCallback
) -> replies.ContourReady:
    """Partial dependence on two hyperparameters.

    Raises:
        InputError: ``understand.same``, or an unknown name.
    """
    space = files.load_plan(Path(request.path)).space
    _check_names(space, (request.one, request.other))
    if request.one == request.other:
        raise InputError("understand.same", name=request.one)
    model, then, _ = _model(request.path, trials, tick)
    found = plane(model, request.one, request.other, tick=then)
    return replies.ContourReady(id=request.id, quality=model.quality, plane=found)


def _model(
    path: str, trials: Trials, tick: ProgressCallback
) -> tuple[Model, ProgressCallback, Snapshot]:
    """Fit the forest; returns it with the progress callback for the rest and the trials as
    columns."""
    plan = files.load_plan(Path(path))
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    shown = snapshot(plan, complete)
    before, after = parts(tick, 0.6)
    return learn(shown, tick=before), after, shown


def _check_names(space: SearchSpace, names: Sequence[str]) -> None:
    for name in names:
        if name not in space.names:
            known = ", ".join(space.names)
            raise InputError("plan.unknown", kind="hyperparameter", name=name, known=known)
