"""The comparisons of a person: those in the library, or named by reference."""

from __future__ import annotations

from pathlib import Path

from engine.archive import is_locked
from engine.domain.comparison import ComparisonSummary
from engine.errors import TunesmithError
from engine.experiments.collect_results import is_done
from engine.experiments.experiment import FILE, case_names, load, member_folder, slots
from engine.runs import run_library


def list_experiments() -> list[ComparisonSummary]:
    """Every comparison there is, newest first."""
    return sorted((summary(f) for f in run_library.folders_with(FILE)), key=lambda s: -s.created)


def summary(folder: Path) -> ComparisonSummary:
    """The comparison in ``folder`` in a line; a ``damaged`` one can't be read and says why."""
    created = (folder / FILE).stat().st_mtime
    try:
        experiment = load(folder)
    except TunesmithError as error:
        return ComparisonSummary(
            str(folder), folder.name, "compare", "damaged", created, problem=str(error)
        )
    places = slots(experiment)
    done = sum(is_done(member_folder(folder, experiment, slot)) for slot in places)
    state = "running" if is_locked(folder) else "finished"
    if state == "finished" and done < len(places):
        state = "interrupted"
    return ComparisonSummary(
        path=str(folder),
        name=folder.name,
        kind=experiment.kind,
        state=state,
        created=created,
        cases=tuple(case_names(experiment.cases)),
        contenders=tuple(one.label for one in experiment.contenders),
        repetitions=experiment.repetitions,
        done=done,
        total=len(places),
    )
