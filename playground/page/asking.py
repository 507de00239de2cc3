"""Requests of the page: who asks, for what, with which files; and how it is told no."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from playground.discord.errors import DiscordError
from playground.discord.state import Channel, File, Message, User
from playground.discord.world import World
from playground.page.providers import Json
from playground.page.views import Views

log = logging.getLogger(__name__)

UPLOAD_BYTES = 100 * 1024 * 1024
_REQUEST_BYTES = UPLOAD_BYTES + 1024 * 1024


class RefusedError(Exception):
    """Becomes a no that the page puts into words.

    Args:
        code: Of a sentence in `static/sentences.js`.
        values: What the sentence speaks of.
    """

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(slots=True)
class Asked:
    """One request, read."""

    world: World
    views: Views
    user: User
    body: Json = field(default_factory=dict[str, Any])
    files: dict[str, list[File]] = field(default_factory=dict[str, list[File]])
    """By the name of their form field."""

    def channel(self) -> Channel:
        """Return the channel that is meant, if the person sees it."""
        channel = self.world.channels.get(_number(self.body.get("channel")))
        if channel is None or not self.views.sees(self.user, channel):
            raise RefusedError("channel-gone")
        return channel

    def message(self, name: str = "message") -> Message:
        """Return the message that is meant, if the person sees it."""
        message = self.channel().messages.get(_number(self.body.get(name)))
        if message is None or message.visible_to not in {None, self.user.id}:
            raise RefusedError("message-gone")
        return message

    def chosen(self, number: Any) -> User | Channel | Any:
        """Return the person, role or channel with this id."""
        found = _number(number)
        if found in self.world.users:
            return self.world.users[found]
        if found in self.world.channels:
            return self.world.channels[found]
        for guild in self.world.guilds.values():
            if found in guild.roles:
                return guild.roles[found]
        raise RefusedError("choice-gone")


Handler = Callable[[Asked], Awaitable[Json | None]]


class Desk:
    """Reads requests, hands them on, and words what went wrong as a code."""

    def __init__(self, world: World, views: Views) -> None:
        self._world = world
        self._views = views

    def serving(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Return an aiohttp handler around one that knows nothing of HTTP."""

        async def serve(request: web.Request) -> web.Response:
            try:
                answer = await handler(await self._read(request))
            except RefusedError as error:
                return refusal(error.code, error.values)
            except PermissionError as error:
                return refusal("may-not", {"detail": str(error)})
            except DiscordError as error:
                return refusal(f"discord-{error.body['code']}", {"detail": error.body["message"]})
            except (ValueError, LookupError, TypeError) as error:
                log.info("Refused what a page asked for", exc_info=True)
                return refusal("does-not-fit", {"detail": str(error)})
            return web.json_response(answer or {})

        return serve

    async def _read(self, request: web.Request) -> Asked:
        user = self._views.person(request.query.get("user", ""))
        if user is None:
            raise RefusedError("person-gone")
        asked = Asked(self._world, self._views, user)
        if (request.content_length or 0) > _REQUEST_BYTES:
            raise RefusedError("too-big", most=UPLOAD_BYTES)
        if request.content_type == "multipart/form-data":
            # Big parts wait on disk until they are complete.
            for name, value in (await request.post()).items():
                if isinstance(value, web.FileField):
                    asked.files.setdefault(name, []).append(File(value.filename, value.file.read()))
                else:
                    asked.body = json.loads(str(value))
        elif request.can_read_body:
            asked.body = await request.json()
        asked.body = {**asked.body, **request.match_info}
        return asked


def refusal(code: str, values: Json) -> web.Response:
    """Return a no."""
    return web.json_response({"code": code, "values": values}, status=400)


def _number(value: Any) -> int:
    return int(value) if str(value).isdigit() else 0
