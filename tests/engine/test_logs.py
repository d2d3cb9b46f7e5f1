"""Log files: each process its own, rotated and few; what nothing catches is in them."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest

from engine import logs, user_folders

LOG = logging.getLogger("engine.test_logs")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "logs"


def text() -> str:
    path = logs.file()
    assert path is not None
    return path.read_text(encoding="utf-8")


def test_there_is_no_file_until_something_is_said(folder: Path) -> None:
    with logs.log_to_file("cli"):
        LOG.debug("not worth a line")
        assert not folder.exists()
        LOG.info("One.")
        assert text().endswith("MainThread engine.test_logs: One.\n")
        assert [logs.file()] == list(folder.iterdir())
    assert logs.file() is None
    LOG.info("Nobody listens.")
    assert len(list(folder.iterdir())) == 1


def test_of_other_packages_only_warnings_are_kept() -> None:
    with logs.log_to_file("cli"):
        logging.getLogger("somebody.else").info("chatter")
        logging.getLogger("somebody.else").warning("careful")
        assert "careful" in text()
        assert "chatter" not in text()


def test_verbose_tells_every_step_on_standard_error_too_and_to_child_processes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with logs.log_to_file("cli", verbose=True):
        LOG.debug("a step")
        assert "a step" in text()
        assert os.environ[logs.VERBOSE]
    assert "a step" in capsys.readouterr().err
    assert not logs.is_verbose()


def test_warnings_and_the_faults_of_threads_are_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    with logs.log_to_file("cli"):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(False)  # pytest's own capture is in the way of the first one
            logging.captureWarnings(True)
            warnings.warn("older than it looks", stacklevel=1)
        thread = threading.Thread(target=lambda: 1 / 0, name="worn")
        thread.start()
        thread.join()
        assert "older than it looks" in text()
        assert "worn engine.logs: Uncaught\nTraceback" in text()
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_what_ends_a_process_is_in_its_file(folder: Path) -> None:
    code = "from engine import logs\nwith logs.log_to_file('engine'): raise ValueError('worn out')"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "ValueError: worn out" in ended.stderr
    (path,) = folder.iterdir()
    assert "ValueError: worn out" in path.read_text()


def test_a_person_gets_a_sentence_with_the_file_that_has_the_details() -> None:
    with logs.log_to_file("cli"):
        error = logs.unforeseen(KeyError("mcc"))
        assert str(logs.file()) in str(error)
        assert "KeyError: 'mcc'" in str(error)
        assert "Traceback" not in str(error)
        assert "KeyError: 'mcc'" in text()


def test_a_file_is_rotated_and_only_the_newest_stay(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 300)
    with logs.log_to_file("cli"):
        for count in range(20):
            LOG.info("Line %d.", count)
    parts = sorted(folder.iterdir())
    assert len(parts) == 1 + logs.OLDER_PARTS
    assert parts[-1].suffix == ".3"
    assert max(path.stat().st_size for path in folder.iterdir()) <= 300

    other = folder / "engine-output.log"
    other.write_text("not ours to remove")
    for count in range(logs.KEPT + 5):
        path = folder / f"engine-20260101-000000-{count}.log"
        path.write_text("")
        os.utime(path, (count, count))
    with logs.log_to_file("window"):
        LOG.info("One more.")
    kept = {path.name for path in folder.iterdir()}
    assert other.name in kept
    assert len(kept) == logs.KEPT + 1
    assert "engine-20260101-000000-0.log" not in kept


@pytest.mark.skipif(sys.platform == "win32", reason="folders are files that can't be written in")
def test_where_nothing_can_be_written_it_is_said_on_standard_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.parent.write_text("a file where the folder should be")
    with logs.log_to_file("cli"):
        LOG.warning("Said nevertheless.")
    assert capsys.readouterr().err == "Said nevertheless.\n"


def test_one_variable_puts_all_of_a_persons_folders_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = (user_folders.data, user_folders.cache, user_folders.settings, user_folders.logs)
    home = tmp_path / "home"
    assert all(home in (make() / "x").parents for make in folders)
    monkeypatch.delenv("TUNESMITH_HOME")
    assert not any(tmp_path in make().parents for make in folders)
    assert len({make() for make in (user_folders.data, user_folders.cache, user_folders.logs)}) == 3
