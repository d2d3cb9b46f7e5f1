"""Log files: where faults are written with their details, while a person gets a sentence.

Every process that is started (the window, its engine, a call of the command line) writes a file of
its own, made when there is something to write, so that no two processes ever rotate one file.
Workers have none: they send what they log to their engine (`engine.workers.child`).
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from engine import user_folders
from engine.errors import RunError

MAX_BYTES, OLDER_PARTS = 1_000_000, 3
"""Size at which a file is begun anew, and how many full ones are kept beside it."""
KEPT = 20
"""Files kept in the folder, of all processes together: the newest."""
VERBOSE = "TUNESMITH_VERBOSE"
"""Environment variable: set where everything is to be logged, for child processes, too."""
PACKAGES = ("engine", "gui")
"""Ours; of others only warnings and errors are logged."""

_FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
_NAME = re.compile(r"[a-z]+-\d{8}-\d{6}-\d+\.log(\.\d+)?")
_log = logging.getLogger(__name__)


class LogFile(RotatingFileHandler):
    """A file in the person's log folder, made with the first message.

    Args:
        program: first word of its name.
    """

    def __init__(self, program: str) -> None:
        name = f"{program}-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
        path = user_folders.logs() / name
        super().__init__(path, "a", MAX_BYTES, OLDER_PARTS, encoding="utf-8", delay=True)

    @property
    def path(self) -> Path:
        return Path(self.baseFilename)

    def _open(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _remove_old(self.path.parent)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Say it on standard error where the file can't be written."""
        if logging.lastResort is not None:
            logging.lastResort.handle(record)


@contextlib.contextmanager
def log_to_file(program: str, *, verbose: bool = False) -> Iterator[None]:
    """While it lasts, log to a file, also warnings and exceptions that nothing catches.

    Args:
        program: what this process is, such as ``engine``, in lower-case letters.
        verbose: log every step, and on standard error as well.
    """
    if verbose:
        os.environ[VERBOSE] = "1"
    root = logging.getLogger()
    hooks = sys.excepthook, threading.excepthook
    handlers: list[logging.Handler] = [LogFile(program)]
    if is_verbose():
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        handler.setFormatter(logging.Formatter(_FORMAT))
        root.addHandler(handler)
    for package in PACKAGES:
        logging.getLogger(package).setLevel(logging.DEBUG if is_verbose() else logging.INFO)
    logging.captureWarnings(True)
    sys.excepthook, threading.excepthook = _uncaught, _uncaught_in_thread
    try:
        yield
    except Exception:
        _log.critical("Uncaught", exc_info=True)
        raise
    finally:
        sys.excepthook, threading.excepthook = hooks
        logging.captureWarnings(False)
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()
        if verbose:
            del os.environ[VERBOSE]


def is_verbose() -> bool:
    """Whether every step is to be logged."""
    return bool(os.environ.get(VERBOSE))


def file() -> Path | None:
    """This process's log file, which need not exist yet; None outside of `log_to_file`."""
    return next((h.path for h in logging.getLogger().handlers if isinstance(h, LogFile)), None)


def unforeseen(error: BaseException) -> RunError:
    """Log the unexpected ``error``, and return the sentence for the user."""
    _log.error("Unforeseen", exc_info=error)
    return RunError(
        "internal", why=f"{type(error).__name__}: {error}", log=str(file() or "the log")
    )


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, Exception):
        _log.critical("Uncaught", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and issubclass(args.exc_type, Exception):
        _log.critical("Uncaught", exc_info=args.exc_value)
    threading.__excepthook__(args)


def _remove_old(folder: Path) -> None:
    """Leave room for one more file of the `KEPT`."""
    with contextlib.suppress(OSError):
        ours = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
        ours.sort(key=lambda path: path.stat().st_mtime)
        for path in ours[: max(0, len(ours) - KEPT + 1)]:
            path.unlink()
