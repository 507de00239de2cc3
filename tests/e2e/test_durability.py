"""Nothing is lost and nothing is said twice, whatever dies in between."""

from __future__ import annotations

import contextlib
import sqlite3

from playground.discord import File
from playground.models import ModelFault
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo


def pictures(count: int) -> list[File]:
    return [File(f"{n}.png", encoded(photo(marker=n), "PNG")) for n in range(1, count + 1)]


async def test_replayed_event_starts_no_second_job(town: Town) -> None:
    """A message event that arrives twice is answered once."""
    async with running_bot(town.local, town.models, town.folder):
        town.local.gateway.duplicate_next = True
        post = await town.local.post(town.ana, town.channel, files=[File("a.png", encoded(photo(), "PNG"))])
        messages = await town.settled(post)

    assert len(messages) == 1
    assert len(town.models.calls) == 1


SENTENCES = (
    (ModelFault("/responses", "refusal"), "declined"),
    (ModelFault("/responses", "truncated"), "broke off"),
    (ModelFault("/responses", "empty"), "no answer"),
    (ModelFault("/responses", "failed", code="image_content_policy_violation"), "safety rules"),
    (ModelFault("/responses", "html", status=200), "could not be understood"),
    (ModelFault("/responses", "status", status=503, code="slow_down", times=3), "overloaded"),
    (ModelFault("/responses", "reset", times=3), "cannot be reached"),
    (ModelFault("/responses", "status", status=429, code="insufficient_quota", times=3), "no credit"),
)
"""What the person reads; the last one pauses all paid work."""


async def test_failing_model_gets_one_sentence(town: Town) -> None:
    """Whatever the model server does, the person reads one sentence with a reference."""
    async with running_bot(town.local, town.models, town.folder):
        for fault, sentence in SENTENCES:
            town.models.faults.clear()
            town.models.fail(fault)
            post = await town.local.post(town.ana, town.channel, files=pictures(1))
            [message] = await town.settled(post)
            assert sentence in message.text
            assert "reference" in message.text


async def test_deleted_post_takes_its_answer_along(town: Town) -> None:
    """When the author deletes the post, what the bot made of it is deleted too."""
    async with running_bot(town.local, town.models, town.folder):
        post = await town.local.post(town.ana, town.channel, files=[File("a.png", encoded(photo(), "PNG"))])
        await town.settled(post)
        await town.local.erase(post)
        thread = town.local.thread_of(post)
        assert thread is not None
        await town.local.wait_for(lambda: not town.local.messages(thread))


async def test_settings_that_are_missing_are_all_named(town: Town) -> None:
    """Without token and key, as .env.example comes, the bot says so, each with how to set it; exit 78."""
    nothing = {"DISCORD_TOKEN": "", "OPENAI_API_KEY": "", "OPENAI_BASE_URL": "", "ISTHMUS_LOG": ""}
    async with running_bot(
        town.local, town.models, town.folder, environment=nothing, wait_until_ready=False, fresh=True
    ) as bot:
        assert await bot.ended() == 78
    said = bot.log.read_text()
    assert "DISCORD_TOKEN" in said
    assert "OPENAI_API_KEY" in said


async def test_doctor_finds_a_sound_setup_sound(town: Town) -> None:
    """`check` asks Discord, the models and the database, and ends well."""
    async with running_bot(
        town.local, town.models, town.folder, command="check", wait_until_ready=False, fresh=True
    ) as doctor:
        assert await doctor.ended() == 0
        said = await doctor.output()
    assert "PROBLEM" not in said
    assert said.count("ok ") == 4


async def test_owner_is_told_once_that_the_money_is_gone(town: Town) -> None:
    """Two posts fail for want of credit: each person gets a sentence, the owner one direct message."""
    town.models.fail(ModelFault("/responses", "status", status=429, code="insufficient_quota", times=9))
    async with running_bot(town.local, town.models, town.folder):
        for number in range(2):
            post = await town.local.post(town.ben, town.channel, files=pictures(1))
            if number == 0:
                await town.settled(post)
        direct = town.local.world.direct(town.ana)
        await town.local.wait_for(lambda: town.local.messages(direct), what="a direct message to the owner")

    [told] = town.local.messages(direct)
    assert "paused everything that is paid for" in told.content
    assert "no credit" in told.content


async def test_job_that_keeps_killing_the_bot_is_left_alone_with_a_sentence(town: Town) -> None:
    """Its card says so, without a button to try the same again; others are answered."""
    kill = {"ISTHMUS_FAULT_KILL": "describe#0:before"}
    async with running_bot(town.local, town.models, town.folder, environment=kill) as bot:
        post = await town.local.post(town.ana, town.channel, files=pictures(1))
        assert await bot.ended() == -9
    data = town.folder / "data"
    # As after as many starts as it takes.
    with contextlib.closing(sqlite3.connect(data / "isthmus-engine.db")) as connection, connection:
        connection.execute("UPDATE workflow_status SET recovery_attempts = 99")
    with contextlib.closing(sqlite3.connect(data / "isthmus.db")) as connection, connection:
        connection.execute("UPDATE jobs SET created = created - 60")
    async with running_bot(town.local, town.models, town.folder):
        [card] = await town.settled(post, timeout=60)
        assert "leave it alone" in card.text
        assert not any(":retry:" in each for each in card.custom_ids())
        other = await town.local.post(town.ana, town.channel, files=pictures(2)[1:])
        [answer] = await town.settled(other)
        assert "MARKER 2" in answer.text
    assert len(town.models.calls) == 1
