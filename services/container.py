"""All services of a process, wired together; opened by `start`, closed by `aclose`."""

from __future__ import annotations

import aiohttp

from services.ai.build import build_models, check_models
from services.budget import Budget
from services.catalogue import Catalogue
from services.credit_pause import CreditPause
from services.delivery import Delivery
from services.engine import Engine, Role
from services.loop_lag import report_loop_lag
from services.media.cache import MediaCache
from services.media.fetch import Fetcher
from services.media.picture_studio import STUDIO_MODULES
from services.media.sandbox import Sandbox
from services.settings import Settings
from services.store.stores import Stores
from services.tasks import Tasks
from services.workflows.build import WorkflowParts, build_workflows
from services.workflows.forgetting import ForgetConversations
from services.workflows.intake import Intake
from services.workflows.job import JobFrame
from services.workflows.opening import PlaceOpener
from services.workflows.paid import PaidCalls
from services.workflows.refine_desk import RefineDesk
from services.workflows.rewording import RewordQuestion
from services.workflows.steering import ConfirmJob, RetryJob, StopJob, TakeBack
from services.workflows.sweep import Sweep

WORKER_PATIENCE_SECONDS = 1.5
DRAIN_SECONDS = 20.0
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
    ) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.jobs = stores.jobs
        self.conversations = stores.conversations
        self.interactions = stores.interactions
        self.questions = stores.questions
        self._role = role
        self._stores = stores
        self._delivery = delivery
        self._tasks = Tasks()
        self._models = build_models(settings)
        self._engine = Engine(settings, role)
        limits = settings.limits
        self._sandbox = Sandbox(
            children=limits.decode_children,
            memory_bytes=limits.decode_memory_bytes,
            wall_seconds=limits.decode_seconds,
            preload=DECODERS,
        )
        budget, pause = Budget(stores.database, settings.budgets), CreditPause(delivery.tell_owner)
        self._paid = PaidCalls(budget=budget, pause=pause)
        opener = PlaceOpener(
            jobs=stores.jobs,
            delivery=delivery,
            patience=0.0 if role == "run" else WORKER_PATIENCE_SECONDS,
        )
        self._frame = JobFrame(
            engine=self._engine, jobs=stores.jobs, blobs=stores.blobs, opener=opener, delivery=delivery
        )
        self.intake = Intake(engine=self._engine, opener=opener, budget=budget, pause=pause)
        self.refine_desk = RefineDesk(
            settings=settings, intake=self.intake, jobs=stores.jobs, refinements=stores.refinements
        )
        self.stop_job = StopJob(
            engine=self._engine, jobs=stores.jobs, refinements=stores.refinements, delivery=delivery
        )
        self.retry_job = RetryJob(intake=self.intake)
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
            delivery=delivery,
        )
        self.forget = ForgetConversations(
            engine=self._engine,
            jobs=stores.jobs,
            questions=stores.questions,
            conversations=stores.conversations,
            cache=MediaCache(settings.bot.data_dir / "cache", max_bytes=limits.cache_bytes),
        )
        self._sweep = Sweep(engine=self._engine, jobs=stores.jobs, delivery=delivery)

    async def start(self) -> None:
        """Open the database, warm what is slow the first time, and begin to work."""
        await self._stores.database.migrate()
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
        self._tasks.start(self._sweep.run_for_ever(), name="sweep")
        if self.settings.engine.loop_lag_seconds:
            probe = report_loop_lag(self.settings.engine.loop_lag_seconds)
            self._tasks.start(probe, name="loop-lag")

    async def aclose(self) -> None:
        """Finish or checkpoint what runs, then close everything."""
        await self._tasks.aclose()
        await self._engine.stop(grace=DRAIN_SECONDS)
        await self._sandbox.aclose()
        await self._session.close()
        await self._models.aclose()
        await self._stores.database.aclose()

    async def check_models(self) -> list[str]:
        """Return what an operator should know about the configured models."""
        return await check_models(self.settings, self._models.clients)

    async def check_database(self) -> None:
        """Open the database and bring its tables up to date."""
        await self._stores.database.migrate()
        await self._stores.database.aclose()
