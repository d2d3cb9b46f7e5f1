"""Settings that every test runs under; they must be in place before Qt and numpy load."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

# Assertions of the conformance suites show their values, as those of test files do.
pytest.register_assert_rewrite("engine.testing")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# One thread per library: tests run real worker processes side by side.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC"):
    os.environ.setdefault(_variable, "1")

# Polite workers would get next to nothing of a machine that is busy with other things.
os.environ.setdefault("TUNESMITH_NICENESS", "0")

# As in a person's own cache folder, what has been compiled is there for every test and process;
# processes that run tests side by side inherit the folder.
if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
    _compiled = tempfile.mkdtemp(prefix="tunesmith-compiled-")
    os.environ["JAX_COMPILATION_CACHE_DIR"] = _compiled
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0.1"
    atexit.register(shutil.rmtree, _compiled, ignore_errors=True)

# Deadlines measure the machine, not the code. And a check that fails must fail for whoever looks:
# the same examples each time, but for `--hypothesis-profile=explore`.
settings.register_profile("explore", deadline=None)
settings.register_profile("tunesmith", deadline=None, derandomize=True)
settings.load_profile("tunesmith")


def pytest_configure(config: pytest.Config) -> None:
    """Where the slow tests are left out, let JAX compile without optimising, which is most of what
    the others take. The slow ones, and all with them, run the code as people do."""
    if config.getoption("markexpr") == "not slow":
        os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
        os.environ.setdefault("XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false")


@pytest.fixture(scope="module", autouse=True)
def compiled() -> Iterator[None]:
    """What JAX has compiled for a module's tests goes with it: kept, it comes to gigabytes."""
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()
        gc.collect()


def write_metadata(folder: Path, name: str, points: Mapping[str, Mapping[str, str]]) -> None:
    """Write what an installer writes of a distribution: its entry points, by group and name."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    lines = [
        line
        for group, its in points.items()
        for line in (f"[{group}]", *(f"{point} = {value}" for point, value in its.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join([*lines, ""]), "utf-8")


ROOT = Path(__file__).parents[1]
EXTENSION = ROOT / "tests" / "assets" / "extension"
"""A package with components of every kind, as somebody else might write it."""


def install_extension() -> None:
    """Make our own packages and `EXTENSION` importable, here and in the processes that tests start
    from any folder, with the metadata of `EXTENSION` that an installer would write.

    The process that distributes tests makes the metadata for the others, whose ``sys.path`` is
    its own from before.
    """
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    if str(EXTENSION) not in paths:
        project = tomllib.loads((EXTENSION / "pyproject.toml").read_text("utf-8"))["project"]
        site = tempfile.mkdtemp(prefix="tunesmith-example-")
        atexit.register(shutil.rmtree, site, ignore_errors=True)
        write_metadata(Path(site), project["name"], project["entry-points"])
        paths = [str(ROOT), str(EXTENSION), site, *paths]
        os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    sys.path[:0] = [path for path in paths if path not in sys.path]


install_extension()


@pytest.fixture
def distribute(tmp_path: Path) -> Callable[..., Path]:
    """Makes a distribution of one module with components of one kind, in a folder of its own."""

    def make(name: str, text: str, kind: str, **points: str) -> Path:
        folder = tmp_path / f"site of {name}"
        folder.mkdir()
        (folder / f"{name}.py").write_text(text, "utf-8")
        write_metadata(
            folder,
            name,
            {f"tunesmith.{kind}s": {point: f"{name}:{at}" for point, at in points.items()}},
        )
        return folder

    return make


@pytest.fixture
def broken_package(distribute: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> str:
    """A package whose measure can't be imported, for engine processes that start from now on; its
    name."""
    folder = distribute("broken_package", "raise RuntimeError('not today')", "measure", bad="BAD")
    others = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), others]).rstrip(os.pathsep))
    return "broken_package"


@pytest.fixture
def paint(tmp_path: Path) -> Callable[..., Path]:
    """Saves a picture in the folder ``shapes``: white for the left ``share`` of its width, and
    black beside it."""
    import numpy as np
    from PIL import Image

    def paint(name: str, share: float = 0.5, size: tuple[int, int] = (8, 8)) -> Path:
        path = tmp_path / "shapes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        width, height = size
        gray = np.zeros((height, width), dtype=np.uint8)
        gray[:, : round(share * width)] = 255
        Image.fromarray(gray).convert("RGB").save(path)
        return path

    return paint


@pytest.fixture
def shapes(paint: Callable[..., Path], tmp_path: Path) -> Path:
    """A folder with two classes of ten pictures each, in files of different kinds."""
    for number in range(10):
        paint(f"left/{number}.png", 0.125 + 0.125 * (number % 3))
        paint(f"wide/{number}.bmp", 0.625 + 0.125 * (number % 3))
    return tmp_path / "shapes"
