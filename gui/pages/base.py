"""`Page`: base of all pages, so that the window depends on none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from gui import flow
from gui.context import Context
from gui.view_states import RunState, SessionState
from gui.widgets.actions import Action
from gui.widgets.message_bar import Message, MessageBar

MARGIN = 32
"""Left and right of the content."""
FORM_WIDTH = 760
GAP = 16
"""Between the parts of a page."""


class Width(Enum):
    """How far the content of a page goes."""

    FORM = "form"
    """At most `FORM_WIDTH`, at the left: lines of text stay readable."""
    FULL = "full"


class Page(QWidget):
    """A page. Subclasses set the class variables and override `build` and what else they need.

    ``__init__`` is not for overriding: it calls `build` once. The window tells the page when it is
    shown (`on_enter`), hidden (`on_leave`), and, while it is shown, of changes. What changed while
    it was hidden is told before `on_enter`.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    purpose: ClassVar[str]
    help: ClassVar[str]
    """Its help page."""
    step: ClassVar[flow.Step | None] = None
    page_width: ClassVar[Width] = Width.FORM
    scrolls: ClassVar[bool] = True
    """Whether the content scrolls; otherwise it fills the window."""
    MESSAGES: ClassVar[Mapping[str, Message]] = {}
    """Every sentence its message bar can say, by key."""

    chrome_changed = Signal()
    """Heading, cost or buttons are different now."""
    went = Signal(str)
    """The page wants another page shown."""
    help_wanted = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.client, self.session, self.run = context.client, context.session, context.run
        self.settings, self.theme = context.settings, context.theme
        self.setProperty("page", True)
        self.setProperty("help", self.help)
        self.setAccessibleName(self.title)
        self.messages = MessageBar(context.theme)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(GAP)
        self._seen_session: SessionState | None = None
        self._seen_run: RunState | None = None
        self._shown = False
        self._scroll: QScrollArea | None = None
        self._frame()
        self.build()
        self.session.changed.connect(self._on_change)
        self.run.changed.connect(self._on_change)

    # --- for pages to override --------------------------------------------------------------------

    def build(self) -> None:
        """Make the widgets and add them to `body`."""
        raise NotImplementedError

    def on_enter(self) -> None:
        """The page is being shown."""

    def on_leave(self) -> None:
        """The page is being hidden."""

    def on_session_changed(self, state: SessionState) -> None:
        """A choice has changed."""

    def on_run_changed(self, state: RunState) -> None:
        """The run is different now."""

    def heading(self) -> tuple[str, str]:
        """Title, and one sentence of what the page is for."""
        return self.title, self.purpose

    def primary(self) -> Action | None:
        """The one prominent button; it says what happens."""
        return None

    def secondary(self) -> Sequence[Action]:
        """Quiet buttons beside it."""
        return ()

    def cost(self) -> str:
        """Cost of what the prominent button does, or another short fact."""
        return ""

    def initial_focus(self) -> QWidget | None:
        """Widget that gets the focus when the page is shown."""
        return None

    # --- for pages to call ------------------------------------------------------------------------

    def refresh_chrome(self) -> None:
        """Heading, cost or buttons are different now."""
        self.chrome_changed.emit()

    def say(
        self,
        key: str,
        *,
        action: Action | None = None,
        actions: Sequence[Action] = (),
        **params: object,
    ) -> None:
        """Say the message ``key`` of `MESSAGES`, with its places filled by ``params``."""
        message = self.MESSAGES[key]
        self.messages.show_message(
            key,
            message.severity,
            message.template.format(**params),
            actions=(action, *actions) if action is not None else actions,
            dismissible=message.dismissible,
        )

    def unsay(self, key: str) -> None:
        """Take a message back, if it is being said."""
        self.messages.clear(key)

    def go(self, page: str) -> None:
        """Show another page."""
        self.went.emit(page)

    def confirm(self) -> None:
        """Agree to this step and go to the next."""
        if self.step is not None:
            self.session.confirm(self.step)
            self.went.emit(str(flow.following(self.step)))

    def show_help(self, page: str) -> None:
        """Open a help page."""
        self.help_wanted.emit(page)

    # --- for the window ---------------------------------------------------------------------------

    @property
    def shown(self) -> bool:
        """Whether the person is on this page."""
        return self._shown

    def enter(self) -> None:
        """The window shows the page."""
        self._shown = True
        self._catch_up()
        self.on_enter()
        self.refresh_chrome()
        # Once the focus is set and the layout done: a page begins at its top.
        QTimer.singleShot(0, self, self._scroll_to_top)

    def leave(self) -> None:
        """The window shows another one."""
        self._shown = False
        self.on_leave()

    def _on_change(self, _: object) -> None:
        if self._shown and self._catch_up():
            self.refresh_chrome()

    def _catch_up(self) -> bool:
        changed = False
        if self.session.state is not self._seen_session:
            self._seen_session = self.session.state
            self.on_session_changed(self._seen_session)
            changed = True
        if self.run.state is not self._seen_run:
            self._seen_run = self.run.state
            self.on_run_changed(self._seen_run)
            changed = True
        return changed

    def _scroll_to_top(self) -> None:
        if self._scroll is not None:
            self._scroll.verticalScrollBar().setValue(0)

    def _frame(self) -> None:
        content = QWidget()
        content.setProperty("page", True)
        inner = QVBoxLayout(content)
        inner.setContentsMargins(MARGIN, 0, MARGIN, 24 if self.scrolls else 12)
        if self.page_width is Width.FORM:
            column = QWidget()
            column.setMaximumWidth(FORM_WIDTH)
            column.setLayout(self.body)
            inner.addWidget(column)
        else:
            inner.addLayout(self.body, 1)
        if self.scrolls:
            inner.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        if self.scrolls:
            scroll = QScrollArea()
            scroll.setFrameShape(QFrame.Shape.NoFrame)
            scroll.setWidgetResizable(True)
            scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
            scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            scroll.setWidget(content)
            self._scroll = scroll
            outer.addWidget(scroll, 1)
        else:
            outer.addWidget(content, 1)
        outer.addWidget(self.messages)


__all__ = ["FORM_WIDTH", "GAP", "MARGIN", "Action", "Context", "Message", "Page", "Width"]
