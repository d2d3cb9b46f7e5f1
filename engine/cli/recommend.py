"""``recommend``: advice of the guide for a table, with reasons."""

from __future__ import annotations

import argparse
import shutil
import textwrap

import msgspec

from engine import catalog
from engine.cli.plan_options import data_plan, plan_changes
from engine.cli.printed_report import recommendations
from engine.data.open import open_table
from engine.domain.advice import ProbeResult
from engine.domain.hypergradients import TuningOutlook
from engine.errors import InputError
from engine.guide.noise import probed_noise
from engine.guide.sentences import count, duration
from engine.plan import Plan
from engine.runs import planning
from engine.runs.machine import cores
from engine.runs.probe import probe
from engine.runs.run_executor import worker_modules
from engine.space import Value
from engine.workers import LocalPool

TITLES = {
    "learner": "Model",
    "measure": "Measure",
    "resampling": "Resampling",
    "method": "Method",
    "budget": "Budget",
    "workers": "Workers",
    "estimate": "Estimate",
}


def recommend(call: argparse.Namespace) -> int:
    """Print the guide's recommendations for the table and the plan they make."""
    changes = plan_changes(call)
    seconds = changes.pop("budget.seconds", None)
    table = open_table(data_plan(call, changes))
    if table.data.target is None:
        known = ", ".join(column.name for column in table.columns)
        raise InputError("target.none", path=table.data.source, known=known)
    changes = {path: value for path, value in changes.items() if not path.startswith("data.")}

    def draft(probed: ProbeResult | None = None) -> planning.Draft:
        return planning.draft(
            table.data, workers_available=cores(), changes=changes, probe=probed, seconds=seconds
        )

    found, probed = draft(), None
    if call.probe:
        # What was measured holds for this model only, whatever else the guide would say of it.
        changes["learner.id"] = found.plan.learner.id
        with LocalPool(found.plan.workers, worker_modules(found.plan)) as pool:
            probed = probe(found.plan, pool)
        found = draft(probed)
    if call.json:
        tree = {"plan": found.plan, "advice": found.advice, "warnings": table.warnings}
        if found.tuning is not None:
            tree["tuning"] = found.tuning
        if probed is not None:
            tree["probe"] = probed
        print(msgspec.json.encode(tree).decode())
        return 0
    width = min(shutil.get_terminal_size().columns, 100)
    for notice in table.warnings:
        print(f"note: {notice.sentence}")
    if probed is not None:
        print(f"\n{_measured(probed, found.plan, width)}")
    for name, title in TITLES.items():
        ranked = getattr(found.advice, name)
        if ranked:
            print(f"\n{recommendations(title, ranked, width)}")
    if found.tuning is not None:
        print(f"\n{recommendations('Engine', found.tuning.advice, width)}")
        print(f"\n{_groups(found.tuning)}")
    return 0


def _groups(tuning: TuningOutlook) -> str:
    """List the groups that a gradient may tune, one per line, with their sizes by choice."""
    lines = [f"Tuned by gradient: {count(tuning.size, 'number')}"]
    for group in tuning.groups:
        sizes = ", ".join(f"{_text(choice)} {size:,}" for choice, size in group.sizes)
        now = f"{group.option}={_text(group.choice)}"
        lines.append(f"     {now:32}{group.label}: {sizes}")
        if group.hindrance:
            lines.append(f"     {'':32}{group.hindrance}")
    return "\n".join(lines)


def _text(choice: Value) -> str:
    return str(choice).lower()


def _measured(probed: ProbeResult, plan: Plan, width: int) -> str:
    """Describe the measurements of the probe."""
    measure = catalog.measure_card(plan.evaluation.measure)
    typical = probed.typical_seconds(plan.space, plan.learner.fixed)
    text = f"One fold of the default configuration takes {duration(probed.seconds)}"
    if typical != probed.seconds:
        text += f", one in the middle of the range of {probed.fidelity_parameter} "
        text += f"about {duration(typical)}"
    noise = probed_noise(probed, measure, plan.evaluation.resampling)
    if noise is None:
        text += "."
    else:
        folds = len(probed.fold_scores[measure.id])
        text += (
            f". Noise between folds: {measure.label} differs by {noise:.0%} of its distance from "
            f"a perfect score (by {folds} folds)."
        )
    indent = " " * 5
    lines = textwrap.wrap(text, width - 5, initial_indent=indent, subsequent_indent=indent)
    return "\n".join(["Probe", *lines])
