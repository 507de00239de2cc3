"""All services of a process, wired together; opened by `start`, closed by `aclose`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import aiohttp

from services.ai.breakers import Breakers
from services.ai.build import build_models, check_models
from services.ai.clients import account_of
from services.attendance import Attendance
from services.budget import Budget
from services.catalogue import Catalogue
from services.credit_pause import CreditPause
from services.delivery import Delivery
from services.engine import Engine, Role
from services.identifies import Identifies
from services.loop_lag import report_loop_lag
from services.media.cache import MediaCache
from services.media.fetch import Fetcher
from services.media.picture_studio import STUDIO_MODULES
from services.media.sandbox import Sandbox
from services.operating.erasure import Erasure
from services.operating.gauges import Gauges
from services.operating.health import Health
from services.operating.http_server import OperatorServer
from services.operating.metrics import Metrics
from services.operating.retention import Retention
from services.refusals import Refusals
from services.rest_budget import RestBudget
from services.settings import Settings
from services.store.stores import Stores
from services.tasks import Tasks
from services.waiting_line import WaitingLine
from services.workflows.amending import AmendPost
from services.workflows.build import WorkflowParts, build_workflows
from services.workflows.forgetting import ForgetConversations
from services.workflows.intake import Intake
from services.workflows.job import JobFrame
from services.workflows.opening import PlaceOpener
from services.workflows.own_jobs import OwnJobs
from services.workflows.paid import PaidCalls
from services.workflows.refine_desk import RefineDesk
from services.workflows.rewording import RewordQuestion
from services.workflows.steering import ConfirmJob, RetryJob, StopJob, TakeBack
from services.workflows.sweep import Sweep

log = logging.getLogger(__name__)

WORKER_PATIENCE_SECONDS = 1.5
LEAVING_SECONDS = 5.0
"""So long a process that ends waits for a database that is away."""
DECODERS = (
    "services.media.images",
    "services.media.inspection",
    "services.media.sound",
    "services.media.video",
    "services.media.contact_sheet",
    *STUDIO_MODULES,
)
"""What decoding children need, imported once."""


class Services:
    """What cogs call, and what lies behind it. Connects to nothing before `start`."""

    def __init__(
        self,
        *,
        settings: Settings,
        role: Role,
        catalogue: Catalogue,
        stores: Stores,
        delivery: Delivery,
        refusals: Refusals,
        rest_budget: RestBudget,
        metrics: Metrics,
    ) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.rest_budget = rest_budget
        self.jobs = stores.jobs
        self.conversations = stores.conversations
        self.interactions = stores.interactions
        self.questions = stores.questions
        self.attendance = Attendance(stores.checkpoints)
        self.refusals = refusals
        self.identifies = Identifies(
            stores.discord_counts,
            in_a_row=settings.discord.identifies_in_a_row,
            an_hour=settings.discord.identifies_an_hour,
        )
        self.is_draining = False
        self.servers = stores.servers
        self._role = role
        self._stores = stores
        self._delivery = delivery
        self.metrics = metrics
        self._tasks = Tasks()
        self._signs_of_life = Tasks()
        self._models = build_models(settings, metrics=metrics)
        self._engine = Engine(settings, role, metrics=metrics)
        limits = settings.limits
        self._sandbox = Sandbox(
            children=limits.decode_children,
            memory_bytes=limits.decode_memory_bytes,
            wall_seconds=limits.decode_seconds,
            preload=DECODERS,
        )
        budget = Budget(stores.database, settings.budgets)
        paid = {name: each for name, each in settings.models.by_role().items() if each.api != "offline"}
        accounts = {name: account_of(each) for name, each in paid.items()}
        pause = CreditPause(delivery.tell_owner, accounts)
        self.breakers = Breakers()
        self._paid = PaidCalls(budget=budget, pause=pause, breakers=self.breakers, metrics=metrics)
        opener = PlaceOpener(
            jobs=stores.jobs,
            delivery=delivery,
            patience=0.0 if role == "run" else WORKER_PATIENCE_SECONDS,
        )
        self._frame = JobFrame(
            engine=self._engine,
            jobs=stores.jobs,
            opener=opener,
            delivery=delivery,
            metrics=metrics,
        )
        self._cache = cache = MediaCache(settings.bot.data_dir / "cache", max_bytes=limits.cache_bytes)
        line = WaitingLine(settings.queue, self._engine.capacity, self._engine.states, database=stores.database)
        self.intake = Intake(
            engine=self._engine, opener=opener, budget=budget, line=line, pause=pause, rest=rest_budget
        )
        self.refine_desk = RefineDesk(
            settings=settings, intake=self.intake, jobs=stores.jobs, refinements=stores.refinements
        )
        self.own_jobs = OwnJobs(
            engine=self._engine,
            jobs=stores.jobs,
            spending=stores.spending,
            limits=settings.budgets,
            pause=pause,
        )
        self.stop_job = StopJob(
            engine=self._engine,
            jobs=stores.jobs,
            refinements=stores.refinements,
            delivery=delivery,
            metrics=metrics,
        )
        self.retry_job = RetryJob(intake=self.intake, jobs=self.jobs)
        self.reword_question = RewordQuestion(
            engine=self._engine,
            jobs=stores.jobs,
            questions=stores.questions,
            intake=self.intake,
            delivery=delivery,
        )
        self.confirm_job = ConfirmJob(intake=self.intake)
        self.take_back = TakeBack(
            engine=self._engine,
            jobs=stores.jobs,
            questions=stores.questions,
            conversations=stores.conversations,
            refinements=stores.refinements,
            deletions=stores.deletions,
            delivery=delivery,
            cache=cache,
        )
        self.amend_post = AmendPost(
            jobs=stores.jobs, take_back=self.take_back, most_chars=limits.question_chars
        )
        self.forget = ForgetConversations(
            engine=self._engine,
            jobs=stores.jobs,
            questions=stores.questions,
            conversations=stores.conversations,
            refinements=stores.refinements,
            cache=cache,
        )
        self._sweep = Sweep(
            engine=self._engine,
            jobs=stores.jobs,
            take_back=self.take_back,
            delivery=delivery,
            metrics=metrics,
        )
        self.health = Health(metrics)
        self._depend()
        gauges = Gauges(engine=self._engine, cache=cache, breakers=self.breakers, metrics=metrics)
        self._server = OperatorServer(
            settings.metrics, health=self.health, metrics=metrics, refresh=gauges.refresh
        )

    async def start(self) -> None:
        """Open the database, warm what is slow the first time, and begin to work."""
        self._signs_of_life.start(self.health.beat_for_ever(), name="heartbeat")
        await self._server.start()
        await self._stores.database.migrate()
        await self.refusals.load(self._stores.discord_counts)
        await self._models.clients.warm_up()
        await self._sandbox.start()
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        parts = WorkflowParts(
            settings=self.settings,
            catalogue=self.catalogue,
            stores=self._stores,
            delivery=self._delivery,
            models=self._models,
            engine=self._engine,
            frame=self._frame,
            paid=self._paid,
            sandbox=self._sandbox,
            fetcher=Fetcher(self._session, self.settings.discord.cdn_hosts),
            draws=self.settings.models.image.api != "off",
        )
        for workflow in build_workflows(parts):
            self._engine.register(workflow.name, workflow.run)
        await self._engine.start()
        if self._role == "run":
            await self.attendance.load(window_seconds=self.settings.catch_up.window_seconds)
            self._tasks.start(self.attendance.write_for_ever(), name="attendance")
        self._tasks.start(self._sweep.run_for_ever(), name="sweep")
        retention = self._retention()
        self._tasks.start(retention.run_for_ever(), name="retention")
        self._tasks.start(retention.clear_cache_for_ever(), name="cache-clearing")
        if self.settings.engine.loop_lag_seconds:
            probe = report_loop_lag(self.settings.engine.loop_lag_seconds)
            self._tasks.start(probe, name="loop-lag")

    async def drain(self) -> None:
        """Take on nothing new and finish what runs; what takes too long is resumed at the next start."""
        self.is_draining = self.health.draining = True
        await self._tasks.aclose()
        await _if_possible(self.attendance.write())
        await self._engine.stop(grace=self.settings.engine.drain_seconds)

    async def aclose(self) -> None:
        """Drain, then close everything."""
        await self.drain()
        await self._server.aclose()
        await self._signs_of_life.aclose()
        await self._sandbox.aclose()
        await self._session.close()
        await self._models.aclose()
        await _if_possible(self.refusals.aclose())
        await self._stores.database.aclose()

    def _retention(self) -> Retention:
        records, stores, cache = self._engine.records, self._stores, self._cache
        erasure = Erasure(stores=stores, records=records, cache=cache, metrics=self.metrics)
        return Retention(
            self.settings.retention,
            stores=stores,
            records=records,
            cache=cache,
            erasure=erasure,
            metrics=self.metrics,
        )

    def _depend(self) -> None:
        """Tell what this process needs in order to take work on; a worker needs no gateway."""

        async def is_engine_running() -> bool:
            return self._engine.is_running

        async def is_gateway_ready() -> bool:
            return False  # The gateway says so itself, once there is one.

        self.health.depend_on("database", self._stores.database.is_reachable)
        self.health.depend_on("engine", is_engine_running)
        if self._role == "run":
            self.health.depend_on("gateway", is_gateway_ready)

    async def check_models(self) -> list[str]:
        """Return what an operator should know about the configured models."""
        return await check_models(self.settings, self._models.clients)

    async def check_database(self) -> None:
        """Open the database and bring its tables up to date."""
        await self._stores.database.migrate()
        await self._stores.database.aclose()


async def _if_possible(writing: Coroutine[Any, Any, None]) -> None:
    """Write down what the next process can do without: then it looks at a few messages twice."""
    try:
        async with asyncio.timeout(LEAVING_SECONDS):
            await writing
    except Exception as error:  # whatever the database has, the jobs are ended and everything is closed
        log.warning("Something was not written down at the end (%s)", type(error).__name__)
