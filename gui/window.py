"""The main window: step list, one page at a time, and a foot with the one prominent button."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

from PySide6.QtCore import QByteArray, QSize, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui import flow
from gui.comparing import Comparing
from gui.context import Context
from gui.pages import PLACES, page_class
from gui.pages.base import Page
from gui.run import Run
from gui.shell import closing
from gui.shell.footer import Footer
from gui.shell.header import Header
from gui.shell.help_window import HelpWindow, help_of, pages_of
from gui.shell.sidebar import Sidebar
from gui.widgets.actions import Action
from gui.widgets.empty_state import dropped_file
from gui.widgets.message_bar import MessageBar

DEFAULT, MINIMUM = QSize(1280, 800), QSize(1024, 640)
STOP_PATIENCE_MS = 15_000
"""How long closing waits for a search to end in order."""


class MainWindow(QMainWindow):
    """Shows pages and keeps head, foot and step list in step with them."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setWindowTitle("Tunesmith")
        self.setMinimumSize(MINIMUM)
        self.resize(DEFAULT)
        self.setAcceptDrops(True)
        self.context = context
        self._pages: dict[str, Page] = {}
        self._trail: list[str] = []
        self._help: HelpWindow | None = None
        self._left_out: list[str] = []
        self._may_close = False
        self._sidebar = Sidebar(context.theme, PLACES)
        self._header = Header(context.theme, context.session.undo_stack)
        self._stack = QStackedWidget()
        self._messages = MessageBar(context.theme)
        self._footer = Footer()
        self._lay_out()
        self._connect()
        self._make_shortcuts()
        self._restore_geometry()
        self._show_steps()

    @property
    def page(self) -> Page:
        """The page being shown."""
        return self._pages[self._trail[-1]]

    def show_page(self, id_: str) -> None:
        """Go to a page; a locked step says why instead."""
        if self._trail and id_ == self._trail[-1]:
            return
        reason = self._why_locked(id_)
        if reason:
            self._explain(reason)
            return
        self._messages.clear("why")
        if self._trail:
            self.page.leave()
        if id_ not in self._pages:
            self._pages[id_] = self._make(id_)
        self._trail = [page for page in self._trail if page != id_] + [id_]
        page = self._pages[id_]
        self._stack.setCurrentWidget(page)
        self._sidebar.show_page(id_)
        page.enter()
        focus = page.initial_focus()
        if focus is not None:
            focus.setFocus()

    def back(self) -> None:
        """To the page seen before, or the step before this one."""
        if len(self._trail) > 1:
            here = self._trail[-1]
            # The page stays last in the trail's order only while it is shown.
            self.show_page(self._trail[-2])
            self._trail = [page for page in self._trail if page != here]
            self._show_chrome()
        elif self._trail and self.page.step is not None:
            before = flow.preceding(self.page.step)
            if before is not None:
                self.show_page(str(before))

    def open_source(self, source: str) -> None:
        """Open a table and show it."""
        self.show_page(str(flow.Step.DATA))
        self.context.session.open(source)

    def show_help(self, page: str = "") -> None:
        """Open help: a page, or the one about what has the focus."""
        if self._help is None:
            self._help = HelpWindow(
                self.context.theme, lambda: pages_of(self.context.client.catalog)
            )
            self._help.resize(self._help.sizeHint())
        self._help.show_page(page or help_of(QApplication.focusWidget(), self.page.help))

    def message(
        self, key: str, severity: str, text: str, *actions: Action, dismissible: bool = True
    ) -> None:
        """Show a message that belongs to no page.

        Args:
            key: by which it can be replaced or taken back.
            severity: how serious it is.
            text: sentence for the person.
            actions: buttons beside it.
            dismissible: whether the person can close it.
        """
        self._messages.show_message(
            key,
            severity,  # type: ignore[arg-type]
            text,
            actions=actions,
            dismissible=dismissible,
        )

    def unsay(self, key: str) -> None:
        """Take a message back."""
        self._messages.clear(key)

    # --- making -----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._header)
        right.addWidget(self._stack, 1)
        right.addWidget(self._messages)
        right.addWidget(self._footer)
        whole = QWidget()
        layout = QHBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._sidebar)
        layout.addLayout(right, 1)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self._sidebar.chosen.connect(self.show_page)
        self._header.help_asked.connect(lambda: self.show_help(self.page.help))
        self._footer.back_asked.connect(self.back)
        self._footer.why_not.connect(self._explain)
        context = self.context
        context.session.changed.connect(self._show_steps)
        context.run.changed.connect(self._show_steps)
        context.client.ready.connect(self._show_steps)
        context.client.ready.connect(self._show_left_out)

    def _make_shortcuts(self) -> None:
        for number, step in enumerate(flow.Step, start=1):
            self._shortcut(f"Alt+{number}", lambda step=step: self.show_page(str(step)))
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            self._shortcut(keys, self._footer.commit)
        undo = self.context.session.undo_stack
        self._shortcut(QKeySequence.StandardKey.Undo, undo.undo)
        self._shortcut(QKeySequence.StandardKey.Redo, undo.redo)
        self._shortcut("F1", self.show_help)
        self._shortcut("Alt+Left", self.back)
        self._shortcut("Esc", lambda: self._messages.clear("why"))
        self._shortcut(QKeySequence.StandardKey.Quit, self.close)

    def _shortcut(self, keys: str | QKeySequence.StandardKey, run: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(lambda: run())

    def _make(self, id_: str) -> Page:
        page = page_class(id_)(self.context)
        page.chrome_changed.connect(lambda: self._show_chrome(page))
        page.went.connect(self.show_page)
        page.help_wanted.connect(self.show_help)
        self._stack.addWidget(page)
        self._show_left_out()
        # The page and what it has imported stay as long as the window; were the collector to look
        # at all of it again and again, each of its full rounds would be a stall.
        gc.freeze()
        return page

    # --- showing ----------------------------------------------------------------------------------

    def _show_chrome(self, page: Page | None = None) -> None:
        if not self._trail or (page is not None and page is not self.page):
            return
        shown = self.page
        self._header.show_heading(*shown.heading())
        first = shown.step is not None and flow.preceding(shown.step) is None
        self._footer.show_footer(
            back=len(self._trail) > 1 or (shown.step is not None and not first),
            cost=shown.cost(),
            secondary=shown.secondary(),
            primary=shown.primary(),
        )

    def _steps(self) -> tuple[flow.StepState, ...]:
        context = self.context
        return flow.steps(context.session.state, context.run.state, context.client.catalog)

    def _show_steps(self, _: object = None) -> None:
        self._sidebar.show_steps(self._steps())

    def _show_left_out(self, _: object = None) -> None:
        """Say which components of other packages could not be used, and why, once."""
        left_out = [*self.context.client.catalog.left_out]
        pictures = sys.modules.get("engine.plots.picture")
        if pictures is not None:  # not before a page shows some
            left_out += [rejected.sentence for rejected in pictures.PICTURES.rejected]
        if left_out != self._left_out:
            self._left_out = left_out
            self.message("left out", "caution", " ".join(left_out))

    def _why_locked(self, id_: str) -> str:
        for state in self._steps():
            if state.step == id_ and state.status is flow.Status.LOCKED:
                return state.reason
        return ""

    def _explain(self, reason: str) -> None:
        self.message("why", "note", reason)

    # --- files dropped anywhere -------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_file(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_file(event.mimeData())
        if path:
            event.acceptProposedAction()
            self.open_source(path)

    # --- closing ----------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        at_work = (self.context.run, self.context.comparing)
        work = next((work for work in at_work if work.state.active), None)
        if work is not None and not self._may_close:
            answer = closing.ask(self, work.state)
            if answer is closing.Answer.KEEP_WORKING:
                event.ignore()
                return
            if answer is closing.Answer.STOP:
                event.ignore()
                self._stop_and_close(work)
                return
        self._save_geometry()
        if self._help is not None:
            self._help.close()
        self.hide()
        self.context.client.shutdown()
        event.accept()

    def close_at_once(self) -> None:
        """Close without a question; a running search can be resumed later."""
        self._may_close = True
        self.close()

    def _stop_and_close(self, work: Run | Comparing) -> None:
        self.message("closing", "note", "Ending the search; the window closes then.")

        def close_when_done(_: object) -> None:
            if not work.state.active and not self._may_close:
                self._may_close = True
                QTimer.singleShot(0, self, self.close)

        work.changed.connect(close_when_done)
        QTimer.singleShot(STOP_PATIENCE_MS, self, self.close_at_once)
        work.stop()

    def _restore_geometry(self) -> None:
        saved = self.context.settings.preferences.geometry
        if saved:
            self.restoreGeometry(QByteArray.fromBase64(saved.encode()))

    def _save_geometry(self) -> None:
        saved = self.saveGeometry().toBase64().data()
        self.context.settings.update(geometry=bytes(saved).decode())
