#!/usr/bin/env python3
"""Set Tunesmith up and start it. Needs Python 3.11 or newer, and nothing else.

  launch.py run                  open the window
  launch.py run ARGUMENTS        the command line, as in: run tune YOUR.csv --target COLUMN
  launch.py test [--slow] [...]  every check; what follows goes to pytest
  launch.py setup [--dev]        only make the environment (--dev: with the tools of the checks)

The first start makes an environment in .venv from the versions in packaging/constraints.txt; later
starts find it up to date and lose no time. TUNESMITH_VENV names another folder for it. On Linux the
window needs some system libraries; they are installed where that is possible. On a terminal you are
asked first, unless --yes stands before the command or right after it.
"""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from typing import Iterable, Mapping, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))  # not there under PYTHONSAFEPATH

from launcher import Trouble, say
from launcher.environment import ROOT, Environment

OLDEST = (3, 11)

CHECKS = {
    "lint": ["-m", "ruff", "check"],
    "format": ["-m", "ruff", "format", "--check"],
    "types": ["-m", "pyright", "--pythonpath", "{python}"],
    "imports": [
        "-c",
        "from importlinter.cli import lint_imports_command as lint; lint()",
        "--no-logo",
    ],
    # A process a core. Each takes files in a row, whose tests share what is dear to make, and in
    # the end tests of another. A test that kills its process again and again ends the run.
    "tests": [
        *("-m", "pytest", "-n", "auto", "--maxprocesses", "4", "--dist", "worksteal"),
        *("--max-worker-restart", "4"),
    ],
}


class Call(NamedTuple):
    """A command line; ``arguments`` are for the program that is started."""

    command: str
    arguments: tuple[str, ...] = ()
    options: frozenset[str] = frozenset()


def parse(words: Iterable[str]) -> Call:
    """Read the command line. Raises `Trouble` when it makes no sense."""
    known = {"run": {"--yes"}, "test": {"--yes", "--slow"}, "setup": {"--yes", "--dev"}}
    rest = list(words)
    options = set()
    while rest[:1] == ["--yes"]:
        options.add(rest.pop(0))
    command = rest.pop(0) if rest else "help"
    if command in ("help", "-h", "--help"):
        return Call("help")
    if command not in known:
        raise Trouble(f"There is no command {command!r}. Choose run, test or setup.")
    while rest and rest[0] in known[command]:
        options.add(rest.pop(0))
    if command == "setup" and rest:
        raise Trouble(f"setup does not know {rest[0]!r}. It takes --dev and --yes.")
    return Call(command, tuple(rest), frozenset(options))


def too_old(version: tuple[int, int]) -> str | None:
    """A sentence for a Python that is too old, else None."""
    if version >= OLDEST:
        return None
    return (
        "Tunesmith needs Python {}.{} or newer, and this is {}.{}. "
        "Start this script with a newer one, such as python3.12.".format(*OLDEST, *version)
    )


def display(system: str, environ: Mapping[str, str]) -> str | None:
    """Qt's platform for the window, None without a display; ``system`` is `sys.platform`."""
    if environ.get("QT_QPA_PLATFORM"):
        return re.split("[-:;]", environ["QT_QPA_PLATFORM"])[0]
    if system in ("darwin", "win32"):
        return "native"
    return (
        "wayland" if environ.get("WAYLAND_DISPLAY") else "xcb" if environ.get("DISPLAY") else None
    )


def ensure_libraries(platform: str, yes: bool) -> None:
    """Raise `Trouble` unless the system libraries that Qt needs are there or get installed."""
    from launcher import system  # late: most starts need none of it

    system.ensure_libraries(platform, yes)


def run(call: Call, environment: Environment) -> int:
    """Start the window, or the command line when there are arguments or no display."""
    yes = "--yes" in call.options
    platform = display(sys.platform, os.environ)
    if platform and not call.arguments:
        ensure_libraries(platform, yes)
    environment.prepare(dev=False, yes=yes)
    python = Path(sys.executable).name
    os.environ["TUNESMITH_COMMAND"] = f"{python} {sys.argv[0]} run"  # for hints on the terminal
    if platform or call.arguments:
        return environment.become(["-m", "engine", *call.arguments])
    say("There is no display for the window. Tuning a model for a bundled table here instead:")
    status = environment.run(["-m", "engine", "tune", "builtin:wine", "--seconds", "30"])
    if status == 0:
        say(f"\nFor your own table:\n  {python} {sys.argv[0]} run tune YOUR.csv --target COLUMN")
    return status


def test(call: Call, environment: Environment) -> int:
    """Run every check in turn, up to the first that fails."""
    ensure_libraries("offscreen", "--yes" in call.options)
    environment.prepare(dev=True, yes="--yes" in call.options)
    began = time.monotonic()
    for done, (name, command) in enumerate(CHECKS.items()):
        print(f"\n== {name} ==", flush=True)
        arguments = [word.format(python=environment.python) for word in command]
        if name == "tests":
            arguments += [] if "--slow" in call.options else ["-m", "not slow"]
            arguments += call.arguments
        status = environment.run(arguments, ROOT)
        if status:
            print(f"\nStopped: {name} failed ({done} of {len(CHECKS)} checks passed).", flush=True)
            return status
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    print(f"\nAll checks passed in {minutes} min {seconds} s: {', '.join(CHECKS)}.", flush=True)
    return 0


def setup(call: Call, environment: Environment) -> int:
    """Make the environment, so that the first start is as quick as any other."""
    yes = "--yes" in call.options
    environment.prepare(dev="--dev" in call.options, yes=yes)
    ensure_libraries(display(sys.platform, os.environ) or "offscreen", yes)
    return 0


def main(words: list[str]) -> int:
    """Do what the command line asks for; returns the exit status."""
    try:
        sentence = too_old(sys.version_info[:2])
        if sentence:
            raise Trouble(sentence)
        call = parse(words)
        if call.command == "help":
            print(__doc__)
            return 0
        named = os.environ.get("TUNESMITH_VENV")
        environment = Environment(Path(named).expanduser().absolute() if named else ROOT / ".venv")
        return {"run": run, "test": test, "setup": setup}[call.command](call, environment)
    except Trouble as trouble:
        say(str(trouble))
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted. Start again to go on.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
