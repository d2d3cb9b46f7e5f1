"""Runs on disk: planning, folders, execution, library."""
