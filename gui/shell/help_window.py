"""Help: one window with the Markdown pages of ``resources/help``, and what F1 opens where."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QFont,
    QKeySequence,
    QShortcut,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

import resources
from engine.domain.cards import Catalog
from engine.plots import help_of_others
from gui.theme import ThemeManager
from gui.widgets.text import link

INDEX = "index"
LINE_HEIGHT = 130
"""In per cent of the font's."""
HEADING_SIZES = {1: 20, 2: 15}
"""Pixels by level; others are as large as the text."""


def help_of(widget: QWidget | None, otherwise: str = INDEX) -> str:
    """The help page of a widget: its own ``help`` property, or that of the nearest one round it."""
    while widget is not None:
        page = widget.property("help")
        if isinstance(page, str) and page:
            return page
        widget = widget.parentWidget()
    return otherwise


def page_text(page: str, others: Mapping[str, str]) -> str:
    """The Markdown of a help page; a sentence when there is none.

    Args:
        page: its name.
        others: pages of other packages, by their names; the index lists them.
    """
    if page in others:
        return others[page]
    try:
        text = resources.text(f"help/{page}.md")
    except FileNotFoundError:
        return f"# {page}\n\nThere is no help page about this yet. See the [index](index.md).\n"
    if page == INDEX and others:
        text += f"\n## From other packages\n\n{', '.join(map(_linked, others.items()))}.\n"
    return text


def pages_of(catalog: Catalog) -> dict[str, str]:
    """The help pages that components of other packages bring, by their names."""
    cards = (*catalog.learners, *catalog.methods, *catalog.measures)
    return {card.help: card.help_text for card in cards if card.help_text} | help_of_others()


def _linked(page: tuple[str, str]) -> str:
    name, text = page
    title = text.splitlines()[0].lstrip("# ")
    return f"[{title}]({name}.md)"


class HelpWindow(QWidget):
    """Shows help pages; links between them work, links outward open in the browser.

    Args:
        theme: of the application.
        others: gives the pages of other packages, by their names.
    """

    def __init__(
        self,
        theme: ThemeManager,
        others: Callable[[], Mapping[str, str]] = dict,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._others = others
        self.setObjectName("help")
        self.setWindowTitle("Tunesmith help")
        self._theme = theme
        self._trail: list[str] = []
        self._browser = QTextBrowser()
        self._browser.setAccessibleName("Help page")
        self._browser.setOpenLinks(False)
        self._browser.anchorClicked.connect(self._follow)
        self._browser.document().setDocumentMargin(24)
        self._back = link("Back", self.back)
        bar = QHBoxLayout()
        bar.setContentsMargins(16, 8, 16, 0)
        bar.addWidget(self._back)
        bar.addWidget(link("All help pages", lambda: self.show_page(INDEX)))
        bar.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self._browser, 1)
        QShortcut(QKeySequence("Esc"), self, self.close)
        QShortcut(QKeySequence.StandardKey.Back, self, self.back)
        theme.changed.connect(self._redraw)
        self.setAutoFillBackground(True)

    @property
    def page(self) -> str:
        """The page being shown; empty before the first."""
        return self._trail[-1] if self._trail else ""

    def sizeHint(self) -> QSize:
        return QSize(640, 720)

    def show_page(self, page: str) -> None:
        """Show a page, in front."""
        if page != self.page:
            self._trail.append(page)
        self._redraw()
        self.show()
        self.raise_()
        self.activateWindow()
        self._browser.setFocus()

    def back(self) -> None:
        """Go to the page before."""
        if len(self._trail) > 1:
            self._trail.pop()
            self._redraw()

    def _follow(self, url: QUrl) -> None:
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)
        elif url.path():
            self.show_page(url.path().removesuffix(".md"))

    def _redraw(self, _: object = None) -> None:
        if not self._trail:
            return
        self._back.setEnabled(len(self._trail) > 1)
        document = self._browser.document()
        document.setMarkdown(
            page_text(self.page, self._others()),
            QTextDocument.MarkdownFeature.MarkdownDialectGitHub,
        )
        _space(document)
        self._browser.moveCursor(QTextCursor.MoveOperation.Start)


def _space(document: QTextDocument) -> None:
    """Set headings and paragraphs in the window's sizes, with air between lines."""
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        shape = block.blockFormat()
        level = shape.headingLevel()
        shape.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        after_list = block.previous().textList() is not None and block.textList() is None
        shape.setTopMargin(16 if level > 1 else 6 if after_list else 0)
        shape.setBottomMargin(4 if level or block.textList() else 10)
        if level:
            font = QFont(document.defaultFont())
            font.setPixelSize(HEADING_SIZES.get(level, font.pixelSize()))
            font.setWeight(QFont.Weight.DemiBold)
            letters = QTextCharFormat()
            letters.setFont(font)
            cursor.movePosition(
                QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor
            )
            cursor.setCharFormat(letters)
        cursor.setBlockFormat(shape)
        block = block.next()
