"""The local Discord keeps Discord's rules, told over its own REST API."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest

from playground.discord import Fault, File, LocalDiscord
from playground.discord.state import VOICE, Channel, Message, User
from services.permissions import Permission


class Client:
    """A bot reduced to its REST calls."""

    def __init__(self, local: LocalDiscord, session: aiohttp.ClientSession) -> None:
        self._local = local
        self._session = session

    async def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bot {token or self._local.token}"}
        url = self._local.api_url + path
        async with self._session.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json() if response.status != 204 else None

    async def download(self, url: str) -> int:
        async with self._session.get(url) as response:
            return response.status


@pytest.fixture
async def local() -> AsyncGenerator[LocalDiscord]:
    async with LocalDiscord() as local:
        yield local


@pytest.fixture
async def client(local: LocalDiscord) -> AsyncGenerator[Client]:
    async with aiohttp.ClientSession() as session:
        yield Client(local, session)


@pytest.fixture
def ana(local: LocalDiscord) -> User:
    return local.add_user("ana")


@pytest.fixture
def channel(local: LocalDiscord, ana: User) -> Channel:
    guild = local.add_guild("Harbour")
    local.join(guild, ana)
    return local.add_channel(guild, "photos")


@pytest.fixture
async def post(local: LocalDiscord, ana: User, channel: Channel) -> Message:
    return await local.post(ana, channel, "look", [File("a.png", b"bytes")])


async def test_thread_has_the_id_of_its_message_and_exists_once(
    client: Client, channel: Channel, post: Message
) -> None:
    """The second thread on a message is refused with 160004."""
    path = f"/channels/{channel.id}/messages/{post.id}/threads"
    status, thread = await client.ask("POST", path, {"name": "talk"})
    assert (status, thread["id"]) == (200, str(post.id))
    status, refused = await client.ask("POST", path, {"name": "talk"})
    assert (status, refused["code"]) == (400, 160004)


async def test_voice_channel_has_no_threads(
    local: LocalDiscord, client: Client, channel: Channel, ana: User
) -> None:
    """A thread in a voice channel's chat is refused with 50024."""
    assert channel.guild_id is not None
    voice = local.add_channel(local.world.guilds[channel.guild_id], "lounge", type=VOICE)
    message = await local.post(ana, voice, "hello")
    _, refused = await client.ask("POST", f"/channels/{voice.id}/messages/{message.id}/threads", {"name": "x"})
    assert refused["code"] == 50024


async def test_same_nonce_is_the_same_message(client: Client, channel: Channel) -> None:
    """With enforce_nonce a repeated send returns the first message; after its deletion, 10008."""
    body = {"content": "hi", "nonce": "n1", "enforce_nonce": True}
    path = f"/channels/{channel.id}/messages"
    _, first = await client.ask("POST", path, body)
    _, second = await client.ask("POST", path, body)
    assert first["id"] == second["id"]
    await client.ask("DELETE", f"{path}/{first['id']}")
    status, refused = await client.ask("POST", path, body)
    assert (status, refused["code"]) == (404, 10008)


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2001},
        {"nonce": "n" * 26, "content": "x"},
        {"flags": 1 << 15, "components": [{"type": 10, "content": "x" * 4001}]},
        {"flags": 1 << 15, "content": "x", "components": [{"type": 10, "content": "x"}]},
        {"components": [{"type": 10, "content": "x"}]},
        {"flags": 1 << 15, "components": [{"type": 10, "content": "x"}] * 41},
        {"content": "x", "message_reference": {"message_id": "5"}},
    ],
)
async def test_form_that_breaks_a_limit_is_refused(client: Client, channel: Channel, body: Any) -> None:
    """Limits hold that the official description leaves looser."""
    status, refused = await client.ask("POST", f"/channels/{channel.id}/messages", body)
    assert (status, refused["code"]) == (400, 50035)


async def test_missing_permission_is_refused(local: LocalDiscord, client: Client, channel: Channel) -> None:
    """What the bot may not do answers 403, hidden channels with another code."""
    path = f"/channels/{channel.id}/messages"
    local.deny(channel, local.world.app, Permission.SEND_MESSAGES)
    assert (await client.ask("POST", path, {"content": "x"}))[1]["code"] == 50013
    local.deny(channel, local.world.app, Permission.VIEW_CHANNEL)
    assert (await client.ask("POST", path, {"content": "x"}))[1]["code"] == 50001


async def test_url_expires_and_goes_with_its_message(
    local: LocalDiscord, client: Client, channel: Channel, post: Message
) -> None:
    """A signed URL works until its time; a deleted message takes its file along; a forged one never works."""
    path = f"/channels/{channel.id}/messages/{post.id}"
    url = (await client.ask("GET", path))[1]["attachments"][0]["url"]
    assert await client.download(url) == 200
    assert await client.download(url[:-4] + "0000") == 403
    local.world.url_seconds = -1
    assert await client.download((await client.ask("GET", path))[1]["attachments"][0]["url"]) == 403
    await local.erase(post)
    assert await client.download(url) == 404


async def test_content_is_redacted_without_the_intent(
    local: LocalDiscord, client: Client, channel: Channel, post: Message, ana: User
) -> None:
    """Without the content intent REST shows mentions of the bot and nothing else."""
    local.world.message_content = False
    _, seen = await client.ask("GET", f"/channels/{channel.id}/messages/{post.id}")
    assert (seen["content"], seen["attachments"]) == ("", [])
    mention = await local.post(ana, channel, f"<@{local.world.app.id}> look")
    _, seen = await client.ask("GET", f"/channels/{channel.id}/messages/{mention.id}")
    assert seen["content"].endswith("look")


async def test_default_mentions_ping_and_allowed_mentions_do_not(
    local: LocalDiscord, client: Client, channel: Channel, ana: User
) -> None:
    """A message without `allowed_mentions` pings whom it names; with an empty list, nobody."""
    path = f"/channels/{channel.id}/messages"
    text = f"@everyone <@{ana.id}>"
    _, loud = await client.ask("POST", path, {"content": text})
    _, quiet = await client.ask("POST", path, {"content": text, "allowed_mentions": {"parse": []}})
    assert channel.messages[int(loud["id"])].pinged == {"everyone", str(ana.id)}
    assert channel.messages[int(quiet["id"])].pinged == set()


async def test_lost_answer_leaves_the_message(local: LocalDiscord, client: Client, channel: Channel) -> None:
    """The fault "lost_answer" breaks the connection after the message was made."""
    local.faults.add(Fault("POST", "/messages$", "lost_answer"))
    with pytest.raises(aiohttp.ClientError):
        await client.ask("POST", f"/channels/{channel.id}/messages", {"content": "x"})
    assert [message.content for message in local.messages(channel)] == ["x"]


async def test_unknown_route_is_loud_and_wrong_token_refused(local: LocalDiscord, client: Client) -> None:
    """What is missing answers 501 and is recorded; a wrong token answers 401."""
    assert (await client.ask("GET", "/guilds/1/templates"))[0] == 501
    assert local.unimplemented == ["GET /api/v10/guilds/1/templates"]
    assert (await client.ask("GET", "/users/@me", token="wrong"))[0] == 401
