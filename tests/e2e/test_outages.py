"""What is away for a while in the middle of traffic costs time, and no job."""

from __future__ import annotations

from tests.e2e.conftest import Town
from tests.outages import OUTAGES, coast, suffer
from tests.postgres import PostgresServer


async def test_all_jobs_end_after_an_outage(town: Town, postgres_server: PostgresServer) -> None:
    """Database, Discord and model server go one after the other for seconds: every post gets one outcome."""
    town.models.latency = 1.0
    async with coast(town, postgres_server) as there:
        wrongs = [
            wrong
            for outage in OUTAGES
            for wrong in await suffer(there, outage, seconds=5.0, posts=4, patience=80.0)
        ]
    assert not wrongs, "\n".join(wrongs)
