"""Durable record of a run: one Optuna journal per run, with one writer."""

from engine.archive.archive import JOURNAL, STUDY, Archive, read
from engine.archive.lock import is_locked

__all__ = ["JOURNAL", "STUDY", "Archive", "is_locked", "read"]
