"""What the system must have: Qt's libraries on Linux, and Python's own module for environments."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
from importlib import invalidate_caches
from importlib.util import find_spec
from shutil import which
from typing import Iterable

from launcher import Trouble, say
from launcher.tools import Failed, Progress, watch

LIBRARIES = {
    "always": "libEGL.so.1 libGL.so.1 libX11.so.6 libxcb.so.1 libxkbcommon.so.0 libdbus-1.so.3 "
    "libfontconfig.so.1 libfreetype.so.6 libglib-2.0.so.0",
    "wayland": "libwayland-client.so.0 libwayland-cursor.so.0",
    "xcb": "libX11-xcb.so.1 libxkbcommon-x11.so.0 libxcb-cursor.so.0 libxcb-icccm.so.4 "
    "libxcb-image.so.0 libxcb-keysyms.so.1 libxcb-randr.so.0 libxcb-render.so.0 "
    "libxcb-render-util.so.0 libxcb-shape.so.0 libxcb-shm.so.0 libxcb-sync.so.1 "
    "libxcb-util.so.1 libxcb-xfixes.so.0 libxcb-xkb.so.1",
}
"""What Qt loads from the system: always, and besides for each kind of display."""

TYPEFACE = "fonts-inter"
"""The Debian package of the window's preferred typeface; it does without."""


def ensure_venv_module(yes: bool) -> None:
    """Raise `Trouble` unless environments can be made; Debian packages that module by itself."""
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    if not find_spec("ensurepip") and sys.base_prefix == "/usr":
        apt_install([package], "Python's module for environments is missing.", yes)
        invalidate_caches()
    if not find_spec("ensurepip") or not find_spec("venv"):
        raise Trouble(
            f"{sys.executable} lacks the modules venv and ensurepip. On Debian and Ubuntu: "
            f"sudo apt-get install {package}. Elsewhere: install Python from python.org."
        )


def ensure_libraries(platform: str, yes: bool) -> None:
    """Raise `Trouble` unless the system libraries that Qt needs are there or get installed."""
    missing = missing_libraries(platform)
    if missing:
        packages = [debian_package(name) for name in missing]
        apt_install([*packages, TYPEFACE], "The window lacks system libraries.", yes)
        missing = missing_libraries(platform)
    if missing:
        raise Trouble(
            f"The window lacks system libraries: {', '.join(missing)} (the command line does "
            "without). Install them with your system's package manager and start again. On Debian "
            "and Ubuntu:\n"
            f"  sudo apt-get install {' '.join(debian_package(name) for name in missing)}"
        )


def missing_libraries(platform: str) -> list[str]:
    """The system libraries that Qt needs on ``platform`` and that can't be loaded."""
    if sys.platform != "linux":
        return []  # elsewhere Qt brings all it needs
    missing = []
    for name in f"{LIBRARIES['always']} {LIBRARIES.get(platform, '')}".split():
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


def debian_package(library: str) -> str:
    """The Debian package of a shared library, by Debian's rule for their names."""
    stem, version = library.lower().replace("glib-2.0", "glib2.0").split(".so.")
    return stem + ("-" if stem[-1].isdigit() else "") + version


def choose_packages(packages: Iterable[str], known: set[str]) -> list[str]:
    """The names of ``packages`` in a release that knows ``known``: newer ones end some in t64."""
    names = [name + "t64" if name + "t64" in known else name for name in packages]
    return [name for name in names if name != TYPEFACE or name in known]


def apt_install(packages: list[str], why: str, yes: bool) -> None:
    """Install Debian packages if there is apt-get, we may use it, and nobody says no."""
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not which("apt-get") or (root and not which("sudo")):
        return
    if root and subprocess.run([*root, "true"], capture_output=True).returncode:
        return
    say(f"{why} Debian packages that mend it: {' '.join(packages)}.")
    if sys.stdin.isatty() and not yes:
        say("Install them now? [Y/n] ", end="")
        if sys.stdin.readline().strip().lower() not in ("", "y", "yes"):
            return
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-oDPkg::Lock::Timeout=60"]
    progress = Progress(sys.stderr)

    def report(lines: list[str]) -> None:
        progress.show(f"Installing system packages: {lines[-1] if lines else ''}")

    try:
        with contextlib.suppress(Failed):  # a stale list of packages may still do
            watch([*apt, "update"], report, os.environ)
        known = subprocess.run(["apt-cache", "pkgnames"], capture_output=True, text=True).stdout
        names = choose_packages(packages, set(known.split()))
        watch([*apt, "install", "-y", "--no-install-recommends", *names], report, os.environ)
    except Failed as failed:
        say(f"\napt-get could not install them: {str(failed).splitlines()[-1]}")
    finally:
        progress.close()
