"""Set-up for tests that count processes."""

import multiprocessing

import pytest


@pytest.fixture(scope="session", autouse=True)
def tracker() -> None:
    """multiprocessing's resource tracker runs from the first pool until the process ends."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()
