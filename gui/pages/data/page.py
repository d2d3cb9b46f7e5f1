"""Data: open a table, say what to predict, and see that its columns are read as what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.cards import DatasetCard
from engine.domain.tables import Column, Notice, Table
from engine.plan import ColumnKind, DataPlan, ReadOptions
from gui import flow, readers, words
from gui.pages.base import Action, Message, Page, Width
from gui.pages.data import column_choices, read_options
from gui.pages.data.notice_cards import Notices
from gui.pages.data.preview_table import PreviewTable
from gui.pages.data.read_options import ReadOptionsForm
from gui.pages.data.target_card import TargetCard
from gui.view_states import SessionState, Trouble
from gui.widgets.buttons import button
from gui.widgets.card import Card, ChoiceCard
from gui.widgets.card_row import CardRow
from gui.widgets.disclosure import Disclosure
from gui.widgets.empty_state import EmptyState
from gui.widgets.progress import Progress
from gui.widgets.text import label, link

SAMPLES = 3
BUSY_MS = 400
"""Reading that takes less than this is not worth a message."""
_GIVES: dict[str, str] = {
    "binary": "two classes",
    "multiclass": "several classes",
    "regression": "a number",
}


class DataPage(Page):
    """The first step."""

    id = "data"
    title = "What to predict"
    purpose = "Tunesmith learns to predict one column of a table from the others."
    help = "data"
    step = flow.Step.DATA
    page_width = Width.FULL
    MESSAGES: ClassVar[Mapping[str, Message]] = {
        "busy": Message("note", "{what}.", dismissible=False),
    }

    def build(self) -> None:
        self._refusal = self._make_refusal()
        self._start = self._make_start()
        self._reading = self._make_reading()
        self._choices = self._make_choices()
        self._options = ReadOptionsForm()
        self._options.changed.connect(self._read_as)
        self._folded = Disclosure("Reading options", self._options)
        self._unfolded = False
        self._shown_table: tuple[Table, DataPlan | None] | None = None
        self._look = self._make_look()
        for part in (
            self._refusal,
            self._choices,
            self._folded,
            self._start,
            self._reading,
            self._look,
        ):
            self.body.addWidget(part)
        self._soon = QTimer(self, singleShot=True, interval=BUSY_MS)
        self._soon.timeout.connect(self._say_busy)
        self.client.ready.connect(self._show_catalog)
        self._show_catalog()

    def on_session_changed(self, state: SessionState) -> None:
        waiting = bool(state.busy) and state.table is None
        self._start.setVisible(state.table is None and not waiting)
        self._reading.setVisible(waiting)
        self._choices.setVisible(state.table is not None)
        self._look.setVisible(state.table is not None)
        if waiting:
            self._progress.show_progress(None, f"{state.busy}.")
        if state.table is not None and (state.table, state.choices.data) != self._shown_table:
            self._shown_table = (state.table, state.choices.data)
            self._show_table(state, state.table)
        self._show_options(state)
        self._show_trouble(None if state.busy else state.trouble)
        if state.busy and not waiting:
            if not self._soon.isActive():
                self._soon.start()
        else:
            self._soon.stop()
            self.unsay("busy")

    def heading(self) -> tuple[str, str]:
        if self.session.state.table is None:
            return "Open a table", self.purpose
        return (
            self.title,
            "Choose the column to predict, and see that every column is read as what it is.",
        )

    def primary(self) -> Action | None:
        state = self.session.state
        if state.table is None:
            return None
        why = "" if state.has_target else "Choose the column to predict first."
        return Action("Choose a model", self.confirm, why_not=why)

    def secondary(self) -> Sequence[Action]:
        if self.session.state.table is None:
            return ()
        return (Action("Open another table", self.ask_for_table),)

    def cost(self) -> str:
        table = self.session.state.table
        if table is None:
            return ""
        used = sum(column.used for column in table.columns)
        return f"{words.plural(table.rows, 'row')}, {words.plural(used, 'column')} to learn from"

    def initial_focus(self) -> QWidget | None:
        return self._target.target_field if self.session.state.table is not None else None

    def ask_for_table(self) -> None:
        """Let the person choose a file, and open it."""
        path = self._ask_for_file("Open a table")
        if path:
            self.session.open(path)

    def ask_for_pictures(self) -> None:
        """Let the person choose a folder of pictures, and open it."""
        folder = self.settings.preferences.last_folder or str(Path.home())
        path = QFileDialog.getExistingDirectory(self, "Open a folder of pictures", folder)
        if path:
            self.settings.update(last_folder=str(Path(path).parent))
            self.session.open(path)

    # --- making ---------------------------------------------------------------------------------

    def _make_start(self) -> QWidget:
        part, column = _part()
        drop = EmptyState(
            self.theme,
            "table",
            "Drop a table here",
            "",
            action=Action("Open a table", self.ask_for_table),
            links=(Action("Open a folder of pictures", self.ask_for_pictures),),
            accepts_files=True,
        )
        drop.dropped.connect(self.session.open)
        self._drop = drop
        column.addWidget(drop)
        self._samples_title = label("Or look around with a sample", "section")
        column.addWidget(self._samples_title)
        self._samples = CardRow(minimum=220)
        column.addWidget(self._samples)
        ready = link("Or open a ready plan from the gallery", lambda: self.go("gallery"))
        row = QHBoxLayout()
        row.addWidget(ready)
        row.addStretch(1)
        column.addLayout(row)
        return part

    def _make_reading(self) -> QWidget:
        card = Card()
        self._progress = Progress("Reading the table")
        card.body.addWidget(self._progress)
        row = QHBoxLayout()
        row.addWidget(button(Action("Cancel", self.session.cancel_open)))
        row.addStretch(1)
        card.body.addLayout(row)
        return card

    def _make_refusal(self) -> QWidget:
        card = Card()
        self._why = label("", "bad", selectable=True)
        card.body.addWidget(self._why)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._read_fewer = button(Action("", lambda: None), "small")
        row.addWidget(self._read_fewer)
        row.addWidget(button(Action("Dismiss", self.session.dismiss_trouble), "small"))
        row.addStretch(1)
        card.body.addLayout(row)
        return card

    def _make_choices(self) -> QWidget:
        part, column = _part()
        self._target = TargetCard(self.theme)
        self._target.target_asked.connect(self._predict)
        self._target.task_asked.connect(self._take_task)
        self._target.positive_asked.connect(self._take_positive)
        self._target.test_file_asked.connect(self._ask_for_test_file)
        self._target.test_file_dropped.connect(
            lambda: self.session.change_data("Do without a test file", test_source=None)
        )
        column.addWidget(self._target)
        self._facts = label("", "muted", selectable=True)
        column.addWidget(self._facts)
        return part

    def _make_look(self) -> QWidget:
        part, column = _part()
        frame = Card(padding=1)
        self._preview = PreviewTable(self.theme)
        self._preview.setProperty("help", "data")
        self._preview.kind_asked.connect(self._take_kind)
        self._preview.use_asked.connect(self._take_use)
        self._preview.target_asked.connect(self._predict)
        frame.body.addWidget(self._preview)
        column.addWidget(frame)
        self._notices = Notices(self.theme)
        self._notices.fix_asked.connect(self._fix)
        column.addWidget(self._notices)
        return part

    # --- showing --------------------------------------------------------------------------------

    def _show_catalog(self, _: object = None) -> None:
        kinds = readers.said(self.client.catalog.readers)
        self._drop.set_sentence(
            f"A file with a table{kinds}, or a folder with a folder of pictures for each class. It "
            "is only read, never changed."
        )
        shown = samples(self.client.catalog.datasets)
        self._samples_title.setVisible(bool(shown))
        self._samples.show_cards([self._sample(card) for card in shown])

    def _sample(self, card: DatasetCard) -> ChoiceCard:
        facts = f"{words.plural(card.rows, 'row')}, {words.plural(card.columns, 'column')}"
        result = ChoiceCard(card.label, card.summary)
        result.setCheckable(False)
        result.body.addWidget(label(f"{facts} · {_GIVES[card.task]}", "caption"))
        result.setAccessibleDescription(f"{card.summary} {facts}, predicts {_GIVES[card.task]}.")
        result.chosen.connect(lambda: self.session.open(card.source))
        return result

    def _show_table(self, state: SessionState, table: Table) -> None:
        asked = state.choices.data
        self._target.show_table(table)
        self._preview.show_table(table, frozenset(asked.kinds if asked else ()))
        self._notices.show_notices(table.warnings)
        said = (
            words.name_of(table.data.source),
            words.plural(table.rows, "row"),
            words.plural(len(table.columns), "column"),
        )
        bundled = table.data.source.startswith("builtin:")
        settled = table.data.read
        read = () if bundled or settled is None else read_options.facts(settled)
        self._facts.setText(" · ".join((*said, *read)))
        self._facts.setToolTip(table.data.source)

    def _show_options(self, state: SessionState) -> None:
        """The reading options of the table, or of the file that was just refused."""
        data = self.session.attempted
        text = data is not None and not data.source.startswith("builtin:")
        refused = state.table is None and state.trouble is not None
        self._folded.setVisible(text and (state.table is not None or (refused and not state.busy)))
        if data is None:
            return
        table = state.table
        same = table is not None and table.data.source == data.source
        asked = self._reading_asked(data)
        settled = table.data.read if table is not None and same else None
        self._options.show_options(asked, settled or asked)
        about_reading = state.trouble is not None and _is_about_reading(state.trouble)
        if about_reading != self._unfolded:
            self._unfolded = about_reading
            self._folded.set_opened(about_reading)

    def _show_trouble(self, trouble: Trouble | None) -> None:
        for form in (self._target.form, self._options):
            form.clear_errors()
        mine = trouble is not None and trouble.step == self.step
        self._refusal.setVisible(mine)
        if trouble is None or not mine:
            return
        field = trouble.field or ""
        shown = self._choices.isVisibleTo(self) and self._target.form.set_error(
            field, trouble.sentence
        )
        self._refusal.setVisible(not shown)
        self._why.setText(trouble.sentence)
        rows = rows_offered(trouble)
        self._read_fewer.setVisible(rows is not None)
        if rows is not None:
            self._read_fewer.show_action(
                Action(f"Read the first {rows:,} rows", lambda: self._read_first(rows))
            )

    def _say_busy(self) -> None:
        state = self.session.state
        if state.busy and self.shown:
            self.say("busy", what=state.busy, action=Action("Cancel", self.session.cancel_open))

    # --- what the person asks for ---------------------------------------------------------------

    def _predict(self, name: str) -> None:
        self.session.change_data(f"Predict {name}", target=name)

    def _take_task(self, task: str) -> None:
        self.session.change_data(f"Predict {_GIVES[task]}", task=task)

    def _take_positive(self, name: str) -> None:
        self.session.change_data(f"Make {name} the positive class", positive=name)

    def _take_kind(self, name: str, kind: ColumnKind | None) -> None:
        said = f"Read {name} as {kind}" if kind else f"Read {name} as found"
        self.session.change_data(said, **column_choices.as_kind(self._asked(), name, kind))

    def _take_use(self, name: str, used: bool) -> None:
        column = self._column(name)
        if column is None:
            return
        if used:
            self.session.change_data(f"Use {name}", **column_choices.use(self._asked(), column))
        else:
            self.session.change_data(
                f"Leave out {name}", **column_choices.leave_out(self._asked(), [name])
            )

    def _fix(self, notice: Notice) -> None:
        names = notice.columns
        said = names[0] if len(names) == 1 else words.plural(len(names), "column")
        self.session.change_data(
            f"Leave out {said}", **column_choices.leave_out(self._asked(), names)
        )

    def _read_as(self, read: ReadOptions, option: str) -> None:
        self.session.read_as(f"Change the {option}", read, gesture=f"read.{option}")

    def _read_first(self, rows: int) -> None:
        data = self.session.attempted
        if data is not None:
            read = msgspec.structs.replace(self._reading_asked(data), rows=rows)
            self.session.read_as(f"Read the first {rows:,} rows", read)

    def _reading_asked(self, data: DataPlan) -> ReadOptions:
        """The reading options that the person has set for the table of ``data``."""
        table = self.session.state.table
        if data.read is not None:
            return data.read
        if table is not None and table.data.source == data.source and table.data.read is not None:
            return type(table.data.read)()
        return readers.open_options(data.source, self.client.catalog.readers)

    def _ask_for_test_file(self) -> None:
        path = self._ask_for_file("Open a table with test rows")
        if path:
            self.session.change_data(f"Test on {words.name_of(path)}", test_source=path)

    def _ask_for_file(self, title: str) -> str:
        folder = self.settings.preferences.last_folder
        kinds = readers.file_filter(self.client.catalog.readers)
        path, _ = QFileDialog.getOpenFileName(self, title, folder or str(Path.home()), kinds)
        if path:
            self.settings.update(last_folder=str(Path(path).parent))
        return path

    def _asked(self) -> DataPlan:
        data = self.session.state.choices.data
        table = self.session.state.table
        assert data is not None
        # A bundled table names its own target, which must not be left out either.
        if data.target is None and table is not None and table.data.target is not None:
            return msgspec.structs.replace(data, target=table.data.target)
        return data

    def _column(self, name: str) -> Column | None:
        table = self.session.state.table
        return next((c for c in table.columns if c.name == name), None) if table else None


def samples(datasets: Sequence[DatasetCard]) -> tuple[DatasetCard, ...]:
    """At most `SAMPLES` of the bundled tables, each for another task as far as there are some."""
    first = {card.task: card for card in reversed(datasets)}
    chosen = [card for card in datasets if first[card.task] is card]
    chosen += [card for card in datasets if card not in chosen]
    return tuple(chosen[:SAMPLES])


def rows_offered(trouble: Trouble) -> int | None:
    """How many rows of a file that is too large would fit, as the engine's sentence says."""
    found = re.search(r"first ([\d,]+) rows", trouble.sentence)
    return int(found[1].replace(",", "")) if trouble.code == "file.too_large" and found else None


def _is_about_reading(trouble: Trouble) -> bool:
    return (trouble.field or "").startswith("data.read") or trouble.code.startswith("table.")


def _part() -> tuple[QWidget, QVBoxLayout]:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(16)
    return part, column
