"""The store of trials and Qt's view of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from engine.domain.trials import Cause, FoldRow, TrialRow, TrialState
from engine.space import Float, SearchSpace
from gui.tables import order
from gui.tables.store import TrialStore
from gui.tables.trial_model import TrialTableModel, status
from gui.tables.view import TableView
from gui.widgets.trial_browser import TrialBrowser

NEWEST_FIRST = Qt.SortOrder.DescendingOrder


@pytest.fixture
def store(space: SearchSpace) -> TrialStore:
    store = TrialStore()
    store.reset(space, measure="accuracy", measure_label="accuracy", maximise=True, planned=40)
    return store


def trial(number: int, state: TrialState = TrialState.COMPLETE, **fields: object) -> TrialRow:
    value = number / 100 if state is TrialState.COMPLETE else None
    configuration = {"C": 1.0 / (number + 1), "kernel": "rbf" if number % 2 else "poly"}
    return TrialRow(
        **{
            "number": number,
            "state": state,
            "configuration": configuration,
            "value": value,
            **fields,
        }
    )  # type: ignore[arg-type]


def numbers(model: TrialTableModel) -> list[int]:
    return [model.number_at(row) for row in range(model.rowCount())]


def test_rows_are_added_and_replaced(store: TrialStore) -> None:
    store.upsert([trial(0), trial(1, TrialState.RUNNING)])
    store.upsert([trial(1), trial(2)])
    assert len(store) == 3
    assert store.row(1).state is TrialState.COMPLETE
    assert list(store.column("value")) == [0.0, 0.01, 0.02]


def test_a_batch_that_names_a_trial_twice_keeps_the_later(store: TrialStore) -> None:
    store.upsert([trial(0, TrialState.RUNNING), trial(0)])
    assert len(store) == 1
    assert store.row(0).state is TrialState.COMPLETE


def test_a_snapshot_is_ordered_and_stays_as_it_was(store: TrialStore) -> None:
    store.upsert([trial(2), trial(0), trial(1, TrialState.FAILED)])
    before = store.snapshot()
    assert store.snapshot() is before
    store.upsert([trial(0, value=0.5), trial(3)])
    store.add_folds([FoldRow(trial=3, fold=0, worker=1, started=1.0, seconds=2.0, ok=True)])
    assert list(before.number) == [0, 1, 2]
    assert before.value[0] == 0.0
    assert np.isnan(before.value[1])
    after = store.snapshot()
    assert list(after.number) == [0, 1, 2, 3]
    assert after.value[0] == 0.5
    assert list(after.folds["worker"]) == [1]
    assert after.configurations["gamma"][0] is None
    assert after.planned == 40


def test_columns_grow_past_their_first_room(store: TrialStore) -> None:
    for start in range(0, 1000, 7):
        store.upsert([trial(n) for n in range(start, start + 7)])
    assert list(store.snapshot().number[:3]) == [0, 1, 2]
    assert len(store) == 1001


def test_the_model_keeps_qts_rules(
    store: TrialStore, qtmodeltester: object, qapp: QGuiApplication
) -> None:
    model = TrialTableModel(store)
    qtmodeltester.check(model)  # type: ignore[attr-defined]
    store.upsert([trial(n) for n in range(5)])
    model.refresh()
    model.sort(2)
    store.upsert([trial(2, TrialState.FAILED), trial(9), trial(7)])
    model.refresh()
    model.set_filter(states=frozenset({TrialState.COMPLETE}))
    store.upsert([trial(3, TrialState.PRUNED), trial(10)])
    model.refresh()
    model.set_filter()
    assert sorted(numbers(model)) == [0, 1, 2, 3, 4, 7, 9, 10]


def test_newest_first_until_sorted_otherwise(store: TrialStore) -> None:
    store.upsert([trial(n) for n in range(4)])
    model = TrialTableModel(store)
    assert numbers(model) == [3, 2, 1, 0]
    model.sort(2, Qt.SortOrder.AscendingOrder)
    assert numbers(model) == [0, 1, 2, 3]


@pytest.mark.parametrize("direction", list(Qt.SortOrder))
def test_what_has_no_value_comes_last_either_way(
    store: TrialStore, direction: Qt.SortOrder
) -> None:
    store.upsert([trial(0), trial(1, TrialState.FAILED), trial(2)])
    model = TrialTableModel(store)
    model.sort(2, direction)
    assert numbers(model)[-1] == 1


def test_a_selection_follows_its_trial(store: TrialStore) -> None:
    store.upsert([trial(n) for n in range(4)])
    model = TrialTableModel(store)
    held = QPersistentModelIndex(model.index(1, 0))
    assert model.number_at(held.row()) == 2
    store.upsert([trial(n) for n in range(4, 9)])
    model.refresh()
    assert model.number_at(held.row()) == 2
    model.sort(3)
    assert model.number_at(held.row()) == 2
    model.set_filter("poly")
    assert model.number_at(held.row()) == 2
    model.set_filter("rbf")
    assert not held.isValid()


def test_new_rows_insert_without_a_reset(store: TrialStore, qtbot) -> None:
    store.upsert([trial(n) for n in range(10)])
    model = TrialTableModel(store)
    resets: list[object] = []
    model.modelReset.connect(lambda: resets.append(1))
    store.upsert([trial(10)])
    with qtbot.waitSignal(model.rowsInserted):
        model.refresh()
    assert resets == []


def test_another_run_brings_other_columns(store: TrialStore, qtbot) -> None:
    store.upsert([trial(0)])
    model = TrialTableModel(store)
    store.reset(SearchSpace(), measure="rmse", measure_label="RMSE", maximise=False, planned=None)
    with qtbot.waitSignal(model.modelReset):
        model.refresh()
    assert model.rowCount() == 0
    titles = [model.headerData(c, Qt.Orientation.Horizontal) for c in range(model.columnCount())]
    assert titles == ["trial", "status", "RMSE", "fit time", "reason"]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (trial(0), "complete"),
        (trial(0, TrialState.PRUNED, folds_done=3), "dropped, 3 folds"),
        (trial(0, TrialState.FAILED, cause=Cause.TIMEOUT), "timed out"),
        (trial(0, TrialState.FAILED, cause=Cause.MEMORY), "out of memory"),
        (trial(0, TrialState.FAILED), "failed"),
    ],
)
def test_a_status_says_what_happened(row: TrialRow, text: str) -> None:
    assert status(row) == text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (trial(0, TrialState.RUNNING, folds_done=2, fidelity=1 / 9), "paused at 1/9"),
        (trial(0, TrialState.RUNNING, folds_done=1), "paused, 1 fold"),
        (trial(0, TrialState.RUNNING, folds_done=0), "paused at the start"),
        (trial(0, TrialState.PRUNED, folds_done=2, fidelity=1 / 9), "dropped at 1/9"),
    ],
)
def test_what_is_not_final_is_paused_once_no_search_is_at_work(row: TrialRow, text: str) -> None:
    assert status(row, live=False) == text
    assert status(row) == (text if row.state is TrialState.PRUNED else "running")


def test_a_filter_and_a_screen_reader_get_the_words_that_are_shown(store: TrialStore) -> None:
    store.upsert([trial(0), trial(1, TrialState.RUNNING, folds_done=2, fidelity=1 / 3)])
    model = TrialTableModel(store)
    model.live = False
    model.set_filter("paused at")
    assert model.rowCount() == 1
    cell = model.index(0, 1)
    assert model.data(cell, Qt.ItemDataRole.AccessibleTextRole) == "status paused at 1/3"
    model.set_filter("running")
    assert model.rowCount() == 0


def test_every_cause_has_words() -> None:
    assert all(status(trial(0, TrialState.FAILED, cause=cause)) for cause in Cause)


def test_ranges_without_gaps() -> None:
    assert order.runs(np.array([0, 1, 2, 5, 7, 8])) == [(0, 2), (5, 5), (7, 8)]
    assert order.runs(np.array([], dtype=int)) == []


def test_mixed_choices_sort_by_their_text() -> None:
    column = np.array(["b", None, 1, "a"], dtype=object)
    key = order.sort_key(column)
    assert list(order.sorted_rows(key, np.arange(4), descending=False)) == [2, 3, 0, 1]


def test_rows_are_copied_as_text(
    store: TrialStore, qtbot, space: SearchSpace, until_shown: Callable[..., None]
) -> None:
    store.upsert([trial(n) for n in range(3)])
    view = TableView("Trials")
    qtbot.addWidget(view)
    view.setModel(TrialTableModel(store, view))
    until_shown(view)
    view.selectRow(0)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    header, first = QGuiApplication.clipboard().text().split("\n")
    assert header.split("\t")[:3] == ["trial", "status", "accuracy"]
    assert first.split("\t")[:3] == ["2", "complete", "0.0200"]


def test_folds_told_again_are_held_once(store: TrialStore) -> None:
    """A resumed run tells again what it did before; a fold done again takes the old one's place."""
    fold = FoldRow(trial=3, fold=0, worker=1, started=1.0, seconds=2.0, ok=False)
    again = FoldRow(trial=3, fold=0, worker=0, started=5.0, seconds=1.0, ok=True)
    other = FoldRow(trial=3, fold=1, worker=0, started=6.0, seconds=1.0, ok=True)
    before = store.snapshot().folds["trial"].size
    store.add_folds([fold])
    store.add_folds([again, other])
    folds = store.snapshot().folds
    assert folds["trial"].size == before + 2
    assert folds["started"][-2:].tolist() == [5.0, 6.0]
    assert folds["ok"][-2:].all()


def test_titles_fit_their_columns_where_the_trials_were_there_first(qtbot) -> None:
    store = TrialStore()
    space = SearchSpace((Float("a_hyperparameter_s_name", 0.0, 1.0),))
    store.reset(space, measure="accuracy", measure_label="accuracy", maximise=True, planned=1)
    browser = TrialBrowser(store, lambda number: None)
    qtbot.addWidget(browser)
    header = browser.findChild(TableView).horizontalHeader()
    title = header.fontMetrics().horizontalAdvance("a_hyperparameter_s_name")
    titles = [header.model().headerData(i, Qt.Orientation.Horizontal) for i in range(6)]
    assert header.sectionSize(titles.index("a_hyperparameter_s_name")) > title
