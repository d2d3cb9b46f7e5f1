"""The engine as a front end sees it: requests in, replies and events out (`engine.protocol`).

Four threads: one reads requests; the request thread answers those that take a while, in order; the
analysis thread those that take a long look at a run's trials; `WorkerQueue` has one for what needs
workers. The engine ends when its standard input does.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import platform
import sys
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from engine import __version__, catalog
from engine.analysis.forest_model import ProgressCallback
from engine.errors import Cancelled, InputError
from engine.protocol import base, events, message_codec, replies, requests
from engine.protocol.requests import Request
from engine.runs import folder as files
from engine.runs import run_library
from engine.runs.machine import cores
from engine.server import analysis_answers, comparison_answers, trust_answers
from engine.server import answers as answering
from engine.server.handlers import Handler, Kind, answers, handlers_of
from engine.server.open_requests import OpenRequests, failure
from engine.server.run_events import Clock
from engine.server.searches import Searches
from engine.server.stream import Stream, claim_stdout
from engine.server.worker_queue import StartWorkers
from engine.workers import LocalPool

LAST_SECONDS = 1.5
"""How long the engine may take to end once its front end is gone."""
HEARTBEAT_SECONDS = 1.0
ACTIVITY_SECONDS = 0.2
"""Between two events on how far a request is."""

_log = logging.getLogger(__name__)


def serve() -> int:
    """Serve the front end at the other end of standard input and output until it goes."""
    stream = Stream(claim_stdout())
    if sys.stderr is not None:  # a windowed program on Windows has none
        faulthandler.enable()
    _log.info("Tunesmith %s, Python %s, %s", __version__, sys.version, platform.platform())
    server = Server(stream)
    farewell = server.listen(sys.stdin.buffer)
    # Native code in a thread can't be interrupted; the workers' lifelines end with the process.
    watchdog = threading.Timer(LAST_SECONDS, lambda: os._exit(0))
    watchdog.daemon = True
    watchdog.start()
    server.close(farewell)
    return 0


class Server:
    """Reads requests and replies to each exactly once.

    Args:
        stream: takes replies and events.
        start_workers: how the workers are started that searches need.
    """

    def __init__(self, stream: Stream, start_workers: StartWorkers = LocalPool) -> None:
        self._stream = stream
        self._requests = OpenRequests(stream.send)
        self._searches = Searches(stream, self._requests, start_workers)
        self._request_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="requests")
        self._analysis_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="analyses")
        self._next_beat = 0.0
        self._clock = Clock(self._tick)
        self._clock.start()
        self.handlers = handlers_of(
            self, self._searches, answering, comparison_answers, trust_answers, analysis_answers
        )

    # --- listening --------------------------------------------------------------------------------

    def listen(self, lines: Iterable[bytes]) -> requests.Shutdown | None:
        """Answer the requests on ``lines`` until they end, or until `Shutdown`, which is
        returned."""
        for line in lines:
            try:
                request = message_codec.decode_request(line)
            except InputError as error:
                _log.warning("%s", error)
                number = message_codec.request_id(line)
                if number is not None:
                    self._stream.send(failure(number, error))
                continue
            if request is None:
                _log.warning("Unknown request ignored: %r", line[:200])
            elif isinstance(request, requests.Shutdown):
                return request
            else:
                self._take(request)
        return None

    def close(self, farewell: requests.Shutdown | None = None) -> None:
        """Stop everything, then reply to the ``farewell``; a running search can be resumed."""
        self._clock.stop()
        self._requests.give_up()
        self._searches.close(LAST_SECONDS)
        self._request_thread.shutdown(wait=False, cancel_futures=True)
        self._analysis_thread.shutdown(wait=False, cancel_futures=True)
        if farewell is not None:
            self._stream.send(replies.Done(id=farewell.id))

    def _take(self, request: Request) -> None:
        _log.debug("Request %d: %s", request.id, type(request).__name__)
        self._requests.add(request.id)
        handler = self.handlers[type(request)]
        if handler.kind is Kind.AT_ONCE:
            self._guard(request, handler)
        elif handler.kind is Kind.ANALYSIS:
            self._analysis_thread.submit(self._guard, request, handler)
        else:
            self._request_thread.submit(self._guard, request, handler)

    def _guard(self, request: Request, handler: Handler) -> None:
        """Every request gets exactly one reply, whatever happens."""
        try:
            if self._requests.cancelled(request.id):
                raise Cancelled
            reply = handler.function(request, *self._given(request, handler.kind))
        except Exception as error:
            self._requests.fail(request.id, error)
            return
        if reply is not None:
            self._requests.reply(reply)

    def _given(self, request: Any, kind: Kind) -> tuple[Any, ...]:
        """Arguments of a handler of ``kind`` after its request."""
        if kind is Kind.OF_ARCHIVE:
            return (self._searches.archived(request.path),)
        if kind is Kind.ANALYSIS:
            tick = self._progress(request)
            tick(0.0)
            return self._searches.archived(request.path).trials, tick
        return ()

    def _progress(self, request: Request) -> ProgressCallback:
        """A callback that sends how far an analysis is, and raises once it is cancelled."""
        last = 0.0

        def tick(fraction: float) -> None:
            nonlocal last
            if self._requests.cancelled(request.id):
                raise Cancelled
            now = time.monotonic()
            if now - last >= ACTIVITY_SECONDS:
                last = now
                label = type(request).__name__
                self._stream.send(
                    events.Activity(request=request.id, label=label, fraction=fraction)
                )

        return tick

    def _tick(self, now: float) -> None:
        self._searches.flush()
        if now >= self._next_beat:
            self._next_beat = now + HEARTBEAT_SECONDS
            self._stream.send(events.Heartbeat())

    # --- answered at once -------------------------------------------------------------------------

    @answers(requests.Hello, kind=Kind.AT_ONCE)
    def hello(self, request: requests.Hello) -> replies.Reply:
        """Say what the engine is and offers."""
        return replies.Welcome(
            id=request.id,
            version=base.VERSION,
            engine=__version__,
            catalog=catalog.CATALOG(),
            workers=cores(),
            library=str(run_library.library()),
        )

    @answers(requests.Cancel, kind=Kind.AT_ONCE)
    def cancel(self, request: requests.Cancel) -> replies.Reply:
        """Cancel an open request."""
        if self._requests.cancel(request.request):
            self._searches.wake()
        return replies.Done(id=request.id)

    # --- answered by the request thread -----------------------------------------------------------

    @answers(requests.OpenTable)
    def open_table(self, request: requests.OpenTable) -> replies.Reply:
        """Read a table, and start workers for what follows."""
        reply = answering.open_table(request)
        self._searches.warm_up()
        return reply

    @answers(requests.OpenRun)
    def open_run(self, request: requests.OpenRun) -> None:
        """Summarise a run on disk, then send its trials."""
        folder = Path(request.path)
        plan = files.load_plan(folder)
        archived = run_library.archive_of(folder)
        summary = run_library.summary(folder, archived)
        run_library.remember(folder)
        self._requests.reply(
            replies.RunOpened(id=request.id, path=str(folder), plan=plan, summary=summary)
        )
        answering.send_trials(self._stream, folder, plan, archived[0])
