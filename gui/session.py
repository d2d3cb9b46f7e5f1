"""`Session`: what the person has chosen, what follows from it, and the way back.

Each choice is one named step of undo. After it the guide is asked again, and everything the person
did not choose follows its advice. A reply to an older question is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from engine.domain.advice import PlanProblem
from engine.errors import InputError
from engine.plan import DataPlan, Plan, ReadOptions
from engine.protocol import replies, requests
from gui import consequences, flow, words
from gui import user_choices as choosing
from gui.engine_client import EngineClient
from gui.undo import Chosen, Edit
from gui.user_choices import Choices
from gui.view_states import SessionState, Trouble

ADVISE_MS = 120
"""Quiet time after a choice before the guide is asked."""


class Session(QObject):
    """The choices so far.

    Args:
        client: the engine, for reading tables and for advice.
        clock: monotonic seconds, to tell one gesture from the next.
    """

    changed = Signal(object)
    """`SessionState`, after every change."""
    table_changed = Signal(object)
    """The `Table` or None."""
    plan_changed = Signal(object)
    """The `Plan` or None."""

    def __init__(
        self,
        client: EngineClient,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self._client = client
        self._clock = clock
        self._state = SessionState()
        self._opening: tuple[int, DataPlan] | None = None
        self._refused: DataPlan | None = None
        self._advising = 0
        self._probing = 0
        self._when_fresh: list[Callable[[], None]] = []
        self._preferred: dict[str, Any] = {}
        self._advise_soon = QTimer(self, singleShot=True, interval=ADVISE_MS)
        self._advise_soon.timeout.connect(self._advise)
        client.ready.connect(self._ask_again)

    @property
    def state(self) -> SessionState:
        """Present choices and their consequences."""
        return self._state

    # --- the table -------------------------------------------------------------------------------

    def open(self, source: str, read: ReadOptions | None = None) -> None:
        """Read another table. The learner and other choices stay and ask for review."""
        if not source.startswith("builtin:"):
            source = str(Path(source).absolute())
        data = DataPlan(source=source, read=read)
        choices = msgspec.structs.replace(self._state.choices, data=data)
        self._read(choices, f"Open {words.name_of(source)}", "")

    def open_plan(self, plan: Plan, title: str) -> None:
        """Take a whole plan, its table included."""
        self._read(choosing.from_plan(plan), f"Open {title}", "", whole=True)

    def change_data(self, text: str, *, gesture: str = "", **fields: Any) -> None:
        """Change fields of the `DataPlan`; the table is read again. Ignored without a table.

        Args:
            text: what was done, for undo: ``Predict cultivar``.
        """
        choices = self._state.choices
        if self._opening is not None:
            choices = msgspec.structs.replace(choices, data=self._opening[1])
        if choices.data is not None:
            self._read(choosing.with_data(choices, fields), text, gesture)

    def read_as(self, text: str, read: ReadOptions, *, gesture: str = "") -> None:
        """Read the table that was just refused, or else the present one, by other options.

        Args:
            text: what was done, for undo.
            read: the options.
            gesture: changes of the same gesture are undone together.
        """
        data = self.attempted
        if data is not None:
            data = msgspec.structs.replace(data, read=read)
            self._read(msgspec.structs.replace(self._state.choices, data=data), text, gesture)

    @property
    def attempted(self) -> DataPlan | None:
        """The table last asked for: being read, just refused, or the present one."""
        if self._opening is not None:
            return self._opening[1]
        refused = self._refused if self._state.trouble is not None else None
        return refused or self._state.choices.data

    def cancel_open(self) -> None:
        """Give up reading a table; what was there stays."""
        if self._opening is not None:
            self._client.cancel(self._opening[0])
            self._opening = None
            self._set(busy="")

    def _read(self, choices: Choices, text: str, gesture: str, *, whole: bool = False) -> None:
        """Read the table of ``choices``, and take that of them, or the ``whole``."""
        assert choices.data is not None
        data = choices.data
        if self._opening is not None:
            self._client.cancel(self._opening[0])

        def opened(reply: replies.TableOpened) -> None:
            self._opening = self._refused = None
            chosen = choices if whole else self._state.choices
            chosen = msgspec.structs.replace(chosen, data=data)
            self._set(busy="", trouble=None)
            self._push(Chosen(chosen, reply.table), text, gesture)

        def failed(failure: replies.Failed) -> None:
            self._opening = None
            present = self._state.choices.data
            other = present is None or (data.source, data.read) != (present.source, present.read)
            self._refused = data if other else None
            self._set(busy="", trouble=consequences.trouble(failure, flow.Step.DATA))

        request = requests.OpenTable(id=0, data=data)
        number = self._client.request(request, opened, failed, owner=self)
        self._opening = (number, data)
        self._set(busy=f"Reading {words.name_of(data.source)}")

    # --- choices ---------------------------------------------------------------------------------

    def choose_learner(self, id_: str) -> None:
        """Take a learner. A search space edited for it earlier comes back."""
        label = words.label(self._client.catalog.learners, id_)
        self.change(f"Choose {label}", {choosing.LEARNER: id_})

    def change(self, text: str, changes: Mapping[str, Any], *, gesture: str = "") -> bool:
        """Set plan fields by dotted path; False (with `SessionState.trouble`) if a value can't be.

        Args:
            text: what was done, for undo.
            gesture: choices of the same non-empty gesture merge while they follow closely.
        """
        plan = self._state.plan
        if plan is not None:
            try:
                consequences.overlaid(plan, changes)
            except InputError as error:
                self._set(
                    trouble=Trouble(
                        step=flow.owner(error.field or next(iter(changes))),
                        sentence=str(error),
                        field=error.field,
                        code=error.code,
                    )
                )
                return False
        choices = choosing.with_changes(
            self._state.choices, changes, current=consequences.current(plan)
        )
        self._push(Chosen(choices, self._state.table), text, gesture)
        return True

    def reset_to_recommended(self, text: str, *paths: str) -> None:
        """Leave fields (and what lies inside them) to the guide again."""
        choices = choosing.without(self._state.choices, *paths)
        self._push(Chosen(choices, self._state.table), text, "")

    def is_set(self, path: str) -> bool:
        """Whether the person, not the guide, set ``path`` or something inside it."""
        return choosing.is_set(self._state.choices, path)

    def prefer(self, fields: Mapping[str, Any]) -> None:
        """Plan fields from the preferences: they hold where the person chose nothing else."""
        if dict(fields) != self._preferred:
            self._preferred = dict(fields)
            if self._state.has_target:
                self._set(fresh=False)
                self._advise_soon.start()

    def confirm(self, step: flow.Step) -> None:
        """Note that the person has agreed to the present choices of a step."""
        basis = flow.basis(step, self._state)
        self._set(confirmed={**self._state.confirmed, str(step): basis})

    def dismiss_trouble(self) -> None:
        """The person has seen it."""
        self._refused = None
        self._set(trouble=None)

    # --- cost and checks -------------------------------------------------------------------------

    def ensure_probe(self) -> None:
        """Measure the cost of a fold, unless that is known or being done."""
        plan = self._state.plan
        if plan is None or self._state.probe is not None or self._probing:
            return
        measured_for = consequences.probe_basis(plan)

        def probed(reply: replies.Probed) -> None:
            present = self._state.plan
            if present is not None and consequences.probe_basis(present) == measured_for:
                self._measure(0, probe=reply.probe)
                self._advise_soon.start()
            else:
                self._measure(0)
                self.ensure_probe()

        def failed(failure: replies.Failed) -> None:
            self._measure(0)
            if failure.code != "cancelled":
                self._set(trouble=consequences.trouble(failure, flow.Step.EVALUATION))

        request = requests.Probe(id=0, plan=plan)
        self._measure(self._client.request(request, probed, failed, owner=self))

    @property
    def probing(self) -> bool:
        """Whether the cost is being measured."""
        return self._state.probing

    def cancel_probe(self) -> None:
        """Give up measuring the cost."""
        if self._probing:
            self._client.cancel(self._probing)
            self._measure(0)

    def _measure(self, request: int, **found: Any) -> None:
        # In one change: who sees the measuring end sees what was found, and asks for no other.
        self._probing = request
        self._set(probing=request != 0, **found)

    def check(self, then: Callable[[tuple[PlanProblem, ...]], None]) -> None:
        """Whether the plan can run: ``then`` gets what is wrong with it, or nothing.

        Waits for advice that was asked for; forgotten when that fails (`SessionState.trouble`).
        """
        plan = self._state.plan
        if plan is None or not self._state.fresh:
            self._when_fresh.append(lambda: self.check(then))
            return
        self._client.request(
            requests.Check(id=0, plan=plan),
            lambda reply: then(reply.problems),
            lambda failure: then((PlanProblem(failure.code, failure.sentence, failure.field),)),
            owner=self,
        )

    # --- undo ------------------------------------------------------------------------------------

    def _push(self, after: Chosen, text: str, gesture: str) -> None:
        before = Chosen(self._state.choices, self._state.table)
        if after != before:
            self.undo_stack.push(Edit(self.adopt, before, after, text, gesture, self._clock()))

    def adopt(self, chosen: Chosen) -> None:
        """Take choices as they are, and ask the guide what follows. For undo and redo."""
        before = self._state
        table = chosen.table
        plan = before.plan if table is not None and table.data.target is not None else None
        if plan is not None and table is not None and before.table is table:
            added = {
                path: value
                for path, value in chosen.choices.changes.items()
                if before.choices.changes.get(path, consequences.ABSENT) != value
            }
            plan = consequences.overlaid_if_possible(plan, added)
        self._when_fresh.clear()
        self._set(choices=chosen.choices, table=table, plan=plan, trouble=None, fresh=False)
        if table is not None and table.data.target is not None:
            self._advise_soon.start()
        else:
            self._advise_soon.stop()
            self._drop_advice()

    # --- advice ----------------------------------------------------------------------------------

    def _advise(self) -> None:
        state = self._state
        if state.table is None or state.table.data.target is None:
            return
        if self._advising:
            self._client.cancel(self._advising)
        asked = Chosen(state.choices, state.table)
        request = requests.Advise(
            id=0,
            data=state.table.data,
            learner=state.choices.learner,
            changes=msgspec.to_builtins(self._preferred | state.choices.changes),
            probe=consequences.rescaled(state.probe, state.plan),
        )

        def advised(reply: replies.Advised) -> None:
            self._advising = 0
            if asked == Chosen(self._state.choices, self._state.table):
                self._take(reply)

        def failed(failure: replies.Failed) -> None:
            self._advising = 0
            if asked == Chosen(self._state.choices, self._state.table):
                self._when_fresh.clear()
                self._set(trouble=consequences.trouble(failure, consequences.blamed(asked.choices)))

        self._advising = self._client.request(request, advised, failed, owner=self)

    def _take(self, reply: replies.Advised) -> None:
        plan, before = reply.plan, self._state.plan
        basis = consequences.probe_basis
        same = before is not None and basis(before) == basis(plan)
        self._set(
            plan=plan,
            advice=reply.advice,
            space=reply.space,
            default=reply.default,
            train_rows=reply.train_rows,
            test_rows=reply.test_rows,
            tuning=reply.tuning,
            probe=self._state.probe if same else None,
            trouble=None,
            fresh=True,
        )
        waiting, self._when_fresh = self._when_fresh, []
        for action in waiting:
            action()

    def _drop_advice(self) -> None:
        if self._advising:
            self._client.cancel(self._advising)
            self._advising = 0
        self._set(
            plan=None,
            advice=None,
            space=None,
            default={},
            train_rows=0,
            test_rows=0,
            tuning=None,
            probe=None,
        )

    def _ask_again(self) -> None:
        # A new engine knows nothing of earlier questions; their failure has been reported.
        self._advising = 0
        self._measure(0)
        if self._state.has_target:
            self._advise_soon.start()

    def _set(self, **fields: Any) -> None:
        before, self._state = self._state, msgspec.structs.replace(self._state, **fields)
        if self._state == before:
            return
        if self._state.table is not before.table:
            self.table_changed.emit(self._state.table)
        if self._state.plan != before.plan:
            self.plan_changed.emit(self._state.plan)
        self.changed.emit(self._state)
