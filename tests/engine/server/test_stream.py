"""Whatever libraries print, the protocol's lines stay whole."""

from __future__ import annotations

import os
import subprocess
import sys

NOISY = """
import os, subprocess, sys, threading
from engine.protocol import events, replies
from engine.server.stream import Stream, claim_stdout
print("before anything")
stream = Stream(claim_stdout())
print("a stray print")
os.write(1, b"a native library\\n")
subprocess.run([sys.executable, "-c", "print('a child')"])
threads = [
    threading.Thread(target=lambda: [stream.send(events.Heartbeat()) for _ in range(200)])
    for _ in range(4)
]
for thread in threads: thread.start()
for _ in range(200): sys.stdout.write("x" * 50)
for thread in threads: thread.join()
stream.send(replies.Done(id=1))
"""


def test_stray_output_goes_elsewhere() -> None:
    from engine.protocol import message_codec, replies

    done = subprocess.run(
        [sys.executable, "-c", NOISY],
        capture_output=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    first, *lines = done.stdout.splitlines()
    assert first == b"before anything"
    messages = [message_codec.decode_message(line) for line in lines]
    assert [m.seq for m in messages[:-1]] == list(range(1, 801))
    assert messages[-1] == replies.Done(id=1)
    for word in (b"a stray print", b"a native library", b"a child", b"xxx"):
        assert word in done.stderr


def test_a_front_end_that_is_gone_is_no_fault() -> None:
    from engine.protocol import events
    from engine.server.stream import Stream

    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb", buffering=0) as file:
        Stream(file).send(events.Heartbeat())
