"""What is erased is gone from every table, file and record; what is not, stays."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.budget import Budget
from services.codec import to_json
from services.domain import (
    Attachment,
    Correction,
    Description,
    JobRequest,
    Kind,
    MediaItem,
    MessageSource,
    Origin,
    Place,
    Refinement,
    RefineWish,
    Spend,
    Turn,
)
from services.engine_records import EngineRecords
from services.media.cache import MediaCache
from services.operating.erasure import Erasure
from services.operating.metrics import Metrics
from services.operating.retention import Retention
from services.settings import BotSettings, BudgetSettings, RetentionSettings, Settings
from services.store.checkpoints import Checkpoint
from services.store.erasure import HELD_BY
from services.store.jobs import JobResult
from services.store.stores import Stores
from services.store.tables import metadata, spend, spend_by_day

ANA, BEN, CARA = 1_101, 1_102, 1_103
HOME, AWAY = 501, 502
ANAS, BENS, CARAS = "zebrafinch", "capercaillie", "nightingale"
ELSEWHERE = ("isthmus", "dbos")


class World:
    """Tables with what three people left: Ana and Ben in one server, Cara in another."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.settings = Settings(bot=BotSettings(data_dir=folder, database_url=url))
        self.stores = Stores(self.settings)
        self.cache = MediaCache(folder / "cache", max_bytes=10**6)
        self.budget = Budget(self.stores.database, BudgetSettings())

    async def open(self) -> None:
        await self.stores.database.migrate()
        self.records = await EngineRecords.open(self.settings)
        self.erasure = Erasure(stores=self.stores, records=self.records, cache=self.cache, metrics=Metrics())

    async def aclose(self) -> None:
        await self.records.aclose()
        await self.stores.database.aclose()

    async def post(self, number: int, person: int, word: str, guild: int, *, thread: int) -> JobRequest:
        """Leave behind what a post with a question, an answer, a correction and a refinement leave."""
        stores, source = self.stores, MessageSource(9, number, number * 10)
        file = Attachment(source, f"{word}.png", 10, author_id=person)
        request = JobRequest(
            f"describe-{number}",
            "read_post",
            person,
            Origin(guild, 9, number, True),
            text=f"a {word}?",
            attachments=(file,),
            interaction_id=number + 5,
        )
        await self.budget.admit(request)
        reserved = await self.budget.reserve(request, role="vision", model="m", estimate=0.001)
        await self.budget.settle(reserved, Spend("vision", "m", 10, 0, 5, 0.002))
        await self.records._client.enqueue_async(
            {
                "workflow_name": "read_post",
                "queue_name": "jobs",
                "workflow_id": request.job_id,
                "authenticated_user": str(person),
            },
            to_json(JobRequest, request),
        )
        await stores.jobs.record_place(request, Place(thread, number + 1, is_thread=True))
        await stores.jobs.begin_delivery(request.job_id)
        await stores.jobs.finish(request.job_id, [number + 1], JobResult.ANSWERED)
        sha256 = f"{number:064x}"
        item = MediaItem(source, file.filename, Kind.IMAGE, 10, sha256, author_id=person)
        reading = Description(f"A {word}", f"It is a {word}.", "", f"A {word}")
        await stores.conversations.add_readings(
            thread, guild_id=guild, channel_id=thread, items=[(item, reading)]
        )
        await stores.conversations.add_turns(
            thread,
            [Turn(number, "person", person, f"a {word}?"), Turn(number + 1, "bot", 0, f"Yes, a {word}.")],
        )
        correction = Correction(f"a young {word}", person)
        await stores.conversations.correct(thread, number * 10, correction, made_by=f"edit-{number}")
        await stores.conversations.keep_summary(thread, f"It is about a {word}.", number)
        again = JobRequest(f"refine-{number}", "refine_image", person, request.origin, text=f"more {word}")
        await stores.refinements.draft(again)
        await stores.refinements.begin(Refinement(again.job_id, file, RefineWish(goal=f"more {word}")))
        expires = datetime.now(UTC) + timedelta(minutes=10)
        await stores.interactions.keep(number + 5, application_id=1, token=word, expires=expires, urls={})
        made = self.folder / f"made-{number}"
        made.mkdir()
        (made / "frame.png").write_bytes(f"pixels of a {word}".encode())
        await self.cache.put(sha256, "frames", made)
        (made / "frame.png").unlink()
        return request

    async def words(self, *wanted: str) -> set[str]:
        """Return which of the words stand in any table or any file."""
        found = {word for word in wanted if word in await self._dump()}
        for path in self.folder.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                found |= {word for word in wanted if word.encode() in data}
        return found

    async def _dump(self) -> str:
        texts: list[str] = []
        async with self.stores.database.read() as connection:
            for schema in ELSEWHERE if self.stores.database.is_postgres else (None,):
                for name in await connection.run_sync(_tables, schema):
                    table = f'"{schema}"."{name}"' if schema else f'"{name}"'
                    rows = await connection.exec_driver_sql(f"SELECT * FROM {table}")
                    texts += [str(row) for row in rows]
        return "\n".join(texts)

    async def rows(self, wanted: sa.Executable) -> list[Any]:
        async with self.stores.database.read() as connection:
            return [tuple(row) for row in (await connection.execute(wanted)).all()]


