"""The search: asks a tuner, has workers do the fits, records all of it, ends when it should."""

from engine.search.background import BackgroundTask
from engine.search.control import Control
from engine.search.loop import Ending, Search
from engine.search.spec import Counts, Listener, SearchSpec

__all__ = ["BackgroundTask", "Control", "Counts", "Ending", "Listener", "Search", "SearchSpec"]
