"""Fixtures for all tests."""

from __future__ import annotations

import os
from itertools import accumulate, groupby
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres import postgres_server, postgres_url

END_TO_END = Path(__file__).parent / "e2e"
LONGEST = END_TO_END / "test_kills.py"
"""Each of its tests takes minutes: begun last, it would be waited for."""
__all__ = ["postgres_server", "postgres_url"]

# Shared machines are noisy; and what a run finds should depend on the change alone. To look for more
# counterexamples than those of the fixed examples: ISTHMUS_EXPLORE=1 ./dev test ...
settings.register_profile("default-here", deadline=None, derandomize=not os.environ.get("ISTHMUS_EXPLORE"))
settings.load_profile("default-here")


def pytest_xdist_auto_num_workers() -> int:
    """Run more tests at once than there are processors: end-to-end tests mostly wait."""
    return min(len(os.sched_getaffinity(0)) + 3, 8)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mix the modules that mostly wait among those that mostly compute, so that both go on all the time."""
    modules = [list(each) for _, each in groupby(items, key=lambda item: item.path)]
    longest = [item for item in items if item.path == LONGEST]
    modules = [each for each in modules if each[0].path != LONGEST]
    waiting = [each for each in modules if each[0].path.is_relative_to(END_TO_END)]
    computing = [each for each in modules if not each[0].path.is_relative_to(END_TO_END)]
    placed = sorted([*_placed(waiting), *_placed(computing)], key=lambda each: each[0])
    items[:] = _spread(longest, [item for _, module in placed for item in module])


def _spread(longest: list[pytest.Item], others: list[pytest.Item]) -> list[pytest.Item]:
    """Begin each worker's share with some of the longest tests; xdist deals out shares of one size in a row."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    total, spread = len(longest) + len(others), list[pytest.Item]()
    for number in range(workers):
        first = longest[number::workers]
        share = (total - len(spread)) // (workers - number)
        taken = max(share - len(first), 0)
        spread += first + others[:taken]
        others = others[taken:]
    return spread + others


def _placed(modules: list[list[pytest.Item]]) -> list[tuple[float, list[pytest.Item]]]:
    """Return each module with the share of all tests that comes before it."""
    total = sum(map(len, modules))
    before = [0, *accumulate(map(len, modules))]
    return [(start / total, module) for start, module in zip(before, modules, strict=False)]
