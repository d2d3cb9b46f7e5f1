"""Where fits run: worker processes behind one small face, `Workers`.

`LocalPool` is the default: one warm process a slot on this machine. It is our own rather than
Pebble's or loky's because the engine must know which process runs which job: a memory limit is that
of one job, the timeline shows slots, a hung fit is killed alone and at once (Pebble waits 3 s for a
signal handler that native code never reaches; `concurrent.futures` breaks the whole pool), and
every worker has to end with the engine, even one that is stuck in native code.
"""

from engine.workers.base import Job, JobResult, Workers
from engine.workers.pool import LocalPool

__all__ = ["Job", "JobResult", "LocalPool", "Workers"]
