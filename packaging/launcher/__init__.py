"""What packaging/launch.py is made of; the standard library only, like the script itself."""

from __future__ import annotations

import sys


class Trouble(Exception):
    """What went wrong and what to do about it, in words for the person at the keyboard."""


def say(text: str, end: str = "\n") -> None:
    """Tell the person something; standard output belongs to the program that is started."""
    print(text, end=end, file=sys.stderr, flush=True)
