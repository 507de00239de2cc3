"""The job engine: durable workflows made of steps that are recorded once.

Beside `services/engine_records.py` the only file that knows DBOS.

A step's result is committed before its workflow sees it; after a kill the workflow's body runs again
from the top and recorded steps answer from the record. So bodies hold no clocks, no randomness and
no effects outside steps.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import math
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal, TypeVar

import sqlalchemy.exc

from services.codec import from_json, to_json
from services.domain import JobRequest
from services.engine_records import (
    APPLICATION,
    PIPELINE_VERSION,
    QUEUE,
    STATES,
    EngineRecords,
    EngineState,
    engine_url,
    make_tables,
    open_client,
)
from services.fair_slots import PRIORITY_WAITING, FairSlots, Share, on_behalf_of, server_of
from services.operating.metrics import Metrics
from services.operating.recorded import done_beside
from services.settings import Settings
from services.signs_of_life import Heartbeat, SignsOfLife
from services.step_records import recorded, unpacked
from services.store.database import Database, through_outages
from services.store.nodes import NodeRepository
from services.tasks import Tasks
from services.waiting_line import Capacity

# isort: split
# Only now: DBOS reads the environment when it is imported, and `engine_records` has cleaned it.
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, StepOptions
from dbos import error as dbos_errors

log = logging.getLogger(__name__)

T = TypeVar("T")
Item = TypeVar("Item")
Workflow = Callable[[JobRequest], Awaitable[None]]
Role = Literal["run", "worker"]

QUEUE_POLL_SECONDS = 0.15
"""Of a process on SQLite: a job waits half as long, and an idle bot has little to do."""
FLEET_POLL_SECONDS = 0.25
"""Of each process on Postgres: several look at the queue, at different moments, and each look costs queries."""
POSTGRES_SUBMISSIONS = 4
"""At once. On SQLite it is one: more would fight for its lock, and steps and the queue would have no luck."""
MAX_RECOVERY_ATTEMPTS = 5
EXECUTOR_THREADS = 64
NEWEST = 30
"""Jobs whose times tell how long the next will take."""
USUAL_JOB_SECONDS = 10.0
"""Before any job has ended."""
BREAKING_OFF_SECONDS = 2
LEAVING_SECONDS = 5.0
_done_before: ContextVar[Mapping[str, Any]] = ContextVar("done_before", default=MappingProxyType({}))
"""What items of fan-outs brought in the job that the present one is a fork of, by the names of the steps."""


class Engine:
    """Runs workflows. One a process.

    Args:
        settings: Database, concurrency and time limits.
        role: `run` beside the gateway, `worker` on any machine that shares the Postgres.
        heartbeat: Instead of that of the settings.
        metrics: What hears of every step that is run.
    """

    def __init__(
        self,
        settings: Settings,
        role: Role,
        *,
        heartbeat: Heartbeat | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._settings = settings
        self._is_postgres = settings.is_postgres
        self._url = engine_url(settings)
        self._metrics = metrics or Metrics()
        self.is_running = False
        self._heartbeat = heartbeat or Heartbeat(
            settings.engine.heartbeat_seconds, settings.engine.dead_after_seconds
        )
        # A single process resumes its own jobs under its old name; a fleet needs unique names.
        self._node = f"{role}-{uuid.uuid4().hex[:12]}" if self._is_postgres else "local"
        self._database = Database(settings.database_url)
        self._nodes = NodeRepository(self._database)
        self._signs = SignsOfLife(self._heartbeat)
        self._heartbeats = Tasks()
        self._adoptions = Tasks()
        self._submissions = FairSlots(POSTGRES_SUBMISSIONS if self._is_postgres else 1)
        self._workflows: dict[str, Workflow] = {}
        self._running: set[asyncio.Task[Any]] = set()
        self._is_open = False

    def register(self, name: str, workflow: Workflow) -> None:
        """Make a workflow known; before `start`."""
        self._workflows[name] = workflow

    async def start(self) -> None:
        """Open the engine's tables, take interrupted jobs up again and begin to work."""
        _quieten()
        await asyncio.to_thread(make_tables, self._url)
        if self._is_postgres:
            await self._beat()  # before anything can be pending under this name
        self._client: DBOSClient = await asyncio.to_thread(open_client, self._url, listens=self._is_postgres)
        self.records = EngineRecords(self._client, self._url)
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self._url,
                "application_version": PIPELINE_VERSION,
                "executor_id": self._node,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "WARNING",
                "max_executor_threads": EXECUTOR_THREADS,
                "enable_otlp": False,
                # A file is not away, so that its connections need not be tried before each use.
                "db_engine_kwargs": {"pool_pre_ping": self._is_postgres},
                "notification_listener_polling_interval_sec": 0.5,
            }
        )
        for name, workflow in self._workflows.items():
            DBOS.workflow(name=name, max_recovery_attempts=MAX_RECOVERY_ATTEMPTS)(self._entry(workflow))
        DBOS.listen_queues([QUEUE])
        # Launched on this loop, workflows run on it too, where the clients they use live.
        DBOS.launch()
        self._is_open = True
        engine = self._settings.engine
        await DBOS.register_queue_async(
            QUEUE,
            worker_concurrency=engine.concurrency,
            partition_concurrency=engine.server_concurrency,
            polling_interval_sec=FLEET_POLL_SECONDS if self._is_postgres else QUEUE_POLL_SECONDS,
            on_conflict="always_update",
        )
        if self._is_postgres:
            self._heartbeats.start(self._repeat(self._beat), name="engine-heartbeat")
            self._adoptions.start(self._repeat(self._adopt), name="engine-adoption")
        self.is_running = True

    async def stop(self, *, grace: float) -> None:
        """Begin nothing more and finish what runs, at most `grace` seconds; once, further calls do nothing.

        What is left is broken off and resumed from its recorded steps at the next start.
        """
        if not self._is_open:
            return
        self._is_open = self.is_running = False
        await self._adoptions.aclose()
        # The engine waits for workflows that run; those broken off have ended for it, unrecorded.
        patience = math.ceil(grace) + BREAKING_OFF_SECONDS
        ending = asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=patience)
        breaking = asyncio.get_running_loop().call_later(grace, self._break_off)
        try:
            await ending
        finally:
            breaking.cancel()
        # The engine replaced the loop's thread pool and has just closed it.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        await self._heartbeats.aclose()
        if self._is_postgres:
            # Without the database others notice by its silence.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LEAVING_SECONDS):
                    await self._nodes.leave(self._node)
        await self._database.aclose()
        await asyncio.to_thread(self._client.destroy)

    async def submit(self, request: JobRequest, *, priority: int, is_new: bool = False) -> bool:
        """Start a job; False when this job id is known already. It runs once in any case.

        Args:
            priority: Lower runs first.
            is_new: The caller knows that nobody has submitted it before, which spares a look.
        """
        async with self._submissions:
            if not is_new and await self.state(request.job_id) is not None:
                return False
            await self._enqueue(request, priority)
        return True

    async def _enqueue(self, request: JobRequest, priority: int) -> None:
        await self._client.enqueue_async(
            {
                "workflow_name": request.workflow,
                "queue_name": QUEUE,
                "workflow_id": request.job_id,
                "queue_partition_key": server_of(request),
                "priority": priority,
                "workflow_timeout": float(self._settings.limits.job_seconds),
                "authenticated_user": str(request.requester_id),
            },
            to_json(JobRequest, request),
            priority,
        )

    async def cancel(self, job_id: str) -> None:
        """Stop a job: queued ones vanish, a running step is interrupted within about a second."""
        await self._client.cancel_workflow_async(job_id)

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Delete what is recorded of jobs."""
        await self.records.forget(job_ids)

    async def state(self, job_id: str) -> EngineState | None:
        """Return how far the engine is with a job; None when it does not know it."""
        return (await self.states([job_id])).get(job_id)

    async def states(self, job_ids: Sequence[str]) -> dict[str, EngineState]:
        """Return how far the engine is with each of some jobs; without those that it does not know.

        `parked` is a job that has killed its process again and again.
        """
        if not job_ids:
            return {}
        found = await self._client.list_workflows_async(
            workflow_ids=list(job_ids), load_input=False, load_output=False
        )
        return {each.workflow_id: STATES[each.status] for each in found}

    async def capacity(self) -> Capacity:
        """Measure how many jobs all processes do at once, and how long the newest of them took."""
        engine = self._settings.engine
        processes = await self._nodes.alive(seconds=self._heartbeat.dead_after) if self._is_postgres else 1
        newest = await self._client.list_workflows_async(
            status="SUCCESS",
            queue_name=QUEUE,
            sort_desc=True,
            limit=NEWEST,
            load_input=False,
            load_output=False,
        )
        times = [
            (each.completed_at - each.dequeued_at) / 1000
            for each in newest
            if each.completed_at and each.dequeued_at
        ]
        return Capacity(
            jobs=max(processes, 1) * engine.concurrency,
            server_jobs=engine.server_concurrency,
            job_seconds=sum(times) / len(times) if times else USUAL_JOB_SECONDS,
        )

    async def step(
        self,
        name: str,
        function: Callable[..., Awaitable[T]],
        *arguments: Any,
        result_type: Any,
        attempts: int = 1,
    ) -> T:
        """Run a function once and record its result; inside a workflow only.

        When the job is cancelled the function gets `CancelledError`, and this call ends in an
        exception of the engine's that is no `Exception`: a workflow's `except Exception` lets it pass.

        Args:
            result_type: What the function returns; recorded as JSON.
            attempts: How often a retryable error is tried in all, with doubling pauses.

        Raises:
            BotError: Recorded like a result and raised as the class it had. Anything unforeseen is
                logged and recorded as an `UnexpectedError` without its details.
        """
        body = functools.partial(self._run_step, name, function, arguments, result_type, attempts)
        return unpacked(await DBOS.run_step_async(_step_options(name), body), name, result_type)

    async def fan_out(
        self,
        label: str,
        function: Callable[[Item], Awaitable[T]],
        items: Sequence[Item],
        *,
        result_type: Any,
        on_result: Callable[[int, T], None],
        lanes: Sequence[object] | None = None,
    ) -> list[T]:
        """Run one step for each item; return the results in order.

        The steps' numbers are drawn before the first one starts and each name carries its index, so
        a replay can never mix results up.

        Args:
            lanes: The lane of each item: items of one lane run one after the other. None: all at once.
        """
        reserved = [DBOS.reserve_step() for _ in items]
        ended = [asyncio.Event() for _ in items]
        before = _predecessors(lanes, ended)

        async def run(index: int, item: Item) -> T:
            if (predecessor := before[index]) is not None:
                await predecessor.wait()
            name = f"{label}#{index}"
            body = functools.partial(self._run_step, name, function, (item,), result_type, 1)
            if name in (known := _done_before.get()):
                body = functools.partial(_done, known[name])
            try:
                packed = await reserved[index].run_async(_step_options(name), body)
            finally:
                ended[index].set()
            result: T = unpacked(packed, name, result_type)
            on_result(index, result)
            return result

        # Failures are gathered, so that one of them leaves no step running unseen.
        results = await asyncio.gather(
            *(run(index, item) for index, item in enumerate(items)), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return [result for result in results if not isinstance(result, BaseException)]

    def _entry(self, workflow: Workflow) -> Callable[..., Awaitable[None]]:
        """Return what the engine calls: a plain function of JSON (it refuses methods)."""

        async def run(request: Any, priority: int = PRIORITY_WAITING) -> None:
            task = asyncio.current_task()
            assert task is not None, "workflows run as tasks"
            asked: JobRequest = from_json(JobRequest, request)
            # A fork has the input of the job it came from, and is a job of its own.
            own_id = DBOS.workflow_id
            job = replace(asked, job_id=own_id) if own_id else asked
            self._running.add(task)
            before = _done_before.set({})
            try:
                if job != asked:
                    reads = functools.partial(self._done_before, job.job_id)
                    _done_before.set(await through_outages(reads))
                with on_behalf_of(Share(server_of(job), priority)):
                    await workflow(job)
            finally:
                _done_before.reset(before)
                self._running.discard(task)

        return run

    async def _done_before(self, job_id: str) -> dict[str, Any]:
        """Return what need not be done again for a fork, beside the steps that it has the record of."""
        fork = await self.records.get(job_id)
        steps = await self.records.steps(fork.forked_from, content=True) if fork and fork.forked_from else []
        return done_beside(steps)

    def _break_off(self) -> None:
        """Cancel what still runs: a cancelled task records nothing, so its job stays pending."""
        if self._running:
            log.info("%d jobs are left for the next start", len(self._running))
        for task in list(self._running):
            task.cancel()

    async def _run_step(
        self,
        name: str,
        function: Callable[..., Awaitable[Any]],
        arguments: tuple[Any, ...],
        result_type: Any,
        attempts: int,
    ) -> dict[str, Any]:
        """Run a step's body and report how it went."""
        begun = time.monotonic()
        packed = await recorded(name, function, arguments, result_type, attempts, self._metrics)
        error: dict[str, Any] = packed.get("error") or {}
        self._metrics.step_ended(name, time.monotonic() - begun, str(error.get("code", "")))
        return packed

    async def _repeat(self, duty: Callable[[], Awaitable[None]]) -> None:
        """Do a duty of this process for as long as it lives."""
        while True:
            try:
                await duty()
            except Exception as error:  # a process that falls silent loses its jobs to others
                log.warning("Engine: %s failed (%s)", duty.__name__, type(error).__name__)
            await asyncio.sleep(self._heartbeat.every)

    async def _beat(self) -> None:
        await self._nodes.beat(self._node)
        self._signs.given(time.monotonic())

    async def _adopt(self) -> None:
        """Take over the jobs of processes that have gone silent; the engine leaves that to us."""
        if not self._signs.may_judge(time.monotonic()):
            return
        pending = await self._client.list_workflows_async(status="PENDING", load_input=False, load_output=False)
        owners = {each.executor_id for each in pending if each.executor_id} - {self._node}
        silent = await self._nodes.silent(owners, seconds=self._heartbeat.dead_after) if owners else None
        if silent:
            log.warning("Taking over the jobs of %d silent processes", len(silent))
            # Unlike the public way it keeps a job's deadline and counts how often it was taken over.
            recover = DBOS._recover_pending_workflows  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
            await asyncio.to_thread(recover, list(silent))


