"""The page's buttons for what goes wrong."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from playground.discord import LocalDiscord
from playground.disruptions import FAILING_TRIES, Disruptions
from playground.models import ScriptedModels


@pytest.fixture
async def models():
    async with ScriptedModels() as models:
        yield models


async def asked(models: ScriptedModels) -> tuple[int, str]:
    body = {"model": "gpt-6-luna", "input": "hello"}
    headers = {"Authorization": f"Bearer {models.key}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{models.base_url}/responses", json=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


async def written(local: LocalDiscord) -> int:
    channel = local.add_channel(local.add_guild("Town"), "quay")
    headers = {"Authorization": f"Bot {local.token}"}
    url = f"{local.api_url}/channels/{channel.id}/messages"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json={"content": "hello"}, headers=headers) as answer,
    ):
        return answer.status


async def test_model_fails_for_all_tries_of_one_call(models: ScriptedModels) -> None:
    """The button is noticed: retries of the client do not cover it up. The next call works."""
    Disruptions(LocalDiscord(), models, print).cause("next-model-call-fails")
    await asyncio.sleep(0)
    statuses = [(await asked(models))[0] for _ in range(FAILING_TRIES + 1)]
    assert statuses == [500] * FAILING_TRIES + [200]


async def test_model_refuses_once(models: ScriptedModels) -> None:
    """One answer is a refusal; until then it is told to be armed."""
    disruptions = Disruptions(LocalDiscord(), models, print)
    disruptions.cause("model-refuses")
    await asyncio.sleep(0)
    assert disruptions.armed == ("model-refuses",)
    texts = [(await asked(models))[1] for _ in range(2)]
    assert disruptions.armed == ()
    assert ['"refusal"' in text for text in texts] == [True, False]


async def test_discord_fails_and_recovers(models: ScriptedModels) -> None:
    """Messages cannot be sent for a while; clearing ends it at once."""
    async with LocalDiscord() as local:
        disruptions = Disruptions(local, models, print)
        disruptions.cause("discord-500")
        await asyncio.sleep(0)
        assert await written(local) == 500
        assert disruptions.armed == ("discord-500",)  # It strikes more than once.
        disruptions.cause("clear")
        await asyncio.sleep(0)
        assert disruptions.armed == ()
        assert await written(local) == 200


async def test_bot_is_killed_from_another_thread(models: ScriptedModels) -> None:
    """The page's server asks from a thread; what happens, happens on the loop."""
    killed = asyncio.Event()
    disruptions = Disruptions(LocalDiscord(), models, killed.set)
    await asyncio.to_thread(disruptions.cause, "bot-killed")
    async with asyncio.timeout(10):
        await killed.wait()


async def test_unknown_kind_is_refused(models: ScriptedModels) -> None:
    """Nothing happens that has no name."""
    with pytest.raises(LookupError):
        Disruptions(LocalDiscord(), models, print).cause("earthquake")
