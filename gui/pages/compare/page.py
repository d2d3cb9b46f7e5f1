"""Compare: which method to trust on this data, and whether a result is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from PySide6.QtWidgets import QDialog, QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from engine.protocol import replies, requests
from gui import words
from gui.pages.base import Action, Message, Page, Width
from gui.pages.compare.compare_setup import CompareSetup
from gui.pages.compare.comparison_list import ComparisonList
from gui.pages.compare.comparison_view import ComparisonView
from gui.pages.compare.extend_comparison import ExtendComparison
from gui.view_states import ComparingState, SessionState
from gui.widgets.empty_state import EmptyState
from gui.widgets.text import label

HEADINGS = {
    "opening": "Opening the comparison",
    "starting": "Starting the comparison",
    "running": "Comparing",
    "paused": "Paused",
    "finished": "What the comparison found",
    "stopped": "The comparison is stopped",
    "failed": "The comparison could not go on",
    "interrupted": "The comparison was interrupted",
}


class ComparePage(Page):
    """The form to start one; then the comparison being shown, live or from disk."""

    id = "compare"
    title = "Compare"
    purpose = "Which method should I trust on my data? Is this result real?"
    help = "compare"
    page_width = Width.FULL
    MESSAGES: ClassVar[Mapping[str, Message]] = {
        "refused": Message("bad", "{sentence}"),
        "trouble": Message("caution", "{sentence}"),
        "saving": Message("note", "Writing {path} ..."),
        "saved": Message("good", "Saved: {path}"),
    }

    def build(self) -> None:
        self.comparing = self.context.comparing
        self._seen: ComparingState | None = None
        self._checked: replies.ComparisonChecked | None = None
        self._checking = 0
        self._stack = QStackedWidget()
        self.body.addWidget(self._stack)
        first = QWidget()
        column = QVBoxLayout(first)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self._setup = CompareSetup(self.client)
        self._setup.changed.connect(self._check)
        self._setup.failed.connect(lambda sentence: self.say("refused", sentence=sentence))
        self._nothing = EmptyState(
            self.theme,
            "table",
            "Nothing to compare on yet",
            "Open a table, choose what to predict and a model: the comparison is about these.",
            action=Action("Start with a table", lambda: self.go("data")),
        )
        column.addWidget(self._nothing)
        column.addWidget(self._setup)
        self._earlier_title = label("Earlier comparisons", "section")
        self._earlier = ComparisonList()
        self._earlier.opened.connect(lambda path: self.comparing.open(path))
        column.addWidget(self._earlier_title)
        column.addWidget(self._earlier)
        self._stack.addWidget(first)
        self._view = ComparisonView(self.client, self.theme)
        self._view.run_wanted.connect(self._open_run)
        self._stack.addWidget(self._view)
        self.comparing.changed.connect(self._on_comparing)
        self.comparing.failed.connect(self._refused)
        self.client.ready.connect(self._on_ready)

    # --- the page ---------------------------------------------------------------------------------

    def heading(self) -> tuple[str, str]:
        state = self.comparing.state
        comparison = state.comparison
        if state.phase == "none" or comparison is None:
            return self.title, self.purpose
        title = HEADINGS[state.phase]
        if not state.path:
            title = "Runs side by side"
        catalog = self.client.catalog
        cases = ", ".join(
            f"{words.label(catalog.learners, case.learner)} on {words.name_of(case.data)}"
            for case in comparison.cases
        )
        unit = "outer fold" if comparison.kind == "nested" else "repetition"
        asked = [c for c in comparison.contenders if c.method is not None]
        often = words.plural(comparison.repetitions, unit)
        return title, f"{cases}: {words.plural(len(asked), 'method')}, {often}."

    def primary(self) -> Action | None:
        state = self.comparing.state
        if state.phase == "none":
            return Action("Start comparison", self._start, why_not=self._why_not())
        if state.phase == "paused":
            return Action("Go on", self.comparing.resume)
        if state.phase in ("interrupted", "stopped", "failed") and state.path:
            return Action("Resume", lambda: self.comparing.resume_comparison(state.path))
        if state.phase == "finished" and state.path:
            return Action("Export report", self._export)
        return None

    def secondary(self) -> Sequence[Action]:
        state = self.comparing.state
        stop = Action("Stop and keep what is done", self.comparing.stop)
        if state.phase == "running":
            return (Action("Pause", self.comparing.pause), stop)
        if state.phase == "paused":
            return (stop,)
        if state.phase in ("none", "opening", "starting"):
            return ()
        others = [Action("New comparison", self._forget)]
        comparison = state.comparison
        if state.path and comparison is not None and comparison.kind == "compare":
            others.append(Action("Add methods or repetitions", self._extend))
        return others

    def cost(self) -> str:
        progress = self.comparing.state.progress
        if progress is None or not self.comparing.state.active:
            return ""
        return words.left(progress.left)

    def on_enter(self) -> None:
        self.session.ensure_probe()
        self._show(self.comparing.state)
        self._list()

    def on_session_changed(self, state: SessionState) -> None:
        plan, advice = state.plan, state.advice
        there = plan is not None and advice is not None
        self._nothing.setVisible(not there)
        self._setup.setVisible(there)
        if plan is not None and advice is not None:
            self._setup.show_plan(plan, advice.method, self.client.catalog, state.space)
            self._check()

    # --- before it starts -------------------------------------------------------------------------

    def _why_not(self) -> str:
        if self._setup.plan() is None:
            return "Open a table and choose what to predict first."
        if self.run.state.active:
            return "A search is running. Stop it before comparing."
        if not self._setup.contenders():
            return "Tick at least one method."
        if self._checked is not None and self._checked.problems:
            return self._checked.problems[0].sentence
        return ""

    def _check(self) -> None:
        """Ask what it would cost, and whether it can run."""
        plans, contenders = self._setup.plans(), self._setup.contenders()
        self._checked = None
        self.client.cancel(self._checking)
        if not plans or not contenders or not self.shown:
            self.refresh_chrome()
            return

        def checked(reply: replies.ComparisonChecked) -> None:
            self._checked = reply
            if reply.problems:
                self._setup.show_costs(reply.problems[0].sentence, wrong=True)
            elif reply.costs is not None:
                self._setup.show_costs(reply.costs.sentence)
            self.refresh_chrome()

        request = requests.CheckComparison(
            id=0,
            plans=plans,
            contenders=contenders,
            repetitions=self._setup.repetitions,
            kind=self._setup.kind,
            seed=plans[0].seed,
            whole=self._setup.kind == "nested",
            probe=self.session.state.probe,
        )
        self._checking = self.client.request(request, checked, lambda _: None, owner=self)

    def _start(self) -> None:
        plans = self._setup.plans()
        if not plans:
            return
        self.unsay("refused")
        contenders, setup = self._setup.contenders(), self._setup
        self.comparing.start(plans, contenders, setup.repetitions, setup.kind)

    def _list(self) -> None:
        def ready(reply: replies.Comparisons) -> None:
            self._earlier.show_comparisons(reply.comparisons)
            self._earlier_title.setVisible(bool(reply.comparisons))

        self.client.request(requests.ListComparisons(id=0), ready, lambda _: None, owner=self)

    # --- while and after --------------------------------------------------------------------------

    def _on_comparing(self, state: ComparingState) -> None:
        if self.shown:
            self._show(state)
            self.refresh_chrome()

    def _show(self, state: ComparingState) -> None:
        before, self._seen = self._seen, state
        there = state.phase != "none" and state.comparison is not None
        self._stack.setCurrentIndex(1 if there else 0)
        if state is before:
            return
        if there:
            self._view.show_state(state)
        elif before is not None and before.phase != "none":
            self._list()
        if state.sentence and state.phase in ("paused", "failed", "interrupted"):
            self.say("trouble", sentence=state.sentence)
        else:
            self.unsay("trouble")

    def _extend(self) -> None:
        state = self.comparing.state
        if state.comparison is None:
            return
        asked = ExtendComparison(self.client, state.comparison, self)
        if asked.exec() == QDialog.DialogCode.Accepted:
            self.unsay("refused")
            self.comparing.resume_comparison(state.path, asked.contenders, asked.repetitions)
        asked.deleteLater()

    def _forget(self) -> None:
        self.comparing.forget()
        self._list()

    def _open_run(self, path: str) -> None:
        if self.comparing.state.active or self.run.state.active:
            self.say("refused", sentence="A search is running. Its runs can be opened afterwards.")
            return
        self.run.open(path)
        self.go("results")

    def _export(self) -> None:
        to, _ = QFileDialog.getSaveFileName(self, "Save report", "comparison.html", "*.html")
        if to:
            self.export_to(to)

    def export_to(self, to: str) -> None:
        """Write the report of the comparison to the file ``to``."""
        self.say("saving", path=to)

        def done(reply: replies.Exported) -> None:
            self.unsay("saving")
            self.say("saved", path=reply.to)

        path = self.comparing.state.path
        request = requests.Export(id=0, path=path, what="report", to=to)
        self.client.request(request, done, self._refused, owner=self)

    def _on_ready(self, _: object) -> None:
        if self.shown:
            self._list()

    def _refused(self, failure: replies.Failed) -> None:
        if self.shown:
            self.unsay("saving")
            self.say("refused", sentence=failure.sentence)
