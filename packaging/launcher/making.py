"""Making the environment: a fresh one, or the finished one brought up to date in place.

The folder gets a mark first (it is ours, and may be cleared) and the stamp last (it is finished). A
set-up that was interrupted lacks the stamp, and is begun anew.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import sysconfig
import time
from pathlib import Path
from typing import Iterator, TextIO

from launcher import Trouble, say
from launcher.environment import CONSTRAINTS, PROJECT, PYTHON, ROOT, STAMP, Environment
from launcher.system import ensure_venv_module
from launcher.tools import Failed, Progress, watch

MARK = "tunesmith.lock"
"""The file that is made first, and locked by the process that works in the folder."""

LOG = "tunesmith.log"
"""The file with all that the tools said when setting up failed."""

REASONS = {
    r"No space left on device|Errno 28\b|WinError 112\b|Disk quota exceeded": (
        "A disk is full: that of {folder}, or that of the temporary folder. Free about 2 GB, or "
        "set TUNESMITH_VENV to a folder on another disk, and start again."
    ),
    r"Permission denied|Errno 13\b|Read-only file system|WinError 5\b": (
        "{folder} can't be written to. Set TUNESMITH_VENV to a folder where you may write."
    ),
    r"CERTIFICATE_VERIFY_FAILED|SSLError": (
        "The package index can't be trusted: its certificate does not verify. Behind a proxy with "
        "its own certificate, name that first: python3 -m pip config set global.cert FILE"
    ),
    r"NewConnectionError|[Nn]ame ?[Rr]esolution|getaddrinfo|Connect(ion)?Timeout|ProxyError"
    r"|Network is unreachable|Connection (refused|reset|broken|aborted)|Read timed out": (
        "The packages can't be fetched: the package index can't be reached. Check the network, and "
        "the proxy if there is one, and start again."
    ),
    r"No matching distribution found": (
        f"There is no ready-made package for Python {PYTHON} on this system ({{last}}). Tunesmith "
        "needs Windows, macOS, or Linux with glibc 2.34 or newer, each with 64 bits."
    ),
}
"""Why setting up failed: what the tools say, and what we say."""


def make(environment: Environment, dev: bool, yes: bool) -> None:
    """Make ``environment``, or bring it up to date. Raises `Trouble` when that can't be done."""
    folder = environment.folder
    try:
        _claim(folder)
        with _locked(folder / MARK):
            if environment.is_current(dev):
                return  # another start made it meanwhile
            stamp = environment.stamp()
            if stamp[:1] == [environment.place]:
                say(f"Bringing {folder} up to date.")
                dev = dev or "dev" in stamp
            else:
                say(f"Setting Tunesmith up in {folder}: once, a few minutes, about 1 GB.")
                ensure_venv_module(yes)
                _make_bare(folder)
            _install(environment, dev)
            _finish(environment, [environment.place, environment.recipe] + ["dev"] * dev)
            say("Tunesmith is set up.")
    except (Failed, OSError) as error:
        said = str(error)
        with contextlib.suppress(OSError):
            (folder / LOG).write_text(said, encoding="utf-8")
        raise Trouble(explain(said, folder)) from error


def _claim(folder: Path) -> None:
    """Mark ``folder`` as ours, so that it may be cleared later; a stranger's is left alone."""
    if (folder / MARK).exists():
        return
    if folder.exists() and any(folder.iterdir()):
        raise Trouble(
            f"{folder} was not made by this script, so it is left alone. "
            "Move it away, or set TUNESMITH_VENV to another folder."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).touch()
    except OSError as error:
        raise Trouble(
            f"{folder} can't be made: {error.strerror}. "
            "Set TUNESMITH_VENV to a folder where you may write."
        ) from error


def _make_bare(folder: Path) -> None:
    """Make a fresh environment in ``folder`` with nothing but pip in it."""
    (folder / STAMP).unlink(missing_ok=True)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != MARK:
            path.unlink()
    python = getattr(sys, "_base_executable", None) or sys.executable
    watch([python, "-I", "-m", "venv", str(folder)], lambda _: None, os.environ)


