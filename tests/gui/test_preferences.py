"""Preferences survive restarts, damage, newer versions and full disks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gui import preferences
from gui.preferences import Preferences, SettingsStore


def test_preferences_survive_a_restart(qapp, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "preferences.json"
    store = SettingsStore(file)
    store.update(theme="dark", workers=3)
    assert SettingsStore(file).preferences == Preferences(theme="dark", workers=3)
    assert list(file.parent.iterdir()) == [file]


def test_a_change_is_told_once(qapp, tmp_path: Path) -> None:
    store, told = SettingsStore(tmp_path / "p.json"), []
    store.changed.connect(told.append)
    store.update(theme="dark")
    store.update(theme="dark")
    assert len(told) == 1


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b'{"theme": "pink"}', b"\xff\xfe"])
def test_what_cant_be_read_is_put_aside(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "p.json"
    file.write_bytes(text)
    assert preferences.read(file) == Preferences()
    assert (tmp_path / "p.json.unreadable").read_bytes() == text


def test_a_newer_file_is_kept_beside(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text(json.dumps({"theme": "dark", "format": 99, "unheard_of": 1}))
    assert preferences.read(file) == Preferences(theme="dark")
    assert (tmp_path / "p.json.newer").exists()


def test_an_older_file_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        preferences.MIGRATIONS, 0, lambda tree: {"theme": tree["colours"], "format": 1}
    )
    file = tmp_path / "p.json"
    file.write_text(json.dumps({"colours": "light"}))
    assert preferences.read(file) == Preferences(theme="light")


def test_a_place_that_cant_be_written_stops_nobody(qapp, tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    store = SettingsStore(blocker / "p.json")
    store.update(theme="dark")
    assert store.preferences.theme == "dark"
