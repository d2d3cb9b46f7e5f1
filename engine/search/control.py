"""`Control`: what a person wants of a search, or of several as one: pause, resume, stop, leave."""

from __future__ import annotations

from collections.abc import Callable


class Control:
    """Set from any thread, signal handlers included; obeyed by the thread that does the work.

    An experiment shares one with each of its searches in turn.

    Attributes:
        paused: no new fits until `resume`; running ones end. The work sets it, too, for a fault.
        stopped: end now and keep what was found.

    Args:
        wake: makes the work look up from waiting (`Workers.wake`).
        stop_abandons: whether `stop` leaves everything resumable, as `abandon` does.
    """

    def __init__(self, wake: Callable[[], None], *, stop_abandons: bool = False) -> None:
        self._wake = wake
        self._stop_abandons = stop_abandons
        self._abandoned = False
        self.paused = False
        self.stopped = False

    @property
    def abandoned(self) -> bool:
        """Whether to return without ending anything, as after a power cut; it can be resumed."""
        return self._abandoned or (self._stop_abandons and self.stopped)

    def pause(self) -> None:
        """No new fits until `resume`; running ones end."""
        self.paused = True
        self._wake()

    def resume(self) -> None:
        """Take up work again after a pause."""
        self.paused = False
        self._wake()

    def stop(self) -> None:
        """End now and keep what was found."""
        self.stopped = True
        self._wake()

    def abandon(self) -> None:
        """Leave everything as it stands; what was recorded stays."""
        self._abandoned = True
        self._wake()