def _install(environment: Environment, dev: bool) -> None:
    """Install the pinned dependencies, showing progress, and let Python find our own packages."""
    import tomllib  # not there before 3.11

    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + dev * project["optional-dependencies"]["dev"]
    command = [str(environment.python), "-I", "-X", "utf8", "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", "--no-warn-script-location"]
    command += ["--only-binary", ":all:", "--constraint", str(CONSTRAINTS), *wanted]
    diverting = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")
    environ = {name: value for name, value in os.environ.items() if name not in diverting}

    base = {"base": str(environment.folder), "platbase": str(environment.folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", base))
    expected = expected_packages(CONSTRAINTS.read_text(encoding="utf-8"), dev)
    before = len(list(packages.glob("*.dist-info")))
    progress = Progress(sys.stderr)

    def report(lines: list[str]) -> None:
        installed = len(list(packages.glob("*.dist-info"))) - before
        progress.show(describe_pip(lines, expected, installed))

    stamp = environment.stamp()
    (environment.folder / STAMP).unlink(missing_ok=True)  # from here on it is unfinished
    try:
        watch(command, report, environ)
    except Failed as failed:
        if "Installing collected packages" not in str(failed):  # pip has changed nothing yet
            _finish(environment, stamp)
        raise
    finally:
        progress.close()
    here = os.path.relpath(ROOT, packages) if ROOT in packages.parents else str(ROOT)
    (packages / "tunesmith.pth").write_text(f"{here}\n", encoding="locale")


def _finish(environment: Environment, words: list[str]) -> None:
    if words:
        (environment.folder / STAMP).write_text(" ".join(words))


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the operating system's lock on ``path``, waiting while another start holds it."""
    with path.open("r+") as file:
        if not _try_lock(file):
            say("Another start is setting Tunesmith up; waiting for it.")
            while not _try_lock(file):
                time.sleep(0.5)
        yield


def _try_lock(file: TextIO) -> bool:
    """Lock ``file`` until it is closed; False when someone else holds the lock."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks
        pass
    return True


def expected_packages(constraints: str, dev: bool) -> int:
    """How many packages a full set-up installs: those pinned in the sections that are wanted."""
    wanted = constraints if dev else constraints.partition("# For the checks")[0]
    return len(set(re.findall(r"^([\w.-]+)==(?!.*win32)", wanted, re.MULTILINE)))


def describe_pip(lines: list[str], expected: int, installed: int) -> str:
    """How far pip is, from what it printed so far and the count of packages it has laid down."""
    chosen: set[str] = set()
    fetched: dict[str, None] = {}
    for line in lines:
        if match := re.match(r"(Collecting|Requirement already satisfied:) ([\w.-]+)", line):
            chosen.add(match[2].lower())
        elif match := re.match(r" *(?:Downloading|Using cached) (?:\S+/)?(\w+)-\S+\.whl ", line):
            fetched[match[1].replace("_", "-")] = None
        elif match := re.match(r"Installing collected packages: (.+)", line):
            total = match[1].count(",") + 1
            return f"Installing packages: {min(max(installed, 0), total)} of {total}"
    if lines and "Retrying" in lines[-1]:
        return "Waiting for the network"
    if fetched:
        return f"Fetching packages: {len(fetched)} of {expected}, {list(fetched)[-1]}"
    return f"Choosing versions: {len(chosen)} of {expected}"


def explain(said: str, folder: Path) -> str:
    """A sentence on why setting up failed, from what the tools printed."""
    last = said.strip().split("\n")[-1]
    for pattern, reason in REASONS.items():
        if re.search(pattern, said):
            return reason.format(folder=folder, last=last)
    return f"Setting up failed: {last} (everything that was said: {folder / LOG})"
