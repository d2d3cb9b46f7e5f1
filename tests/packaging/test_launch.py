"""The launch script: what it decides, and (slow) a fresh environment made for real."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "packaging" / "launch.py"
PINS = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def launch():
    """The script as a module, and its own modules beside it."""
    path = list(sys.path)
    spec = spec_from_file_location("launch", SCRIPT)
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = path


@pytest.fixture(scope="module")
def environment(launch: ModuleType) -> ModuleType:
    from launcher import environment

    return environment


@pytest.fixture(scope="module")
def making(launch: ModuleType) -> ModuleType:
    from launcher import making

    return making


@pytest.fixture(scope="module")
def system(launch: ModuleType) -> ModuleType:
    from launcher import system

    return system


def start(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Start the script as a person would, without a terminal."""
    return subprocess.run(
        [sys.executable, str(SCRIPT), *words],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
    )


# --- what was asked for ---------------------------------------------------------------------------


def test_arguments_after_run_go_to_tunesmith(launch):
    call = launch.parse(["run", "tune", "my table.csv", "--yes", "--slow"])
    assert (call.command, call.options) == ("run", set())
    assert call.arguments == ("tune", "my table.csv", "--yes", "--slow")


@pytest.mark.parametrize("words", [["--yes", "run"], ["run", "--yes"], ["--yes", "run", "--yes"]])
def test_yes_stands_before_the_command_or_right_after_it(launch, words):
    assert launch.parse([*words, "list"]) == launch.Call("run", ("list",), frozenset({"--yes"}))


def test_arguments_after_test_go_to_pytest(launch):
    call = launch.parse(["test", "--slow", "tests/engine", "-k", "space"])
    assert (call.options, call.arguments) == ({"--slow"}, ("tests/engine", "-k", "space"))


@pytest.mark.parametrize("words", [["frob"], ["setup", "--slow"], ["setup", "more"]])
def test_a_senseless_call_is_answered_with_a_sentence(words):
    ended = start(*words)
    assert ended.returncode == 1
    assert words[-1] in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_a_command_it_explains_itself():
    ended = start()
    assert ended.returncode == 0
    assert "launch.py run" in ended.stdout


def test_an_old_python_gets_as_far_as_a_sentence(launch):
    assert launch.too_old((3, 11)) is None
    assert launch.too_old((4, 0)) is None
    assert "3.11 or newer, and this is 3.8" in launch.too_old((3, 8))
    for path in [SCRIPT, *(ROOT / "packaging" / "launcher").glob("*.py")]:
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize(
    ("name", "environ", "platform"),
    [
        ("linux", {}, None),
        ("linux", {"DISPLAY": ""}, None),
        ("linux", {"DISPLAY": ":0"}, "xcb"),
        ("linux", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "wayland"),
        ("linux", {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, "offscreen"),
        ("linux", {"QT_QPA_PLATFORM": "wayland-egl;xcb"}, "wayland"),
        ("darwin", {}, "native"),
        ("win32", {}, "native"),
    ],
)
def test_display(launch, name, environ, platform):
    assert launch.display(name, environ) == platform


# --- whether there is anything to set up ----------------------------------------------------------


@pytest.fixture
def finished(environment, making, tmp_path):
    """An environment that looks finished, with the tools of the checks."""
    made = environment.Environment(tmp_path / "venv")
    made.python.parent.mkdir(parents=True)
    made.python.touch()
    (made.folder / making.MARK).touch()
    (made.folder / environment.STAMP).write_text(f"{made.place} {made.recipe} dev")
    return made


def test_a_finished_environment_is_current(environment, finished):
    assert finished.is_current(dev=False)
    assert finished.is_current(dev=True)
    assert environment.Environment(finished.folder).is_current(dev=True)


def test_an_environment_without_the_tools_of_the_checks_does_not_do_for_them(environment, finished):
    (finished.folder / environment.STAMP).write_text(f"{finished.place} {finished.recipe}")
    assert finished.is_current(dev=False)
    assert not finished.is_current(dev=True)


@pytest.mark.parametrize("lost", ["stamp", "python"])
def test_an_unfinished_or_broken_environment_is_not_current(environment, finished, lost):
    {"stamp": finished.folder / environment.STAMP, "python": finished.python}[lost].unlink()
    assert not finished.is_current(dev=False)
    assert finished.stamp() == []


@pytest.mark.parametrize("changed", ["PROJECT", "CONSTRAINTS", "PYTHON", "ROOT"])
def test_a_change_of_what_it_is_made_from_shows(
    environment, finished, changed, tmp_path, monkeypatch
):
    other = tmp_path / "other"
    other.write_text("changed")
    monkeypatch.setattr(environment, changed, "3.99" if changed == "PYTHON" else other)
    assert not environment.Environment(finished.folder).is_current(dev=False)


def test_what_this_script_did_not_make_is_left_alone(tmp_path):
    mine = tmp_path / "thesis.txt"
    mine.write_text("mine")
    ended = start("setup", TUNESMITH_VENV=str(tmp_path), QT_QPA_PLATFORM="none")
    assert ended.returncode == 1
    assert "left alone" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_that_can_not_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    ended = start("setup", TUNESMITH_VENV=str(tmp_path / "file" / "venv"))
    assert ended.returncode == 1
    assert "Set TUNESMITH_VENV" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_program_finds_modules_in_the_environment_only(environment):
    environ = environment.program_environ({"PYTHONPATH": "/x", "PYTHONHOME": "/y", "HOME": "/h"})
    assert environ["HOME"] == "/h"
    assert environ["PYTHONSAFEPATH"] == "1"
    assert not {"PYTHONPATH", "PYTHONHOME"} & set(environ)


def test_only_one_start_sets_up_at_a_time(making, tmp_path):
    mark = tmp_path / making.MARK
    mark.touch()
    with making._locked(mark), mark.open("r+") as other:
        assert not making._try_lock(other)
    with mark.open("r+") as other:
        assert making._try_lock(other)


# --- what the person is told ----------------------------------------------------------------------


def test_packages_are_counted_as_pip_reports_them(making):
    lines = ["Looking in indexes: ..."]
    assert making.describe_pip(lines, 36, 0) == "Choosing versions: 0 of 36"
    lines += [
        "Collecting numpy>=2.4 (from -c constraints.txt (line 27))",
        "  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.whl.metadata (62 kB)",
        "Requirement already satisfied: six in ./lib",
    ]
    assert making.describe_pip(lines, 36, 0) == "Choosing versions: 2 of 36"
    lines += ["  Downloading pyside6_essentials-6.11.3-cp310-abi3-manylinux_2_34.whl (80.1 MB)"]
    assert making.describe_pip(lines, 36, 0) == "Fetching packages: 1 of 36, pyside6-essentials"
    retrying = "WARNING: Retrying (Retry(total=4)) after connection broken by ..."
    assert making.describe_pip([*lines, retrying], 36, 0) == "Waiting for the network"
    lines += ["Installing collected packages: a, b, c"]
    assert making.describe_pip(lines, 36, 2) == "Installing packages: 2 of 3"
    assert making.describe_pip(lines, 36, 9) == "Installing packages: 3 of 3"


def test_the_count_of_packages_expected_is_that_of_the_pins(making):
    pins = (
        "# About the pins\n\n"
        "a==1\n"
        'numpy==2.4 ; python_version < "3.12"\n'
        'numpy==2.5 ; python_version >= "3.12"\n'
        'colorama==0.4 ; sys_platform == "win32"\n'
        "# For the checks\n"
        "pytest==9\n"
    )
    assert making.expected_packages(pins, dev=False) == 2
    assert making.expected_packages(pins, dev=True) == 3
    assert 0 < making.expected_packages(PINS, dev=False) < making.expected_packages(PINS, dev=True)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "A disk is full"),
        ("[Errno 13] Permission denied: '/opt/x'", "can't be written to"),
        ("SSLError(SSLCertVerificationError(...))", "certificate"),
        ("NewConnectionError: ...: Name or service not known", "Check the network"),
        ("ERROR: No matching distribution found for pyarrow>=26", "pyarrow"),
        ("something\nnobody foresaw", "nobody foresaw"),
    ],
)
def test_why_setting_up_failed_is_a_sentence(making, said, told):
    assert told in making.explain(said, Path("venv"))


