"""What a benchmark has computed, kept in a file: a call that was cut short loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")
O = TypeVar("O")  # noqa: E741


class Kept(Generic[O]):
    """Outcomes by the text that names their task, one JSON line each; the last line wins.

    Args:
        path: of the file, made when the first outcome comes. None: nothing is kept.
        kind: of the outcomes, any type that msgspec knows.
    """

    def __init__(self, path: Path | None, kind: type[O]) -> None:
        self._path = path
        self._found: dict[str, O] = {}
        if path is None or not path.exists():
            return
        decoder = msgspec.json.Decoder(tuple[str, kind])  # type: ignore[valid-type]
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):  # a kill may have cut the last line
                name, outcome = decoder.decode(line)
                self._found[name] = outcome

    def missing(self, tasks: Sequence[T], name: Callable[[T], str]) -> list[T]:
        """Those of ``tasks`` without an outcome."""
        return [task for task in tasks if name(task) not in self._found]

    def each(
        self,
        tasks: Sequence[T],
        name: Callable[[T], str],
        work: Callable[[Iterable[T]], Iterator[O]],
    ) -> Iterator[tuple[T, O]]:
        """Every task with its outcome: first those kept, then the others, as ``work`` gives them.

        Args:
            tasks: in the order in which they are to be done.
            name: of a task; it must tell whatever the outcome depends on.
            work: the outcomes of tasks, in their order.
        """
        missing = self.missing(tasks, name)
        for task in tasks:
            if name(task) in self._found:
                yield task, self._found[name(task)]
        for task, outcome in zip(missing, work(missing), strict=True):
            self._add(name(task), outcome)
            yield task, outcome

    def _add(self, name: str, outcome: O) -> None:
        self._found[name] = outcome
        if self._path is not None:
            with self._path.open("ab") as file:
                # What msgspec does not know is a number of NumPy's.
                file.write(msgspec.json.encode((name, outcome), enc_hook=float) + b"\n")
