"""`TuningFeed`: the findings of a tuning by gradient, asked for while they are looked at."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject

from engine.domain.cards import MethodCard
from engine.domain.hypergradients import Tuning
from engine.protocol import requests
from gui.engine_client import EngineClient
from gui.feed import Feed
from gui.run import Run
from gui.view_states import RunState


class TuningFeed(Feed):
    """The values of ``run``.

    Args:
        client, run, clock: as `Feed` has them.
        number: which hyper-step's; None for the latest.
    """

    def __init__(
        self,
        client: EngineClient,
        run: Run,
        number: Callable[[], int | None] = lambda: None,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        def question(path: str) -> requests.Hyperparameters:
            return requests.Hyperparameters(id=0, path=path, number=number())

        super().__init__(client, run, question, parent, clock=clock)

    @property
    def tuning(self) -> Tuning | None:
        """The findings; None before the first answer and for other methods."""
        return self.reply.tuning if self.reply is not None else None


def method_card(client: EngineClient, state: RunState) -> MethodCard | None:
    """The card of the method that does the run's work."""
    method = state.plan.method if state.plan is not None else None
    wanted = method.working_id if method is not None else ""
    return next((card for card in client.catalog.methods if card.id == wanted), None)
