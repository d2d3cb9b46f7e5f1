"""Run: watch the search. The best score so far large, hyperparameters beside it, trials below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.protocol import replies, requests
from gui import flow, words
from gui.feed import Feed
from gui.pages.base import Action, Message, Page, Width
from gui.pages.run.steering_actions import STEERING, Steering
from gui.trial_actions import TRIAL_MESSAGES, TrialActions
from gui.tuning_feed import TuningFeed, method_card
from gui.view_states import RunState
from gui.widgets.card import Card
from gui.widgets.empty_state import EmptyState
from gui.widgets.fields import Segments
from gui.widgets.figures import Figures
from gui.widgets.progress import Progress
from gui.widgets.text import label
from gui.widgets.trial_browser import TrialBrowser

SHARES, SHARES_TUNED = (680, 300), (560, 420)
"""Widths of the large picture and of what is beside it; what a gradient tunes needs more room."""
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
        **TRIAL_MESSAGES,
        "overtuning": Message("caution", "{sentence} The results say what can be done."),
        "noise": Message("caution", "{sentence} Smaller step sizes or fewer steps may help."),
    }

    def build(self) -> None:
        from engine.plots.picture import PICTURES, SearchSource
        from gui.canvas import Canvas
        from gui.pages.run.score_pictures import ScorePictures
        from gui.pages.run.slice_pictures import SlicePictures
        from gui.widgets.tuning_pictures import TuningPictures

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
        self._watching = Feed(
            self.client, self.run, lambda path: requests.Trust(id=0, path=path), parent=self
        )
        self._watching.changed.connect(self._show_watched)
        model = Feed(
            self.client, self.run, lambda path: requests.Surrogate(id=0, path=path), parent=self
        )
        feeds = {"Hyperparameters": self._feed, "Trust": self._watching, "Surrogate": model}
        self._scores = ScorePictures(self.run, self.theme, feeds)
        timeline = PICTURES["timeline"]
        self._timeline = Canvas(timeline, self.theme, name="Timeline of workers")
        self._timeline.show_picture(lambda: timeline.one(SearchSource(self.run.snapshot())))
        self._slices = SlicePictures(self.client, self.run, self.theme)
        self._tuned = TuningPictures(self.run, self._feed, self.theme, workers=True)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self._pictures())
        self.steering = Steering(self)
        self.trial_actions = TrialActions(self, self.steering.ask_to_try)
        self._browser = TrialBrowser(self.run.store, self.run.kill, self.trial_actions.actions)
        self._browser.selected.connect(self.run.select)
        self.run.selection_changed.connect(self._browser.select)
        split.addWidget(self._browser)
        split.setSizes([380, 210])
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 1)
        column.addWidget(split, 1)
        self._stack.addWidget(full)
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
        self._right.addWidget(self._slices)
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
            return Action("Go on", self.run.resume)
        if phase in ("finished", "stopped"):
            return Action("See results", lambda: self.go("results"))
        if phase in ("interrupted", "failed"):
            return Action("Resume", lambda: self.run.resume_run(self.run.state.path))
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
            self._path = state.path
            self.unsay("overtuning")
            self.unsay("refused")
            self._scores.forget()
            self._slices.forget()
        self._scores.show_method(method_card(self.client, state), watched=watched(state))
        self._show_beside(state.by_gradient)
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
        self._slices.touch()
        self._scores.touch()
        if len(self.run.store):
            self._timeline.touch()
        else:
            self._timeline.clear()
        self._show_figures(self.run.state)
        if self.run.state.by_gradient:
            self._feed.want()
        if watched(self.run.state):
            self._watching.want()

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

    def _show_watched(self) -> None:
        """Say that an earlier best is better on the test rows, while it is."""
        reply = self._watching.reply
        alarm = reply.overtuning.alarm if reply is not None else None
        if alarm is not None:
            self.say("overtuning", sentence=alarm.sentence)
        else:
            self.unsay("overtuning")

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

    # --- actions ----------------------------------------------------------------------------------

    def _open_results(self) -> None:
        self.run.load_results()
        self.go("results")

    def _refused(self, failure: replies.Failed) -> None:
        if self.shown:
            self.say("refused", sentence=failure.sentence)


def watched(state: RunState) -> bool:
    """Whether the test scores of the best so far are computed during the search."""
    return state.plan is not None and state.plan.evaluation.watch_outer
