"""The suite's assertions show their values, as those of test files do."""

import pytest

pytest.register_assert_rewrite("engine.testing.workers_suite")
