"""Nothing is lost and nothing is said twice, whatever dies in between."""

from __future__ import annotations

import pytest

from playground.discord import Fault, File
from playground.models import ModelFault
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo


@pytest.mark.parametrize(
    "moment",
    [
        "open_place:inside",
        "describe#1:inside",
        "describe#2:after",
        "deliver:before",
        "deliver:inside",
        "finish:inside",
    ],
)
async def test_killed_bot_answers_exactly_once(town: Town, moment: str) -> None:
    """SIGKILL at a step's border: after the restart one final result stands, no recorded call is repeated."""
    files = [File(f"{n}.png", encoded(photo(marker=n), "PNG")) for n in (1, 2, 3)]
    killed = {"ISTHMUS_FAULT_KILL": moment}
    async with running_bot(town.local, town.models, town.folder, environment=killed) as bot:
        post = await town.local.post(town.ana, town.channel, files=files)
        assert await bot.ended() == -9
    before = len(town.models.calls)
    async with running_bot(town.local, town.models, town.folder):
        messages = await town.settled(post)

    text = "\n".join(message.text for message in messages)
    assert len(messages) == 1
    assert [text.count(f"MARKER {n}") for n in (1, 2, 3)] == [1, 1, 1]
    if moment.startswith(("deliver", "finish")):
        assert len(town.models.calls) == before == 3


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
