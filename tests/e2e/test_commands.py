"""Slash command, menu and buttons."""

from __future__ import annotations

import pytest

from playground.discord import File
from playground.discord.state import EPHEMERAL
from playground.models import ModelFault
from services.permissions import Permission
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def town(quarter: Town) -> Town:
    return quarter


async def test_command_with_a_file_is_answered_under_its_own_response(town: Town) -> None:
    """`/describe` posts the file in a thread, without metadata and with alt text, and describes it."""
    await town.commands_synced()
    picture = File("shot.png", encoded(photo(marker=77), "PNG"))
    interaction = await town.local.invoke(
        town.ana, town.channel, "describe", {"attachment": picture, "question": "which marker?"}
    )
    response = await town.local.wait_for(
        lambda: interaction.response_id and town.channel.messages.get(interaction.response_id)
    )
    messages = await town.settled(response)

    assert any("MARKER 77" in message.text for message in messages)
    [posted] = [message for message in messages if message.attachments]
    assert "512x512" in (posted.attachments[0].alt or "")
    assert [call.path for call in town.models.calls] == ["/v1/moderations", "/v1/responses"]


async def test_flagged_file_is_not_posted(town: Town) -> None:
    """A picture that moderation flags is not posted; the person is told."""
    await town.commands_synced()
    picture = File("bad.png", encoded(photo(marker=4001), "PNG"))
    interaction = await town.local.invoke(town.ana, town.channel, "describe", {"attachment": picture})
    response = await town.local.wait_for(
        lambda: interaction.response_id and town.channel.messages.get(interaction.response_id)
    )
    messages = await town.settled(response)

    assert "moderation" in messages[-1].text
    assert not any(message.attachments for message in messages)


async def test_menu_describes_a_forwarded_picture(town: Town) -> None:
    """The menu "Describe" finds pictures inside a forwarded message, and tells the asker where."""
    await town.commands_synced()
    elsewhere = town.local.add_channel(town.guild, "elsewhere")
    original = await town.local.post(
        town.ben, elsewhere, files=[File("a.txt", encoded(photo(marker=99), "PNG"))]
    )
    forward = await town.local.post(town.ben, town.channel, forward=original)
    interaction = await town.local.use_menu(town.ana, "Describe", forward)
    messages = await town.settled(forward)

    assert "MARKER 99" in messages[-1].text
    told = town.channel.messages[interaction.response_id or 0]
    assert told.flags & EPHEMERAL
    assert f"/{forward.id}/" in told.content


async def test_link_to_a_hidden_channel_is_refused(town: Town) -> None:
    """Somebody who may not read a channel learns nothing about a message in it."""
    await town.commands_synced()
    staff = town.local.add_channel(town.guild, "staff")
    town.local.deny(staff, town.ana, Permission.VIEW_CHANNEL)
    secret = await town.local.post(town.ben, staff, files=[File("a.txt", encoded(photo(), "PNG"))])
    link = f"https://discord.com/channels/{town.guild.id}/{staff.id}/{secret.id}"
    interaction = await town.local.invoke(town.ana, town.channel, "describe", {"link": link})
    told = await town.local.wait_for(lambda: town.answer_to(interaction))

    assert "cannot find that message" in told
    assert not town.models.calls


async def test_link_to_a_message_is_answered_in_a_thread_on_it(town: Town) -> None:
    """`/describe link` describes the linked message in its own thread, and tells the asker where."""
    await town.commands_synced()
    elsewhere = town.local.add_channel(town.guild, "elsewhere")
    linked = await town.local.post(town.ben, elsewhere, files=[File("a.txt", encoded(photo(marker=51), "PNG"))])
    link = f"https://discord.com/channels/{town.guild.id}/{elsewhere.id}/{linked.id}"
    interaction = await town.local.invoke(town.ana, town.channel, "describe", {"link": link})
    [answer] = await town.settled(linked)
    told = await town.local.wait_for(lambda: town.answer_to(interaction))

    assert "MARKER 51" in answer.text
    assert f"/{linked.id}/" in told


