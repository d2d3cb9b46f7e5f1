"""Cards, messages, progress: what they say and how they are reached."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QWidget

from gui.flow import Status, Step, StepState
from gui.shell.footer import Footer
from gui.shell.sidebar import Sidebar, StepRow
from gui.theme import ThemeManager
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.card import ChoiceCard
from gui.widgets.card_row import CardRow
from gui.widgets.disclosure import Disclosure
from gui.widgets.empty_state import EmptyState
from gui.widgets.figures import Figures
from gui.widgets.message_bar import MessageBar
from gui.widgets.progress import STEPS, Progress


def test_a_button_that_cant_says_why(qtbot) -> None:
    done: list[str] = []
    made = button(
        Action("Start", lambda: done.append("run"), why_not="Later."), "quiet", done.append
    )
    qtbot.addWidget(made)
    made.click()
    assert made.isEnabled()
    assert done == ["Later."]
    made.show_action(Action("Start", lambda: done.append("run")))
    made.click()
    assert done == ["Later.", "run"]


def test_cards_are_one_choice_by_keyboard_too(
    qtbot, until_shown: Callable[[QWidget], None]
) -> None:
    cards = [ChoiceCard(name, "summary") for name in ("A", "B", "C")]
    chosen: list[str] = []
    for card in cards:
        card.chosen.connect(lambda card=card: chosen.append(card.text()))
    row = CardRow(cards)
    qtbot.addWidget(row)
    until_shown(row)
    cards[0].set_chosen(True)
    assert chosen == []
    cards[1].setFocus()
    QTest.keyClick(cards[1], Qt.Key.Key_Return)
    assert chosen == ["B"]
    assert [card.isChecked() for card in cards] == [False, True, False]


def test_cards_wrap_where_the_width_is_short(qtbot, until_shown: Callable[[QWidget], None]) -> None:
    row = CardRow([ChoiceCard(str(n), "") for n in range(4)], minimum=200)
    qtbot.addWidget(row)
    row.resize(900, 200)
    until_shown(row)
    assert len({card.y() for card in row.cards}) == 1
    row.resize(450, 400)
    qtbot.waitUntil(lambda: len({card.y() for card in row.cards}) == 2)


def test_messages_come_and_go_by_key(qtbot, theme: ThemeManager) -> None:
    bar = MessageBar(theme)
    qtbot.addWidget(bar)
    assert bar.isHidden()
    bar.show_message("a", "note", "One.")
    bar.show_message("b", "bad", "Two.")
    bar.show_message("a", "note", "Three.")
    assert bar.texts == ("Three.", "Two.")
    bar.clear("a")
    bar.clear("never said")
    assert bar.texts == ("Two.",)
    bar.clear("b")
    assert bar.isHidden()


def test_progress_never_goes_back_and_fills_only_at_the_end(qtbot) -> None:
    progress = Progress()
    qtbot.addWidget(progress)
    bar = progress.findChild(QProgressBar)
    assert isinstance(bar, QProgressBar)
    progress.show_progress(0.5, "about 2 minutes left")
    progress.show_progress(0.4, "")
    assert bar.value() == STEPS // 2
    progress.show_progress(0.9999)
    assert bar.value() == STEPS - 1
    progress.show_progress(1.0)
    assert bar.value() == STEPS
    progress.reset()
    assert bar.value() == 0


def test_figures_keep_their_place(qtbot) -> None:
    figures = Figures([("rows", "178"), ("cost", "5 min")])
    qtbot.addWidget(figures)
    before = figures.findChildren(QLabel)
    figures.show_figures([("rows", "99")])
    assert figures.findChildren(QLabel) == before
    assert [label.text() for label in before if not label.isHidden()] == ["rows", "99"]


def test_detail_unfolds(qtbot, until_shown: Callable[[QWidget], None]) -> None:
    content = QWidget()
    folded = Disclosure("Options", content)
    qtbot.addWidget(folded)
    until_shown(folded)
    assert not content.isVisible()
    folded.set_opened(True)
    assert content.isVisible()


def test_a_dropped_file_is_told(qtbot, theme: ThemeManager) -> None:
    place = EmptyState(theme, "table", "No table", "Drop one.", accepts_files=True)
    qtbot.addWidget(place)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/elsewhere/wine.csv")])
    event = QDropEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(place.dropped) as told:
        place.dropEvent(event)
    assert told.args == ["/elsewhere/wine.csv"]


def test_the_footer_keeps_its_buttons(qtbot) -> None:
    footer = Footer()
    qtbot.addWidget(footer)
    done: list[str] = []

    def show(*names: str) -> None:
        actions = [Action(name, lambda name=name: done.append(name)) for name in names]
        footer.show_footer(back=True, cost="cost", secondary=actions[1:], primary=actions[0])

    show("Start", "Pause", "Stop")
    first = footer.primary
    show("Go on", "Pause", "Stop")
    assert footer.primary is first
    footer.commit()
    assert done == ["Go on"]
    footer.show_footer(back=False, cost="", secondary=(), primary=None)
    footer.commit()
    assert done == ["Go on"]


@pytest.mark.parametrize("status", list(Status))
def test_the_step_list_says_every_state_in_words(
    qtbot, theme: ThemeManager, status: Status
) -> None:
    bar = Sidebar(theme, [("library", "Library")])
    qtbot.addWidget(bar)
    bar.show_steps([StepState(Step.MODEL, status, "Random forest", "Because.")])
    bar.show_page("model")
    row = bar.rows["model"]
    assert row.accessibleName() == f"2 Model, {status}"
    assert "Random forest" in row.accessibleDescription()
    assert not bar.grab().isNull()


def test_a_step_is_chosen_by_keyboard(qtbot, theme: ThemeManager) -> None:
    bar = Sidebar(theme, [("library", "Library")])
    qtbot.addWidget(bar)
    with qtbot.waitSignal(bar.chosen) as told:
        QTest.keyClick(bar.rows["method"], Qt.Key.Key_Space)
    assert told.args == ["method"]


def test_a_long_summary_takes_two_lines_at_most(qtbot, theme: ThemeManager) -> None:
    bar = Sidebar(theme, [])
    qtbot.addWidget(bar)
    bar.show_steps([StepState(Step.DATA, Status.DONE, "word " * 60)])
    long = bar.rows["data"].sizeHint().height()
    bar.show_steps([StepState(Step.DATA, Status.DONE, "word " * 9)])
    assert isinstance(bar.rows["data"], StepRow)
    assert long == bar.rows["data"].sizeHint().height()


def test_links_are_buttons(qtbot, theme: ThemeManager) -> None:
    done: list[int] = []
    place = EmptyState(theme, "table", "T", "S", links=[Action("wine", lambda: done.append(1))])
    qtbot.addWidget(place)
    place.findChildren(QPushButton)[0].click()
    assert done == [1]
