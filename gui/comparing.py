"""`Comparing`: the comparison that is being shown, live or from disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from PySide6.QtCore import QObject

from engine.domain.comparison import Contender, Member
from engine.plan import Plan
from engine.protocol import events, replies, requests
from gui.engine_client import EngineClient
from gui.view_states import ComparingState, Phase
from gui.work import OPENED, Work


class Comparing(Work[ComparingState]):
    """One comparison at a time."""

    NOUN = "comparison"

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(client, ComparingState(), parent)
        client.comparing.connect(self._hear)

    # --- actions ----------------------------------------------------------------------------------

    def start(
        self,
        plans: Sequence[Plan],
        contenders: Sequence[Contender],
        repetitions: int,
        kind: Literal["compare", "nested"] = "compare",
    ) -> None:
        """Start a comparison, or a nested resampling.

        Args:
            plans: one for each case (table and model); the first gives the seed.
            contenders: methods to compare.
            repetitions: of each method on each case; of a nested resampling the outer folds.
            kind: which of the two.
        """
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

    def resume_comparison(
        self, path: str, contenders: Sequence[Contender] = (), repetitions: int | None = None
    ) -> None:
        """Resume a comparison that is on disk.

        Args:
            path: of its folder.
            contenders: methods to add.
            repetitions: in all, if there are to be more.
        """
        self._begin(
            requests.ResumeComparison(
                id=0, path=path, contenders=tuple(contenders), repetitions=repetitions
            )
        )

    def open(self, path: str, then: Callable[[], None] | None = None) -> None:
        """Show a comparison that is on disk."""

        def opened(reply: replies.ComparisonOpened) -> None:
            self._show(reply, OPENED[reply.summary.state])
            if then is not None:
                then()

        meanwhile = msgspec.structs.replace(self._state, phase="opening", path=path)
        self._enter(meanwhile, requests.OpenComparison(id=0, path=path), opened)

    def put_side_by_side(
        self,
        paths: Sequence[str],
        shown: Callable[[], None],
        refused: Callable[[tuple[str, ...]], None],
    ) -> None:
        """Show finished runs as a comparison.

        Args:
            paths: of their folders.
            shown: called once the comparison is there.
            refused: called with the reasons why they can't be compared.
        """

        def ready(reply: replies.SideBySide) -> None:
            if reply.comparison is None:
                refused(reply.reasons)
                return
            self._put(
                ComparingState(
                    phase="finished",
                    comparison=reply.comparison,
                    findings=reply.findings,
                    cautions=reply.cautions,
                )
            )
            shown()

        self._ask(requests.PutSideBySide(id=0, paths=tuple(paths)), ready)

    def forget(self) -> None:
        """Show none, to set up another; not while one is running."""
        if not self._state.active:
            self._put(ComparingState())

    # --- what the engine says ---------------------------------------------------------------------

    def _begin(self, request: requests.Compare | requests.ResumeComparison) -> None:
        def started(reply: replies.ComparisonStarted) -> None:
            self._set(path=reply.path, comparison=reply.comparison, phase="running")

        meanwhile = msgspec.structs.replace(
            self._state, phase="starting", sentence="", progress=None
        )
        self._enter(meanwhile, request, started)

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
