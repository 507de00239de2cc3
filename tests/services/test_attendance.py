"""What is written down never runs ahead of what was dealt with."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from services.attendance import Attendance, Gap, oldest_id
from services.store.checkpoints import Checkpoint, CheckpointRepository
from services.store.database import Database

SERVER, PHOTOS, TALK, DIRECT = 1, 11, 12, 13
WEEK = 7 * 86_400


@pytest.fixture
async def repository(tmp_path: Path) -> AsyncGenerator[CheckpointRepository]:
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    await database.migrate()
    yield CheckpointRepository(database)
    await database.aclose()


async def written(repository: CheckpointRepository) -> dict[int, int]:
    return {each.channel_id: each.message_id for each in await repository.load()}


async def test_message_in_hand_holds_its_channel_back(repository: CheckpointRepository) -> None:
    """A checkpoint stands before the oldest message that is still being taken on, and goes on after it."""
    attendance = Attendance(repository)
    for number in (100, 101, 102):
        attendance.note(PHOTOS, SERVER, number)
    with attendance.in_hand(PHOTOS, 101), attendance.in_hand(PHOTOS, 102):
        await attendance.write()
        assert await written(repository) == {PHOTOS: 100}
    await attendance.write()
    assert await written(repository) == {PHOTOS: 102}


async def test_direct_messages_say_whose_they_are(repository: CheckpointRepository) -> None:
    """A checkpoint knows its person, also after an answer of the bot; channels of servers have none."""
    attendance = Attendance(repository)
    attendance.note(DIRECT, None, 100, person_id=5)
    attendance.note(DIRECT, None, 101)
    attendance.note(PHOTOS, SERVER, 102)
    with attendance.in_hand(DIRECT, 101):
        await attendance.write()
    expected = {Checkpoint(DIRECT, None, 100, 5), Checkpoint(PHOTOS, SERVER, 102)}
    assert set(await repository.load()) == expected


async def test_channel_that_is_not_caught_up_stays_where_it_was(repository: CheckpointRepository) -> None:
    """What arrives live does not move a channel past what was missed in it, also when the bot is killed."""
    await repository.save([Checkpoint(PHOTOS, SERVER, 100)])
    attendance = Attendance(repository)
    attendance.come_back(0)
    attendance.note(PHOTOS, SERVER, 200)
    await attendance.write()
    assert await written(repository) == {PHOTOS: 100}, "nothing is written before the gap is known"
    attendance.hold(0, [Checkpoint(PHOTOS, SERVER, 100), Checkpoint(TALK, SERVER, 90)])
    attendance.note(TALK, SERVER, 201)
    await attendance.write()
    assert await written(repository) == {PHOTOS: 100, TALK: 90}
    attendance.release(PHOTOS)
    await attendance.write()
    assert await written(repository) == {PHOTOS: 200, TALK: 90}


async def test_gap_begins_where_the_last_session_ended(repository: CheckpointRepository) -> None:
    """At first the last process's checkpoints count; later those of this one. Old ones are forgotten."""
    recent = oldest_id(60)
    kept = [Checkpoint(PHOTOS, SERVER, recent), Checkpoint(DIRECT, None, oldest_id(WEEK))]
    await repository.save([*kept, Checkpoint(TALK, SERVER, oldest_id(WEEK))])
    attendance = Attendance(repository)
    await attendance.load(window_seconds=86_400)
    assert set(await written(repository)) == {PHOTOS, DIRECT}
    attendance.note(PHOTOS, SERVER, recent + 5)
    attendance.come_back(0)
    assert attendance.gap(0).after(PHOTOS, SERVER) == recent
    attendance.hold(0, [])
    attendance.come_back(0)
    assert attendance.gap(0).after(PHOTOS, SERVER) == recent + 5
    assert [each.channel_id for each in attendance.gap(0).direct] == [DIRECT]


def test_channel_without_a_checkpoint_begins_at_its_servers_newest() -> None:
    """It had no message while the bot was there: nothing older was missed. A new bot has missed nothing."""
    gap = Gap([Checkpoint(PHOTOS, SERVER, 100), Checkpoint(TALK, SERVER, 120), Checkpoint(DIRECT, None, 300)])
    assert gap.after(PHOTOS, SERVER) == 100
    assert gap.after(99, SERVER) == 120
    assert gap.after(99, 2) == 300
    assert Gap([]).after(99, SERVER) is None
