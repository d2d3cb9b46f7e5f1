"""``recommend``: what the guide would do with a table, and why."""

from __future__ import annotations

import argparse
import shutil

import msgspec

from engine.cli.report import recommendations
from engine.cli.settings import data_plan, plan_changes
from engine.data.open import open_table
from engine.errors import InputError
from engine.runs import planning
from engine.runs.machine import cores

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
    draft = planning.draft(table.data, workers_available=cores(), changes=changes, seconds=seconds)
    if call.json:
        tree = {"plan": draft.plan, "advice": draft.advice, "warnings": table.warnings}
        print(msgspec.json.encode(tree).decode())
        return 0
    width = min(shutil.get_terminal_size().columns, 100)
    for notice in table.warnings:
        print(f"note: {notice.sentence}")
    for name, title in TITLES.items():
        ranked = getattr(draft.advice, name)
        if ranked:
            print(f"\n{recommendations(title, ranked, width)}")
    return 0
