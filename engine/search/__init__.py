"""The search: asks a tuner, has workers do the fits, records all of it, ends when it should."""

from engine.search.listener import Counts, Listener
from engine.search.loop import Ending, Search

__all__ = ["Counts", "Ending", "Listener", "Search"]
