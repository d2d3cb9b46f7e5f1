"""Export of a comparison."""

from __future__ import annotations

from pathlib import Path

from engine import catalog
from engine.analysis.verdict_words import findings
from engine.errors import InputError
from engine.experiments.collect_results import comparison_of
from engine.experiments.experiment import load
from engine.experiments.nested import estimates
from engine.export import comparison_html as report


def export(folder: Path, what: str, to: Path) -> None:
    """Write the report of the comparison in ``folder``.

    Args:
        folder: of the comparison.
        what: must be report.
        to: file to write.

    Raises:
        InputError: ``export.comparison`` for anything but a report, ``experiment.nothing_done``,
            ``export.unwritable``.
    """
    if what != "report":
        raise InputError("export.comparison", what=what)
    if not to.parent.is_dir():
        raise InputError("export.unwritable", path=to, why=f"there is no folder {to.parent}")
    experiment = load(folder)
    found = comparison_of(folder, experiment)
    report.write(
        to,
        found,
        findings(found),
        plans=experiment.cases,
        catalog=catalog.CATALOG(),
        nested=estimates(folder, experiment, found),
    )
