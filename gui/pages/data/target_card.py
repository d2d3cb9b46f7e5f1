"""Card of the target: the column, as what, its positive class, and where test rows come from."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.domain.tables import Table
from engine.plan import Task
from gui import words
from gui.pages.data.class_bars import ClassBars
from gui.theme import ThemeManager
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.card import Card
from gui.widgets.fields import Choice, Segments
from gui.widgets.form import Form
from gui.widgets.side_by_side import SideBySide
from gui.widgets.text import label

TASKS: dict[Task, str] = {
    "binary": "One of two classes",
    "multiclass": "One of several classes",
    "regression": "A number",
}


class TargetCard(Card):
    """The choices about the target. What the person asks for comes out as signals."""

    target_asked = Signal(object)
    task_asked = Signal(object)
    positive_asked = Signal(object)
    test_file_asked = Signal()
    test_file_dropped = Signal()
    """The person wants to do without the separate test file."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.form = Form()
        self._target = Choice([], "Column to predict")
        self._target.setMinimumContentsLength(24)
        self._target.setPlaceholderText("Choose a column")
        self._target.changed.connect(self.target_asked)
        self._suggestion = button(Action("", lambda: None), "link")
        self.form.add("&Predict", _row(self._target, self._suggestion), field="data.target")
        self._tasks: tuple[Task, ...] = ()
        self._task: Segments | None = None
        self._only_task = label("", wrap=False)
        self._task_place = _row(self._only_task)
        self._task_place.setAccessibleName("Predict it as")
        self._task_label = self.form.add("&As", self._task_place, field="data.task")
        self._positive = Choice([], "Positive class")
        self._positive.changed.connect(self.positive_asked)
        self._positive_label = self.form.add(
            "Positive &class", self._positive, help="data", field="data.positive"
        )
        self.form.add("&Test rows", self._test_row(), help="evaluation", field="data.test_source")
        self._bars = ClassBars(theme)
        self._range = label("", "muted")
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        self._right_title = label("", "caption")
        column.addWidget(self._right_title)
        column.addWidget(self._bars)
        column.addWidget(self._range)
        column.addStretch(1)
        self._right = right
        self.body.addWidget(SideBySide(self.form, right, wide=640, shares=(3, 2), gap=32))

    @property
    def target_field(self) -> Choice:
        """The field for the column to predict."""
        return self._target

    def show_table(self, table: Table) -> None:
        """Show what ``table`` allows and what is chosen."""
        data = table.data
        self._target.set_options([(c.name, c.name) for c in table.columns])
        self._target.set_value(data.target)
        self._show_suggestion(table)
        self._show_task(table.tasks, data.task)
        two = data.task == "binary" and len(table.classes) > 0
        self._positive.setVisible(two)
        self._positive_label.setVisible(two)
        if two:
            self._positive.set_options([(name, name) for name, _ in table.classes])
            self._positive.set_value(data.positive)
        self._show_test_file(data.test_source)
        self._show_shape(table)

    def _show_suggestion(self, table: Table) -> None:
        name = table.suggested_target if table.data.target is None else None
        self._suggestion.setVisible(name is not None)
        if name is not None:
            self._suggestion.show_action(
                Action(f"Suggestion: {name}", lambda: self.target_asked.emit(name))
            )

    def _show_task(self, tasks: tuple[Task, ...], task: Task | None) -> None:
        self._task_place.setVisible(bool(tasks))
        self._task_label.setVisible(bool(tasks))
        self._only_task.setVisible(len(tasks) == 1)
        self._only_task.setText(TASKS[tasks[0]] if len(tasks) == 1 else "")
        if tasks != self._tasks:
            self._tasks = tasks
            if self._task is not None:
                self._task.hide()
                self._task.deleteLater()
                self._task = None
            if len(tasks) > 1:
                self._task = Segments([(t, TASKS[t]) for t in tasks], "Predict it as")
                self._task.changed.connect(self.task_asked)
                layout = self._task_place.layout()
                assert layout is not None
                layout.addWidget(self._task)
                self._task_place.setFocusProxy(self._task)
        if self._task is not None:
            self._task.set_value(task)

    def _show_shape(self, table: Table) -> None:
        self._bars.show_classes(table.classes, table.data.positive)
        column = next((c for c in table.columns if c.name == table.data.target), None)
        number = column is not None and not table.classes
        self._range.setVisible(number)
        self._right.setVisible(column is not None)
        if column is None:
            return
        if number:
            self._right_title.setText(f"Values of {column.name}")
            self._range.setText(
                f"from {column.minimum} to {column.maximum}, {column.distinct:,} different"
            )
        else:
            self._right_title.setText(
                f"{words.plural(len(table.classes), 'class', 'classes')} of {column.name}"
            )

    def _test_row(self) -> QWidget:
        self._test_name = label("", wrap=False)
        self._choose = button(Action("Use a separate file", self.test_file_asked.emit), "small")
        self._remove = button(Action("Do without", self.test_file_dropped.emit), "small")
        row = _row(self._test_name, self._choose, self._remove)
        row.setAccessibleName("Test rows")
        row.setFocusProxy(self._choose)
        return row

    def _show_test_file(self, source: str | None) -> None:
        name = words.name_of(source) if source else "from this table"
        self._test_name.setText(name)
        self._test_name.setToolTip(source or "")
        self._choose.setText("Use another file" if source else "Use a separate file")
        self._remove.setVisible(source is not None)


def _row(*widgets: QWidget) -> QWidget:
    """Widgets side by side, at the left."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    row.setFocusProxy(widgets[0])
    return row
