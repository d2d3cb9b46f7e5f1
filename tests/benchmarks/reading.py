"""Reading a CSV file: our reader beside plain `pyarrow.csv` and `pandas.read_csv`.

    python tests/benchmarks/reading.py [--mb 49] [--repeats 5]

Writes a table of numbers, words, dates and missing values of about so many megabytes, and reads it
by each way in a process of its own, in turn. Prints medians of the wall time as ratios to
pyarrow's, and how far the peak of memory rises above what the process took with its libraries
loaded, in multiples of the file.

    ours        `CsvReader.read`: hash, encoding, dialect, cells of text, notes
    careful     the same where Arrow's parser declines, as in every version before
    opened      `open_table` and `load`: types guessed, the table profiled and made into features
    pyarrow     `pyarrow.csv.read_csv`, types inferred
    pandas      `pandas.read_csv`, types inferred

Below, what `engine.data.readers.csv` estimates the memory of opening to be, in multiples of the
peak that was measured. Target: at least 1.0, and ours at most twice pyarrow's time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

SMALL = "small.csv"
"""A few rows that are read first, so that libraries are loaded and warm."""
WAYS = ("ours", "careful", "opened", "pyarrow", "pandas")


def write(path: Path, megabytes: float) -> None:
    """A table of eight columns of numbers, two of words, one of dates, one that counts, and one of
    classes."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(0)
    rows = int(megabytes * 9_600)
    columns = {f"x{place}": random.normal(size=rows).round(5) for place in range(8)}
    columns["x1"][random.integers(0, rows, rows // 50)] = np.nan
    towns = [f"town {place}, north" for place in range(200)]
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, rows), "D")
    table = pd.DataFrame(
        {
            **columns,
            "colour": random.choice(["red", "green", "blue"], rows),
            "town": random.choice(towns, rows),
            "day": days,
            "order": np.arange(rows),
            "y": random.choice(["yes", "no"], rows),
        }
    )
    table.to_csv(path, index=False)


def measure(way: str, path: Path) -> dict[str, float]:
    """Seconds, bytes of memory on top and rows, in this process."""
    import time

    import pandas as pd
    import psutil
    from pyarrow import csv

    from engine.data import csv_parser
    from engine.data.open import load, open_table
    from engine.data.readers.csv import CsvReader, _per_row
    from engine.plan import DataPlan, TextOptions

    def ours(path: Path) -> int:
        return CsvReader().read(str(path), TextOptions()).columns.num_rows

    def opened(path: Path) -> int:
        return len(load(open_table(DataPlan(str(path), target="y")).data).features)

    read = {
        "ours": ours,
        "careful": ours,
        "opened": opened,
        "pyarrow": lambda path: csv.read_csv(path).num_rows,
        "pandas": lambda path: len(pd.read_csv(path)),
    }[way]
    if way == "careful":
        csv_parser._quickly = lambda *_: None
    read(path.with_name(SMALL))
    before = psutil.Process().memory_info().rss
    start = time.perf_counter()
    rows = read(path)
    seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "memory": peak_memory() - before,
        "rows": rows,
        "estimate": _per_row(path)[0] * path.stat().st_size,
    }


def peak_memory() -> int:
    """Most bytes of memory that this process has had."""
    import psutil

    info = psutil.Process().memory_info()
    if hasattr(info, "peak_wset"):
        return info.peak_wset
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=float, default=49.0, help="size of the file")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--small", action="store_true", help="only try the script")
    parser.add_argument("--one", nargs=2, metavar=("WAY", "FILE"), help=argparse.SUPPRESS)
    call = parser.parse_args()
    if call.one:
        print(json.dumps(measure(call.one[0], Path(call.one[1]))))
        return
    if call.small:
        call.mb, call.repeats = 0.5, 1
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write(path, call.mb)
        write(path.with_name(SMALL), 0.02)
        size = path.stat().st_size
        for _ in range(call.repeats):
            for way in WAYS:
                command = [sys.executable, __file__, "--one", way, str(path)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                found[way].append(json.loads(done.stdout))
    median = {
        way: {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        for way, runs in found.items()
    }
    assert len({row["rows"] for row in median.values()}) == 1, "they differ in rows"
    print(f"{size / 1e6:.1f} MB, {median['ours']['rows']:,.0f} rows, {call.repeats} repeats")
    print(f"{'':10} {'time / pyarrow':>15} {'time / pandas':>15} {'memory / file':>15}")
    for way, row in median.items():
        times = [row["seconds"] / median[other]["seconds"] for other in ("pyarrow", "pandas")]
        print(f"{way:10} {times[0]:15.2f} {times[1]:15.2f} {row['memory'] / size:15.1f}")
    opened = median["opened"]
    print(f"estimate of memory / peak when opened: {opened['estimate'] / opened['memory']:.2f}")


if __name__ == "__main__":
    main()
