"""The window: navigation by keyboard, closing, dropping, rescue; with a real engine process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import msgspec
import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from engine.domain.results import RunSummary
from engine.plan import Plan
from gui import app, flow, pages
from gui import window as windows
from gui.pages.base import Action, Message, Page
from gui.shell import closing
from gui.shell.closing import Answer
from gui.view_states import RunState, SessionState
from gui.window import MainWindow


class StepPage(Page):
    """A page that records what it is told."""

    id = "data"
    title = "A step"
    purpose = "For tests."
    help = "data"
    step = flow.Step.DATA
    MESSAGES: ClassVar[Mapping[str, Message]] = {"hello": Message("note", "Hello {name}.")}

    def build(self) -> None:
        self.told: list[str] = []
        self.body.addWidget(QLabel("content"))

    def on_enter(self) -> None:
        self.told.append("enter")

    def on_leave(self) -> None:
        self.told.append("leave")

    def on_session_changed(self, state: SessionState) -> None:
        self.told.append("session")

    def on_run_changed(self, state: RunState) -> None:
        self.told.append("run")

    def primary(self) -> Action:
        return Action("Go on", self.confirm)


class RunStep(StepPage):
    id = "run"
    step = flow.Step.RUN


@pytest.fixture
def window(
    qtbot,
    qapp: QApplication,
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    until_shown: Callable[[QWidget], None],
) -> Iterator[MainWindow]:
    def page_class(id_: str) -> type[Page]:
        made = {"run": RunStep}.get(id_, StepPage)
        return pages.page_class(id_) if id_ == "settings" else type(id_, (made,), {"id": id_})

    monkeypatch.setattr(windows, "page_class", page_class)
    window = app.make_window(
        qapp, command=command, settings=tmp_path / "p.json", log=tmp_path / "log"
    )
    window.show_page("data")
    until_shown(window)
    qtbot.waitUntil(lambda: window.context.client.welcome is not None)
    yield window
    window.close_at_once()
    window.deleteLater()


def choose(window: MainWindow, qtbot) -> None:
    session = window.context.session
    session.open("builtin:wine")
    qtbot.waitUntil(lambda: session.state.table is not None)
    session.change_data("Predict target", target="target")
    qtbot.waitUntil(lambda: session.state.fresh)


def start(window: MainWindow, plan: Plan, qtbot) -> None:
    window.context.run.start(plan)
    qtbot.waitUntil(lambda: window.context.run.state.progress is not None)


def alt(window: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(window, key, Qt.KeyboardModifier.AltModifier)


def test_it_fits_the_smallest_screen(window: MainWindow) -> None:
    window.resize(1024, 640)
    assert (window.width(), window.height()) == (1024, 640)


def test_a_locked_step_says_why(window: MainWindow) -> None:
    alt(window, Qt.Key.Key_2)
    assert window.page.id == "data"
    assert window._messages.texts == ("Open a table first.",)


@pytest.fixture
def broken(answers: Path) -> tuple[str, ...]:
    """What the engine says of other people's packages."""
    said = ("The measure “bad” of the package broken was left out.", "So was another.")
    answer = json.loads(answers.read_text("utf-8"))
    answer["welcome"]["catalog"]["left_out"] = said
    answers.write_text(json.dumps(answer), "utf-8")
    return said


def test_what_was_left_out_is_told(broken: tuple[str, ...], window: MainWindow, qtbot) -> None:
    assert window._messages.texts == (" ".join(broken),)
    window._messages.clear("left out")
    window.show_page("settings")
    assert window._messages.texts == ()
    choose(window, qtbot)


def test_steps_by_keyboard(window: MainWindow, qtbot) -> None:
    choose(window, qtbot)
    alt(window, Qt.Key.Key_3)
    assert window.page.id == "evaluation"
    alt(window, Qt.Key.Key_Left)
    assert window.page.id == "data"


def test_the_prominent_button_commits_and_goes_on(window: MainWindow, qtbot) -> None:
    choose(window, qtbot)
    QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert "data" in window.context.session.state.confirmed


