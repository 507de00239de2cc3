"""The contract: the real, unpatched discord.py lives in the local Discord as in Discord's own.

One client in this process for the whole file; what it sees of people, and people of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
import discord
import discord.gateway
import discord.http
import pytest
import pytest_asyncio
from discord import app_commands, ui

from cogs._serving import apply_endpoints
from playground.discord import Fault, File, LocalDiscord
from playground.discord.state import VOICE, Channel, Guild, Interaction, Message, User
from services.configuration import load_settings
from services.permissions import Permission
from tests.pictures import encoded, photo

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMIT_SECONDS = 30.0


class Wish(ui.Modal, title="A wish"):
    words = ui.TextInput[Any](label="Words", custom_id="words")

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(f"Granted: {self.words.value}", ephemeral=True)


class Choices(ui.View):
    @ui.button(label="Wish", custom_id="wish")
    async def wish(self, interaction: discord.Interaction[Any], _: ui.Button[Any]) -> None:
        await interaction.response.send_modal(Wish())

    @ui.select(custom_id="pick", options=[discord.SelectOption(label="One"), discord.SelectOption(label="Two")])
    async def pick(self, interaction: discord.Interaction[Any], select: ui.Select[Any]) -> None:
        await interaction.response.edit_message(content=f"Picked {select.values[0]}")


class Client(discord.Client):
    """Keeps every event that it gets, and has one command, one menu and one view."""

    def __init__(self) -> None:
        super().__init__(
            intents=discord.Intents(
                guilds=True, guild_messages=True, dm_messages=True, message_content=True, guild_reactions=True
            ),
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.seen: list[tuple[str, Any]] = []
        self._news = asyncio.Event()
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(
            app_commands.Command(name="measure", description="Weigh a file", callback=measure)
        )
        self.tree.add_command(app_commands.ContextMenu(name="Quote", callback=quote))

    async def setup_hook(self) -> None:
        self.add_view(Choices(timeout=None))
        await self.tree.sync()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        super().dispatch(event, *args, **kwargs)
        if not event.startswith("socket"):
            self.seen.append((event, args[-1] if args else None))
            self._news.set()

    async def saw(self, event: str, is_it: Callable[[Any], bool] = lambda _: True) -> Any:
        """Wait for an event; return what came with it."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while True:
                for name, value in self.seen:
                    if name == event and is_it(value):
                        return value
                self._news.clear()
                await self._news.wait()

    def count(self, event: str) -> int:
        """Return how often an event came."""
        return [name for name, _ in self.seen].count(event)


@app_commands.describe(file="To be weighed", times="How often")
async def measure(interaction: discord.Interaction[Any], file: discord.Attachment, times: int = 1) -> None:
    await interaction.response.defer(thinking=True)
    data = await file.read()
    await interaction.followup.send(f"{len(data) * times} bytes, limit {interaction.filesize_limit}")


