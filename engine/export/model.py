"""The fitted model as a skops file, which opens without running code."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.errors import InputError
from engine.export.finished_run import finished, place


def write(folder: Path, to: Path, *, refit: bool = True) -> None:
    """Write the model of the run in ``folder``.

    Args:
        refit: fit the best configuration on all rows, outer test rows included; otherwise the
            model is the one whose test score the run reports.

    Raises:
        InputError: ``run.none``, ``run.no_result`` or ``export.unwritable``.
    """
    run = finished(folder)
    if not refit:
        saved = folder / "model.skops"
        if not saved.exists():
            raise InputError("run.no_result", path=folder)
        place(to, lambda scratch: shutil.copyfile(saved, scratch))
        return
    from skops.io import dump

    from engine.objective.final_model import make_pipeline, refit_on_all

    make, chosen = make_pipeline, run.result.configuration
    if run.plan.by_gradient:
        from engine.gradient.final import make_tuned as make

        chosen = run.result.trial
    model = refit_on_all(folder, chosen, run.result.model_seed, make)
    place(to, lambda scratch: dump(model, scratch))
