"""``counterfactual``: what random search would have given in place of a run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from engine.cli.printed_report import command
from engine.cli.run_search import carry_out
from engine.domain.results import RunResult
from engine.experiments.random_counterfactual import counterfactual as told_by
from engine.experiments.random_counterfactual import prepare
from engine.guide.sentences import count, duration


def counterfactual(call: argparse.Namespace) -> int:
    """Print the estimate from the random trials there are, after running random search where they
    are too few and the call allows it."""
    folder = Path(call.folder)
    if told_by(folder).enough or not call.run:
        _say(call, folder)
        return 0
    place, plan = prepare(folder)

    def show(_: RunResult) -> None:
        _say(call, folder)

    return carry_out(call, place, plan, show=show)


def _say(call: argparse.Namespace, folder: Path) -> None:
    found = told_by(folder)
    if call.json:
        print(msgspec.json.encode({"run": str(folder), **msgspec.to_builtins(found)}).decode())
        return
    print(found.sentence)
    if not found.enough:
        time = "" if found.seconds is None else f", about {duration(found.seconds)}"
        cost = f"{count(found.needed, 'evaluation')}{time}"
        again = command("counterfactual", folder)
        print(f"Run it beside this search ({cost}): {again} --run", file=sys.stderr)
