"""The tables are there, whoever starts first and whatever dies; writers never block each other for ever."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.fair_slots import Share, on_behalf_of
from services.store.brief_sqlite import BriefConnection
from services.store.database import Database
from services.store.tables import blobs, left_servers, metadata
from services.store.upserts import insert_new

MIGRATORS = """
import asyncio, multiprocessing, sys
from services.store.brief_sqlite import BriefConnection
from services.store.database import Database

def migrate(together):
    asyncio.run(migrated(Database(sys.argv[1]), together))

async def migrated(database, together):
    together.wait()
    await database.migrate()
    await database.aclose()

fork = multiprocessing.get_context("fork")
together = fork.Barrier(4)
migrators = [fork.Process(target=migrate, args=[together]) for _ in range(4)]
for each in migrators:
    each.start()
for each in migrators:
    each.join()
sys.exit([each.exitcode for each in migrators] != [0, 0, 0, 0])
"""


def row(digest: str) -> dict[str, object]:
    return {"sha256": digest, "bytes": b"x", "expires": 1.0}


async def test_migrations_make_what_the_code_expects(database: Database) -> None:
    """After all migrations nothing of the declared tables is missing or different."""

    def differences(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_insert_tells_whether_its_row_was_new(database: Database) -> None:
    """The first one wins, and each of them learns which it was."""
    server = {"guild_id": 5, "since": 1.0}
    async with database.write() as connection:
        told = [await insert_new(connection, left_servers, server) for _ in range(2)]
    assert told == [True, False]


def test_processes_may_migrate_at_once(database_url: str) -> None:
    """Four processes that start on an empty database at the same moment all succeed."""
    subprocess.run([sys.executable, "-c", MIGRATORS, database_url], check=True, timeout=60)


async def test_broken_off_migration_leaves_nothing(tmp_path: Path) -> None:
    """A migration that fails half-way is undone as a whole, so that the next start is no worse off."""
    path = tmp_path / "half.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE turns (in_the_way INTEGER)")  # the last table of the first migration
    database = Database(f"sqlite:///{path}")
    with pytest.raises(OperationalError):
        await database.migrate()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("turns",)]
    connection.execute("DROP TABLE turns")
    connection.close()
    await database.migrate()
    await database.aclose()


async def test_migrating_leaves_other_schemas_alone(postgres_url: str) -> None:
    """Our tables stand in their own schema; what the job engine or others keep is not touched."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA dbos")
        connection.execute("CREATE TABLE dbos.jobs (id integer)")
        connection.execute("CREATE TABLE public.jobs (id integer)")
        database = Database(postgres_url)
        await database.migrate()
        await database.migrate()
        await database.aclose()
        found = connection.execute(
            "SELECT table_schema, count(*) FROM information_schema.tables"
            " WHERE table_schema IN ('dbos', 'public', 'isthmus') GROUP BY 1"
        ).fetchall()
    assert dict(found) == {"dbos": 1, "public": 1, "isthmus": len(metadata.tables) + 1}


async def test_role_without_rights_in_public_can_migrate(postgres_url: str) -> None:
    """An ordinary role that may create schemas needs no right in `public`, as Postgres gives none."""
    name = postgres_url.rsplit("/", 1)[1]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        connection.execute(f"CREATE ROLE r_{name} LOGIN")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType, reportCallIssue]
        connection.execute(f"GRANT CREATE ON DATABASE {name} TO r_{name}")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType, reportCallIssue]
    database = Database(postgres_url.replace("://isthmus@", f"://r_{name}@"))
    await database.migrate()
    await database.aclose()


async def test_path_may_hold_what_means_something_elsewhere(tmp_path: Path) -> None:
    """A folder with blanks, percent signs, question marks and umlauts is a folder."""
    folder = tmp_path / "a b%20c?d=é#f"
    database = Database(f"sqlite:///{folder / 'x.db'}")
    await database.migrate()
    await database.aclose()
    assert (folder / "x.db").exists()


@pytest.mark.parametrize("brief", [False, True])
async def test_failed_write_is_undone(database: Database, brief: bool) -> None:
    """An error in a transaction takes back all of it, and the next writer gets on."""

    async def fail() -> None:
        async with database.write(brief=brief) as connection:
            await connection.execute(blobs.insert().values(row("a")))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with database.write() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(blobs)) == 0


@pytest.mark.parametrize("brief", [False, True])
async def test_cancelled_writers_leave_no_lock(database: Database, brief: bool) -> None:
    """Writers that are cancelled at any moment never block those after them, nor leave half a row."""

    async def write(number: int) -> None:
        async with database.write(brief=brief) as connection:
            await connection.execute(blobs.insert().values(row(f"{number}-a")))
            await asyncio.sleep(0)
            await connection.execute(blobs.insert().values(row(f"{number}-b")))

    for number in range(40):
        task = asyncio.ensure_future(write(number))
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(10), database.write() as connection:
        await connection.execute(blobs.insert().values(row("last")))
    async with database.read() as connection:
        kept = set(await connection.scalars(sa.select(blobs.c.sha256)))
    assert {each[:-2] for each in kept if each.endswith("-a")} == {
        each[:-2] for each in kept if each.endswith("-b")
    }
    assert "last" in kept


