"""What a person has running, and has used up of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from services.credit_pause import CreditPause
from services.domain import Place
from services.engine import Engine
from services.settings import BudgetSettings
from services.store.jobs import JobRepository, JobState
from services.store.spending import SpendingRepository

MOST_JOBS = 100


@dataclass(frozen=True, slots=True)
class OwnJob:
    """One job that has no outcome yet."""

    job_id: str
    workflow: str
    guild_id: int | None
    place: Place | None
    """None before anything was posted for it."""
    is_queued: bool
    may_stop: bool
    created: float
    """Unix time."""


@dataclass(frozen=True, slots=True)
class OwnStatus:
    """Jobs, the oldest first, and the day's use. A limit of 0 is none."""

    jobs: tuple[OwnJob, ...]
    usd: float
    usd_limit: float
    requests: int
    request_limit: int
    is_paused: bool
    """Paid work is paused."""


class OwnJobs:
    """Looks up what one person has asked for."""

    def __init__(
        self,
        *,
        engine: Engine,
        jobs: JobRepository,
        spending: SpendingRepository,
        limits: BudgetSettings,
        pause: CreditPause,
    ) -> None:
        self._engine = engine
        self._jobs = jobs
        self._spending = spending
        self._limits = limits
        self._pause = pause

    async def of(self, person_id: int) -> OwnStatus:
        """Return a person's jobs and use of the day."""
        found = await self._engine.records.search(
            states=["queued", "running"], person_id=person_id, limit=MOST_JOBS
        )
        active = {each.job_id: each for each in found}
        own: list[OwnJob] = []
        for row in await self._jobs.unfinished_of(person_id):
            request = row.request
            recorded = active.pop(request.job_id, None)
            own.append(
                OwnJob(
                    job_id=request.job_id,
                    workflow=request.workflow,
                    guild_id=request.origin.guild_id,
                    place=row.place,
                    is_queued=recorded is not None and recorded.state == "queued",
                    may_stop=row.state is JobState.RUNNING,
                    created=row.created,
                )
            )
        own += [
            OwnJob(each.job_id, each.workflow, None, None, each.state == "queued", False, each.created)
            for each in active.values()
            if await self._jobs.get(each.job_id) is None
        ]
        use = await self._spending.of_person(person_id, datetime.now(UTC).date())
        return OwnStatus(
            jobs=tuple(sorted(own, key=lambda each: each.created)),
            usd=use.usd,
            usd_limit=self._limits.person_usd,
            requests=use.requests,
            request_limit=self._limits.person_requests,
            is_paused=self._pause.lasts,
        )
