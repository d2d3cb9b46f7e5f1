"""The person's table with a card above each column, on which types and uses are changed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine.domain.tables import Column, Table
from gui.pages.data import column_choices
from gui.pages.data.column_header import HEIGHT, LEAST_WIDTH, ColumnHeader
from gui.pages.data.preview_model import PreviewModel
from gui.tables.view import ROW_HEIGHT, TableView
from gui.theme import ThemeManager

ROWS_SHOWN = 6
MOST_WIDTH = 232
_BESIDE_NAME = 48
_MENU_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Menu)


class PreviewTable(TableView):
    """Preview and cards. What the person asks of a column comes out as signals.

    Keys: arrows choose a column, Enter opens its menu, Space uses it or leaves it out.
    """

    kind_asked = Signal(str, object)
    """Column and kind (`ColumnKind`), or None for what is found in it."""
    use_asked = Signal(str, bool)
    target_asked = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__("First rows of the table", parent)
        self.setAccessibleDescription(
            "Arrow keys choose a column, Enter opens its menu, Space uses it or leaves it out."
        )
        self._own_kinds: frozenset[str] = frozenset()
        self._leading = ""
        self._cards = PreviewModel(theme, self)
        header = ColumnHeader(self._cards, theme, self)
        self._header = header
        self.setModel(self._cards)
        self.setHorizontalHeader(header)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.use_pressed.connect(self._toggle)
        header.kind_pressed.connect(self._show_kinds)
        header.menu_asked.connect(self._show_menu)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setCornerWidget(QWidget())
        self.setItemDelegate(_Delegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def show_table(self, table: Table, own_kinds: frozenset[str] = frozenset()) -> None:
        """Show ``table``; ``own_kinds`` names the columns whose kind the person has set."""
        self._own_kinds = own_kinds
        before = self._cards.table
        same = before is not None and _names(before) == _names(table)
        if not same:
            self._lead_with("")
        self._cards.show_table(table)
        if not same:
            self._set_widths(table)
            self.horizontalScrollBar().setValue(0)
        self._lead_with(table.data.target or "")
        rows = min(len(table.preview), ROWS_SHOWN)
        self.setFixedHeight(
            HEIGHT + rows * ROW_HEIGHT + self.horizontalScrollBar().sizeHint().height()
        )

    def menu(self, name: str) -> QMenu:
        """Everything that can be done with the column ``name``."""
        menu = self._kinds(name)
        column, target = self._column(name), self._is_target(name)
        first = menu.actions()[0]
        predict = QAction("Predict this column", menu, enabled=not target)
        predict.triggered.connect(partial(self.target_asked.emit, name))
        use = QAction("Use this column", menu, checkable=True, enabled=not target)
        use.setChecked(column is not None and column.used)
        use.triggered.connect(partial(self._toggle, name))
        menu.insertActions(first, [predict, use])
        menu.insertSeparator(first)
        return menu

    def _lead_with(self, name: str) -> None:
        """Show the column ``name`` (the target) first, and the others in the order of the file."""
        if name == self._leading:
            return
        was = self._section(self._leading)
        if was >= 0:
            self._header.moveSection(0, was)
        self._leading = name
        section = self._section(name)
        if section >= 0:
            self._header.moveSection(self._header.visualIndex(section), 0)
            self.horizontalScrollBar().setValue(0)

    def _set_widths(self, table: Table) -> None:
        metrics = QFontMetrics(self.font())
        for section, column in enumerate(table.columns):
            wanted = metrics.horizontalAdvance(column.name) + _BESIDE_NAME
            usual = self._header.defaultSectionSize()
            self._header.resizeSection(section, min(max(wanted, usual, LEAST_WIDTH), MOST_WIDTH))

    # --- keys ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        column = self._cards.column(self.currentIndex().column())
        if column is None:
            super().keyPressEvent(event)
        elif event.key() in _MENU_KEYS and not event.modifiers():
            self._show_menu(column.name, self._header.chip_corner(self.currentIndex().column()))
        elif event.key() == Qt.Key.Key_Space:
            self._toggle(column.name)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, arg__1: QContextMenuEvent) -> None:
        column = self._cards.column(self.columnAt(arg__1.pos().x()))
        if column is not None:
            self._show_menu(column.name, arg__1.globalPos())

    def currentChanged(
        self,
        current: QModelIndex | QPersistentModelIndex,
        previous: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().currentChanged(current, previous)
        self._show_focus()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self._cards.index(0, 0))
        self._show_focus()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_focus()

    def _show_focus(self) -> None:
        self._header.set_ring(self.currentIndex().column() if self.hasFocus() else -1)

    # --- menus -----------------------------------------------------------------------------------

    def _show_menu(self, name: str, at: QPoint) -> None:
        self.menu(name).popup(at)

    def _show_kinds(self, name: str, at: QPoint) -> None:
        self._kinds(name).popup(at)

    def _kinds(self, name: str) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(menu)
        column = self._column(name)
        for kind, label in column_choices.KINDS:
            action = QAction(f"Read as {label}", group, checkable=True)
            action.setChecked(column is not None and column.kind == kind)
            action.triggered.connect(partial(self.kind_asked.emit, name, kind))
            menu.addAction(action)
        if name in self._own_kinds:
            menu.addSeparator()
            found = menu.addAction("Read as found")
            found.triggered.connect(partial(self.kind_asked.emit, name, None))
        return menu

    def _toggle(self, name: str) -> None:
        column = self._column(name)
        if column is not None and not self._is_target(name):
            self.use_asked.emit(name, not column.used)

    def _column(self, name: str) -> Column | None:
        return self._cards.column(self._section(name))

    def _section(self, name: str) -> int:
        table = self._cards.table
        names = [] if table is None else _names(table)
        return names.index(name) if name in names else -1

    def _is_target(self, name: str) -> bool:
        return self._cards.is_target(self._section(name))


class _Delegate(QStyledItemDelegate):
    """Paints the ground of the target's cells, which the style sheet would leave out."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if ground is not None:
            painter.fillRect(option.rect, ground)  # type: ignore[attr-defined]
        super().paint(painter, option, index)


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]