def _predecessors(lanes: Sequence[object] | None, ended: Sequence[asyncio.Event]) -> list[asyncio.Event | None]:
    """Return what each item waits for: the end of the item before it in its lane."""
    newest: dict[object, asyncio.Event] = {}
    before: list[asyncio.Event | None] = []
    for lane, event in zip(lanes or range(len(ended)), ended, strict=True):
        before.append(newest.get(lane))
        newest[lane] = event
    return before


async def _done(result: Any) -> dict[str, Any]:
    return {"result": result}


def _step_options(name: str) -> StepOptions:
    return {"name": name, "retries_allowed": False, "preemptible": True}


def _quieten() -> None:
    """Keep the engine's log to what an operator needs: a job that was stopped is no error, and SQL is content.

    Errors of the database bring the statement and its values along, which are what people wrote.
    """

    def matters(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        record.msg, record.args = record.getMessage().partition("\n")[0], ()
        if isinstance(error, sqlalchemy.exc.SQLAlchemyError):
            record.exc_info = None
        broken_off = record.msg.startswith("Asyncio task cancelled")
        return not broken_off and not isinstance(
            error, dbos_errors.DBOSAwaitedWorkflowCancelledError | dbos_errors.DBOSNonExistentWorkflowError
        )

    logging.getLogger("dbos").setLevel(logging.WARNING)
    logging.getLogger("dbos").addFilter(matters)
