"""`Run`: the run that is being shown, live or from disk: its trials, its phase, its results."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, Signal

from engine.domain.trials import Snapshot, record_type
from engine.plan import Budget, Plan
from engine.protocol import events, replies, requests
from engine.space import Configuration, SearchSpace
from gui import words
from gui.engine_client import EngineClient
from gui.tables.store import TrialStore
from gui.view_states import RunState
from gui.work import OPENED, Work


class Run(Work[RunState]):
    """One run at a time: its trials, its phase, its results."""

    NOUN = "search"

    trials_changed = Signal()
    """The store took rows, already in batches."""
    selection_changed = Signal(object)
    """Number of the trial that is selected now, or None."""

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(client, RunState(), parent)
        self.store = TrialStore()
        self._stored = ""
        """Path of the run in the store."""
        self._selected: int | None = None
        client.trials.connect(self._take_trials)
        client.progress.connect(self._take_progress)
        client.run_changed.connect(self._take_change)

    @property
    def selected(self) -> int | None:
        """The trial that the person looks at, in the table and in every picture."""
        return self._selected

    def select(self, trial: int | None) -> None:
        """Look at a trial, everywhere at once."""
        if trial != self._selected:
            self._selected = trial
            self.selection_changed.emit(trial)

    def snapshot(self) -> Snapshot:
        """The run as columns, for pictures; the same object until rows arrive."""
        return self.store.snapshot()

    # --- starting and opening ---------------------------------------------------------------------

    def start(self, plan: Plan, out: str | None = None) -> None:
        """Start a search; `changed` tells when it runs, `failed` when it can't."""
        meanwhile = RunState(phase="starting", plan=plan)
        self._enter(meanwhile, requests.Start(id=0, plan=plan, out=out), self._started)

    def open(self, path: str, then: Callable[[], None] | None = None) -> None:
        """Show a run that is on disk; its trials follow."""

        def opened(reply: replies.RunOpened) -> None:
            self._show(reply.path, reply.plan)
            self._set(phase=OPENED[reply.summary.state], summary=reply.summary)
            if reply.summary.state == "finished":
                self.load_results()
            if then is not None:
                then()

        meanwhile = RunState(phase="opening", path=path)
        self._enter(meanwhile, requests.OpenRun(id=0, path=path), opened)

    def resume_run(self, path: str, budget: Budget | None = None) -> None:
        """Resume a run that is on disk, with ``budget`` in place of its own if given."""
        if self._state.path != path or not self._state.present:
            self.open(path, lambda: self.resume_run(path, budget))
            return
        meanwhile = msgspec.structs.replace(
            self._state, phase="starting", sentence="", code="", details="", results=None
        )
        request = requests.ResumeRun(id=0, path=path, budget=budget)
        self._enter(meanwhile, request, self._started)

    # --- while it runs ----------------------------------------------------------------------------

    def kill(self, number: int) -> None:
        """End one running trial."""
        self._ask(requests.KillTrial(id=0, number=number))

    def enqueue(self, configuration: Configuration, then: Callable[[int], None]) -> None:
        """Have a configuration evaluated next; ``then`` is called with its trial's number."""
        request = requests.Enqueue(id=0, path=self._state.path, configuration=configuration)
        self._ask(request, lambda reply: then(reply.trial))

    def narrow(self, space: SearchSpace, then: Callable[[replies.Narrowed], None]) -> None:
        """Make a run that continues in another version of the space; it is not started yet."""
        request = requests.Narrow(id=0, path=self._state.path, space=space)
        self._ask(request, then)

    def discard(self, path: str, then: Callable[[], None] | None = None) -> None:
        """Give up what an interrupted run left unfinished."""

        def done(_: replies.Done) -> None:
            if self._state.path == path:
                self._set(phase="stopped")
            if then is not None:
                then()

        self._ask(requests.Discard(id=0, path=path), done)

    def load_results(self) -> None:
        """Ask for the results; they arrive in `RunState.results`."""
        path = self._state.path

        def ready(reply: replies.ResultsReady) -> None:
            if self._state.path == path:
                self._set(results=reply)

        def failed(failure: replies.Failed) -> None:
            if self._state.path == path:
                self.failed.emit(failure)

        self._client.request(requests.Results(id=0, path=path), ready, failed, owner=self)

    def take(self, number: int, reason: str = "") -> None:
        """Make the complete trial ``number`` the run's result, and keep the ``reason`` with it; it
        arrives in `RunState.results`."""
        before, path = self._state, self._state.path

        def ready(reply: replies.ResultsReady) -> None:
            if self._state.path == path:
                self._set(phase=before.phase, sentence=before.sentence, results=reply)

        def failed(failure: replies.Failed) -> None:
            if self._state.path == path:
                self._set(phase=before.phase, sentence=before.sentence)
                self.failed.emit(failure)

        request = requests.SelectTrial(id=0, path=path, trial=number, reason=reason)
        self._client.request(request, ready, failed, owner=self)

    # --- what the engine says ---------------------------------------------------------------------

    def _started(self, reply: replies.Started) -> None:
        self._show(reply.path, reply.plan)
        if self._state.phase == "starting":
            self._set(phase="running")

    def _show(self, path: str, plan: Plan) -> None:
        planned = plan.budget.evaluations
        planned = None if planned is None else round(planned)
        if self._stored != path:
            self._stored = path
            catalog = self._client.catalog
            measure = plan.evaluation.measure
            card = next((m for m in catalog.measures if m.id == measure), None)
            self.store.reset(
                plan.space,
                measure=measure,
                measure_label=words.label(catalog.measures, measure),
                maximise=card.maximise if card else True,
                planned=planned,
                further_measures=words.cards(catalog, plan.evaluation.further_measures),
                noun=record_type(plan).noun,
            )
            self.select(None)
            self.trials_changed.emit()
        self.store.planned = planned  # a resumed run may have more
        self._set(path=path, plan=plan)

    def _take_trials(self, batch: list[events.Trials]) -> None:
        ours = [event for event in batch if event.path == self._state.path]
        if not ours:
            return
        self.store.upsert([row for event in ours for row in event.trials])
        self.store.add_folds([row for event in ours for row in event.folds])
        self.trials_changed.emit()

    def _take_progress(self, progress: events.Progress) -> None:
        if progress.path == self._state.path:
            self._set(progress=progress)

    def _take_change(self, event: events.RunChanged) -> None:
        if event.path != self._state.path:
            return
        self._set(
            phase=event.state, sentence=event.sentence, code=event.code, details=event.details
        )
        if event.state in ("finished", "stopped"):
            self.load_results()
