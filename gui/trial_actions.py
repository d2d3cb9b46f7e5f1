"""Actions on a selected trial, from whatever page it is selected on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from engine.domain.trials import TrialRow, TrialState
from engine.protocol import replies, requests
from engine.space import Configuration
from gui.pages.base import Action, Message, Page

TRIAL_MESSAGES: Mapping[str, Message] = {
    "rechecking": Message("note", "Scoring trial {trial} on other folds ..."),
    "rechecked": Message("good", "{sentence}"),
    "trial_saved": Message("good", "Saved: {path}"),
    "trial_trouble": Message("caution", "{sentence}"),
}
"""What a page must be able to say."""
FILES = "Configuration (*.json);;Script (*.py)"


class TrialActions:
    """Offers what can be done with a trial of the run that is shown.

    Args:
        page: its messages include `TRIAL_MESSAGES`.
        try_next: has something like a configuration tried next; None where that can't be.
    """

    def __init__(self, page: Page, try_next: Callable[[Configuration], None] | None = None) -> None:
        self._page, self._try_next = page, try_next
        self._redraws: dict[tuple[str, int], int] = {}
        """How often a trial of a run was scored on other folds: each time on others again."""

    def actions(self, row: TrialRow) -> Sequence[Action]:
        """Actions on the trial ``row``."""
        found = []
        try_next = self._try_next
        if try_next is not None:
            tip = "Change this configuration by hand and have it tried next"
            found.append(Action("Vary it", lambda: try_next(row.configuration), tip=tip))
        if (
            self._page.run.state.plan is None
            or self._gradient
            or row.state is not TrialState.COMPLETE
        ):
            return found
        number = row.number
        tip = "Score it and the default once more, on folds drawn anew; the test rows stay out"
        found.append(Action("Other folds", lambda: self.recheck(number), tip=tip))
        tip = "Its configuration as JSON, or a script that makes the model"
        found.append(Action("Save", lambda: self._ask_to_save(number), tip=tip))
        return found

    def recheck(self, number: int) -> None:
        """Score the trial ``number`` on other folds than before."""
        page, path = self._page, self._page.run.state.path
        redraw = self._redraws.get((path, number), 0) + 1

        def ready(reply: replies.Rechecked) -> None:
            self._redraws[path, number] = redraw
            page.unsay("rechecking")
            again = Action("Once more", lambda: self.recheck(number))
            page.say("rechecked", sentence=reply.recheck.sentence, action=again)

        request = requests.AskRecheck(id=0, path=path, trial=number, redraw=redraw)
        asked = page.client.request(request, ready, self._complain, owner=page)

        def stop() -> None:
            page.client.cancel(asked)
            page.unsay("rechecking")

        for key in ("rechecked", "trial_trouble"):
            page.unsay(key)
        page.say("rechecking", trial=f"{number:,}", action=Action("Stop", stop))

    def save(self, number: int, to: str) -> None:
        """Write the configuration of the trial ``number`` to ``to``, or a script if so named."""
        page = self._page
        page.unsay("trial_trouble")
        what = "script" if to.endswith(".py") else "config"
        request = requests.Export(id=0, path=page.run.state.path, what=what, to=to, trial=number)
        page.client.request(
            request,
            lambda reply: page.say("trial_saved", path=reply.to),
            self._complain,
            owner=page,
        )

    @property
    def _gradient(self) -> bool:
        """Whether the run's trials are steps of one path rather than configurations."""
        return self._page.run.state.by_gradient

    def _ask_to_save(self, number: int) -> None:
        name = f"{Path(self._page.run.state.path).name}-trial-{number}.json"
        to, kind = QFileDialog.getSaveFileName(self._page, f"Save trial {number:,}", name, FILES)
        if to:
            suffix = ".py" if kind.startswith("Script") else ".json"
            self.save(number, to if Path(to).suffix in (".py", ".json") else f"{to}{suffix}")

    def _complain(self, failure: replies.Failed) -> None:
        self._page.unsay("rechecking")
        self._page.say("trial_trouble", sentence=failure.sentence)
