"""Runs put side by side afterwards: comparable where they judge by the same, and why not where not.

Two runs are comparable when their scores mean the same: the same table and target, the same rows
kept out, the same measure and resampling. With the same seed they share folds and outer test rows
and are paired; runs of other seeds count as other repetitions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine import catalog
from engine.data.store import load_arrow
from engine.domain.comparison import DEFAULT, Case, Comparison, Contender, Member
from engine.errors import InputError
from engine.experiments.collect_results import DEFAULT_LABEL, Run
from engine.experiments.experiment import case_names, file_name
from engine.plan import Plan
from engine.runs import folder as files
from engine.runs import planning


class SideBySide(NamedTuple):
    """Runs side by side.

    Attributes:
        comparison: None where they are not comparable.
        reasons: why they are not, a sentence each.
        cautions: what to bear in mind where they are.
    """

    comparison: Comparison | None
    reasons: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()


class _Same(NamedTuple):
    """Something that comparable runs have in common: its name, what a plan says of it, and what
    follows where they differ."""

    name: str
    of: Callable[[Plan], object]
    remedy: str


_MUST: tuple[_Same, ...] = (
    _Same("table", lambda p: p.data.sha256 or p.data.source, "they saw different rows"),
    _Same("target", lambda p: p.data.target, "they predict different columns"),
    _Same("task", lambda p: p.data.task, "their scores mean different things"),
    _Same("positive class", lambda p: p.data.positive, "their scores mean different things"),
    _Same("rows read", lambda p: p.data.read and p.data.read.rows, "they saw different rows"),
    _Same("measure", lambda p: p.evaluation.measure, "their scores mean different things"),
    _Same("resampling", lambda p: p.evaluation.resampling, "validation scores differ in bias"),
    _Same("test rows", lambda p: _tested(p), "they were tested on different rows"),
)
_SHOULD: tuple[_Same, ...] = (
    _Same(
        "columns left out",
        lambda p: tuple(sorted(p.data.leave_out)),
        "they learnt from different columns",
    ),
    _Same("column types", lambda p: sorted(p.data.kinds.items()), "columns were read differently"),
    _Same("preparation", lambda p: p.preparation, "columns were prepared differently"),
    _Same("search space", lambda p: p.space, "they searched different ranges"),
    _Same(
        "fixed hyperparameters",
        lambda p: sorted(p.learner.fixed.items()),
        "they searched with other values held",
    ),
    _Same("budget", lambda p: p.budget, "the one with more had more chances"),
    _Same(
        "measures optimised at once",
        lambda p: p.evaluation.further_measures,
        "they sought other things",
    ),
)


def side_by_side(folders: Sequence[Path]) -> SideBySide:
    """The runs in ``folders`` as a comparison on one case, or why they are none.

    Raises:
        InputError: ``run.none`` for a folder that is no run, ``usage`` for fewer than two.
    """
    folders = list(dict.fromkeys(folder.resolve() for folder in folders))
    if len(folders) < 2:
        raise InputError("usage", what="Choose at least two runs to put side by side.")
    runs = [Run(folder) for folder in folders]
    reasons = _differences(runs, _MUST, "can't be compared: they differ in")
    reasons += [f"{r.folder.name} can't be read: {r.damage}" for r in runs if r.damage]
    if reasons:
        return SideBySide(None, tuple(reasons))
    learners = {run.plan.learner.id for run in runs}
    should = _SHOULD if len(learners) == 1 else tuple(s for s in _SHOULD if s.name not in _OF_MODEL)
    cautions = _differences(runs, should, "differ in")
    seeds = list(dict.fromkeys(_draw(run.plan) for run in runs))
    keys = _contenders(runs)
    cautions += _cautions(runs, keys, seeds)
    first = runs[0].plan
    card = catalog.measure_card(first.evaluation.measure)
    name = case_names([first])[0] if len(learners) == 1 else Path(first.data.source).stem
    search, test = planning.rows_of(first, load_arrow(runs[0].folder / files.DATA))
    case = Case(
        name=name,
        data=first.data.source,
        target=first.data.target or "",
        learner=first.learner.id if len(learners) == 1 else "",
        search_rows=search,
        test_rows=test,
    )
    members = [
        run.member(name, key.name, seeds.index(_draw(run.plan)))
        for run, key in zip(runs, keys, strict=True)
    ]
    contenders = list({key.name: key for key in keys}.values())
    if len(learners) == 1:
        members += _defaults(runs, name, seeds)
        contenders.append(Contender(DEFAULT, DEFAULT_LABEL, reference=True))
    order = {one.name: place for place, one in enumerate(contenders)}
    members.sort(key=lambda m: (order[m.contender], m.repetition))
    comparison = Comparison(
        kind="loose",
        measure=card.id,
        measure_label=card.label,
        maximise=card.maximise,
        budget=first.budget,
        cases=(case,),
        contenders=tuple(contenders),
        repetitions=len(seeds),
        members=tuple(members),
    )
    return SideBySide(comparison, (), tuple(cautions))


_OF_MODEL = ("search space", "fixed hyperparameters", "preparation")
"""Settings that differ between models by nature."""


def _tested(plan: Plan) -> object:
    """Settings that determine the test rows, apart from the seed."""
    if plan.data.test_source is not None:
        return ("file", plan.data.test_sha256 or plan.data.test_source)
    outer = plan.evaluation.outer
    return plan.evaluation.test_share if outer is None else ("folds", outer.folds, outer.seed)


def _draw(plan: Plan) -> object:
    """Settings that, with those that must be the same, determine folds and outer test rows."""
    outer = plan.evaluation.outer
    return (plan.seed, -1 if outer is None else outer.fold)


def _differences(runs: Sequence[Run], same: Sequence[_Same], verb: str) -> list[str]:
    """A sentence for each thing that is not the same in all ``runs``."""
    said = []
    for one in same:
        first = one.of(runs[0].plan)
        other = next((run for run in runs[1:] if one.of(run.plan) != first), None)
        if other is not None:
            names = f"{runs[0].folder.name} and {other.folder.name}"
            values = ", ".join(
                _shown(value) for value in (first, one.of(other.plan)) if _short(value)
            )
            beside = f" ({values})" if values else ""
            said.append(f"{names} {verb} {one.name}{beside}, so {one.remedy}.")
    return said


def _short(value: object) -> bool:
    return len(_shown(value)) <= 60


def _shown(value: object) -> str:
    if isinstance(value, msgspec.Struct):
        changed = {k: v for k, v in msgspec.structs.asdict(value).items() if v is not None}
        return " ".join(f"{name} {one}" for name, one in changed.items())
    return str(value)


def _contenders(runs: Sequence[Run]) -> list[Contender]:
    """The contender that each run is of: its method, with the model where models differ. Runs alike
    but for the seed are of one contender; two of the same seed are two, told apart by the name of
    the second's folder."""
    several_learners = len({run.plan.learner.id for run in runs}) > 1
    known: dict[bytes, Contender] = {}
    found: list[Contender] = []
    used: set[tuple[str, object]] = set()
    for run in runs:
        plan = run.plan
        method = catalog.method_card(plan.method.working_id)
        neutral = msgspec.structs.replace(
            plan,
            seed=0,
            workers=1,
            data=msgspec.structs.replace(plan.data, source=""),
            evaluation=msgspec.structs.replace(plan.evaluation, outer=None),
        )
        key = msgspec.json.encode(neutral, order="deterministic")
        one = known.get(key)
        if one is None or (one.name, _draw(plan)) in used:
            learner = catalog.learner(plan.learner.id).card
            name = f"{learner.id}-{method.id}" if several_learners else method.id
            label = f"{learner.label}, {method.label}" if several_learners else method.label
            names = {other.name for other in found}
            if name in names:
                name, label = f"{name}-{file_name(run.folder.name)}", f"{label} ({run.folder.name})"
            number = 2
            base = name
            while name in names:
                name, number = f"{base}-{number}", number + 1
            one = Contender(name, label, plan.method)
            known.setdefault(key, one)
        used.add((one.name, _draw(plan)))
        found.append(one)
    return found


