"""Results: what the search found, how far to trust it, and what to take home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine import plan as plans
from engine.domain.trust import Remedy
from engine.plan import DataPlan, PictureOptions
from engine.plots.picture import PICTURES, SearchSource, pictures_on
from engine.protocol import replies, requests
from engine.protocol.replies import ResultsReady
from gui import flow, readers, words
from gui import user_choices as choosing
from gui.canvas import Canvas
from gui.pages.base import Action, Message, Page, Width
from gui.pages.results.counterfactual_card import CounterfactualCard
from gui.pages.results.errors_card import ErrorsCard
from gui.pages.results.final_choices import FinalChoices
from gui.pages.results.front_card import FrontCard
from gui.pages.results.pair_table import PairTable
from gui.pages.results.score_card import ScoreCard
from gui.pages.results.take_home import TakeHome
from gui.pages.results.trust_card import TrustCard
from gui.pages.results.tuned_table import TunedTable
from gui.states import RunState, SessionState
from gui.tuning_feed import TuningFeed
from gui.user_choices import Choices
from gui.widgets.card import Card
from gui.widgets.empty_state import EmptyState
from gui.widgets.more_budget import MoreBudget
from gui.widgets.search_picture import SearchPicture
from gui.widgets.text import label
from gui.widgets.tuning_pictures import TuningPictures

PICTURE_HEIGHT, TUNED_HEIGHT = 250, 330


class ResultsPage(Page):
    """The number with its interval, the configuration, why, and the exports."""

    id = "results"
    title = "What the search found"
    purpose = "The best configuration, how far to trust it, and what to take with you."
    help = "results"
    step = flow.Step.RESULTS
    page_width = Width.FULL
    MESSAGES: ClassVar[Mapping[str, Message]] = {
        "saved": Message("good", "Saved: {path}"),
        "saving": Message("note", "Writing {path} ..."),
        "predicted": Message("good", "{rows} predicted and saved: {path} {notes}"),
        "failed": Message("bad", "{sentence}"),
        "taking": Message("note", "Fitting trial {trial} ..."),
        "planning": Message("note", "Opening {name} ..."),
    }

    def build(self) -> None:
        self._stack = QStackedWidget()
        self.body.addWidget(self._stack)
        self._empty = EmptyState(
            self.theme,
            "good",
            "No results yet",
            "They are here as soon as a search has ended. You can also open an earlier run.",
            action=Action("Go to the run", lambda: self.go("run")),
            links=[Action("Open the library", lambda: self.go("library"))],
        )
        self._stack.addWidget(self._empty)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        top = QHBoxLayout()
        top.setSpacing(16)
        self._score = ScoreCard()
        top.addWidget(self._score, 2)
        self._pairs = PairTable()
        self._tuned = TunedTable()
        self._found = QStackedWidget()
        self._found.addWidget(self._pairs)
        self._found.addWidget(self._tuned)
        pairs = Card()
        pairs.body.addWidget(self._found)
        top.addWidget(pairs, 3)
        column.addLayout(top)
        self._front = FrontCard(self.run, self.theme)
        self._front.selected.connect(self._take)
        self._overtuning = TrustCard(self.client, self.run, self.theme)
        self._overtuning.replan_asked.connect(self._replan)
        self._random = CounterfactualCard(self.client, self.run, self.theme)
        self._choices = FinalChoices(self.client)
        self._choices.selected.connect(self._take)
        for card in (self._front, self._overtuning, self._random, self._choices):
            column.addWidget(card)
        self._importance = PICTURES["importance"]
        self._matters = Canvas(self._importance, self.theme)
        self._ways = [SearchPicture(p, self.run, self.theme) for p in pictures_on("results")]
        self._matters_note = label("", "caption")
        pictures = QHBoxLayout()
        pictures.setSpacing(16)
        self._feed = TuningFeed(self.client, self.run, self._best_step, self)
        self._feed.changed.connect(lambda: self._tuned.show_tuning(self._feed.tuning))
        tuned = TuningPictures(self.run, self._feed, self.theme)
        self._left = (
            self._picture("What mattered", self._matters, self._matters_note),
            self._picture("What was tuned", tuned),
        )
        for card in self._left:
            pictures.addWidget(card, 1)
        tuned.setFixedHeight(TUNED_HEIGHT)
        # The way there stands beside; other packages' pictures follow.
        for place, way in enumerate(self._ways):
            card = self._picture(way.picture.title, way)
            if place:
                column.addWidget(card)
            else:
                pictures.addWidget(card, 1)
                column.addLayout(pictures)
        self._errors = ErrorsCard(self.run, self.theme)
        column.addWidget(self._errors)
        self._exports = TakeHome()
        self._exports.asked.connect(self._export)
        column.addWidget(self._exports)
        self._stack.addWidget(full)
        self._shown: ResultsReady | None = None
        self._wanted: Choices | None = None
        """The run's plan, changed, while it is being opened."""
        for way in self._ways:
            self.run.trials_changed.connect(way.touch)
        self.run.trials_changed.connect(self._front.touch)
        self.run.failed.connect(self._refused)

    # --- layout -----------------------------------------------------------------------------------

    def _picture(self, title: str, canvas: QWidget, note: QWidget | None = None) -> Card:
        card = Card()
        card.body.addWidget(label(title, "section"))
        if note is not None:
            card.body.addWidget(note)
        canvas.setFixedHeight(PICTURE_HEIGHT)
        card.body.addWidget(canvas, 1)
        return card

    # --- the page ---------------------------------------------------------------------------------

    def heading(self) -> tuple[str, str]:
        state = self.run.state
        if state.results is None or state.plan is None:
            return self.title, self.purpose
        result = state.results.result
        learner = words.label(self.client.catalog.learners, result.learner)
        name = words.name_of(state.plan.data.source)
        done = words.plural(round(result.evaluations), "evaluation")
        said = (f"{learner} on {name} after {done}.", result.stopped_by, words.saved(result))
        return self.title, " ".join(filter(None, said))

    def primary(self) -> Action | None:
        if self.run.state.results is None:
            return None
        return Action("Export script", lambda: self._export("script", "Script", ".py"))

    def secondary(self) -> Sequence[Action]:
        if self.run.state.results is None:
            return ()
        return (
            Action("Continue with more budget", self._add_budget),
            Action("Predict new rows", self._predict),
            Action("Understand it", lambda: self.go("understand")),
        )

    def initial_focus(self) -> QWidget | None:
        return self._score.number

    def on_enter(self) -> None:
        state = self.run.state
        if state.results is None and state.phase in ("finished", "stopped"):
            self.run.load_results()

    def on_run_changed(self, state: RunState) -> None:
        results = state.results
        self._stack.setCurrentIndex(0 if results is None else 1)
        if results is not None and results is not self._shown:
            self._shown = results
            self.unsay("taking")
            self._show(results)
        self._set_busy(state.active)

    def on_session_changed(self, state: SessionState) -> None:
        """Once the run's plan is open, changed as asked, the person sees it."""
        if self._wanted is None or state.busy:
            return
        if state.trouble is not None:
            self._wanted = None
            self.unsay("planning")
            self.say("failed", sentence=state.trouble.sentence)
        elif state.fresh and state.choices == self._wanted:
            self._wanted = None
            for step in (flow.Step.DATA, flow.Step.MODEL):
                self.session.confirm(step)
            self.go("evaluation")

    def on_leave(self) -> None:
        self._wanted = None
        self.unsay("planning")

    # --- what is shown ----------------------------------------------------------------------------

    def _show(self, results: ResultsReady) -> None:
        result, state = results.result, self.run.state
        measure = words.label(self.client.catalog.measures, result.measure)
        tuned = state.by_gradient
        self._score.show_result(result, measure, "before tuning" if tuned else "default")
        chosen = "taken" if result.selected_by_user else "best"
        self._pairs.show_pairs(results.pairs, chosen)
        self._found.setCurrentIndex(int(tuned))
        for shown, card in zip((not tuned, tuned), self._left, strict=True):
            card.setVisible(shown)
        self._ways[0].setFixedHeight(TUNED_HEIGHT if tuned else PICTURE_HEIGHT)
        self._exports.show_exports(tuned)
        self._front.setVisible(bool(result.front))
        if result.front:
            ids = (result.measure, *result.further_measures)
            self._front.show_front(result, words.cards(self.client.catalog, ids))
        for way in self._ways:
            way.touch()
        self._errors.show_results(results)
        self._choices.setVisible(not tuned)
        if tuned:
            self._feed.want()
        else:
            self._ask_importance()
            self._choices.show_result(state.path, result)
        watched = state.plan is not None and state.plan.evaluation.watch_outer
        self._overtuning.show_run(state.path, watched=watched)
        self._random.show_run(state.path)

    def _best_step(self) -> int | None:
        """The hyper-step that the result is about."""
        results = self.run.state.results
        return results.result.trial if results is not None else None

    def _ask_importance(self) -> None:
        path = self.run.state.path

        def take(reply: replies.ImportancesReady) -> None:
            if self.run.state.path != path:
                return
            few = "Too few complete trials, or scores too alike, to tell what mattered."
            self._matters_note.setText("" if reply.importances else few)
            self._matters_note.setVisible(not reply.importances)
            source = SearchSource(self.run.snapshot(), reply)
            self._matters.show_picture(lambda: self._importance.one(source))

        def failed(failure: replies.Failed) -> None:
            self._matters_note.setText(failure.sentence)
            self._matters_note.setVisible(True)

        self._matters_note.setText("Working it out ...")
        self.client.request(requests.Importances(id=0, path=path), take, failed, owner=self)

    # --- actions ----------------------------------------------------------------------------------

    def _export(self, what: str, title: str, suffix: str) -> None:
        name = f"{Path(self.run.state.path).name}-{what}{suffix}"
        to, _ = QFileDialog.getSaveFileName(self, f"Save {title.lower()}", name, f"*{suffix}")
        if to:
            self.export_to(what, to)

    def export_to(self, what: str, to: str) -> None:
        """Write one of `EXPORTS` to the file ``to``."""
        self.unsay("failed")
        self.say("saving", path=to)

        def done(reply: replies.Exported) -> None:
            self.unsay("saving")
            self.say("saved", path=reply.to)

        request = requests.Export(id=0, path=self.run.state.path, what=what, to=to)  # type: ignore[arg-type]
        self.client.request(request, done, self._complain, owner=self)

    def _predict(self) -> None:
        plan = self.run.state.plan
        if plan is not None and isinstance(plan.data.read, PictureOptions):
            source = QFileDialog.getExistingDirectory(self, "Folder of pictures to predict")
        else:
            kinds = readers.file_filter(self.client.catalog.readers)
            source, _ = QFileDialog.getOpenFileName(self, "Rows to predict", "", kinds)
        if not source:
            return
        name = f"{Path(source).stem}-predictions.csv"
        to, _ = QFileDialog.getSaveFileName(self, "Save predictions", name, "*.csv")
        if to:
            self.predict_to(source, to)

    def predict_to(self, source: str, to: str) -> None:
        """Predict the rows of ``source`` into ``to``."""
        self.unsay("failed")
        self.say("saving", path=to)

        def done(reply: replies.Predicted) -> None:
            self.unsay("saving")
            rows = words.plural(reply.rows, "row")
            self.say("predicted", rows=rows, path=reply.to, notes=" ".join(reply.notes))

        request = requests.Predict(id=0, path=self.run.state.path, source=source, to=to)
        self.client.request(request, done, self._complain, owner=self)

    def _add_budget(self) -> None:
        state = self.run.state
        if state.results is None or state.plan is None:
            return
        result = state.results.result
        asked = MoreBudget(
            state.plan.budget, result.evaluations, result.seconds, result.looks, self
        )
        if asked.exec() == QDialog.DialogCode.Accepted:
            self.run.resume_run(state.path, asked.budget)
            self.go("run")
        asked.deleteLater()

    def _take(self, trial: int, reason: str = "") -> None:
        self.unsay("failed")
        self.say("taking", trial=trial)
        self._set_busy(True)  # now, rather than when the engine begins
        self.run.take(trial, reason)

    def _set_busy(self, busy: bool) -> None:
        for card in (self._front, self._choices):
            card.set_busy(busy)

    def _replan(self, remedy: Remedy) -> None:
        """Change the plan at hand, or, where that is about another table, the run's own."""
        plan, there, text = self.run.state.plan, self.session.state.plan, f"Plan {remedy.label}"
        if plan is None:
            return
        self.unsay("failed")
        if there is not None and _same_table(there.data, plan.data):
            if self.session.change(text, remedy.changes):
                self.go("evaluation")
            elif (trouble := self.session.state.trouble) is not None:
                self.say("failed", sentence=trouble.sentence)
            return
        self.say("planning", name=words.name_of(plan.data.source))
        changed = plans.replace(plan, remedy.changes)
        self._wanted = choosing.from_plan(changed)
        self.session.open_plan(changed, text)

    def _complain(self, failure: replies.Failed) -> None:
        self.unsay("saving")
        self.say("failed", sentence=failure.sentence)

    def _refused(self, failure: replies.Failed) -> None:
        self.unsay("taking")
        self._set_busy(self.run.state.active)
        if self.shown:
            self.say("failed", sentence=failure.sentence)


def _same_table(one: DataPlan, other: DataPlan) -> bool:
    """Whether plans for both are about the same thing."""
    return (one.source, one.target) == (other.source, other.target)
