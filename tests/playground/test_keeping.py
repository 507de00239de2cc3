"""The world of the local Discord survives a restart of its server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest

from playground.discord import File, LocalDiscord
from playground.discord.snapshot import dump
from playground.page import found
from tests.playground.bot_client import BotClient
from tests.playground.scene import play


async def test_world_is_the_same_after_a_restart(tmp_path: Path) -> None:
    """People, roles, channels, threads, messages, components, files and commands come back, ids included."""
    async with LocalDiscord(folder=tmp_path) as local, aiohttp.ClientSession() as session:
        founded = found(local, local.world)
        await play(local, founded, BotClient(local, session))
        source = local.messages(founded.channel)[1]
        await local.post(founded.people[1], founded.channel, forward=source)
        await local.erase(source)
        before = dump(local.world)
        files = {number: held.file.data for number, held in local.world.attachments.items()}
    async with LocalDiscord(folder=tmp_path) as again:
        assert dump(again.world) == before
        assert {number: held.file.data for number, held in again.world.attachments.items()} == files
        assert found(again, again.world).people[0].id == founded.people[0].id


async def test_buttons_of_before_can_be_pressed_after_a_restart(tmp_path: Path) -> None:
    """What was posted before is found, pressed and changed by the bot that comes back."""
    async with LocalDiscord(folder=tmp_path) as local, aiohttp.ClientSession() as session:
        scene = await play(local, found(local, local.world), BotClient(local, session))
    async with LocalDiscord(folder=tmp_path) as again, aiohttp.ClientSession() as session:
        founded, bot = found(again, again.world), BotClient(again, session)
        [card, *_] = again.messages(scene.picture_thread)
        pressed = await again.press(founded.people[0], card, "v1:ask:1")
        await bot.respond(pressed, 6)
        await bot.edit(card, {"components": [{"type": 10, "content": "changed"}]})
        assert card.text == "changed"


async def test_files_of_deleted_messages_leave_the_folder(tmp_path: Path) -> None:
    """The folder holds the files of messages that there are, and what only one saw is not kept."""
    async with LocalDiscord(folder=tmp_path) as local:
        founded = found(local, local.world)
        kept = await local.post(founded.people[0], founded.channel, files=[File("a.txt", b"a")])
        gone = await local.post(founded.people[0], founded.channel, files=[File("b.txt", b"b")])
        written = tmp_path / "files" / str(gone.attachments[0].id)
        async with asyncio.timeout(30):
            while not written.exists():
                await asyncio.sleep(0.02)
        await local.erase(gone)
    assert [each.name for each in (tmp_path / "files").iterdir()] == [str(kept.attachments[0].id)]


async def test_world_of_another_version_is_refused(tmp_path: Path) -> None:
    """A folder that cannot be read is left as it is."""
    path = tmp_path / "world.json"
    path.write_text(json.dumps({"version": 99}))
    with pytest.raises(ValueError, match="version 99"):
        async with LocalDiscord(folder=tmp_path):
            pass
    assert json.loads(path.read_text()) == {"version": 99}
