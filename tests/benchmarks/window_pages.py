"""The window's quickness at 10,000 trials: pages and pictures shown, trials pointed at.

    python tests/benchmarks/window_pages.py

Longest gap between ticks of a 5 ms timer while each page is shown with a run of 10,000 trials (on
*Compare*, with two such runs side by side): from going there, or choosing the picture, until it is
drawn, then selecting ten trials. Target: at most 100 ms by the clock. Beside it stands how much of
a gap the window's thread worked: on a machine that does other things too, the rest is waiting for
its turn, so a miss with little work says more of the machine than of the window. The run is on
disk, the engine the real one.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "benchmarks")]

from arguments import parse
from window import TICK_MS, a_plan, apart, drawn, show_window

Table = list[tuple[str, tuple[float, float]]]
TARGET = 100.0
FOLDS = 3
POINTED = 10


def main() -> int:
    if sys.argv[1:2] == ["--large"]:
        make_finished(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=10_000)
    options = parse(parser, trials=100)
    table: Table = []
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUNESMITH_HOME"] = home
        runs = [Path(home) / "runs" / f"large-{seed}" for seed in (1, 2)]
        for seed, folder in enumerate(runs, start=1):
            apart(__file__, "--large", folder, seed, options.trials)
        measure(Path(home), runs, options.trials, table)
    print(
        f"{f'shown with {options.trials:,} trials':<44} {'longest stall':>14} {'of it work':>11}"
        f" {'target':>8}"
    )
    for what, (gap, work) in table:
        missed = "" if gap <= TARGET else "  MISSED"
        print(f"{what:<44} {gap:>11.0f} ms {work:>8.0f} ms {TARGET:>5.0f} ms{missed}")
    return 0 if options.small or all(gap <= TARGET for _, (gap, _) in table) else 1


def measure(home: Path, runs: list[Path], trials: int, table: Table) -> None:
    """Walk through the pages and note the longest stall of each step in ``table``."""
    from PySide6.QtWidgets import QPushButton

    from engine.plots.picture import pictures_on
    from gui.canvas import Canvas
    from gui.widgets.fields import Segments

    window, pump = show_window(home, None)
    context, ticks = window.context, Ticks(window)
    run = context.run

    @contextmanager
    def noted(what: str) -> Iterator[None]:
        ticks.start()
        yield
        table.append((what, ticks.longest()))

    for name in ("run", "results", "understand", "compare"):
        window.show_page(name)  # built before, as a person's second visit finds them
        pump(lambda: True)
    window.show_page("data")
    run.open(str(runs[0]))
    pump(lambda: len(run.store) == trials and run.state.results is not None)
    for name in ("run", "results"):
        with noted(f"{name}: shown"):
            window.show_page(name)
            settle(window, pump)
    with noted("understand: shown"):
        window.show_page("understand")
        settle(window, pump)
    page = window.page
    for view in pictures_on("understand"):
        with noted(f"understand: {view.name.lower()}"):
            page.look_at(view.id)
            settle(window, pump)
    draw = random.Random(0)
    for place in ("parallel", "footprint"):
        page.look_at(place)
        settle(window, pump)
        with noted(f"understand: pointing, {place}"):
            for _ in range(POINTED):
                run.select(draw.randrange(trials))
                settle(window, pump)
    page.look_at("parallel")
    settle(window, pump)
    with noted("understand: a range brushed"):
        shown = next(c for c in page.findChildren(Canvas) if c.isVisible())
        shown.dragged.emit(1.0, 0.2, 1.0, 0.6)
        settle(window, pump)
    window.show_page("run")
    settle(window, pump)
    with noted("run: pointing"):
        for _ in range(POINTED):
            run.select(draw.randrange(trials))
            settle(window, pump)
    told: list[bool] = []
    with noted("compare: two runs side by side"):
        context.comparing.put_side_by_side(
            [str(folder) for folder in runs],
            lambda: told.append(True),
            lambda reasons: print(" ".join(reasons)),
        )
        pump(lambda: bool(told))
        window.show_page("compare")
        settle(window, pump)
    choices = next(
        s
        for s in window.page.findChildren(Segments)
        if s.accessibleName() == "Picture" and s.isVisible()
    )
    for choice in choices.findChildren(QPushButton):
        with noted(f"compare: {choice.text().lower()}"):
            choice.click()
            settle(window, pump)
    window.close()


class Ticks:
    """A timer that ought to tick every few milliseconds, and when it did: by the clock, and by the
    time that the window's thread has worked."""

    def __init__(self, parent) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._at: list[tuple[float, float]] = []
        self._timer = QTimer(parent, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._at.append(now()))

    def start(self) -> None:
        self._at = [now()]
        self._timer.start()

    def longest(self) -> tuple[float, float]:
        """The longest gap since `start`, and the most work in one, in milliseconds."""
        self._timer.stop()
        self._at.append(now())
        gaps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(self._at)]
        clock, work = (max(1000 * gap[i] for gap in gaps) for i in (0, 1))
        return clock, work


