"""`ComparisonView`: a comparison in words, figures and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.domain.comparison import Comparison, Findings, NestedEstimate
from engine.plots.picture import ComparisonSource, Picture
from gui import words
from gui.canvas import Canvas
from gui.engine_client import EngineClient
from gui.pages.compare.comparison_pictures import looks_of, pictures_for
from gui.pages.compare.contender_summaries import contender_summaries
from gui.pages.compare.contender_table import ContenderTable
from gui.pages.compare.member_list import MemberList
from gui.states import ComparingState
from gui.theme import ThemeManager
from gui.widgets.card import Card
from gui.widgets.disclosure import Disclosure
from gui.widgets.fields import Choice, Segments
from gui.widgets.progress import Progress
from gui.widgets.text import Role, label

HEIGHT = 360
OPEN = 4
"""Sentences about pairs that are shown at once; of more, all are folded."""
PAIRS = ("alike", "open")
"""Kinds of sentences that are folded: what the data support stays in sight."""
ROLES: dict[str, Role] = {
    "headline": "strong",
    "better": "body",
    "alike": "body",
    "open": "muted",
    "note": "caption",
}


class ComparisonView(QWidget):
    """Follows a `ComparingState`."""

    run_wanted = Signal(str)
    """Path of a member that the person opens."""

    def __init__(
        self, client: EngineClient, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._client, self._theme = client, theme
        self._comparison: Comparison | None = None
        self._findings = Findings(())
        self._canvases: dict[str, Canvas] = {}
        self._progress = Progress("Progress of the comparison")
        self._sentences: list[tuple[str, Role]] = []
        self._said, self._pairwise = QVBoxLayout(), QVBoxLayout()
        self._said.setSpacing(6)
        pairwise = QWidget()
        pairwise.setLayout(self._pairwise)
        self._pairwise.setContentsMargins(0, 0, 0, 0)
        self._folded = Disclosure("Pair by pair", pairwise)
        self._folded.hide()
        self._table = ContenderTable()
        self._members = MemberList()
        self._members.opened.connect(self.run_wanted)
        self._case = Choice([], "Table and model")
        self._case.changed.connect(lambda _: self._touch())
        self._view = Segments([("", "")], "Picture")
        self._switch = QHBoxLayout()
        self._switch.setSpacing(16)
        self._switch.addWidget(self._case)
        self._offered: dict[str, Picture] = {}
        self._pictures = QStackedWidget()
        self._pictures.setFixedHeight(HEIGHT)
        findings, figures, pictures, members = Card(), Card(), Card(), Card()
        findings.body.addWidget(label("What the data support", "section"))
        findings.body.addLayout(self._said)
        findings.body.addWidget(self._folded)
        figures.body.addWidget(self._table)
        pictures.body.addLayout(self._switch)
        pictures.body.addWidget(self._pictures)
        members.body.addWidget(label("The searches", "section"))
        members.body.addWidget(self._members)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        for part in (self._progress, findings, figures, pictures, members):
            column.addWidget(part)
        theme.changed.connect(lambda _: self._show_table())

    def show_state(self, state: ComparingState) -> None:
        """Show the progress of the comparison."""
        comparison = state.comparison
        if comparison is None:
            return
        self._show_progress(state, comparison)
        self._show_findings(state)
        if comparison is self._comparison and state.findings is self._findings:
            return
        self._findings = state.findings
        before, self._comparison = self._comparison, comparison
        self._members.show_members(comparison)
        self._show_table()
        if before is None or before.cases != comparison.cases:
            self._case.set_options([(c.name, self._case_words(c)) for c in comparison.cases])
            self._case.set_value(comparison.cases[0].name)
            self._case.setVisible(len(comparison.cases) > 1)
        self._offer(pictures_for(comparison))
        self._touch()

    # --- parts ------------------------------------------------------------------------------------

    def _show_progress(self, state: ComparingState, comparison: Comparison) -> None:
        progress = state.progress
        self._progress.setVisible(state.active)
        if not state.active:
            self._progress.reset()
            return
        if progress is None:
            self._progress.show_progress(None, "Starting")
            return
        labels = {one.name: one.label for one in comparison.contenders}
        now = labels.get(progress.contender, "")
        which = f"repetition {progress.repetition + 1}" if progress.repetition >= 0 else "all rows"
        text = f"{progress.done} of {words.plural(progress.total, 'search', 'searches')} done"
        if now:
            text += f"; {now}, {which}"
        self._progress.show_progress(progress.fraction, text)

    def _show_findings(self, state: ComparingState) -> None:
        sentences: list[tuple[str, Role]] = []
        sentences.extend((text, "caution") for text in state.cautions)
        sentences.extend((f.text, ROLES[f.kind]) for f in state.findings.sentences)
        for estimate in state.nested:
            sentences.extend((text, "body") for text in self._nested_words(estimate))
        if not sentences:
            sentences.append(("The first searches are under way.", "muted"))
        if sentences == self._sentences:
            return
        self._sentences = sentences
        _empty(self._said)
        _empty(self._pairwise)
        pairs = [f.text for f in state.findings.sentences if f.kind in PAIRS]
        fold = len(pairs) > OPEN
        for text, role in sentences:
            place = self._pairwise if fold and text in pairs else self._said
            place.addWidget(label(text, role, selectable=True))
        self._folded.setVisible(fold)
        self._folded.set_title(f"Pair by pair: {words.plural(len(pairs), 'sentence')}")

    def _nested_words(self, found: NestedEstimate) -> Sequence[str]:
        if found.estimate is None:
            return ()
        e = found.estimate
        estimate = (
            f"Tuning and fitting this way scores {words.score(e.score)} on rows no search has seen "
            f"(95 % interval {words.score(e.low)} to {words.score(e.high)}; {e.method})."
        )
        parts = [estimate]
        if found.naive is not None and found.gap is not None:
            way = "better" if found.gap > 0 else "worse"
            parts.append(
                f"The validation score of the search on all rows, {words.score(found.naive)}, "
                f"looks {words.number(abs(found.gap), 2)} {way} than that."
            )
        if found.spread:
            chosen = "; ".join(f"{name} {said}" for name, said in found.spread.items())
            parts.append(f"Chosen in the outer folds: {chosen}.")
        return parts

    def _show_table(self) -> None:
        comparison = self._comparison
        if comparison is not None:
            looks = looks_of(comparison, self._theme.theme)
            self._table.show_summaries(contender_summaries(comparison), comparison.judge, looks)

    def _offer(self, pictures: dict[str, Picture]) -> None:
        if list(pictures) == list(self._offered):
            return
        self._offered = pictures
        chosen = str(self._view.value())
        self._switch.removeWidget(self._view)
        self._view.deleteLater()
        self._view = Segments([(id, one.name) for id, one in pictures.items()], "Picture")
        self._view.set_value(chosen if chosen in pictures else next(iter(pictures)))
        self._view.changed.connect(lambda _: self._touch())
        self._switch.insertWidget(0, self._view, 1)

    def _touch(self) -> None:
        """Bring the picture being looked at up to date."""
        id = str(self._view.value())
        if not id or self._comparison is None:
            return
        canvas = self._canvases.get(id)
        if canvas is None:
            canvas = self._canvases[id] = self._make(self._offered[id])
        self._pictures.setCurrentWidget(canvas)
        canvas.touch()

    def _make(self, picture: Picture) -> Canvas:
        canvas = Canvas(picture, self._theme)
        canvas.show_picture(lambda: picture.one(self._source()))
        self._pictures.addWidget(canvas)
        return canvas

    def _source(self) -> ComparisonSource:
        assert self._comparison is not None
        return ComparisonSource(self._comparison, str(self._case.value()), self._findings)

    def _case_words(self, case: Any) -> str:
        learner = words.label(self._client.catalog.learners, case.learner)
        return f"{learner} on {words.name_of(case.data)}"


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.deleteLater()
