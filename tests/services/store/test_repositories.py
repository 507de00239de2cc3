"""What is kept comes back, whatever is repeated, expired or deleted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from services.domain import Description, JobRequest, Kind, MediaItem, MessageSource, Origin, Place, Turn
from services.secret_box import SecretBox
from services.store.blobs import BlobRepository
from services.store.conversations import ConversationRepository
from services.store.database import Database
from services.store.interactions import InteractionRepository
from services.store.jobs import JobRepository, JobResult, JobState
from services.store.nodes import NodeRepository
from services.store.tables import engine_nodes, interactions

SNOWFLAKE = 2**62 + 1
READING = Description("Harbour", "A quiet harbour 🛥", "", "boats")


def request(number: int = 1) -> JobRequest:
    return JobRequest(f"job-{number}", "describe_image", 5, Origin(SNOWFLAKE, 9, 100 + number, True))


def item(attachment: int, message: int = 101) -> MediaItem:
    return MediaItem(MessageSource(9, message, attachment), f"{attachment}.png", Kind.IMAGE, 5, "ab" * 32)


async def test_job_goes_one_way(database: Database) -> None:
    """Of Stop and delivery whichever comes first wins; delivery may begin again after a crash."""
    jobs = JobRepository(database)
    assert await jobs.get("job-1") is None
    for number in (1, 2):
        await jobs.record_place(request(number), Place(SNOWFLAKE + number, 7, is_thread=True))
    assert await jobs.begin_delivery("job-1")
    assert await jobs.begin_delivery("job-1")
    assert not await jobs.stop("job-1")
    await jobs.finish("job-1", [SNOWFLAKE], JobResult.ANSWERED)
    assert not await jobs.begin_delivery("job-1")
    assert await jobs.stop("job-2")
    assert not await jobs.stop("job-2")
    assert not await jobs.begin_delivery("job-2")
    done = await jobs.get("job-1")
    assert done is not None
    assert (done.state, done.message_ids, done.request) == (JobState.DONE, (SNOWFLAKE,), request())
    assert await jobs.unfinished() == []


async def test_only_one_may_stop_or_deliver(database: Database) -> None:
    """When both happen at the same moment, exactly one of them is let through."""
    jobs = JobRepository(database)
    for number in range(10):
        await jobs.record_place(request(number), Place(number, 7))
        job_id = f"job-{number}"
        assert sum(await asyncio.gather(jobs.stop(job_id), jobs.begin_delivery(job_id))) == 1


async def test_first_place_of_a_job_stands(database: Database) -> None:
    """A step that runs again does not move a job to another place."""
    jobs = JobRepository(database)
    await jobs.record_place(request(), Place(1, 2, reply_to=3))
    await jobs.record_place(request(), Place(8, 9, is_thread=True))
    assert await jobs.place("job-1") == Place(1, 2, reply_to=3)
    assert [each.request.job_id for each in await jobs.of_message(101)] == ["job-1"]
    assert len(await jobs.unfinished_in(1, "describe_image")) == 1
    assert await jobs.unfinished_in(1, "answer_question") == []
    await jobs.forget("job-1")
    assert await jobs.of_message(101) == []


async def test_conversation_keeps_its_order_when_repeated(database: Database) -> None:
    """Readings stand as posted and turns as said, each once, however often their step ran."""
    kept = ConversationRepository(database)
    turns = [Turn(30, "bot", 0, "It is."), Turn(20, "person", 5, "Is it quiet? é 🛥")]
    for _ in range(2):
        await kept.add_readings(1, guild_id=None, channel_id=1, items=[(item(8), READING), (item(3), READING)])
        await kept.add_turns(1, turns)
    await kept.add_readings(1, guild_id=None, channel_id=1, items=[(item(5, 102), READING)])
    conversation = await kept.load(1)
    assert [each.source.attachment_id for each, _ in conversation.items] == [8, 3, 5]
    assert conversation.items[0] == (item(8), READING)
    assert conversation.turns == (turns[1], turns[0])
    assert (await kept.load(2)).items == ()


async def test_deleted_message_is_forgotten(database: Database) -> None:
    """What was made of a deleted message goes, in every conversation; the rest stays."""
    kept = ConversationRepository(database)
    for conversation in (1, 2):
        await kept.add_readings(
            conversation, guild_id=1, channel_id=1, items=[(item(8, 101), READING), (item(9, 102), READING)]
        )
    await kept.add_turns(1, [Turn(101, "person", 5, "gone"), Turn(102, "person", 5, "stays")])
    await kept.forget_message(101)
    for conversation in (1, 2):
        assert [each for each, _ in (await kept.load(conversation)).items] == [item(9, 102)]
    assert [each.text for each in (await kept.load(1)).turns] == ["stays"]


async def test_interaction_is_sealed_and_expires(database: Database) -> None:
    """Token and URLs come back until they expire; neither can be read in the database or with another key."""
    kept = InteractionRepository(database, SecretBox("one"))
    soon = datetime.now(UTC) + timedelta(minutes=15)
    urls = {SNOWFLAKE: "https://cdn.example/a.png?hm=signed"}
    for number, expires in ((1, soon), (2, datetime.now(UTC) - timedelta(seconds=1))):
        await kept.keep(number, application_id=SNOWFLAKE, token="aW50-token", expires=expires, urls=urls)
    found = await kept.get(1)
    assert found is not None
    assert (found.application_id, found.token, found.urls) == (SNOWFLAKE, "aW50-token", urls)
    assert await kept.get(2) is None
    assert await InteractionRepository(database, SecretBox("two")).get(1) is None
    async with database.read() as connection:
        stored = str((await connection.execute(interactions.select())).all())
    assert "aW50-token" not in stored
    assert "signed" not in stored


async def test_blob_is_kept_for_its_time(database: Database) -> None:
    """Bytes come back under their hash until they expire or are deleted; putting them again prolongs it."""
    kept = BlobRepository(database)
    data = bytes(range(256)) * 4096
    gone = await kept.put(data, seconds=-1)
    assert await kept.get(gone) is None
    assert await kept.put(data, seconds=60) == gone
    assert await kept.get(gone) == data
    await kept.delete(gone)
    await kept.delete(gone)
    assert await kept.get(gone) is None


async def test_silent_nodes_are_told_from_lively_ones(postgres_url: str) -> None:
    """Who never spoke, left, or has been silent too long is silent; the table does not grow for ever."""
    database = Database(postgres_url)
    await database.migrate()
    nodes = NodeRepository(database)
    for node in ("lively", "left", "old"):
        await nodes.beat(node)
    await nodes.leave("left")
    two_days_ago = sa.func.now() - timedelta(days=2)
    async with database.write() as connection:
        await connection.execute(
            engine_nodes.update().where(engine_nodes.c.node == "old").values(seen=two_days_ago)
        )
    everybody = ["lively", "left", "old", "unknown"]
    assert await nodes.silent(everybody, seconds=60) == {"left", "old", "unknown"}
    await nodes.beat("lively")
    async with database.read() as connection:
        assert set(await connection.scalars(sa.select(engine_nodes.c.node))) == {"lively"}
    await database.aclose()