def now() -> tuple[float, float]:
    return time.perf_counter(), time.thread_time()


def settle(window, pump: Callable[[Callable[[], bool]], None]) -> None:
    """Let the window live until nothing is being worked out or drawn."""
    from gui.canvas import Canvas
    from gui.pages.understand.asked_picture import AskedPicture

    calm: list[float] = []

    def still() -> bool:
        page = window.page
        busy = any(p.busy for p in page.findChildren(AskedPicture) if p.isVisible())
        pending = any(c.redraws_pending for c in page.findChildren(Canvas) if c.isVisible())
        if busy or pending:
            calm.clear()
            return False
        calm.append(time.perf_counter())
        return calm[-1] - calm[0] > 0.15

    pump(still)


def make_finished(folder: Path, seed: int, trials: int) -> None:
    """A search of ``trials`` that has ended, its scores smooth in the hyperparameters."""
    import json

    import msgspec

    from engine.archive import Archive
    from engine.domain.trials import FoldResult, TrialState
    from engine.runs import folder as files
    from engine.runs import run_library
    from engine.runs.planning import load_data
    from engine.runs.run_executor import RunExecutor, worker_modules
    from engine.testing.experiments import SilentListener
    from engine.tuners.base import Proposal
    from engine.workers import LocalPool

    plan = a_plan(trials)
    resampling = msgspec.structs.replace(plan.evaluation.resampling, kind="kfold", folds=FOLDS)
    evaluation = msgspec.structs.replace(plan.evaluation, resampling=resampling)
    plan = msgspec.structs.replace(plan, evaluation=evaluation, seed=seed)
    files.create(folder, plan, load_data(plan.data))
    draw = random.Random(seed)
    parameters = [json.loads(msgspec.json.encode(p)) for p in plan.space.parameters]
    measure = plan.evaluation.measure
    with Archive(folder, plan.space, maximise=True) as archive:
        for number in range(trials):
            given = {p["name"]: drawn(p, draw) for p in parameters}
            configuration = plan.space.nearest(given)
            proposal = Proposal(number, number, configuration, origin="random")
            archive.begin(proposal)
            unit = plan.space.to_unit(configuration).tolist()
            good = sum(
                (0 if x != x else (x - 0.4) ** 2) / (1 + place) for place, x in enumerate(unit)
            )
            scores = [0.95 - 0.3 * good + draw.gauss(0, 0.01) for _ in range(FOLDS)]
            for fold, score in enumerate(scores):
                archive.add_fold(
                    FoldResult(
                        number,
                        fold,
                        {measure: score},
                        started=1e9 + number,
                        seconds=0.3,
                        worker=fold % 2,
                    )
                )
            value = sum(scores) / FOLDS
            archive.finish(number, TrialState.COMPLETE, value=value, told=proposal)
        archive.note(run_library.STATE, "finished")
    with LocalPool(1, worker_modules(plan)) as pool:
        executor = RunExecutor(folder, plan, pool, SilentListener())
        try:
            executor.conclude("The budget is spent.")
        finally:
            executor.close()


if __name__ == "__main__":
    sys.exit(main())
