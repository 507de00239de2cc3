"""What the job engine has recorded: read, cancelled, forked and deleted, also beside a running bot.

Beside `services/engine.py` the only file that knows DBOS. It runs no workflow.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import sqlite3
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast

import psycopg
from psycopg import sql
from sqlalchemy import Engine, event

from services.codec import from_json
from services.domain import JobRequest
from services.settings import Settings
from services.store.database import BUSY_SECONDS, CHECKPOINT_PAUSE_SECONDS, CHECKPOINT_TRIES

# No remote control, no telemetry, whatever the machine is set to. DBOS reads this when it is imported.
for _name in [name for name in os.environ if name.startswith("DBOS_")]:
    del os.environ[_name]

from dbos import (  # noqa: E402
    DBOS,
    DBOSClient,
    DBOSPortableJSONSerializer,
    SetWorkflowID,
    StepInfo,
    WorkflowStatus,
)

APPLICATION = "isthmus"
PIPELINE_VERSION = "1"
"""Pinned, so that a new release goes on with the jobs of the old one. Change a workflow's steps under
a new workflow name."""
QUEUE = "jobs"
INTERRUPTED_SECONDS = 2.5
"""A step that runs while its job is cancelled is interrupted within about a second."""
MOST_COUNTED = 10_000
"""A queue longer than that is not counted to its end."""

EngineState = Literal["queued", "running", "done", "failed", "parked", "cancelled"]
STATES: dict[str, EngineState] = {
    "ENQUEUED": "queued",
    "DELAYED": "queued",
    "PENDING": "running",
    "SUCCESS": "done",
    "ERROR": "failed",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "parked",
    "CANCELLED": "cancelled",
}
_ENDED = [name for name, state in STATES.items() if state not in {"queued", "running"}]


@dataclass(frozen=True, slots=True)
class RecordedJob:
    """What the engine knows of a job, without its content. Times are Unix seconds."""

    job_id: str
    workflow: str
    state: EngineState
    person_id: int
    created: float
    ended: float | None
    process: str
    """Of the process that runs it or ran it last; empty before."""
    forked_from: str
    """The job whose first steps it repeats from the record; empty for none."""


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """One step of a job."""

    number: int
    name: str
    seconds: float | None
    """None when the engine kept no times."""
    error: str
    """Code of the error in which it ended; empty for none."""
    reference: str
    """What finds the error in the log; empty where there is none."""
    result: Any
    """Its JSON; None unless content was asked for."""
    started: float | None = None
    """Unix time; None when the engine kept no times."""

    @property
    def ended(self) -> float | None:
        """Unix time; None when the engine kept no times."""
        return None if self.started is None or self.seconds is None else self.started + self.seconds


@dataclass(frozen=True, slots=True)
class QueueLength:
    """How much waits and runs in all processes together."""

    waiting: int
    running: int
    oldest_seconds: float


class EngineRecords:
    """The engine's records, through a client that needs no engine in this process."""

    def __init__(self, client: DBOSClient, url: str) -> None:
        self._client = client
        self._url = url

    @classmethod
    async def open(cls, settings: Settings) -> EngineRecords:
        """Connect to the engine's tables; they are made where they are missing."""
        url = engine_url(settings)
        await asyncio.to_thread(make_tables, url)
        return cls(await asyncio.to_thread(open_client, url, listens=False, retries=False), url)

    async def aclose(self) -> None:
        """Disconnect."""
        await asyncio.to_thread(self._client.destroy)

    async def get(self, job_id: str) -> RecordedJob | None:
        """Return what is known of a job; None when it is unknown."""
        found = await self._client.list_workflows_async(
            workflow_ids=[job_id], load_input=False, load_output=False
        )
        return _job(found[0]) if found else None

    async def search(
        self,
        *,
        states: Collection[EngineState] = (),
        person_id: int | None = None,
        since: float | None = None,
        ended_before: float | None = None,
        limit: int,
    ) -> list[RecordedJob]:
        """Return jobs, the newest first; without states, those of every state."""
        statuses = [name for name, state in STATES.items() if state in states]
        if ended_before is not None:
            statuses = _ENDED
        found = await self._client.list_workflows_async(
            status=statuses or None,
            user=None if person_id is None else str(person_id),
            start_time=None if since is None else _iso(since),
            completed_before=None if ended_before is None else _iso(ended_before),
            limit=limit,
            sort_desc=True,
            load_input=False,
            load_output=False,
        )
        return [_job(each) for each in found]

    async def request(self, job_id: str) -> JobRequest | None:
        """Return what a job was asked to do; None when it is unknown."""
        found = await self._client.list_workflows_async(workflow_ids=[job_id], load_output=False)
        given = found[0].input if found else None
        return from_json(JobRequest, given["args"][0]) if given else None

    async def steps(self, job_id: str, *, content: bool = False) -> list[RecordedStep]:
        """Return the recorded steps of a job in their order.

        Args:
            content: With what they returned, which is what people wrote and models answered.
        """
        found = await self._client.list_workflow_steps_async(job_id)
        return [_step(each, content=content) for each in sorted(found, key=lambda each: each["function_id"])]

    async def step_count(self, job_id: str) -> tuple[int, str]:
        """Return how many steps of a job are recorded, and the name of the last one."""
        found = await self._client.list_workflow_steps_async(job_id, load_output=False)
        last = max(found, key=lambda each: each["function_id"], default=None)
        return len(found), last["function_name"] if last else ""

    async def queue(self) -> QueueLength:
        """Return how much waits and runs."""
        listed = functools.partial(
            self._client.list_workflows_async, load_input=False, load_output=False, limit=MOST_COUNTED
        )
        waiting, running = await asyncio.gather(
            listed(status=["ENQUEUED", "DELAYED"]), listed(status="PENDING")
        )
        oldest = min((each.created_at for each in waiting if each.created_at), default=None)
        age = max(time.time() - oldest / 1000, 0.0) if oldest else 0.0
        return QueueLength(len(waiting), len(running), age)

    async def cancel(self, job_id: str) -> None:
        """Stop a job: queued ones vanish, a running step is interrupted within about a second."""
        await self._client.cancel_workflow_async(job_id)

    async def fork(self, job_id: str, new_id: str, *, from_step: int, place: str, seconds: float) -> None:
        """Start a job that takes the steps before `from_step` from the record of another one.

        Args:
            place: The server (or channel) whose share of the queue it takes.
            seconds: How long it may run.
        """
        with SetWorkflowID(new_id):
            await self._client.fork_workflow_async(
                job_id,
                from_step,
                application_version=PIPELINE_VERSION,
                queue_name=QUEUE,
                queue_partition_key=place,
                timeout_seconds=seconds,
            )

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Delete all that is recorded of jobs; what still runs of them is stopped first."""
        if not job_ids:
            return
        ids = list(job_ids)
        running = await self._client.list_workflows_async(
            workflow_ids=ids, status="PENDING", load_input=False, load_output=False
        )
        await self._client.cancel_workflows_async(ids)  # Fences what they would still write.
        if running:
            # A step learns of it by looking, and would run on if there were nothing to be seen.
            await asyncio.sleep(INTERRUPTED_SECONDS)
        await self._client.delete_workflows_async(ids)

    async def compact(self) -> bool:
        """Give freed space back; see `Database.compact`."""
        if self._url.startswith("sqlite"):
            return await asyncio.to_thread(_compact_sqlite, self._url.removeprefix("sqlite:///"))
        return await asyncio.to_thread(_compact_postgres, self._url)


def _compact_sqlite(path: str) -> bool:
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        for _ in range(CHECKPOINT_TRIES):
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return True
            time.sleep(CHECKPOINT_PAUSE_SECONDS)
    return False


def _compact_postgres(url: str) -> bool:
    address = url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'dbos'").fetchall()
        for (name,) in found:
            connection.execute(sql.SQL("VACUUM {}").format(sql.Identifier("dbos", name)))
    return True


def engine_url(settings: Settings) -> str:
    """Return where the engine keeps its tables: Postgres's own schema, or a second SQLite file."""
    url = settings.database_url
    if settings.is_postgres:
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{path.with_name(path.stem + '-engine.db')}"