async def test_link_into_a_thread_is_answered_there(town: Town) -> None:
    """A linked message may stand in a thread; who may read its channel may ask about it."""
    await town.commands_synced()
    thread = await town.local.open_thread(town.ben, town.channel, "chat")
    linked = await town.local.post(town.ben, thread, files=[File("a.txt", encoded(photo(marker=52), "PNG"))])
    link = f"https://discord.com/channels/{town.guild.id}/{thread.id}/{linked.id}"
    await town.local.invoke(town.ana, town.channel, "describe", {"link": link})
    answer = await town.replied(linked)

    assert "MARKER 52" in answer.text


@pytest.mark.parametrize("joined", [True, False])
async def test_link_into_a_private_thread_needs_its_membership(town: Town, joined: bool) -> None:
    """Only who has joined a private thread may ask about what stands in it."""
    await town.commands_synced()
    thread = await town.local.open_thread(town.ben, town.channel, "secret", private=True)
    await town.local.add_to_thread(thread, town.local.world.app, *([town.ana] if joined else []))
    linked = await town.local.post(town.ben, thread, files=[File("a.txt", encoded(photo(marker=53), "PNG"))])
    link = f"https://discord.com/channels/{town.guild.id}/{thread.id}/{linked.id}"
    interaction = await town.local.invoke(town.ana, town.channel, "describe", {"link": link})
    if joined:
        assert "MARKER 53" in (await town.replied(linked)).text
    else:
        told = await town.local.wait_for(lambda: town.answer_to(interaction))
        assert "cannot find that message" in told


async def test_delete_takes_an_answer_back(town: Town) -> None:
    """Delete removes the answer of the person who asked for it."""
    post = await town.local.post(town.ana, town.channel, files=[File("a.png", encoded(photo(), "PNG"))])
    await town.settled(post)
    card, button = await town.card_with(post, ":delete:")
    await town.local.press(town.ana, card, button)
    thread = town.local.thread_of(post)
    assert thread is not None
    await town.local.wait_for(lambda: not town.local.messages(thread))


async def test_try_again_does_it_once_more(town: Town) -> None:
    """After a passing failure "Try again" brings the answer; a double press starts one job."""
    town.models.fail(ModelFault("/responses", "status", status=503, code="slow_down", times=3))
    picture = File("a.png", encoded(photo(marker=66), "PNG"))
    post = await town.local.post(town.ana, town.channel, files=[picture])
    await town.settled(post)
    card, button = await town.card_with(post, ":retry:")
    await town.local.press(town.ana, card, button)
    await town.local.press(town.ana, card, button)
    thread = town.local.thread_of(post)
    assert thread is not None
    await town.local.wait_for(lambda: any("MARKER 66" in m.text for m in town.local.messages(thread)))
    assert sum("MARKER 66" in message.text for message in town.local.messages(thread)) == 1
    assert [call.status for call in town.models.calls].count(200) == 1


async def test_try_again_works_for_a_command(town: Town) -> None:
    """A command's response is filled once; trying again is answered beside its card."""
    town.models.fail(ModelFault("/responses", "status", status=503, code="slow_down", times=3))
    await town.commands_synced()
    picture = File("a.png", encoded(photo(marker=67), "PNG"))
    interaction = await town.local.invoke(town.ana, town.channel, "describe", {"attachment": picture})
    response = await town.local.wait_for(
        lambda: interaction.response_id and town.channel.messages.get(interaction.response_id)
    )
    card, button = await town.card_with(response, ":retry:")
    await town.local.press(town.ana, card, button)
    thread = town.local.thread_of(response)
    assert thread is not None
    await town.local.wait_for(lambda: any("MARKER 67" in each.text for each in town.local.messages(thread)))
