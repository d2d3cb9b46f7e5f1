"""The queue of background tasks: when one may run, and what becomes of its result."""

from __future__ import annotations

import pytest

from engine.domain.trials import Cause
from engine.errors import RunError
from engine.search.background import BackgroundQueue, BackgroundTask
from engine.workers.base import JobResult


def test_one_at_a_time_in_the_order_submitted():
    tasks, given = BackgroundQueue(), []
    for name in "ab":
        tasks.add(BackgroundTask(name, (), lambda result: given.append(result.value)))
    assert tasks.start(None).function == "a"
    assert tasks.start(None) is None
    tasks.finish(JobResult(0, value=1))
    tasks.deliver()
    assert tasks.start(None).function == "b"
    tasks.finish(JobResult(1, value=2))
    tasks.deliver()
    assert given == [1, 2]
    assert tasks.start(None) is None


def test_workers_that_folds_need_are_lent_for_a_tenth_of_the_time():
    tasks = BackgroundQueue()
    for name in "ab":
        tasks.add(BackgroundTask(name, (), lambda result: None))
    assert tasks.start(0.0) is not None
    tasks.finish(JobResult(0, seconds=2.0))
    assert tasks.start(19.0) is None
    assert tasks.start(20.0) is not None


def test_an_idle_worker_is_always_free():
    tasks = BackgroundQueue()
    for name in "ab":
        tasks.add(BackgroundTask(name, (), lambda result: None))
    tasks.start(None)
    tasks.finish(JobResult(0, seconds=1e6))
    assert tasks.start(0.0) is None
    assert tasks.start(None) is not None


def test_a_killed_task_runs_again_before_the_others_and_costs_nothing():
    tasks, given = BackgroundQueue(), []
    for name in "ab":
        tasks.add(BackgroundTask(name, (), given.append))
    tasks.start(None)
    tasks.finish(JobResult(0, cause=Cause.KILLED, seconds=1e6))
    tasks.deliver()
    assert given == []
    assert tasks.start(0.0).function == "a"


def test_a_failure_is_a_result():
    tasks, given = BackgroundQueue(), []
    tasks.add(BackgroundTask("a", (), given.append))
    tasks.start(None)
    failed = JobResult(0, cause=Cause.ERROR, message="no luck")
    tasks.finish(failed)
    tasks.deliver()
    assert given == [failed]


def test_what_cant_be_recorded_is_delivered_again():
    tasks, tries = BackgroundQueue(), []

    def deliver(result):
        tries.append(result.value)
        if len(tries) == 1:
            raise RunError("run.disk_full", path="journal")

    tasks.add(BackgroundTask("a", (), deliver))
    tasks.start(None)
    tasks.finish(JobResult(0, value=7))
    with pytest.raises(RunError):
        tasks.deliver()
    tasks.deliver()
    tasks.deliver()
    assert tries == [7, 7]
