"""`CounterfactualCard`: what random search of the same length would have given."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.comparison import Counterfactual
from engine.plots.picture import PICTURES, SearchSource
from engine.protocol import events, replies, requests
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
from gui.widgets.progress import Progress
from gui.widgets.side_by_side import SideBySide
from gui.widgets.text import label, set_role

HEIGHT = 260
LUCK = 0.05
"""Chance of random search's doing as well from which a result is no more than luck may give."""
ABOUT = (
    "The band holds random search's best so far in 95 of 100 cases, the grey line is its average. "
    "All are validation scores, which flatter alike."
)
WHERE = "It has the same folds and is kept in the run's folder; this result stays as it is."


class CounterfactualCard(Card):
    """Says it of the run whose results are shown, and runs random search where it can't be said."""

    changed = Signal()
    """Random search began or ended."""

    def __init__(
        self, client: EngineClient, run: Run, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent)
        self._client, self._run = client, run
        self._picture = PICTURES["counterfactual"]
        self._path = ""
        self._twin = ""
        """Path of the random search that runs; empty when there is none."""
        self._busy = self._enough = False
        self.canvas = Canvas(self._picture, theme)
        self.canvas.setFixedHeight(HEIGHT)
        self.setProperty("help", "counterfactual")
        self._verdict = Verdict(theme)
        self._figures = Figures(columns=3)
        self._about = label(ABOUT, "caption")
        self._told = SideBySide(self.canvas, self._words(), wide=840)
        self._sentence = label("", "muted", selectable=True)
        self._start = button(Action("Run random search", self.start), "small")
        self._stop = button(Action("Stop", self._give_up), "small")
        self._progress = Progress("Random search")
        row = QHBoxLayout()
        row.addWidget(self._start)
        row.addWidget(self._stop)
        row.addStretch(1)
        self.body.addWidget(label("What random search would have given", "section"))
        self.body.addWidget(self._told)
        self.body.addWidget(self._sentence)
        self.body.addWidget(self._progress)
        self.body.addLayout(row)
        self.hide()
        client.progress.connect(self._progressed)
        client.run_changed.connect(self._heard)
        client.crashed.connect(self._lost)

    def show_run(self, path: str) -> None:
        """Ask what random search would have given in place of the run at ``path``."""
        if path != self._path:
            self.hide()
        self._path = path

        def ready(reply: replies.CounterfactualReady) -> None:
            if self._path == path:
                self._show(reply)

        request = requests.AskCounterfactual(id=0, path=path)
        self._client.request(request, ready, self._refused, owner=self)

    def start(self) -> None:
        """Run random search for comparison with the run, or resume it."""
        path = self._path

        def started(reply: replies.Started) -> None:
            self._twin = reply.path
            self._show_work()

        def refused(failure: replies.Failed) -> None:
            self._busy = False
            if self._path == path:
                self._refused(failure)
            self._show_work()

        self._busy = True
        self._progress.reset()
        self._progress.show_progress(None, "Starting random search")
        self._show_work()
        request = requests.RunCounterfactual(id=0, path=path)
        self._client.request(request, started, refused, owner=self)

    # --- inside -----------------------------------------------------------------------------------

    def _words(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for widget in (self._verdict, self._figures, self._about):
            column.addWidget(widget)
        column.addStretch(1)
        return part

    def _show(self, reply: replies.CounterfactualReady) -> None:
        found = reply.counterfactual
        self._told.setVisible(found.enough)
        self._sentence.setVisible(not found.enough)
        if found.enough:
            source = SearchSource(self._run.snapshot(), reply)
            self.canvas.show_picture(lambda: self._picture.one(source))
            self._verdict.show_verdict(found.sentence, sign(found))
            self._figures.show_figures(figures(found))
        else:
            self._say(f"{found.sentence} {cost(found)} {WHERE}")
        self._enough = found.enough
        self._show_work()
        self.setVisible(found.best is not None)

    def _say(self, sentence: str, *, wrong: bool = False) -> None:
        self._sentence.setText(sentence)
        set_role(self._sentence, "error" if wrong else "muted")
        self._sentence.show()

    def _show_work(self) -> None:
        """Actions that are possible now."""
        ours = self._twin.startswith(self._path) if self._twin else self._busy
        self._progress.setVisible(self._busy and ours)
        self._stop.setVisible(bool(self._twin) and ours)
        self._start.setVisible(not self._enough and not self._busy)
        self.changed.emit()

    def _refused(self, failure: replies.Failed) -> None:
        self._say(failure.sentence, wrong=True)

    def _give_up(self) -> None:
        self._client.request(requests.Stop(id=0), None, self._refused, owner=self)

    def _progressed(self, progress: events.Progress) -> None:
        if progress.path != self._twin:
            return
        text = f"{words.plural(progress.complete, 'trial')} done"
        left = words.left(progress.left)
        self._progress.show_progress(progress.fraction, ", ".join(filter(None, (text, left))))

    def _heard(self, event: events.RunChanged) -> None:
        if not self._twin or event.path != self._twin:
            return
        if event.state in ("finished", "stopped", "failed"):
            self._end()
            if event.state == "failed":
                self._say(event.sentence, wrong=True)
            else:
                self.show_run(self._path)
        elif event.state == "finishing":
            self._progress.show_progress(None, "Fitting its best on the training rows")

    def _lost(self, why: str) -> None:
        if self._busy:
            self._end()
            self._say(f"{why} Nothing is lost: random search goes on where it was.", wrong=True)

    def _end(self) -> None:
        self._twin, self._busy = "", False
        self._show_work()


def sign(found: Counterfactual) -> Sign:
    """Whether the search found more than luck gives."""
    return "caution" if found.chance is not None and found.chance >= LUCK else "good"


def cost(found: Counterfactual) -> str:
    """Cost of running random search, in a sentence."""
    time = "" if found.seconds is None else f", {words.about(found.seconds)}"
    evaluations = words.plural(found.needed, "evaluation")
    return f"Running it beside this search takes {evaluations}{time}."


def figures(found: Counterfactual) -> tuple[tuple[str, str], ...]:
    """The search beside random search, and how often that does as well."""
    if not found.mean:
        return ()
    shown = [
        ("this search", words.score(found.best)),
        ("random, on average", words.score(found.mean[-1])),
    ]
    if found.chance is not None:
        often = f"{found.chance:.0%}".replace("%", " %") if found.chance >= 0.005 else "under 1 %"
        shown.append(("random does as well", often))
    return tuple(shown)