def _tables(connection: sa.Connection, schema: str | None) -> list[str]:
    return sa.inspect(connection).get_table_names(schema)


@pytest.fixture(params=["sqlite", "postgres"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[World]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    world = World(tmp_path, url)
    await world.open()
    await world.post(1000, ANA, ANAS, HOME, thread=1000)
    await world.post(2000, BEN, BENS, HOME, thread=1000)
    await world.post(3000, CARA, CARAS, AWAY, thread=3000)
    yield world
    await world.aclose()


def test_every_table_is_thought_of() -> None:
    """Whoever adds a table has to say how erasure reaches it."""
    assert set(HELD_BY) == set(metadata.tables)


async def test_person_is_erased_to_the_byte(world: World) -> None:
    """Of one person nothing is left anywhere; other people's files and words stay, and money stays counted."""
    everything = {ANAS, BENS, CARAS}
    assert await world.words(*everything) == everything
    exported = json.dumps(await world.stores.exports.person(ANA, await world.stores.traces.person(ANA)))
    assert ANAS in exported
    assert CARAS not in exported

    erased = await world.erasure.person(ANA)

    assert erased.is_compact
    assert await world.words(*everything) == {BENS, CARAS}
    assert await world.records.get("describe-1000") is None
    assert await world.cache.get(f"{1000:064x}", "frames") is None
    assert await world.cache.get(f"{2000:064x}", "frames") is not None
    left = await world.stores.conversations.load(1000)
    assert [item.filename for item, _ in left.items] == [f"{BENS}.png"]
    money = await world.rows(sa.select(spend.c.person_id, spend.c.counted_usd).order_by(spend.c.person_id))
    assert money == [(0, 0.002), (BEN, 0.002), (CARA, 0.002)]
    assert (await world.erasure.person(ANA)).rows == {"engine": 0, "cache": 0}


async def test_direct_messages_of_a_person_leave_no_checkpoint(world: World) -> None:
    """It goes with its person, also one from before it said whose it is; those of others stay."""
    early = JobRequest("describe-4000", "read_post", ANA, Origin(None, 71, 4000, False))
    await world.budget.admit(early)
    kept = [Checkpoint(73, None, 9, BEN), Checkpoint(9, HOME, 9)]
    await world.stores.checkpoints.save([Checkpoint(71, None, 9), Checkpoint(72, None, 9, ANA), *kept])
    trace = await world.stores.traces.person(ANA)
    assert (await world.stores.exports.person(ANA, trace))["checkpoints"][0]["channel_id"] == 72
    assert (await world.erasure.person(ANA)).rows["checkpoints"] == 2
    assert await world.stores.checkpoints.load() == kept


async def test_server_that_was_left_is_erased_after_its_time(world: World) -> None:
    """A server is erased when its days are over, unless the bot was invited again meanwhile."""
    retention = Retention(
        RetentionSettings(job_days=0, engine_days=0, conversation_days=0, spend_days=0, left_server_days=7),
        stores=world.stores,
        records=world.records,
        cache=world.cache,
        erasure=world.erasure,
        metrics=Metrics(),
    )
    await world.stores.servers.compare({AWAY})
    assert await retention.run_once(now=time.time() + 6 * 86_400) == {"blobs": 0, "interactions": 0}
    assert await world.words(ANAS) == {ANAS}
    await world.stores.servers.compare({HOME, AWAY})
    assert "left_servers" not in await retention.run_once(now=time.time() + 8 * 86_400)

    await world.stores.servers.left(HOME)
    assert (await retention.run_once(now=time.time() + 8 * 86_400))["left_servers"] == 1
    assert await world.words(ANAS, BENS, CARAS) == {CARAS}


async def test_old_things_go_and_sums_stay(world: World) -> None:
    """Each kind goes after its own days; single calls become sums by day, server, role and model."""
    await world.records.cancel("describe-3000")
    retention = Retention(
        RetentionSettings(job_days=20, engine_days=5, conversation_days=10, spend_days=15),
        stores=world.stores,
        records=world.records,
        cache=world.cache,
        erasure=world.erasure,
        metrics=Metrics(),
    )

    async def after(days: float) -> dict[str, int]:
        erased = await retention.run_once(now=time.time() + days * 86_400)
        return {name: rows for name, rows in erased.items() if rows}

    assert await after(4) == {}
    assert await after(6) == {"engine": 1}, "only what has ended"
    assert await after(11) == {"conversations": 2}
    assert await after(16) == {"spend": 3}
    today = datetime.combine(datetime.now(UTC).date(), clock.min).date()
    sums = await world.rows(
        sa.select(
            spend_by_day.c.day, spend_by_day.c.guild_id, spend_by_day.c.calls, spend_by_day.c.usd
        ).order_by(spend_by_day.c.guild_id)
    )
    assert sums == [(today, HOME, 2, 0.004), (today, AWAY, 1, 0.002)]
    assert await after(22) == {"jobs": 3, "refinements": 3, "requests": 3}
    assert await world.cache.get(f"{3000:064x}", "frames") is None
