"""``python -m gui``: open the window."""

from __future__ import annotations

import argparse
import sys

from engine import logs
from gui.pages import PAGES


def main(arguments: list[str] | None = None) -> int:
    """Open the window and return its exit status."""
    parser = argparse.ArgumentParser(prog="tunesmith", description="Open the Tunesmith window.")
    parser.add_argument("source", nargs="?", help="a table to open: a file, or builtin:NAME")
    parser.add_argument("--page", choices=sorted(PAGES), default="data", help="first page shown")
    parser.add_argument(
        "--verbose", action="store_true", help="log every step, and on standard error as well"
    )
    options = parser.parse_args(arguments)
    from gui import app  # late: --help must not need Qt's system libraries

    with logs.log_to_file("window", verbose=options.verbose):
        return app.run(page=options.page, source=options.source)


if __name__ == "__main__":
    sys.exit(main())
