"""`Comparing`: the comparison that is being shown, live or from disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec
from PySide6.QtCore import QObject, Signal

from engine.domain.comparison import Comparison, Contender, Findings, Member, NestedEstimate
from engine.plan import Plan
from engine.protocol import events, replies, requests
from gui.engine_client import EngineClient

Phase = Literal[
    "none", "opening", "starting", "running", "paused", "finished", "stopped", "failed",
    "interrupted",
]  # fmt: skip

_OPENED: dict[str, Phase] = {
    "running": "running",
    "interrupted": "interrupted",
    "finished": "finished",
    "damaged": "failed",
}
"""The phase of a comparison as the library tells its state."""


class ComparingState(msgspec.Struct, frozen=True):
    """A comparison and where it stands."""

    path: str = ""
    """Empty for runs put side by side."""
    phase: Phase = "none"
    comparison: Comparison | None = None
    progress: events.ComparisonProgress | None = None
    nested: tuple[NestedEstimate, ...] = ()
    findings: Findings = Findings(())
    """What the scores support."""
    cautions: tuple[str, ...] = ()
    sentence: str = ""
    """Why it is in this phase, when there is something to say."""

    @property
    def active(self) -> bool:
        """Whether this engine works on it."""
        return self.phase in ("starting", "running", "paused")


class Comparing(QObject):
    """One comparison at a time."""

    changed = Signal(object)
    """`ComparingState`, after every change."""
    failed = Signal(object)
    """`protocol.Failed`: what was asked could not be done; nothing was changed."""

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._state = ComparingState()
        client.comparing.connect(self._hear)
        client.crashed.connect(self._lost)

    @property
    def state(self) -> ComparingState:
        return self._state

    # --- actions ----------------------------------------------------------------------------------

    def start(
        self,
        plans: Sequence[Plan],
        contenders: Sequence[Contender],
        repetitions: int,
        kind: Literal["compare", "nested"] = "compare",
    ) -> None:
        """Start a comparison on the cases of ``plans``, or a nested resampling."""
        request = requests.Compare(
            id=0,
            plans=tuple(plans),
            contenders=tuple(contenders),
            repetitions=repetitions,
            kind=kind,
            seed=plans[0].seed,
            whole=kind == "nested",
        )
        self._begin(request)

    def resume(
        self, path: str = "", contenders: Sequence[Contender] = (), repetitions: int | None = None
    ) -> None:
        """Resume the paused comparison, or the one on disk at ``path``, with more methods or
        repetitions if given."""
        if not path:
            self._client.request(requests.Resume(id=0), None, self.failed.emit, owner=self)
            return
        self._begin(
            requests.ResumeComparison(
                id=0, path=path, contenders=tuple(contenders), repetitions=repetitions
            )
        )

    def open(self, path: str, then: Callable[[], None] | None = None) -> None:
        """Show a comparison that is on disk."""
        before = self._state

        def opened(reply: replies.ComparisonOpened) -> None:
            self._show(reply, _OPENED[reply.summary.state])
            if then is not None:
                then()

        self._set(phase="opening", path=path)
        request = requests.OpenComparison(id=0, path=path)
        self._client.request(request, opened, lambda f: self._refused(f, before), owner=self)

    def put_side_by_side(
        self,
        paths: Sequence[str],
        shown: Callable[[], None],
        refused: Callable[[tuple[str, ...]], None],
    ) -> None:
        """Show finished runs as a comparison; ``refused`` hears why they can't be compared."""

        def ready(reply: replies.SideBySide) -> None:
            if reply.comparison is None:
                refused(reply.reasons)
                return
            self._state = ComparingState(
                phase="finished",
                comparison=reply.comparison,
                findings=reply.findings,
                cautions=reply.cautions,
            )
            self.changed.emit(self._state)
            shown()

        request = requests.PutSideBySide(id=0, paths=tuple(paths))
        self._client.request(request, ready, self.failed.emit, owner=self)

    def forget(self) -> None:
        """Show none, to set up another; not while one is under way."""
        if not self._state.active:
            self._state = ComparingState()
            self.changed.emit(self._state)

    def pause(self) -> None:
        self._client.request(requests.Pause(id=0), None, self.failed.emit, owner=self)

    def stop(self) -> None:
        """End for now; what is done is kept, and the rest can be resumed."""
        self._client.request(requests.Stop(id=0), None, self.failed.emit, owner=self)

    # --- what the engine says ---------------------------------------------------------------------

    def _begin(self, request: requests.Compare | requests.ResumeComparison) -> None:
        before = self._state

        def started(reply: replies.ComparisonStarted) -> None:
            self._set(path=reply.path, comparison=reply.comparison, phase="running")

        self._set(phase="starting", sentence="", progress=None)
        self._client.request(request, started, lambda f: self._refused(f, before), owner=self)

    def _show(self, reply: replies.ComparisonOpened, phase: Phase) -> None:
        self._set(
            path=reply.path,
            phase=phase,
            comparison=reply.comparison,
            nested=reply.nested,
            findings=reply.findings,
            cautions=(),
            sentence=reply.summary.problem,
            progress=None,
        )

    def _refused(self, failure: replies.Failed, before: ComparingState) -> None:
        self._state = before
        self.changed.emit(before)
        self.failed.emit(failure)

    def _hear(
        self,
        event: events.ComparisonProgress | events.MemberChanged | events.ComparisonChanged,
    ) -> None:
        if event.path != self._state.path:
            return
        match event:
            case events.ComparisonProgress():
                self._set(progress=event)
            case events.MemberChanged():
                self._replace(event.member)
            case events.ComparisonChanged():
                self._set(phase=event.state, sentence=event.sentence)
                if not self._state.active:
                    self._reread()

    def _replace(self, member: Member) -> None:
        comparison = self._state.comparison
        if comparison is None:
            return
        keys = (member.case, member.contender, member.repetition)
        members = tuple(
            member if (m.case, m.contender, m.repetition) == keys else m for m in comparison.members
        )
        self._set(comparison=msgspec.structs.replace(comparison, members=members))
        if member.state == "finished":
            self._reread()

    def _reread(self) -> None:
        """Ask for what follows from the scores so far: sentences and estimates."""
        path = self._state.path

        def opened(reply: replies.ComparisonOpened) -> None:
            if self._state.path == path:
                self._set(comparison=reply.comparison, nested=reply.nested, findings=reply.findings)

        request = requests.OpenComparison(id=0, path=path)
        self._client.request(request, opened, lambda _: None, owner=self)

    def _lost(self, why: str) -> None:
        if self._state.phase == "starting" and not self._state.path:
            self._state = ComparingState()
            self.changed.emit(self._state)
        elif self._state.active:
            self._set(phase="interrupted", sentence=f"{why} Nothing is lost: resume it.")

    def _set(self, **fields: Any) -> None:
        state = msgspec.structs.replace(self._state, **fields)
        if state != self._state:
            self._state = state
            self.changed.emit(state)
