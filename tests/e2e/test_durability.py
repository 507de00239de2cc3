"""Nothing is lost and nothing is said twice, whatever dies in between."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from playground.discord import Fault, File
from playground.models import ModelFault
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo

PICTURE_STEPS = ("open_place", "describe#0", "reread", "deliver", "finish")
DESCRIBING = ("describe#0", "describe#1", "describe#2")
ALBUM_STEPS = ("open_place", *DESCRIBING, "reread", "keep", "think#0", "deliver", "finish")
QUESTION = "which marker is the largest?"


def borders(steps: tuple[str, ...]) -> list[str]:
    """Each moment at which a job can die: before a step, when its effect is done but not recorded, after."""
    return [f"{step}:{moment}" for step in steps for moment in ("before", "inside")] + [f"{steps[-1]}:after"]


def pictures(count: int) -> list[File]:
    return [File(f"{n}.png", encoded(photo(marker=n), "PNG")) for n in range(1, count + 1)]


def recorded_steps(town: Town) -> set[str]:
    """Return the names of the steps that the engine has recorded."""
    with contextlib.closing(sqlite3.connect(town.folder / "data" / "isthmus-engine.db")) as connection:
        rows = connection.execute("SELECT function_name FROM operation_outputs").fetchall()
    return {name for (name,) in rows}


@pytest.mark.parametrize(
    ("files", "text", "steps"), [(1, "", PICTURE_STEPS), (3, QUESTION, ALBUM_STEPS)], ids=["picture", "album"]
)
async def test_steps_at_whose_borders_bots_are_killed_are_all(
    town: Town, files: int, text: str, steps: tuple[str, ...]
) -> None:
    """What the engine records of a job is what the next tests kill it at; no border is left out."""
    async with running_bot(town.local, town.models, town.folder):
        post = await town.local.post(town.ana, town.channel, text, pictures(files))
        await town.settled(post)
    assert recorded_steps(town) == set(steps)


@pytest.mark.parametrize("border", borders(PICTURE_STEPS))
async def test_killed_bot_answers_a_picture_exactly_once(town: Town, border: str) -> None:
    """SIGKILL at a step's border: after the restart one result stands, and no recorded call is repeated."""
    await _killed_and_restarted(town, border, pictures(1), "")


@pytest.mark.parametrize("border", borders(ALBUM_STEPS))
async def test_killed_bot_answers_an_album_exactly_once(town: Town, border: str) -> None:
    """As for one picture, with several under way at once and a question about them."""
    await _killed_and_restarted(town, border, pictures(3), QUESTION)


async def _killed_and_restarted(town: Town, border: str, files: list[File], question: str) -> None:
    killed = {"ISTHMUS_FAULT_KILL": border}
    async with running_bot(town.local, town.models, town.folder, environment=killed) as bot:
        post = await town.local.post(town.ana, town.channel, question, files)
        assert await bot.ended() == -9
    recorded = recorded_steps(town)
    async with running_bot(town.local, town.models, town.folder):
        messages = await town.settled(post)

    text = "\n".join(message.text for message in messages)
    assert len(messages) == 1
    assert all(f"MARKER {n}" in text for n in range(1, len(files) + 1))
    paid = [call for call in town.models.calls if call.status == 200]
    calls_of = {
        f"describe#{n}": [call for call in paid if [each.marker for each in call.sights] == [n + 1]]
        for n in range(len(files))
    } | {"think#0": [call for call in paid if not call.sights]}
    for step in recorded & set(calls_of):
        assert len(calls_of[step]) == 1, f"{step} was recorded and is not paid again"
    for step, calls in calls_of.items():
        assert len(calls) <= 2, f"{step} was under way once at most"


async def test_replayed_event_starts_no_second_job(town: Town) -> None:
    """A message event that arrives twice is answered once."""
    async with running_bot(town.local, town.models, town.folder):
        town.local.gateway.duplicate_next = True
        post = await town.local.post(town.ana, town.channel, files=[File("a.png", encoded(photo(), "PNG"))])
        messages = await town.settled(post)

    assert len(messages) == 1
    assert len(town.models.calls) == 1


@pytest.mark.parametrize("action", ["reset", "lost_answer", "rate_limit", "status"])
async def test_failing_discord_gets_one_message(town: Town, action: str) -> None:
    """However the posting of the card fails, one message stands in the end."""
    town.local.faults.add(Fault("POST", r"/channels/\d+/messages$", action, status=503))  # type: ignore[arg-type]
    async with running_bot(town.local, town.models, town.folder):
        post = await town.local.post(town.ana, town.channel, files=[File("a.png", encoded(photo(), "PNG"))])
        messages = await town.settled(post)

    assert len(messages) == 1


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (ModelFault("/responses", "refusal"), "declined"),
        (ModelFault("/responses", "truncated"), "broke off"),
        (ModelFault("/responses", "empty"), "no answer"),
        (ModelFault("/responses", "failed", code="image_content_policy_violation"), "safety rules"),
        (ModelFault("/responses", "html", status=200), "could not be understood"),
        (ModelFault("/responses", "status", status=503, code="slow_down", times=9), "overloaded"),
        (ModelFault("/responses", "status", status=429, code="insufficient_quota", times=9), "no credit"),
        (ModelFault("/responses", "reset", times=9), "cannot be reached"),
    ],
    ids=lambda value: value.action if isinstance(value, ModelFault) else "",
)
async def test_failing_model_gets_one_sentence(town: Town, fault: ModelFault, sentence: str) -> None:
    """Whatever the model server does, the person reads one sentence with a reference."""
    town.models.fail(fault)
    async with running_bot(town.local, town.models, town.folder):
        post = await town.local.post(town.ana, town.channel, files=[File("a.png", encoded(photo(), "PNG"))])
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
    """Without token and key the bot says so, each with how to set it, and exits with 78."""
    nothing = {"DISCORD_TOKEN": "", "OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}
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
