"""Downloads come from allowed hosts alone, as they were announced, and never too large."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator

import aiohttp
import pytest

from playground.discord import Fault, File, LocalDiscord
from playground.discord.state import Message
from services.errors import MediaError
from services.media.fetch import Fetcher

DATA = bytes(range(256)) * 400


@pytest.fixture
async def local() -> AsyncGenerator[LocalDiscord]:
    async with LocalDiscord() as local:
        yield local


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def post(local: LocalDiscord) -> Message:
    ana = local.add_user("ana")
    guild = local.add_guild("Harbour")
    local.join(guild, ana)
    return await local.post(ana, local.add_channel(guild, "photos"), files=[File("a.bin", DATA)])


def url_of(local: LocalDiscord, post: Message) -> str:
    return local.world.urls.sign(post.attachments[0])


async def test_file_arrives_whole_and_is_deleted_afterwards(
    local: LocalDiscord, session: aiohttp.ClientSession, post: Message
) -> None:
    """The bytes, their size and their hash are right; nothing is left on the disk."""
    fetcher = Fetcher(session, [local.cdn_host])
    async with fetcher.fetch(url_of(local, post), max_bytes=10**6, refresh=None) as file:
        assert file.path.read_bytes() == DATA
        assert (file.size, file.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())
    assert not file.path.parent.exists()


async def test_expired_url_is_refreshed_once(
    local: LocalDiscord, session: aiohttp.ClientSession, post: Message
) -> None:
    """A stale URL is replaced by a fresh one; a file that is gone says so."""
    fetcher = Fetcher(session, [local.cdn_host])
    local.world.url_seconds = -5
    stale = url_of(local, post)
    local.world.url_seconds = 60

    async def refresh() -> str:
        return url_of(local, post)

    async with fetcher.fetch(stale, max_bytes=10**6, refresh=refresh) as file:
        assert file.size == len(DATA)
    await local.erase(post)
    with pytest.raises(MediaError, match="media-gone"):
        async with fetcher.fetch(stale, max_bytes=10**6, refresh=refresh):
            pass


@pytest.mark.parametrize("action", ["short_body", "reset", "status"])
async def test_passing_fault_is_survived(
    local: LocalDiscord, session: aiohttp.ClientSession, post: Message, action: str
) -> None:
    """A download that breaks off once is repeated."""
    local.faults.add(Fault("GET", "/attachments/", action, status=502))  # type: ignore[arg-type]
    fetcher = Fetcher(session, [local.cdn_host])
    async with fetcher.fetch(url_of(local, post), max_bytes=10**6, refresh=None) as file:
        assert file.size == len(DATA)


async def test_redirect_is_not_followed(
    local: LocalDiscord, session: aiohttp.ClientSession, post: Message
) -> None:
    """Attachments never lie elsewhere."""
    local.faults.add(Fault("GET", "/attachments/", "redirect", times=9))
    with pytest.raises(MediaError, match="media-refused"):
        async with Fetcher(session, [local.cdn_host]).fetch(url_of(local, post), max_bytes=10**6, refresh=None):
            pass


async def test_too_large_file_is_refused(
    local: LocalDiscord, session: aiohttp.ClientSession, post: Message
) -> None:
    """The cap holds."""
    with pytest.raises(MediaError, match="media-too-big"):
        async with Fetcher(session, [local.cdn_host]).fetch(url_of(local, post), max_bytes=1000, refresh=None):
            pass


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/attachments/1/2/a.png",
        "https://cdn.discordapp.com.evil.example/attachments/1/2/a.png",
        "https://user@cdn.discordapp.com/attachments/1/2/a.png",
        "https://cdn.discordapp.com:8443/attachments/1/2/a.png",
        "https://cdn.discordapp.com/icons/1/2.png",
        "https://cdn.discordapp.com/attachments%2f..%2ficons/1",
        "https://evil.example/attachments/1/2/a.png",
        "http://127.0.0.1:1/attachments/1/2/a.png",
        "http://[::1]/attachments/1/2/a.png",
        "file:///etc/passwd",
        "not a url",
    ],
)
async def test_other_addresses_are_refused(session: aiohttp.ClientSession, url: str) -> None:
    """Nothing but attachments on the allowed hosts is asked for."""
    with pytest.raises(MediaError, match="media-refused"):
        async with Fetcher(session, ["cdn.discordapp.com"]).fetch(url, max_bytes=10, refresh=None):
            pass
