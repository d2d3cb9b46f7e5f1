"""The one question asked when the window is closed while a search or a comparison runs."""

from __future__ import annotations

from enum import Enum

from PySide6.QtWidgets import QMessageBox, QWidget

from gui import words
from gui.view_states import ComparingState, RunState


class Answer(Enum):
    """Answers on what to do with the running search."""

    STOP = "stop"
    KEEP = "keep"
    KEEP_WORKING = "work"


def ask(parent: QWidget, at_work: RunState | ComparingState) -> Answer:
    """Ask what becomes of the work; closing the question means to keep working."""
    what = "search" if isinstance(at_work, RunState) else "comparison"
    box = QMessageBox(parent)
    box.setWindowTitle(f"A {what} is running")
    box.setText(f"A {what} is running.")
    box.setInformativeText(sentence(at_work))
    stop = box.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
    keep = box.addButton("Keep it for later", QMessageBox.ButtonRole.AcceptRole)
    work = box.addButton("Keep working", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(work)
    box.setEscapeButton(work)
    box.exec()
    answers = {stop: Answer.STOP, keep: Answer.KEEP}
    answer = answers.get(box.clickedButton(), Answer.KEEP_WORKING)  # type: ignore[call-overload]
    box.deleteLater()
    return answer


def sentence(work: RunState | ComparingState) -> str:
    """Progress that would be kept, in figures."""
    done = "It has just begun. "
    if isinstance(work, ComparingState):
        if work.progress is not None:
            searches = words.plural(work.progress.total, "search", "searches")
            done = f"It has done {work.progress.done} of {searches}. "
    elif work.progress is not None:
        evaluations = words.plural(round(work.progress.evaluations), "evaluation")
        done = f"It has done {evaluations}. "
    return (
        f"{done}Stop it and keep its results, or keep it for later: nothing it has found is lost, "
        "and it can be resumed."
    )
