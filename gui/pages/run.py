"""Run: watch the search. The best score so far large, hyperparameters beside it, trials below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine import protocol
from engine.records import TrialState
from gui import flow, words
from gui.pages.base import Action, Message, Page, Width
from gui.states import RunState
from gui.steering import STEERING, Steering
from gui.trial_deeds import TRIAL_DEEDS, TrialDeeds
from gui.tuning import TuningFeed, by_gradient, method_card
from gui.widgets.card import Card
from gui.widgets.empty_state import EmptyState
from gui.widgets.fields import Segments
from gui.widgets.figures import Figures
from gui.widgets.progress import Progress
from gui.widgets.text import label
from gui.widgets.trial_browser import TrialBrowser

SLICES = 3
SLICE_HEIGHT = 100
"""A slice lower than this shows nothing; then there are fewer."""
SLICE_DOTS = 2_000
"""A slice has no room for more."""
SHARES, SHARES_TUNED = (680, 300), (560, 420)
"""Widths of the large picture and of what is beside it; what a gradient tunes needs more room."""
FIRST_IMPORTANCE = 16
"""Complete trials from which on the most important hyperparameters are shown first."""
HEADINGS = {
    "opening": "Opening the run",
    "starting": "Starting the search",
    "running": "Searching",
    "paused": "Paused",
    "finishing": "Fitting the best configuration",
    "finished": "The search is finished",
    "stopped": "The search is stopped",
    "failed": "The search could not go on",
    "interrupted": "The search was interrupted",
}


class RunPage(Page):
    """The live run, or one from the library."""

    id = "run"
    title = "Run"
    purpose = "Watch the search at work."
    help = "run"
    step = flow.Step.RUN
    page_width = Width.FULL
    scrolls = False
    MESSAGES: ClassVar[Mapping[str, Message]] = {
        "fault": Message("caution", "{sentence}", dismissible=False),
        "failed": Message("bad", "{sentence}"),
        "refused": Message("bad", "{sentence}"),
        **STEERING,
        **TRIAL_DEEDS,
        "noise": Message("caution", "{sentence} Smaller step sizes or fewer steps may help."),
    }

    def build(self) -> None:
        from engine.plots import slices, timeline
        from gui.canvas import Canvas
        from gui.pointing import link
        from gui.widgets.score_pictures import ScorePictures
        from gui.widgets.tuning_pictures import TuningPictures

        self._slices_module = slices
        self._stack = QStackedWidget()
        self.body.addWidget(self._stack, 1)
        self._empty = EmptyState(
            self.theme,
            "play",
            "No search yet",
            "Start one from the page Method, or open a run from the library.",
            action=Action("Choose a method", lambda: self.go("method")),
        )
        self._stack.addWidget(self._empty)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._strip())
        self._feed = TuningFeed(self.client, self.run, parent=self)
        self._feed.changed.connect(self._show_tuning)
        self._scores = ScorePictures(self.run, self.theme, self._feed)
        self._scores.surrogate_wanted.connect(self._ask_surrogate)
        self._timeline = Canvas(timeline.draw, self.theme, name="Timeline of workers")
        self._timeline.setProperty("help", "timeline")
        self._timeline.show_picture(lambda: timeline.prepare(self.run.snapshot()))
        self._slices = [
            link(Canvas(slices.draw, self.theme, name="Slice"), self.run) for _ in range(SLICES)
        ]
        self._tuned = TuningPictures(self.run, self._feed, self.theme, workers=True)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self._pictures())
        self.steering = Steering(self)
        self.deeds = TrialDeeds(self, self.steering.ask_to_try)
        self._browser = TrialBrowser(self.run.store, self.run.kill, self.deeds.actions)
        self._browser.selected.connect(self.run.select)
        self.run.selection_changed.connect(self._browser.select)
        split.addWidget(self._browser)
        split.setSizes([380, 210])
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 1)
        column.addWidget(split, 1)
        self._stack.addWidget(full)
        self._names: tuple[str, ...] = ()
        self._ranked: tuple[str, ...] = ()
        self._asked_at = 0
        self._path = ""
        self.run.trials_changed.connect(self._on_trials)
        self.run.failed.connect(self._refused)

    # --- layout -----------------------------------------------------------------------------------

    def _strip(self) -> QWidget:
        strip = QWidget()
        row = QHBoxLayout(strip)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(32)
        best = QVBoxLayout()
        best.setSpacing(0)
        self._best_name = label("best", "caption", wrap=False)
        self._best = label("–", "figure-accent", wrap=False)
        self._best.setAccessibleName("Best score")
        self._best.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        best.addWidget(self._best_name)
        best.addWidget(self._best)
        row.addLayout(best)
        self._figures = Figures(columns=4)
        self._figures.setMinimumWidth(360)
        row.addWidget(self._figures, 2)
        self._progress = Progress("Progress of the search")
        row.addWidget(self._progress, 2)
        strip.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return strip

    def _pictures(self) -> QWidget:
        left = Card(padding=8)
        left.body.addWidget(self._scores, 1)
        self._right = QStackedWidget()
        column = QWidget()
        stack = QVBoxLayout(column)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(8)
        self._slice_cards = []
        for canvas in self._slices:
            canvas.setProperty("help", "slices")
            card = Card(padding=4)
            card.body.addWidget(canvas, 1)
            stack.addWidget(card, 1)
            self._slice_cards.append(card)
        self._right.addWidget(column)
        timeline = Card(padding=8)
        timeline.body.addWidget(self._timeline, 1)
        self._right.addWidget(timeline)
        self._view = Segments(
            [("slices", "Hyperparameters"), ("timeline", "Workers")], "Pictures at the right"
        )
        self._view.set_value("slices")
        self._view.changed.connect(lambda view: self._right.setCurrentIndex(view == "timeline"))
        beside = QWidget()
        right = QVBoxLayout(beside)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(8)
        right.addWidget(self._view)
        right.addWidget(self._right, 1)
        tuned = Card(padding=8)
        tuned.body.addWidget(self._tuned)
        self._beside = QStackedWidget()
        self._beside.addWidget(beside)
        self._beside.addWidget(tuned)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(left)
        self._split.addWidget(self._beside)
        self._split.setSizes(SHARES)
        self._split.setStretchFactor(0, 1)
        return self._split

    # --- the page ---------------------------------------------------------------------------------

    def heading(self) -> tuple[str, str]:
        state = self.run.state
        plan = state.plan
        if state.phase == "none" or plan is None:
            return self.title, self.purpose
        catalog = self.client.catalog
        what = (
            f"{words.label(catalog.learners, plan.learner.id)} on "
            f"{words.name_of(plan.data.source)}, {words.method(catalog, plan)}."
        )
        if state.phase == "running":
            what += " You can look around, the search goes on."
        return HEADINGS[state.phase], what

    def primary(self) -> Action | None:
        phase = self.run.state.phase
        if phase == "paused":
            return Action("Go on", self.run.go_on)
        if phase in ("finished", "stopped"):
            return Action("See results", lambda: self.go("results"))
        if phase in ("interrupted", "failed"):
            return Action("Resume", lambda: self.run.resume(self.run.state.path))
        return None

    def secondary(self) -> Sequence[Action]:
        phase = self.run.state.phase
        stop = Action("Stop and keep results", self.run.stop)
        if phase == "running":
            return (Action("Pause", self.run.pause), stop)
        if phase == "paused":
            return (stop,)
        others = self.steering.actions()
        if phase == "interrupted":
            return (Action("Open results", self._open_results), *others)
        return others

    def cost(self) -> str:
        progress = self.run.state.progress
        if progress is None or not self.run.state.active:
            return ""
        parts = [f"{progress.busy} of {words.plural(progress.workers, 'worker')} busy"]
        trouble = []
        if progress.failed:
            trouble.append(f"{progress.failed} failed")
        if progress.pruned:
            trouble.append(f"{progress.pruned} stopped early")
        return "  ·  ".join([*parts, ", ".join(trouble)] if trouble else parts)

    def initial_focus(self) -> QWidget | None:
        return self._best

    def on_enter(self) -> None:
        self._on_trials()

    def on_run_changed(self, state: RunState) -> None:
        self._stack.setCurrentIndex(0 if state.phase == "none" else 1)
        self._browser.set_live(state.active)
        if state.path != self._path:
            self._path, self._asked_at, self._ranked = state.path, 0, ()
            self.unsay("refused")
            self._scores.forget()
        self._scores.show_method(method_card(self.client, state))
        self._show_beside(by_gradient(self.client, state))
        self._show_figures(state)
        if state.phase == "paused" and state.sentence:
            self.say("fault", sentence=state.sentence)
        else:
            self.unsay("fault")
        if state.phase in ("failed", "interrupted") and state.sentence:
            self.say("failed", sentence=state.sentence)
        else:
            self.unsay("failed")

    # --- what is shown ----------------------------------------------------------------------------

    def _on_trials(self) -> None:
        if not self.shown:
            return
        self._browser.refresh()
        self._choose_slices()
        self._scores.touch()
        for canvas in (self._timeline, *self._slices):
            if len(self.run.store):
                canvas.touch()
            else:
                canvas.clear()
        self._show_figures(self.run.state)
        self._ask_importance()
        if by_gradient(self.client, self.run.state):
            self._feed.want()

    def _show_beside(self, tuned: bool) -> None:
        """Slices of the search space, or what a gradient tunes."""
        if tuned != bool(self._beside.currentIndex()):
            self._beside.setCurrentIndex(int(tuned))
            self._split.setSizes(SHARES_TUNED if tuned else SHARES)

    def _show_tuning(self) -> None:
        """Say that the hypergradient has become noise, while it is."""
        tuning = self._feed.tuning
        last = tuning.steps[-1] if tuning is not None and tuning.steps else None
        if last is not None and last.remark and self.run.state.active:
            self.say("noise", sentence=last.remark)
        else:
            self.unsay("noise")

    def _show_figures(self, state: RunState) -> None:
        snapshot = self.run.snapshot()
        measure = snapshot.measure_label.lower() if snapshot.measure_label else "score"
        best = snapshot.best
        self._best_name.setText(f"best {measure}")
        self._best.setText(words.score(None if best is None else float(snapshot.value[best])))
        progress, planned = state.progress, state.plan.budget.evaluations if state.plan else None
        of = f" of {planned:,.0f}" if planned else ""
        done = (
            progress.evaluations if progress else state.summary.evaluations if state.summary else 0
        )
        figures = [("default", words.score(snapshot.default)), ("evaluations", f"{done:,.0f}{of}")]
        if progress is not None:
            figures.append(("elapsed", words.duration(progress.elapsed)))
        self._figures.show_figures(figures)
        self._show_progress(state)

    def _show_progress(self, state: RunState) -> None:
        if state.phase == "running":
            progress = state.progress
            text = words.left(progress.left) if progress else ""
            self._progress.show_progress(progress.fraction if progress else None, text or "working")
        elif state.phase in ("starting", "opening"):
            self._progress.reset()
            self._progress.show_progress(None, HEADINGS[state.phase].lower())
        elif state.phase == "finishing":
            self._progress.show_progress(1.0, "fitting the best configuration")
        elif state.phase in ("finished", "stopped"):
            self._progress.show_progress(1.0, state.sentence or "done")
        else:
            fraction = state.progress.fraction if state.progress else 0.0
            self._progress.show_progress(fraction, state.phase)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.shown:
            self._choose_slices()

    def _choose_slices(self) -> None:
        space = self.run.snapshot().space.names
        ranked = [name for name in self._ranked if name in space]
        room = max(1, min(SLICES, self._right.height() // SLICE_HEIGHT))
        names = tuple([*ranked, *(n for n in space if n not in ranked)][:room])
        if names == self._names:
            return
        self._names = names
        for place, canvas in enumerate(self._slices):
            self._slice_cards[place].setVisible(place < len(names))
            if place < len(names):
                canvas.show_picture(self._slice_of(names[place]))

    def _slice_of(self, name: str):
        return lambda: self._slices_module.prepare(self.run.snapshot(), name, SLICE_DOTS)

    def _ask_importance(self) -> None:
        """Ask again whenever the number of complete trials has doubled."""
        complete = int(self.run.snapshot().is_state(TrialState.COMPLETE).sum())
        wanted = max(FIRST_IMPORTANCE, 2 * self._asked_at)
        path = self.run.state.path
        if len(self.run.snapshot().space.names) <= SLICES or complete < wanted or not path:
            return
        self._asked_at = complete

        def take(reply: protocol.ImportancesReady) -> None:
            if self.run.state.path == path:
                self._ranked = tuple(i.name for i in reply.importances)
                self._choose_slices()

        self.client.request(protocol.Importances(id=0, path=path), take, lambda _: None, owner=self)

    def _ask_surrogate(self) -> None:
        path = self.run.state.path

        def take(reply: protocol.SurrogateReady) -> None:
            if self.run.state.path == path:
                self._scores.show_surrogate(reply.slices)

        self.client.request(protocol.Surrogate(id=0, path=path), take, lambda _: None, owner=self)

    # --- deeds ------------------------------------------------------------------------------------

    def _open_results(self) -> None:
        self.run.load_results()
        self.go("results")

    def _refused(self, failure: protocol.Failed) -> None:
        if self.shown:
            self.say("refused", sentence=failure.sentence)
