"""Preloaded by workers before their first network: JAX with a cache of compiled code on disk.

Compiling a training loop takes most of a second, and loading it again a hundredth. The folder is
private to the user, as the code in it is executed; there is one per kind of processor, and the
oldest entries are deleted when it has grown large. Importing this module starts no thread, so that
it can be done before workers are forked.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
from pathlib import Path

import jax

import engine.learners.networks.convolutional
import engine.learners.networks.estimator  # noqa: F401
from engine import user_folders

MOST_BYTES = 200_000_000


def keep_compiled(folder: Path) -> None:
    """Set JAX's cache of compiled code to ``folder``, unless the environment names another
    place."""
    if "JAX_COMPILATION_CACHE_DIR" in os.environ:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        prune(folder, MOST_BYTES)
    except OSError:
        return  # it only saves time
    jax.config.update("jax_compilation_cache_dir", os.fspath(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)


def prune(folder: Path, most: int) -> None:
    """Delete the oldest files of ``folder`` until the others have at most half of ``most`` bytes,
    if together they have more than ``most``."""
    files = [(path.stat(), path) for path in folder.iterdir() if path.is_file()]
    files.sort(key=lambda pair: pair[0].st_mtime, reverse=True)
    kept = 0
    too_many = sum(stat.st_size for stat, _ in files) > most
    for stat, path in files:
        kept += stat.st_size
        if too_many and kept > most // 2:
            with contextlib.suppress(FileNotFoundError):  # another worker prunes as well
                path.unlink()


def processor() -> str:
    """Short name of this kind of processor, for which code is compiled."""
    said = f"{platform.machine()} {platform.processor()}"
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        said += "".join(dict.fromkeys(li for li in lines if li.startswith(("model name", "flags"))))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


keep_compiled(user_folders.cache() / f"xla-{processor()}")