def test_a_page_hears_only_while_it_is_shown(window: MainWindow, qtbot) -> None:
    page = window.page
    assert isinstance(page, StepPage)
    window.show_page("settings")
    heard = len(page.told)
    choose(window, qtbot)
    assert len(page.told) == heard
    window.show_page("data")
    assert page.told[heard:] == ["session", "enter"]


def test_undo_by_keyboard(window: MainWindow, qtbot) -> None:
    choose(window, qtbot)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not window.context.session.state.has_target


def test_help_opens_about_what_has_the_focus(window: MainWindow, qtbot) -> None:
    window.show_page("settings")
    window.show_help()
    assert window._help is not None
    assert window._help.page == "settings"
    window.show_help("accuracy")
    assert window._help.page == "accuracy"
    window._help.back()
    assert window._help.page == "settings"
    qtbot.waitUntil(window._help.isActiveWindow)
    QTest.keyClick(window._help, Qt.Key.Key_Escape)
    assert not window._help.isVisible()


def test_a_page_says_only_what_it_declared(window: MainWindow) -> None:
    page = window.page
    page.say("hello", name="you")
    assert page.messages.texts == ("Hello you.",)
    with pytest.raises(KeyError):
        page.say("goodbye")
    page.unsay("hello")
    assert page.messages.texts == ()


def test_nothing_is_asked_when_nothing_runs(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "ask", lambda *_: pytest.fail("asked"))
    process = psutil.Process(window.context.client.pid)
    window.close()
    assert not window.isVisible()
    assert not process.is_running()


def test_a_running_search_keeps_the_window_open_if_wanted(
    window: MainWindow, plan: Plan, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(window, plan, qtbot)
    monkeypatch.setattr(closing, "ask", lambda *_: Answer.KEEP_WORKING)
    assert not window.close()
    assert window.isVisible()


def test_stop_and_close_waits_for_the_search(
    window: MainWindow, plan: Plan, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(window, plan, qtbot)
    monkeypatch.setattr(closing, "ask", lambda *_: Answer.STOP)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert window.context.run.state.phase == "stopped"


def test_keep_for_later_just_ends_the_engine(
    window: MainWindow, plan: Plan, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(window, plan, qtbot)
    monkeypatch.setattr(closing, "ask", lambda *_: Answer.KEEP)
    assert window.close()
    assert window.context.client.pid == 0


def test_the_question_names_what_is_at_stake() -> None:
    assert "nothing it has found is lost" in closing.sentence(RunState(phase="running"))


def test_a_file_opens_on_the_data_page(window: MainWindow, qtbot) -> None:
    window.show_page("settings")
    window.open_source("builtin:wine")
    assert window.page.id == "data"
    qtbot.waitUntil(lambda: window.context.session.state.table is not None)


def test_a_crash_is_said_and_the_run_offered(
    window: MainWindow, plan: Plan, qtbot, answers: Path
) -> None:
    start(window, plan, qtbot)
    known = json.loads(answers.read_bytes())
    known["runs"] = [known["summary"]]
    answers.write_text(json.dumps(known))
    window.context.client.restart()
    qtbot.waitUntil(lambda: len(window._messages.texts) == 2)
    said = " ".join(window._messages.texts)
    assert "interrupted after 3 of 40 evaluations" in said
    assert "It has been started again" in said


def test_the_place_of_the_window_is_kept(window: MainWindow) -> None:
    window.resize(1100, 700)
    window.close()
    assert window.context.settings.preferences.geometry


def test_settings_take_effect_at_once(window: MainWindow, qtbot) -> None:
    window.show_page("settings")
    with qtbot.waitSignal(window.context.theme.changed):
        window.context.settings.update(theme="dark")
    assert window.context.theme.theme.name == "dark"


def test_each_page_is_registered_once() -> None:
    assert set(pages.PAGES) >= {str(step) for step in flow.Step}
    assert {page for page, _ in pages.PLACES} <= set(pages.PAGES)


def test_interrupted_runs_are_described(answers: Path) -> None:
    from gui.rescue import interrupted

    summary = msgspec.convert(json.loads(answers.read_bytes())["summary"], RunSummary)
    assert interrupted(summary) == (
        "A search was interrupted after 3 of 40 evaluations: Support vector machine on wine."
    )
