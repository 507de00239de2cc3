"""Fixtures for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]

# Shared machines are noisy; and what CI checks should depend on the change alone.
settings.register_profile("default-here", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("default-here")


def pytest_xdist_auto_num_workers() -> int:
    """Run more tests at once than there are processors: end-to-end tests mostly wait."""
    return min(len(os.sched_getaffinity(0)) + 3, 8)
