"""The bot's side of the local Discord, reduced to its REST calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import aiohttp

from playground.discord import LocalDiscord
from playground.discord.state import Channel, Interaction, Message

V2 = 1 << 15


class BotClient:
    """Speaks as the bot, with its token."""

    def __init__(self, local: LocalDiscord, session: aiohttp.ClientSession) -> None:
        self._local = local
        self._session = session

    @property
    def app_id(self) -> int:
        """The bot's id."""
        return self._local.world.app.id

    async def ask(
        self, method: str, path: str, body: Any = None, files: Sequence[tuple[str, bytes]] = ()
    ) -> Any:
        """Call the API; return the JSON of the answer.

        Raises:
            AssertionError: It was refused.
        """
        form = None
        if files:
            form = aiohttp.FormData()
            form.add_field("payload_json", json.dumps(body))
            for number, (name, data) in enumerate(files):
                form.add_field(f"files[{number}]", data, filename=name)
        headers = {"Authorization": f"Bot {self._local.token}"}
        async with self._session.request(
            method,
            self._local.api_url + path,
            headers=headers,
            data=form,
            json=None if form is not None else body,
        ) as response:
            answer = await response.json() if response.status != 204 else None
            assert response.status < 400, f"{method} {path}: {response.status} {answer}"
            return answer

    async def post(self, channel: Channel | int, body: Any, files: Sequence[tuple[str, bytes]] = ()) -> Message:
        """Post a message."""
        place = channel if isinstance(channel, int) else channel.id
        posted = await self.ask("POST", f"/channels/{place}/messages", body, files)
        return self._local.world.message(place, int(posted["id"]))

    async def card(
        self, channel: Channel | int, *components: Any, files: Sequence[tuple[str, bytes]] = (), **more: Any
    ) -> Message:
        """Post a message of components V2."""
        return await self.post(channel, {"flags": V2, "components": list(components), **more}, files)

    async def edit(self, message: Message, body: Any) -> None:
        """Change a message."""
        await self.ask("PATCH", f"/channels/{message.channel_id}/messages/{message.id}", body)

    async def open_thread(self, message: Message, name: str) -> Channel:
        """Open a thread on a message."""
        path = f"/channels/{message.channel_id}/messages/{message.id}/threads"
        return self._local.world.channel(int((await self.ask("POST", path, {"name": name}))["id"]))

    async def sync(self, *commands: Any) -> None:
        """Register commands for everywhere."""
        await self.ask("PUT", f"/applications/{self._local.world.app.id}/commands", list(commands))

    async def respond(self, interaction: Interaction, kind: int, data: Any = None) -> None:
        """Give the first response to an interaction."""
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        await self.ask("POST", path, {"type": kind, "data": data or {}})

    async def next_interaction(self, *, after: int = 0) -> Interaction:
        """Wait until somebody uses something of the bot."""

        def newest() -> Interaction | None:
            waiting = [
                each
                for each in self._local.world.interactions.values()
                if each.id > after and not each.answered and not each.failed
            ]
            return waiting[0] if waiting else None

        return await self._local.wait_for(newest, what="an interaction")
