"""All that is kept of a job or a person, in one piece of JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from services.codec import to_json
from services.domain import JobRequest
from services.engine_records import EngineRecords
from services.operating.desk import RefusedError
from services.store.stores import Stores

MOST_JOBS = 100_000


class Exporter:
    """Collects rows and recorded steps."""

    def __init__(self, *, stores: Stores, records: EngineRecords) -> None:
        self._stores = stores
        self._records = records

    async def job(self, job_id: str) -> dict[str, Any]:
        """Return all that is kept of a job.

        Raises:
            RefusedError: It is unknown.
        """
        rows = await self._stores.exports.job(job_id)
        recorded = await self._recorded(job_id)
        if not rows.get("jobs") and recorded is None:
            raise RefusedError(f"There is no job {job_id}. `jobs list` shows those there are.")
        kept = {name: found for name, found in rows.items() if found}
        return {"exported": _now(), "job": job_id, "rows": kept, "recorded": recorded}

    async def person(self, person_id: int) -> dict[str, Any]:
        """Return all that is kept of what a person caused, posted, said or set right."""
        trace = await self._stores.traces.person(person_id)
        rows = await self._stores.exports.person(person_id, trace)
        own = {each["id"] for each in rows.get("jobs", []) if each["requester_id"] == person_id}
        known = await self._records.search(person_id=person_id, limit=MOST_JOBS)
        job_ids = sorted(own | {each.job_id for each in known})
        recorded = {job_id: found for job_id in job_ids if (found := await self._recorded(job_id))}
        return {"exported": _now(), "person": str(person_id), "rows": rows, "recorded": recorded}

    async def _recorded(self, job_id: str) -> dict[str, Any] | None:
        """Return what the engine has recorded of a job."""
        if (known := await self._records.get(job_id)) is None:
            return None
        request = await self._records.request(job_id)
        steps = await self._records.steps(job_id, content=True)
        return {
            "state": known.state,
            "request": None if request is None else to_json(JobRequest, request),
            "steps": [asdict(each) for each in steps],
        }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