async def test_lost_connection_does_not_hide_the_end_of_a_task(tmp_path: Path) -> None:
    """Broken off while its connection is lost, too, a writer ends as cancelled; the next one writes."""
    database = Database(f"sqlite:///{tmp_path / 'isthmus.db'}")
    await database.migrate()

    async def write() -> None:
        async with database.write() as connection:
            await insert_new(connection, blobs, row("lost"))
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            await driver.close()
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await write()
    async with database.write() as connection:
        assert await insert_new(connection, blobs, row("lost"))
    await database.aclose()


async def test_many_writers_at_once_all_get_on(database: Database) -> None:
    """More writers than connections wait for each other and lose nothing."""

    async def write(number: int) -> None:
        async with database.write() as connection:
            await connection.execute(blobs.insert().values(row(str(number))))

    await asyncio.gather(*(write(number) for number in range(60)))
    async with database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(blobs)) == 60


async def test_writers_of_one_process_take_turns(tmp_path: Path) -> None:
    """However many write at once, none is refused because another one writes."""
    database = Database(f"sqlite:///{tmp_path / 'store.db'}", busy_seconds=0)
    await database.migrate()

    async def write(number: int) -> None:
        async with database.write() as connection:
            await connection.execute(blobs.insert().values(row(str(number))))

    await asyncio.gather(*(write(number) for number in range(40)))
    async with database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(blobs)) == 40
    await database.aclose()


async def test_brief_work_is_done_on_the_spot(tmp_path: Path) -> None:
    """On the event loop's thread, and only within the block: the lock and the disk are waited for elsewhere."""
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    await database.migrate()
    threads: dict[str, bool] = {}

    async def note(moment: str, connection: AsyncConnection) -> None:
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        await driver.create_function("this_thread", 0, threading.get_ident)
        said = await connection.scalar(sa.select(sa.func.this_thread()))
        threads[moment] = said == threading.get_ident()

    async with database.write(brief=True) as connection:
        await note("brief write", connection)
    async with database.write() as connection:
        await note("write", connection)
    async with database.read(brief=True) as connection:
        await note("brief read", connection)
    async with database.read() as connection:
        await note("read", connection)
    await database.aclose()
    assert threads == {"brief write": True, "write": False, "brief read": True, "read": False}


async def test_brief_work_never_waits_for_a_lock_on_the_event_loop(tmp_path: Path) -> None:
    """Where a task that was broken off has left something to the thread that waits, brief work joins it."""
    path = str(tmp_path / "store.db")
    other = sqlite3.connect(path, isolation_level=None)
    connection = BriefConnection(path, busy_seconds=30)
    await connection
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(connection.execute("BEGIN IMMEDIATE"))
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    connection.is_brief = True
    brief = asyncio.ensure_future(connection.execute("SELECT 1"))
    await asyncio.sleep(0.05)
    assert not brief.done()
    other.close()
    async with asyncio.timeout(10):
        assert await (await brief).fetchone() == (1,)
    connection.is_brief = False
    await connection.close()


async def test_broken_off_writers_leave_no_doubt_of_flushing(tmp_path: Path) -> None:
    """After a writer that was cancelled in its first moments, what asks for the disk still waits for it."""
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    await database.migrate()

    async def write() -> None:
        async with database.write(flush=False):
            pass

    for steps in range(12):
        task = asyncio.ensure_future(write())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with database.write() as connection:
            assert await connection.scalar(sa.text("PRAGMA synchronous")) == 2
    await database.aclose()


async def test_errors_do_not_tell_values(database: Database) -> None:
    """What an error of the database says, and so the log, holds no values."""
    values = row("what somebody wrote")
    async with database.write() as connection:
        await connection.execute(blobs.insert().values(values))
    with pytest.raises(IntegrityError) as caught:
        async with database.write() as connection:
            await connection.execute(blobs.insert().values(values))
    assert "parameters hidden" in str(caught.value)


async def test_flood_of_writes_does_not_keep_another_servers_back(tmp_path: Path) -> None:
    """Servers take turns at SQLite's only writer."""
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    order: list[str] = []

    async def write(server: str) -> None:
        with on_behalf_of(Share(server)):
            async with database.write():
                order.append(server)

    await asyncio.gather(*(write("busy") for _ in range(20)), write("quiet"))
    await database.aclose()
    assert order.index("quiet") <= 2
    assert len(order) == 21