async def quote(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    await interaction.response.send_message(f"{message.author.name}: {message.content}", ephemeral=True)


@dataclass
class World:
    """A server with a channel, two people in it, and the client."""

    local: LocalDiscord
    client: Client
    guild: Guild
    channel: Channel
    ana: User
    ben: User

    @property
    def text(self) -> discord.TextChannel:
        """The channel as the client sees it."""
        found = self.client.get_channel(self.channel.id)
        assert isinstance(found, discord.TextChannel)
        return found

    async def seen(self, message: Message) -> discord.Message:
        """Return a person's message as the client gets it."""
        return await self.client.saw("message", lambda each: each.id == message.id)

    def answer(self, interaction: Interaction) -> str:
        message = self.local.world.channels[interaction.channel_id].messages.get(interaction.response_id or 0)
        return message.content if message else ""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncGenerator[World]:
    before = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    async with LocalDiscord() as local:
        ana, ben = local.add_user("ana"), local.add_user("ben")
        guild = local.add_guild("Harbour")
        local.join(guild, ana, ben)
        channel = local.add_channel(guild, "photos")
        apply_endpoints(load_settings(local.environment()))
        client = Client()
        running = asyncio.ensure_future(client.start(local.token))
        try:
            await client.saw("ready")
            yield World(local, client, guild, channel, ana, ben)
        finally:
            await client.close()
            with suppress(asyncio.CancelledError):
                await running
            discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = before
        assert not local.unimplemented


async def test_client_knows_the_place(world: World) -> None:
    """Servers, channels, roles and its own rights are those that the world has."""
    guild = world.client.get_guild(world.guild.id)
    assert guild is not None
    assert (guild.name, [each.name for each in guild.text_channels]) == ("Harbour", ["photos"])
    assert world.text.permissions_for(guild.me).create_public_threads
    assert world.client.user is not None
    assert world.client.user.id == world.local.world.app.id


async def test_posted_file_arrives_byte_for_byte(world: World) -> None:
    """With its name, size, and whether it is a voice note or spoilered."""
    data = encoded(photo("rocket"))
    post = await world.local.post(world.ana, world.channel, "look", files=[File("SPOILER_rocket.jpg", data)])
    seen = await world.seen(post)
    (attachment,) = seen.attachments
    assert (seen.content, attachment.filename, attachment.size) == ("look", "SPOILER_rocket.jpg", len(data))
    assert attachment.is_spoiler()
    assert await attachment.read() == data
    voice = await world.local.post(world.ana, world.channel, files=[File("v.ogg", b"OggS" * 50)], voice=True)
    heard = await world.seen(voice)
    assert heard.flags.voice
    assert heard.attachments[0].is_voice_message()


async def test_reply_and_forward_say_what_they_refer_to(world: World) -> None:
    """Replies carry the message that they answer, forwards a copy of it."""
    post = await world.local.post(
        world.ana, world.channel, "first", files=[File("a.png", encoded(photo("coffee")))]
    )
    reply = await world.seen(await world.local.post(world.ben, world.channel, "second", reply_to=post))
    assert reply.reference is not None
    assert isinstance(reply.reference.resolved, discord.Message)
    assert reply.reference.resolved.content == "first"
    forward = await world.seen(await world.local.post(world.ben, world.channel, forward=post))
    assert [each.content for each in forward.message_snapshots] == ["first"]
    assert forward.message_snapshots[0].attachments[0].filename == "a.png"


async def test_what_the_client_sends_is_what_people_see(world: World) -> None:
    """Text, files with alt text, replies, edits, and deletion."""
    post = await world.seen(await world.local.post(world.ana, world.channel, "hello"))
    file = discord.File(BytesIO(b"words"), "words.txt", description="Some words")
    sent = await post.reply("hi @everyone", file=file)
    held = world.channel.messages[sent.id]
    assert (held.content, held.pinged, held.reference and held.reference["message_id"]) == (
        "hi @everyone",
        set(),
        str(post.id),
    )
    (stored,) = held.attachments
    assert (stored.filename, stored.alt) == ("words.txt", "Some words")
    await sent.edit(content="changed")
    assert world.channel.messages[sent.id].content == "changed"
    await sent.delete()
    assert sent.id not in world.channel.messages
    with pytest.raises(discord.NotFound) as caught:
        await sent.edit(content="again")
    assert caught.value.code == 10008


async def test_same_nonce_is_sent_once(world: World) -> None:
    """A repeated send with the same nonce returns the first message."""
    first = await world.text.send("once", nonce="nonce-1")
    again = await world.text.send("once", nonce="nonce-1")
    assert first.id == again.id


async def test_thread_has_the_id_of_its_message(world: World) -> None:
    """It exists once, takes messages, wakes from the archive, and stays shut when locked."""
    post = await world.seen(await world.local.post(world.ana, world.channel, "thread me"))
    thread = await post.create_thread(name="Talk")
    assert thread.id == post.id
    with pytest.raises(discord.HTTPException) as caught:
        await post.create_thread(name="Again")
    assert caught.value.code == 160004
    held = world.local.world.channels[thread.id]
    await world.local.change_thread(held, archived=True)
    await thread.send("awake")
    assert not held.archived
    await world.local.change_thread(held, locked=True, archived=True)
    world.local.deny(world.channel, world.guild, int(Permission.MANAGE_THREADS))
    with pytest.raises(discord.HTTPException) as caught:
        await thread.send("shut")
    assert caught.value.code in {50083, 160005}


async def test_voice_channel_has_no_threads(world: World) -> None:
    """Posts there are answered by replies."""
    lounge = world.local.add_channel(world.guild, "lounge", type=VOICE)
    post = await world.seen(await world.local.post(world.ana, lounge, "here"))
    with pytest.raises(discord.HTTPException) as caught:
        await post.create_thread(name="No")
    assert caught.value.code == 50024


async def test_direct_message_reaches_the_client_and_back(world: World) -> None:
    """Without a server."""
    place = world.local.direct(world.ana)
    post = await world.seen(await world.local.post(world.ana, place, "psst"))
    assert post.guild is None
    await post.channel.send("yes?")
    assert [each.content for each in world.local.messages(place)] == ["psst", "yes?"]


async def test_command_with_a_file_is_answered_by_a_followup(world: World) -> None:
    """The response is deferred, the file read, and the options have their types."""
    data = encoded(photo("coffee"))
    used = await world.local.invoke(
        world.ana, world.channel, "measure", {"file": File("c.jpg", data), "times": 2}
    )
    await world.local.wait_for(lambda: world.answer(used))
    assert world.answer(used).startswith(f"{2 * len(data)} bytes, limit ")


async def test_menu_gets_its_message(world: World) -> None:
    """And its answer is for its user alone."""
    post = await world.local.post(world.ben, world.channel, "to be quoted")
    used = await world.local.use_menu(world.ana, "Quote", post)
    await world.local.wait_for(lambda: used.response_id)
    message = world.channel.messages[used.response_id or 0]
    assert (message.content, message.visible_to) == ("ben: to be quoted", world.ana.id)


async def test_button_form_and_select_are_answered(world: World) -> None:
    """A button opens a form, the form is sent in, a choice edits its message."""
    sent = await world.text.send("What now?", view=Choices(timeout=None))
    held = world.channel.messages[sent.id]
    pressed = await world.local.press(world.ana, held, "wish")
    await world.local.wait_for(lambda: pressed.modal)
    submitted = await world.local.submit_modal(world.ana, pressed, {"words": "a boat"})
    await world.local.wait_for(lambda: world.answer(submitted))
    assert world.answer(submitted) == "Granted: a boat"
    await world.local.press(world.ana, held, "pick", ["Two"])
    await world.local.wait_for(lambda: held.content == "Picked Two")


async def test_refusals_and_rate_limits_are_discords(world: World) -> None:
    """A 429 is sat out, a 500 repeated, a missing right is Forbidden with Discord's code."""
    world.local.faults.add(Fault("POST", "/messages$", "rate_limit", seconds=0.1))
    assert (await world.text.send("after the limit")).content == "after the limit"
    world.local.faults.add(Fault("POST", "/messages$", "status", status=500))
    assert (await world.text.send("after the error")).content == "after the error"
    hidden = world.local.add_channel(world.guild, "hidden")
    await world.client.saw("guild_channel_create", lambda each: each.id == hidden.id)
    world.local.deny(hidden, world.guild, int(Permission.VIEW_CHANNEL))
    with pytest.raises(discord.Forbidden) as caught:
        await world.client.get_partial_messageable(hidden.id).send("hello?")
    assert caught.value.code == 50001


async def test_lost_answer_is_sent_once(world: World) -> None:
    """The connection breaks after the message was made; the repeated send finds it by its nonce."""
    world.local.faults.add(Fault("POST", "/messages$", "lost_answer"))
    with suppress(aiohttp.ClientError, discord.HTTPException):
        await world.text.send("only one", nonce="nonce-2")
    await world.text.send("only one", nonce="nonce-2")
    assert [each.content for each in world.local.messages(world.channel)].count("only one") == 1


@pytest.mark.parametrize("action", ["drop", "reconnect"])
async def test_broken_connection_is_resumed_without_loss(world: World, action: Any) -> None:
    """What was posted meanwhile is replayed, in order and once."""
    resumed = world.client.count("resumed")
    world.local.faults.add(Fault("GATEWAY", "MESSAGE_CREATE", action))
    posts = [await world.local.post(world.ana, world.channel, f"{action} {number}") for number in range(3)]
    await world.seen(posts[-1])
    assert world.client.count("resumed") == resumed + 1
    told = [each.id for name, each in world.client.seen if name == "message"]
    assert [each for each in told if each in {post.id for post in posts}] == [post.id for post in posts]


async def test_void_session_begins_anew(world: World) -> None:
    """After op 9 the client identifies again and is ready again; events go on."""
    before = world.client.count("ready")
    world.local.faults.add(Fault("GATEWAY", "MESSAGE_CREATE", "invalid_session"))
    await world.local.post(world.ana, world.channel, "lost in the void")
    async with asyncio.timeout(LIMIT_SECONDS):
        while world.client.count("ready") == before:
            await asyncio.sleep(0.05)
    await world.seen(await world.local.post(world.ana, world.channel, "here again"))


async def test_close_code_arrives_however_late_it_is_answered(world: World) -> None:
    """The connection stands until the client answers the close frame: else it would see 1006 and resume."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(world.local.gateway_url, autoclose=False) as socket,
    ):
        await socket.receive()  # Hello
        await socket.send_json({"op": 2, "d": {"token": "wrong", "intents": 0, "properties": {}}})
        closed = await socket.receive()
        await asyncio.sleep(0.1)  # A client that is slow to answer.
        await socket.close()
        assert (closed.type, closed.data, socket.close_code) == (aiohttp.WSMsgType.CLOSE, 4004, 4004)


async def test_edits_and_deletions_are_told(world: World) -> None:
    """By their ids, also for messages that the client has not kept."""
    post = await world.local.post(world.ana, world.channel, "before")
    await world.seen(post)
    await world.local.edit(post, "after")
    edited = await world.client.saw("raw_message_edit", lambda each: each.message_id == post.id)
    assert edited.message.content == "after"
    await world.local.erase(post)
    await world.client.saw("raw_message_delete", lambda each: each.message_id == post.id)


async def test_outage_is_no_goodbye(world: World) -> None:
    """A server that is unavailable comes back; one that sent the bot away is gone."""
    other = world.local.add_guild("Island")
    await world.client.saw("guild_join", lambda each: each.id == other.id)
    world.local.begin_outage(other)
    await world.client.saw("guild_unavailable", lambda each: each.id == other.id)
    world.local.end_outage(other)
    await world.client.saw("guild_available", lambda each: each.id == other.id)
    world.local.kick_bot(other)
    await world.client.saw("guild_remove", lambda each: each.id == other.id)
    assert world.client.get_guild(other.id) is None