@event.listens_for(Engine, "connect")
def _tell_time(connection: object, _: object) -> None:
    """Give an old SQLite what DBOS asks of any on Python 3.12 and above: `unixepoch('subsec')` of SQLite 3.42.

    Python brings no SQLite of its own; Debian 12 has 3.40 for every Python that is built on it. The tables keep
    the expression as a default, so that also an older Python needs it for a file that a newer one has made.
    """
    if isinstance(connection, sqlite3.Connection) and sqlite3.sqlite_version_info < (3, 42):
        connection.create_function("unixepoch", 1, _unix_seconds)


def _unix_seconds(modifier: object) -> float:
    assert modifier == "subsec", "other forms are SQLite's own"
    return int(time.time() * 1000) / 1000  # SQLite's own has milliseconds, too.


def make_tables(url: str) -> None:
    """Bring the engine's tables up to date."""
    DBOS.migrate(url)
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute("PRAGMA journal_mode=WAL")  # It stays so in the file.


def open_client(url: str, *, listens: bool, retries: bool = True) -> DBOSClient:
    """Connect to the engine's tables.

    Args:
        listens: Be told by Postgres of what changes.
        retries: Wait for a database that is away, instead of raising.
    """
    return DBOSClient(
        system_database_url=url,
        application_name=APPLICATION,
        serializer=DBOSPortableJSONSerializer(),
        use_listen_notify=listens,
        retry_connection_errors=retries,
    )


def _job(status: WorkflowStatus) -> RecordedJob:
    ended = status.completed_at
    return RecordedJob(
        job_id=status.workflow_id,
        workflow=status.name,
        state=STATES[status.status],
        person_id=int(status.authenticated_user or 0),
        created=(status.created_at or 0) / 1000,
        ended=None if ended is None else ended / 1000,
        process=status.executor_id or "",
        forked_from=status.forked_from or "",
    )


def _step(info: StepInfo, *, content: bool) -> RecordedStep:
    started, ended, output = info["started_at_epoch_ms"], info["completed_at_epoch_ms"], info["output"]
    packed = cast("dict[str, Any]", output) if isinstance(output, dict) else {}
    error: dict[str, Any] = packed.get("error") or {}
    params: dict[str, str] = error.get("params") or {}
    return RecordedStep(
        number=info["function_id"],
        name=info["function_name"],
        seconds=None if started is None or ended is None else (ended - started) / 1000,
        error=str(error.get("code", "")),
        reference=params.get("reference", ""),
        result=packed.get("result") if content else None,
        started=None if started is None else started / 1000,
    )


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
