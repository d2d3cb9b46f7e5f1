"""One writer at a time, and what it writes survives a kill and a full disk."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.archive import JOURNAL, is_locked, read
from engine.domain.trials import TrialState
from engine.errors import RunError

HOLDER = """
import sys
from pathlib import Path
from engine.archive import Archive
from engine.domain.trials import FoldResult
from engine.space import Float, SearchSpace
from engine.tuners.base import Proposal
space = SearchSpace((Float("C", 0.0, 1.0),))
archive = Archive(Path(sys.argv[1]), space, maximise=True)
number = 0
while True:
    archive.begin(Proposal(number, number, {"C": 0.5}))
    archive.add_fold(FoldResult(number, 0, {"accuracy": 0.5}))
    print(number, flush=True)
    number += 1
    if sys.argv[2] == "wait":
        sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path):
    """Starts a process that writes to the archive in ``tmp_path`` until it is killed."""
    started = []

    def start(how: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path), how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"0"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_second_writer_is_refused_and_a_kill_frees_the_run(holder, open_archive, tmp_path):
    process = holder("wait")
    assert is_locked(tmp_path)
    with pytest.raises(RunError) as caught:
        open_archive()
    assert caught.value.code == "run.locked"
    assert f"process {process.pid}" in str(caught.value)
    assert len(read(tmp_path)[0]) == 1  # reading is free
    process.kill()
    process.wait()
    assert not is_locked(tmp_path)
    with open_archive() as archive:
        assert len(archive.trials) == 1
        assert is_locked(tmp_path)
    assert not is_locked(tmp_path)


def test_what_a_killed_writer_was_told_is_there(holder, open_archive):
    process = holder("write")
    for _ in range(200):
        said = process.stdout.readline()
    process.kill()
    rest = process.stdout.read().split()
    last = int(rest[-1] if rest else said)
    with open_archive() as archive:
        assert len(archive.trials) - 1 in (last, last + 1)
        assert all(0 in archive.trials[n].folds for n in range(last + 1))


def test_the_same_process_is_refused_too(open_archive):
    with open_archive(), pytest.raises(RunError) as caught:
        open_archive()
    assert caught.value.code == "run.locked"
    open_archive().close()


def test_closing_twice_is_harmless(open_archive):
    archive = open_archive()
    archive.close()
    archive.close()


def test_a_failed_opening_holds_no_lock(open_archive, tmp_path):
    (tmp_path / JOURNAL).write_bytes(b"{\n")
    with pytest.raises(RunError, match="line 1"):
        open_archive()
    assert not is_locked(tmp_path)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG])
@pytest.mark.parametrize("room", [0, 20])
def test_a_full_disk_leaves_the_journal_whole(
    open_archive, make, tmp_path, monkeypatch, number, room
):
    with open_archive() as archive:
        make.fill(archive)
        whole = (tmp_path / JOURNAL).read_bytes()
        write = os.write
        left = [room]

        def full(fd: int, data: bytes) -> int:
            """A disk with room for a few bytes."""
            if left[0] == 0:
                raise OSError(number, os.strerror(number))
            done = write(fd, bytes(data[: left[0]]))
            left[0] -= done
            return done

        attempts = [
            lambda: archive.add_fold(make.fold(2, 1)),
            lambda: archive.finish(2, TrialState.COMPLETE, value=1.0),
            lambda: archive.begin(make.proposal(3)),
            lambda: archive.note("looks", []),
        ]
        for attempt in attempts:
            left[0] = room
            monkeypatch.setattr(os, "write", full)
            with pytest.raises(RunError, match="disk is full") as caught:
                attempt()
            monkeypatch.undo()
            assert caught.value.code == "run.disk_full"
            assert (tmp_path / JOURNAL).read_bytes() == whole
        assert list(archive.trials[2].folds) == [0]
        for attempt in attempts:  # there is room again
            attempt()
        written = list(archive.trials.values())
    for line in (tmp_path / JOURNAL).read_bytes().splitlines():
        json.loads(line)
    with open_archive() as again:
        assert list(again.trials.values()) == written
        assert again.trials[2].state is TrialState.COMPLETE


def test_each_result_is_on_file_when_it_has_been_added(open_archive, make, tmp_path):
    with open_archive() as archive:
        archive.begin(make.proposal(0))
        for fold in range(5):
            archive.add_fold(make.fold(0, fold))
            assert list(read(tmp_path)[0][0].folds) == list(range(fold + 1))
