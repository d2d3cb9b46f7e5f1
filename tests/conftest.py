"""Settings that every test runs under; they must be in place before Qt and numpy load."""

from __future__ import annotations

import os

from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# One thread per library: tests run real worker processes side by side.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC"):
    os.environ.setdefault(_variable, "1")

# Deadlines measure the machine, not the code. And a check that fails must fail for whoever looks:
# the same examples each time, but for `--hypothesis-profile=explore`.
settings.register_profile("explore", deadline=None)
settings.register_profile("tunesmith", deadline=None, derandomize=True)
settings.load_profile("tunesmith")
