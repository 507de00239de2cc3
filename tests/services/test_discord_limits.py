"""Discord's limits that cost the token or ban the address are kept far off, also through restarts."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from services.identifies import Identifies
from services.refusals import Refusals
from services.store.database import Database
from services.store.discord_counts import DiscordCountRepository

DAY = 86_400.0


class Clock:
    def __init__(self) -> None:
        self.time = 1_790_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
async def counts(tmp_path: Path) -> AsyncGenerator[DiscordCountRepository]:
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    await database.migrate()
    yield DiscordCountRepository(database)
    await database.aclose()


@pytest.mark.parametrize("shards", [1, 2])
async def test_crash_loop_does_not_cost_the_token(counts: DiscordCountRepository, shards: int) -> None:
    """A bot that dies a second after each start is soon spaced out, and stays so the next day."""
    clock = Clock()
    most = max(10, 2 * shards) + 24 * max(2, 2 * shards) + 1
    end, started = clock.time + 1.25 * DAY, list[float]()
    while clock.time < end:
        identifies = Identifies(counts, in_a_row=10, an_hour=2, now=clock)
        clock.time += await identifies.pause(shards) + 1
        await identifies.begin(shards)
        started.append(clock.time)
    assert started[9] - started[0] < 60, "who tries things out does not wait"
    assert len(started) >= 28 * max(2, 2 * shards)
    assert await Identifies(counts, in_a_row=10, an_hour=2, now=clock).today() <= most + 1
    for start in started:
        assert len([each for each in started if start <= each < start + DAY]) <= most


async def test_bot_waits_when_discord_allows_few_connections(
    counts: DiscordCountRepository, caplog: pytest.LogCaptureFixture
) -> None:
    """Discord's own count is believed too; the log says what to do about it."""
    identifies = Identifies(counts, in_a_row=10, an_hour=4)
    with caplog.at_level(logging.ERROR):
        await identifies.wait(2, left=52, reset_seconds=DAY)
        assert not caplog.records
        await identifies.wait(2, left=51, reset_seconds=0.01)
    [said] = caplog.messages
    assert "allows only 51 more connections" in said
    assert "Find out why" in said


async def test_refused_requests_pause_all_others(counts: DiscordCountRepository) -> None:
    """From the limit on nothing is sent, also by the next process, until ten minutes are over."""
    clock = Clock()
    refusals = Refusals(limit=3, now=clock)
    await refusals.load(counts)
    refusals.note(200)
    refusals.note(404)
    refusals.note(429, "shared")
    assert refusals.recent() == 0
    for status in (401, 403, 429):
        assert not refusals.is_paused
        refusals.note(status, "user")
    assert refusals.is_paused
    await refusals.aclose()

    clock.time += 300
    restarted = Refusals(limit=3, now=clock)
    assert not restarted.is_paused
    await restarted.load(counts)
    assert restarted.is_paused
    clock.time += 400
    assert not restarted.is_paused
