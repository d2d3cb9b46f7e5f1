"""Dispatch of commands, and errors as a sentence and an exit status."""

from __future__ import annotations

import importlib
import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from engine import logs
from engine.cli.parser import parse
from engine.errors import TunesmithError

COMMANDS = {
    "tune": "engine.cli.run_search:tune",
    "run": "engine.cli.run_search:run",
    "resume": "engine.cli.run_search:resume",
    "compare": "engine.cli.run_experiments:compare",
    "recommend": "engine.cli.recommend:recommend",
    "take": "engine.cli.run_search:take",
    "enqueue": "engine.cli.steer:enqueue",
    "narrow": "engine.cli.steer:narrow",
    "counterfactual": "engine.cli.answer_counterfactual:counterfactual",
    "recheck": "engine.cli.run_recheck:recheck",
    "predict": "engine.cli.export:predict",
    "export": "engine.cli.export:export",
    "list": "engine.cli.list_components:list_components",
    "engine": "engine.cli.main:engine",
    None: "engine.cli.main:window",
}
"""Imported when called: ``--help`` and the window need none of the engine."""


ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a call; returns its exit status (those of `engine.errors`)."""
    try:
        call = parse(sys.argv[1:] if arguments is None else arguments)
    except TunesmithError as error:
        return _refuse(error)
    with logs.log_to_file("engine" if call.command == "engine" else "cli", verbose=call.verbose):
        return _carry_out(call)


def _carry_out(call: Namespace) -> int:
    if call.command is not None:
        _keep_to_one_thread()
    module, _, name = COMMANDS[call.command].partition(":")
    try:
        return getattr(importlib.import_module(module), name)(call)
    except TunesmithError as error:
        return _refuse(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone, as with `| head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _refuse(logs.unforeseen(error))


def _refuse(error: TunesmithError) -> int:
    print(f"tunesmith: {error}", file=sys.stderr)
    return error.exit_status


def _keep_to_one_thread() -> None:
    """Have libraries that are not loaded yet do their linear algebra in one thread, unless the
    person's environment says otherwise.

    While the workers use all cores, threads that wait for each other make a proposal of a Gaussian
    process ten times as long.
    """
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")


def engine(call: object) -> int:
    """Serve a front end over standard input and output."""
    from engine.server import serve

    return serve()


def window(call: object) -> int:
    """Open the window, in a process that loads nothing of the engine."""
    command = [sys.executable, "-m", "gui"]
    if sys.platform == "win32":
        import subprocess

        return subprocess.call(command)
    return os.execv(sys.executable, command)
