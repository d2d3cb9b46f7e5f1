"""`Question`: a dialog that asks for something, with one prominent answer and a way out."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QScrollArea, QVBoxLayout, QWidget

from gui.widgets.text import label


class Question(QDialog):
    """Shows ``content`` beneath a sentence; what is wrong with the answer is said beneath that.

    Args:
        title: of the dialog.
        about: what is asked, in a sentence or two.
        content: the fields.
        answer: the prominent button's words.
    """

    def __init__(
        self, title: str, about: str, content: QWidget, answer: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(content)
        self._error = label("", "error")
        buttons = QDialogButtonBox()
        go = buttons.addButton(answer, QDialogButtonBox.ButtonRole.AcceptRole)
        go.setProperty("kind", "primary")
        buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.answer)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addWidget(label(about))
        column.addWidget(scroll, 1)
        column.addWidget(self._error)
        column.addWidget(buttons)

    def problem(self) -> str:
        """Why the answer can't be taken, as a sentence; empty if it can. For overriding."""
        return ""

    def say(self, sentence: str) -> None:
        """Say what is wrong; an empty sentence takes that back."""
        self._error.setText(sentence)

    @property
    def said(self) -> str:
        """The problem, as it is shown."""
        return self._error.text()

    def answer(self) -> None:
        """Take the answer, or say what is wrong with it."""
        sentence = self.problem()
        self.say(sentence)
        if not sentence:
            self.accept()
