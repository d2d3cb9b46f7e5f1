"""`TrustCard`: overtuning of a search that was watched, in a picture and words, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.trust import Overtuning, Remedy
from engine.plots.picture import PICTURES, SearchSource
from engine.protocol import replies, requests
from engine.protocol.replies import TrustReady
from gui import words
from gui.canvas import Canvas
from gui.engine_client import EngineClient
from gui.pages.results.verdict import Sign, Verdict
from gui.run import Run
from gui.theme import ThemeManager
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.card import Card
from gui.widgets.figures import Figures
from gui.widgets.side_by_side import SideBySide
from gui.widgets.text import label

HEIGHT = 320
CLEAN = "No earlier best is better on the test rows by more than noise."
ONE = "The first configuration is still the best by validation, so there is nothing to compare."
NONE = "No test score could be watched."
SIMPLER = (
    "Or take a simpler configuration below. Don't take the one that is better on the test rows for "
    "that reason: its test score would flatter."
)


class TrustCard(Card):
    """Shows what was watched of ``run``; hidden where nothing was."""

    replan_asked = Signal(object)
    """The person wants the plan changed by this `Remedy`."""

    def __init__(
        self, client: EngineClient, run: Run, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent)
        self._client, self._run = client, run
        self._picture = PICTURES["overtuning"]
        self.canvas = Canvas(self._picture, theme, name="Overtuning")
        self.canvas.setFixedHeight(HEIGHT)
        self.setProperty("help", "overtuning")
        self._verdict = Verdict(theme)
        self._figures = Figures(columns=4)
        self._remedies = QWidget()
        self._looks = label("", "caption")
        left = QWidget()
        beside = QVBoxLayout(left)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.canvas)
        beside.addStretch(1)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._verdict)
        column.addWidget(self._figures)
        column.addWidget(self._remedies)
        column.addWidget(self._looks)
        column.addStretch(1)
        self._column = column
        self.body.addWidget(label("Overtuning, watched during the search", "section"))
        self.body.addWidget(SideBySide(left, right, wide=840))
        self.hide()

    def show_run(self, path: str, *, watched: bool) -> None:
        """Ask what was watched of the run at ``path``, if anything was."""
        self.hide()
        if not watched:
            return

        def ready(reply: TrustReady) -> None:
            if self._run.state.path == path:
                self._show(reply)

        def failed(failure: replies.Failed) -> None:
            if self._run.state.path == path:
                self._show(
                    TrustReady(id=0, watched=True, overtuning=Overtuning(()), remedies=(), looks=0),
                    failure.sentence,
                )

        self._client.request(requests.Trust(id=0, path=path), ready, failed, owner=self)

    # --- inside -----------------------------------------------------------------------------------

    def _show(self, reply: TrustReady, sentence: str = "") -> None:
        found = reply.overtuning
        self.canvas.show_picture(
            lambda: self._picture.one(SearchSource(self._run.snapshot(), reply))
        )
        sign: Sign = "caution" if found.alarm or not found.path else "good"
        self._verdict.show_verdict(sentence or verdict(found), sign)
        self._figures.show_figures(figures(found))
        self._figures.setVisible(bool(found.path))
        self._show_remedies(reply.remedies)
        looks = words.plural(reply.looks, "time")
        self._looks.setText(
            f"The test rows were looked at {looks}: the test score is watched, optimistic."
            if reply.looks > 1
            else ""
        )
        self._looks.setVisible(reply.looks > 1)
        self.show()

    def _show_remedies(self, remedies: tuple[Remedy, ...]) -> None:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if remedies:
            column.addWidget(label("What to do: plan another run", "strong"))
        for place, remedy in enumerate(remedies):
            column.addSpacing(8 if place else 0)
            plan = Action(f"Plan {remedy.label}", lambda r=remedy: self.replan_asked.emit(r))
            row = QHBoxLayout()
            row.addWidget(button(plan, "small"))
            row.addStretch(1)
            column.addLayout(row)
            column.addWidget(label(remedy.why, "caption"))
        if remedies:
            column.addSpacing(8)
            column.addWidget(label(SIMPLER, "caption"))
        self._column.replaceWidget(self._remedies, part)
        self._remedies.hide()
        self._remedies.deleteLater()
        self._remedies = part
        part.setVisible(bool(remedies))


def verdict(found: Overtuning) -> str:
    """Verdict on the watched scores, in a sentence or two."""
    if found.alarm is not None:
        return found.alarm.sentence
    if not found.path:
        return NONE
    return CLEAN if len(found.path) > 1 else ONE


def figures(found: Overtuning) -> tuple[tuple[str, str], ...]:
    """The last best's scores, and what lies between them."""
    if not found.path:
        return ()
    last = found.path[-1]
    return (
        ("validation", words.score(last.validation)),
        ("test", words.score(last.outer)),
        ("it flatters by", words.score(found.flattery)),
        ("overtuning", words.score(found.overtuning)),
    )
