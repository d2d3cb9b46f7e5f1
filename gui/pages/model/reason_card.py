"""Why a choice is advised, or the reasons for the person's own: in figures, with its source."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.domain.advice import Recommendation
from gui.widgets.actions import Action
from gui.widgets.buttons import button
from gui.widgets.card import Card
from gui.widgets.figures import Figures
from gui.widgets.text import label, restyle, rule, set_role


class ReasonCard(Card):
    """The reason for the present choice. Updated in place, so that nothing jumps.

    Args:
        subject: what it is recommended for: ``this table``.
    """

    instead_asked = Signal(object)
    """The person wants the recommended choice (its id)."""

    def __init__(self, subject: str, parent: QWidget | None = None) -> None:
        super().__init__(accent=True, parent=parent)
        self._subject = subject
        self._eyebrow = label("", "eyebrow")
        self._reason = label("", selectable=True)
        self._source = label("", "caption", selectable=True)
        self._instead = button(Action("", lambda: None), "link")
        self._rule = rule()
        self._figures = Figures(columns=5)
        for widget in (self._eyebrow, self._reason, self._source, self._instead, self._rule):
            self.body.addWidget(widget)
        self.body.addWidget(self._figures)

    def show_reason(self, own: Recommendation, best: Recommendation) -> None:
        """Show why ``own`` is the choice, beside what is advised (``best``)."""
        advised = own.choice == best.choice
        restyle(self, accent=advised)
        self._eyebrow.setText(
            f"RECOMMENDED FOR {self._subject.upper()}" if advised else "YOUR CHOICE"
        )
        self._reason.setText(own.reason)
        set_role(self._reason, "body" if own.fits else "caution")
        words = [text for text in (own.source, own.would_change) if text]
        self._source.setText("  ·  ".join(words))
        self._instead.setVisible(not advised)
        self._instead.show_action(
            Action(
                f"Recommended instead: {best.label}",
                lambda: self.instead_asked.emit(best.choice),
                tip=best.reason,
            )
        )
        self._rule.setVisible(bool(own.figures))
        self._figures.setVisible(bool(own.figures))
        self._figures.show_figures(own.figures[:5])
