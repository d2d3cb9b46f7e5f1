"""What the window shows of overtuning: of a finished run, and while a search goes on."""

from __future__ import annotations

from engine.domain.trust import Overtuning
from engine.plots import overtuning
from gui.run import Run


def prepared(run: Run, found: Overtuning) -> overtuning.Prepared:
    """The picture of ``found`` in ``run``."""
    snapshot = run.snapshot()
    return overtuning.prepare(
        found,
        trials=len(run.store),
        measure=snapshot.measure_label,
        maximise=snapshot.maximise,
        planned=run.store.planned,
    )
