"""Messages about the engine's health, and the offer to resume an interrupted search."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.domain.results import RunSummary
from engine.protocol import replies, requests
from gui import words
from gui.widgets.actions import Action
from gui.window import MainWindow

OFFER, HEALTH = "interrupted", "engine"


class Rescue(QObject):
    """Watches the engine of ``window``; offers interrupted runs at its start and after a crash."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._client, self._run = window.context.client, window.context.run
        self._client.ready.connect(self._look_for_interrupted)
        self._client.crashed.connect(self._crashed)
        self._client.gave_up.connect(self._gave_up)
        self._client.responsive.connect(self._responsive)
        self._run.changed.connect(self._withdraw)

    def _look_for_interrupted(self, _: object) -> None:
        self._client.request(requests.ListRuns(id=0), self._offer, owner=self)

    def _offer(self, reply: replies.Runs) -> None:
        run = next((run for run in reply.runs if run.state == "interrupted"), None)
        if run is None or self._run.state.active:
            self._window.unsay(OFFER)
            return
        self._window.message(
            OFFER,
            "caution",
            interrupted(run),
            Action("Resume", lambda: self._resume(run.path)),
            Action("Open results", lambda: self._open(run.path)),
            Action("Discard", lambda: self._discard(run.path)),
        )

    def _resume(self, path: str) -> None:
        self._window.unsay(OFFER)
        self._run.resume_run(path)
        self._run.changed.connect(self._show_run)

    def _open(self, path: str) -> None:
        self._window.unsay(OFFER)
        self._run.open(path, lambda: self._window.show_page("run"))

    def _discard(self, path: str) -> None:
        self._window.unsay(OFFER)
        self._run.discard(path, lambda: self._look_for_interrupted(None))

    def _show_run(self, _: object) -> None:
        if self._run.state.active:
            self._run.changed.disconnect(self._show_run)
            self._window.show_page("run")

    def _withdraw(self, _: object) -> None:
        if self._run.state.active:
            self._window.unsay(OFFER)

    def _crashed(self, why: str) -> None:
        self._window.message(
            HEALTH, "caution", f"{why} It has been started again; nothing is lost."
        )

    def _gave_up(self, why: str) -> None:
        self._window.message(
            HEALTH,
            "bad",
            f"{why} It ended several times in a row. The log says more: {self._client.log}",
            Action("Start it again", self._restart),
            dismissible=False,
        )

    def _responsive(self, well: bool) -> None:
        if well:
            self._window.unsay(HEALTH)
            return
        self._window.message(
            HEALTH,
            "caution",
            "The engine is not responding. A search can be resumed after a restart.",
            Action("Restart the engine", self._restart),
        )

    def _restart(self) -> None:
        self._window.unsay(HEALTH)
        self._client.restart()


def interrupted(run: RunSummary) -> str:
    """``A search was interrupted after 137 of 400 evaluations: random forest on wine.``"""
    done = f"{round(run.evaluations):,}"
    planned = words.plural(round(run.planned), "evaluation") if run.planned else "evaluations"
    count = f"{done} of {planned}" if run.planned else f"{done} {planned}"
    return f"A search was interrupted after {count}: {run.learner} on {run.data}."
