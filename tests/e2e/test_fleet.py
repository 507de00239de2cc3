"""The same bot on Postgres, with a worker as a process of its own."""

from __future__ import annotations

from playground.discord import File
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo


async def test_gateway_and_worker_share_the_jobs_of_one_postgres(town: Town, postgres_url: str) -> None:
    """With a worker beside the gateway every post and follow-up is still answered exactly once."""
    shared = {"ISTHMUS_DATABASE_URL": postgres_url, "ISTHMUS_SECRET_KEY": "shared by the fleet"}
    async with (
        running_bot(town.local, town.models, town.folder, environment=shared),
        running_bot(town.local, town.models, town.folder, command="worker", environment=shared),
    ):
        posts = [
            await town.local.post(
                town.ana, town.channel, files=[File("a.png", encoded(photo(marker=n), "PNG"))]
            )
            for n in range(6)
        ]
        for number, post in enumerate(posts):
            messages = await town.settled(post, timeout=60)
            assert len(messages) == 1
            assert f"MARKER {number}" in messages[0].text
        thread = town.local.thread_of(posts[3])
        assert thread is not None
        question = await town.local.post(town.ben, thread, "which MARKER is it?")
        assert "MARKER 3" in (await town.replied(question, timeout=60)).text
    assert len(town.models.calls) == 7


async def test_worker_on_sqlite_says_why_not(town: Town) -> None:
    """A worker without Postgres exits with 78 and a sentence."""
    async with running_bot(
        town.local, town.models, town.folder, command="worker", wait_until_ready=False
    ) as worker:
        assert await worker.ended() == 78
    assert "Postgres" in worker.log.read_text()
