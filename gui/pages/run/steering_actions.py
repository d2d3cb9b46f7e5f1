"""Steering a search from a page: a configuration by hand, and another version of the space."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QDialog

from engine.protocol import replies
from engine.space import Configuration, SearchSpace
from gui import words
from gui.pages.base import Action, Message, Page

STEERABLE = ("running", "paused", "finished", "stopped", "interrupted")
"""Phases of a run in which configurations of a person's own can be queued."""
STEERING: Mapping[str, Message] = {
    "steering": Message("caution", "{sentence}"),
    "queued": Message("good", "Trial {trial} is yours; it is tried {when}."),
    "narrowed": Message("good", "{kept} of {complete} were taken over into the new space."),
}
"""What a page must be able to say."""


class Steering:
    """Asks the person and tells the run of ``page``, whose messages include `STEERING`."""

    def __init__(self, page: Page) -> None:
        self._page, self._run = page, page.run

    @property
    def possible(self) -> bool:
        """Whether there is a search with a space to steer in."""
        state = self._run.state
        return state.plan is not None and state.phase in STEERABLE and not state.by_gradient

    def actions(self) -> list[Action]:
        """Actions on a run at rest."""
        return [Action("Change the space", self.ask_to_narrow)] if self.possible else []

    def ask_to_try(self, configuration: Configuration) -> None:
        """Ask for a configuration, beginning with a given one, and queue it."""
        from gui.pages.run.try_next import TryNext

        plan = self._run.state.plan
        if not self.possible or plan is None:
            why = "This search can't be steered by configurations of your own."
            self._page.say("steering", sentence=why)
            return
        asked = TryNext(plan.space, configuration, self._page)
        if asked.exec() == QDialog.DialogCode.Accepted:
            self.try_next(asked.configuration)
        asked.deleteLater()

    def try_next(self, configuration: Configuration) -> None:
        """Have a configuration evaluated next."""
        when = "next" if self._run.state.active else "when the search goes on"
        self._page.unsay("steering")
        self._run.enqueue(
            configuration, lambda trial: self._page.say("queued", trial=trial, when=when)
        )

    def ask_to_narrow(self) -> None:
        """Ask for another version of the space and go on in it."""
        from gui.pages.run.narrow import NarrowSpace

        plan, snapshot = self._run.state.plan, self._run.snapshot()
        if plan is None:
            return
        default = {
            name: column[0] for name, column in snapshot.configurations.items() if column.size
        }
        asked = NarrowSpace(plan.space, default, self._page.theme, self._page)
        if asked.exec() == QDialog.DialogCode.Accepted:
            self.narrow(asked.space)
        asked.deleteLater()

    def narrow(self, space: SearchSpace) -> None:
        """Go on in another version of the space, as a new run."""

        def made(reply: replies.Narrowed) -> None:
            complete = words.plural(reply.kept + reply.left_out, "complete trial")
            self._page.say("narrowed", kept=reply.kept, complete=complete)
            self._run.resume_run(reply.path)

        self._run.narrow(space, made)
