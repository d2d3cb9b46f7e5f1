"""``predict`` and ``export``: what a person takes home from a run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.experiments import comparison_exports as comparisons
from engine.runs import exports
from engine.runs import folder as files
from engine.runs.predict import predict as predict_rows


def predict(call: argparse.Namespace) -> int:
    """Predict new rows with the model of a run."""
    rows, notes = predict_rows(Path(call.folder), call.data, Path(call.to))
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"{rows:,} rows predicted: {call.to}")
    return 0


def export(call: argparse.Namespace) -> int:
    """Write a run's configuration, script, model, report or trials; of a comparison the report."""
    folder = Path(call.folder)
    if (folder / files.EXPERIMENT).is_file():
        comparisons.export(folder, call.what, Path(call.to))
    else:
        exports.export(folder, call.what, Path(call.to), call.trial)
    print(call.to)
    return 0