def _cautions(runs: Sequence[Run], keys: Sequence[Contender], seeds: Sequence[object]) -> list[str]:
    said = []
    drawn: dict[str, set[object]] = {}
    for run, key in zip(runs, keys, strict=True):
        drawn.setdefault(key.name, set()).add(_draw(run.plan))
    if len({frozenset(seeds_of) for seeds_of in drawn.values()}) > 1:
        said.append(
            "Not all were run with the same seeds, so they do not share folds and test rows "
            "throughout: only those that do are paired."
        )
    open_ = [run.folder.name for run in runs if run.state != "finished"]
    if open_:
        said.append(f"Not finished, so without a final score: {', '.join(open_)}.")
    watched = [run.folder.name for run in runs if run.result is not None and run.result.looks > 1]
    if watched:
        names = ", ".join(watched)
        said.append(f"The test rows were looked at more than once, so optimistic: {names}.")
    return said


def _defaults(runs: Sequence[Run], case: str, seeds: Sequence[object]) -> list[Member]:
    found: dict[int, Member] = {}
    for run in runs:
        repetition = seeds.index(_draw(run.plan))
        default, known = run.default(case, repetition), found.get(repetition)
        if default is not None and (known is None or known.state != "finished"):
            found[repetition] = default
    return list(found.values())
