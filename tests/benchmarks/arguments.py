"""The option that every script has: ``--small`` tries the script itself, in seconds."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace


def parse(parser: ArgumentParser, **small: object) -> Namespace:
    """Parse the command line; with ``--small`` the defaults are those of ``small``."""
    parser.add_argument(
        "--small", action="store_true", help="only try the script: its figures mean nothing"
    )
    given = parser.parse_args()
    if given.small:
        parser.set_defaults(**small)
        given = parser.parse_args()
    return given
