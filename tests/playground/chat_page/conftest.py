"""A local Discord with the page on it, the bot's side of it, and a browser."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any

import aiohttp
import pytest

from playground.discord import LocalDiscord
from playground.page import Founded, Page, found
from tests.playground.bot_client import BotClient
from tests.playground.chromium import Chromium, Tab, program, running

OpenTab = Callable[..., Awaitable[Tab]]


@pytest.fixture
async def local() -> AsyncGenerator[LocalDiscord]:
    local = LocalDiscord()
    local.mount(Page(local))
    async with local:
        yield local


@pytest.fixture
def founded(local: LocalDiscord) -> Founded:
    return found(local, local.world)


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def bot(local: LocalDiscord, session: aiohttp.ClientSession) -> BotClient:
    return BotClient(local, session)


@pytest.fixture(scope="session")
def chromium_address(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    if program() is None:
        pytest.skip("CHROMIUM IS NOT INSTALLED: the page is NOT tested in a browser (apt-get install chromium)")
    with running(tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture
async def chromium(chromium_address: str) -> AsyncGenerator[Chromium]:
    async with Chromium(chromium_address) as browser:
        yield browser


@pytest.fixture
async def open_tab(chromium: Chromium, local: LocalDiscord, founded: Founded) -> AsyncGenerator[OpenTab]:
    """Open the page as somebody; at the end nothing may have gone wrong in any tab, nor asked the outside."""
    tabs: list[Tab] = []

    async def open_as(name: str = "ana", **size: Any) -> Tab:
        tab = await chromium.tab(f"http://{local.cdn_host}/?user={name}", **size)
        tabs.append(tab)
        await tab.until("document.querySelector('.welcome, .message')")
        return tab

    yield open_as
    # Chromium calls every refusal an error; the page tells of it, and tests look at that.
    problems = [each for tab in tabs for each in tab.problems if "responded with a status of 400" not in each]
    assert not problems
    elsewhere = [
        each
        for tab in tabs
        for each in tab.requested
        if not each.startswith((f"http://{local.cdn_host}/", "blob:", "data:", "about:"))
    ]
    assert not elsewhere
