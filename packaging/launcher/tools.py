"""Running other programs, and telling the person how far they are."""

from __future__ import annotations

import subprocess
import threading
import time
from typing import Any, Callable, Iterable, Mapping, TextIO


class Failed(Exception):
    """A command did not succeed; the message is all that it printed."""


class Progress:
    """A line that is rewritten in place on a terminal; elsewhere a new line now and then."""

    def __init__(self, stream: TextIO, seconds_between: float = 15.0) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._seconds_between = seconds_between
        self._began = self._written = time.monotonic()
        self._step = self._line = ""

    def show(self, text: str) -> None:
        """Show ``text``, whose first word names the step."""
        now = time.monotonic()
        line = "  {}:{:02d}  {}".format(*divmod(int(now - self._began), 60), text)[:78]
        step = text.split(" ")[0]
        if self._terminal:
            self._stream.write("\r" + line.ljust(len(self._line)))
            self._line = line
        elif step != self._step or now - self._written >= self._seconds_between:
            self._stream.write(line + "\n")
            self._step, self._written = step, now
        self._stream.flush()

    def close(self) -> None:
        """End the line, so that what follows begins on its own."""
        if self._line:
            self._stream.write("\n")


def watch(
    command: list[str], report: Callable[[list[str]], None], environ: Mapping[str, str]
) -> None:
    """Run ``command``, giving ``report`` the lines so far four times a second and at the end.

    Raises `Failed` when the command does not succeed.
    """
    lines: list[str] = []

    def read(output: Iterable[str]) -> None:
        for line in output:
            lines.append(line.rstrip())

    streams: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    streams.update(stdin=subprocess.DEVNULL, encoding="utf-8", errors="replace")
    with subprocess.Popen(command, env=environ, **streams) as process:
        reader = threading.Thread(target=read, args=(process.stdout,))
        reader.start()
        try:
            going = True
            while going:
                reader.join(0.25)
                going = reader.is_alive()
                report(lines)
        except BaseException:
            process.terminate()
            reader.join()
            raise
    if process.returncode:
        raise Failed("\n".join(lines))
