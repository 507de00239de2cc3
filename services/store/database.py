"""The database: SQLite in one file by default, Postgres by URL; migrated at start."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import alembic.command
import psycopg
import sqlalchemy as sa
import sqlalchemy.event
import sqlalchemy.exc
import tenacity
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from services.fair_slots import FairSlots
from services.store.brief_sqlite import BriefConnection, driver_of
from services.store.tables import metadata

T = TypeVar("T")

SCHEMA = "isthmus"
"""Ours in Postgres; the job engine keeps to its own, which migrations never touch."""
BUSY_SECONDS = 30
CHECKPOINT_TRIES = 50
CHECKPOINT_PAUSE_SECONDS = 0.1
OUTAGE_SECONDS = 300.0
"""So long a server may be away before what needs it fails."""
_DISCREET: dict[str, Any] = {"hide_parameters": True}
"""Errors end up in the log, and parameters are what people wrote."""
_MIGRATION_LOCK = 0x697374686D7573  # "isthmus", as the key of a Postgres advisory lock


async def through_outages(operation: Callable[[], Awaitable[T]]) -> T:
    """Do what needs the database; when the connection is lost meanwhile, do it again once it is back.

    Raises:
        sqlalchemy.exc.DBAPIError: It stayed away for longer than outages last; or another error.
    """
    try:
        return await operation()
    except sqlalchemy.exc.DBAPIError as error:
        if not _is_outage(error):
            raise
    # Only now: preparing to try again costs as much as a small query, and is hardly ever needed.
    tries = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(_is_outage),
        wait=tenacity.wait_random_exponential(multiplier=0.1, max=2),
        stop=tenacity.stop_after_delay(OUTAGE_SECONDS),
        reraise=True,
    )

    async def attempt() -> T:
        return await operation()

    return await tries(attempt)


def _is_outage(error: BaseException) -> bool:
    """Tell whether a server of databases is away, or has gone in the middle of something."""
    if not isinstance(error, sqlalchemy.exc.DBAPIError):
        return False
    # What psycopg raises while it connects has no code of the server's; of SQLite there is none at all.
    cause = error.orig
    return error.connection_invalidated or (isinstance(cause, psycopg.OperationalError) and not cause.sqlstate)


class Database:
    """Hands out connections. Opens nothing before it is used.

    Args:
        url: `sqlite:///path` or `postgresql://...`.
        busy_seconds: How long SQLite waits for a writer of another process.
    """

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._url = url
        self.is_postgres = not url.startswith("sqlite")
        self._engine = _make_engine(url, busy_seconds)
        self._turn = FairSlots(1)
        self._was_open = False

    async def migrate(self) -> None:
        """Bring the tables up to date: wholly or not at all, also when several processes do it at once."""
        async with self.write() as connection:
            await self.lock(connection, _MIGRATION_LOCK)
            await connection.run_sync(self._migrate)

    @asynccontextmanager
    async def read(self, *, brief: bool = False) -> AsyncGenerator[AsyncConnection]:
        """Open a connection for reading; waits while the server is away.

        Args:
            brief: A few rows are read, by an index: SQLite does that on the spot (see `BriefConnection`).
        """
        connection = await self._open()
        driver = await driver_of(connection) if brief and not self.is_postgres else None
        try:
            if driver is not None:
                driver.is_brief = True
            yield connection
        finally:
            await connection.close()
            if driver is not None:
                driver.is_brief = False

    @asynccontextmanager
    async def write(self, *, flush: bool = True, brief: bool = False) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction; on SQLite it takes the write lock at once, so it never deadlocks.

        Args:
            brief: It touches a few rows, by an index.
            flush: Whether the end waits until the disk has it. Without, a power cut (not a killed
                process) may take the last moments' transactions back; they never end up half done.
        """
        if self.is_postgres:
            async with self.read() as connection, connection.begin():
                yield connection
            return
        # Those who wait for SQLite's own lock ask again and again, and some never have luck. And in one line
        # for all, whoever comes with a server's flood waits for the writes of all of it.
        async with self._turn, self._engine.connect() as connection:
            # Past SQLAlchemy, whose adapter would go to the driver's thread three times for each of these.
            driver = await driver_of(connection)
            await _set_flush(driver, flush)
            try:
                await driver.execute("BEGIN IMMEDIATE")
                await connection.begin()  # So that SQLAlchemy, and migrations, know of it.
                driver.is_brief = brief
                yield connection
            except BaseException:
                driver.is_brief = False
                await _undo(connection, driver)
                raise
            driver.is_brief = False
            await connection.commit()

    async def lock(self, connection: AsyncConnection, key: int) -> None:
        """Let only one transaction with this key go on at a time (SQLite's writers are single)."""
        if self.is_postgres:
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    @asynccontextmanager
    async def duty(self, key: int) -> AsyncGenerator[bool]:
        """Tell whether this process may do a duty that one process of a fleet does at a time."""
        if not self.is_postgres:
            yield True
            return
        async with self._engine.connect() as shared:
            connection = await shared.execution_options(isolation_level="AUTOCOMMIT")
            # A session's lock: a transaction as long as the duty would keep old rows from being vacuumed.
            mine = bool(await connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))))
            try:
                yield mine
            finally:
                if mine:
                    await connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))

    async def compact(self) -> bool:
        """Give freed space back, so that what was deleted is not left in the files.

        Returns:
            Whether nothing is left; False when somebody else was reading all the time (SQLite).
        """
        async with self._turn, self._engine.connect() as shared:
            connection = await shared.execution_options(isolation_level="AUTOCOMMIT")
            if self.is_postgres:
                await connection.exec_driver_sql(f"VACUUM {', '.join(sorted(metadata.tables))}")
                return True
            await connection.exec_driver_sql("VACUUM")
            for _ in range(CHECKPOINT_TRIES):
                row = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
                if row[0] == 0:  # nobody was in the way
                    return True
                await asyncio.sleep(CHECKPOINT_PAUSE_SECONDS)
            return False

    async def is_reachable(self) -> bool:
        """Tell whether the database answers.

        Raises:
            Exception: Whatever the driver raises when it does not.
        """
        async with self.read() as connection:
            return await connection.scalar(sa.select(sa.literal(1))) == 1

    async def _open(self) -> AsyncConnection:
        """Open a connection; a server that has answered before is given time to come back."""

        async def connect() -> AsyncConnection:
            return await self._engine.connect()

        if not self._was_open:
            connection = await connect()
        else:
            connection = await through_outages(connect)
        self._was_open = True
        return connection

    async def aclose(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    def _migrate(self, connection: sa.Connection) -> None:
        if self.is_postgres and not sa.inspect(connection).has_schema(SCHEMA):
            connection.execute(sa.schema.CreateSchema(SCHEMA))
        config = Config()
        folder = str(Path(__file__).parent / "migrations")
        config.set_main_option("script_location", folder.replace("%", "%%"))  # "%" would interpolate
        config.attributes |= {"connection": connection, "schema": SCHEMA if self.is_postgres else None}
        alembic.command.upgrade(config, "head")


async def _undo(connection: AsyncConnection, driver: BriefConnection) -> None:
    """Roll back; never raises, for what made it necessary (a task's end above all) must not be hidden."""
    try:
        await driver.rollback()
    except Exception:  # The connection was lost, and with it what was to be undone.
        with contextlib.suppress(Exception):
            await connection.invalidate()


async def _set_flush(driver: BriefConnection, flush: bool) -> None:
    """Tell SQLite whether to wait for the disk."""
    if driver.flushes != flush:
        # Not while a transaction is open: SQLite would not listen.
        driver.flushes = None  # Broken off, it may have been done or not.
        await driver.execute(f"PRAGMA synchronous={'FULL' if flush else 'NORMAL'}")
        driver.flushes = flush


def _make_engine(url: str, busy_seconds: float) -> AsyncEngine:
    if not url.startswith("sqlite"):
        address = "postgresql+psycopg://" + url.split("://", 1)[1]
        options = {"options": f"-csearch_path={SCHEMA}"}
        return create_async_engine(address, connect_args=options, pool_pre_ping=True, **_DISCREET)
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        sa.URL.create("sqlite+aiosqlite", database=str(path)),  # A path may hold what means something in a URL.
        async_creator=lambda: BriefConnection(str(path), busy_seconds=busy_seconds),
        pool_reset_on_return=None,  # Every transaction is ended where it was begun.
        **_DISCREET,
    )

    @sqlalchemy.event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA secure_delete=ON")  # What is deleted is overwritten.
        cursor.close()

    return engine
