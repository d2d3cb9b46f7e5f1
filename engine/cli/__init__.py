"""The command line: ``tunesmith tune``, ``run``, ``resume``, ``take``, ``compare``,
``recommend``, ``predict``, ``export``, ``list``, ``engine``; without a command, the window."""

from engine.cli.main import main

__all__ = ["main"]