def test_progress_is_one_line_on_a_terminal_and_few_lines_elsewhere(launch):
    from launcher.tools import Progress

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, lines in ((Terminal(), 1), (io.StringIO(), 2)):
        progress = Progress(stream)
        for text in ("Fetching: 1", "Fetching: 2", "Fetching: 3", "Installing: 1"):
            progress.show(text)
        progress.close()
        assert stream.getvalue().count("\n") == lines
        assert "Installing: 1" in stream.getvalue().splitlines()[-1]


def test_a_tool_is_watched_to_its_end(launch):
    from launcher.tools import Failed, watch

    seen = []
    watch([sys.executable, "-c", "print('one'); print('two')"], seen.append, os.environ)
    assert seen[-1] == ["one", "two"]
    with pytest.raises(Failed, match="broken"):
        watch([sys.executable, "-c", "raise SystemExit('broken')"], seen.append, os.environ)


# --- what the system must have --------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Qt brings all it needs")
def test_missing_libraries_are_found(system, monkeypatch):
    always = {"always": "libc.so.6 libnowhere.so.1", "xcb": "libabsent.so.2"}
    monkeypatch.setattr(system, "LIBRARIES", always)
    assert system.missing_libraries("offscreen") == ["libnowhere.so.1"]
    assert system.missing_libraries("xcb") == ["libnowhere.so.1", "libabsent.so.2"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Qt brings all it needs")
def test_libraries_that_can_not_be_installed_are_named_with_the_command(system, monkeypatch):
    monkeypatch.setattr(system, "LIBRARIES", {"always": "libnowhere.so.1"})
    monkeypatch.setattr(system, "apt_install", lambda *_: None)
    with pytest.raises(system.Trouble, match="apt-get install libnowhere1"):
        system.ensure_libraries("xcb", yes=False)


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libEGL.so.1", "libegl1"),
        ("libX11.so.6", "libx11-6"),
        ("libX11-xcb.so.1", "libx11-xcb1"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libxcb-icccm.so.4", "libxcb-icccm4"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libwayland-cursor.so.0", "libwayland-cursor0"),
    ],
)
def test_debian_package_of_a_library(system, library, package):
    assert system.debian_package(library) == package


def test_packages_are_called_as_the_release_calls_them(system):
    wanted = ["libegl1", "libglib2.0-0", system.TYPEFACE]
    old, new = {"libegl1", "libglib2.0-0"}, {"libegl1", "libglib2.0-0t64", system.TYPEFACE}
    assert system.choose_packages(wanted, old) == ["libegl1", "libglib2.0-0"]
    assert system.choose_packages(wanted, new) == ["libegl1", "libglib2.0-0t64", system.TYPEFACE]


# --- for real -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_fresh_environment_is_made_and_found_again(tmp_path):
    folder = tmp_path / "my environment"
    first = start("setup", TUNESMITH_VENV=str(folder))
    assert first.returncode == 0, first.stderr
    assert "Installing packages" in first.stderr
    second = start("run", "list", "learners", TUNESMITH_VENV=str(folder))
    assert second.returncode == 0, second.stderr
    assert "random_forest" in second.stdout
    assert "Tunesmith is set up" not in second.stderr
