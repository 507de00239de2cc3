"""The REST API, version 10: what a bot with a gateway or without one asks for."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from services.permissions import Permission

from playground.discord.errors import DiscordError, invalid
from playground.discord.posting import edit_message, new_message
from playground.discord.state import (
    CHAT_COMMAND,
    DM,
    EPHEMERAL,
    LOADING,
    PRIVATE_THREAD,
    THREAD_PARENTS,
    THREADS,
    Channel,
    File,
    Interaction,
    Message,
    Payload,
    snowflake,
)
from playground.discord.world import World

INTERACTION_SECONDS = 900.0
ACKNOWLEDGE_SECONDS = 3.0
CONTENT_INTENT_FLAG = 1 << 19

Handler = Callable[["Call"], Awaitable[Any]]


@dataclass(slots=True)
class Call:
    """One request, parsed."""

    method: str
    path: str
    ids: dict[str, str]
    query: dict[str, str]
    body: Any = None
    files: dict[int, File] = field(default_factory=dict[int, File])
    at: float = field(default_factory=time.monotonic)
    status: int = 0

    def id(self, name: str) -> int:
        """Return an id of the path."""
        return int(self.ids[name])


async def parse(request: web.Request) -> Call:
    """Read a request: JSON, or a form with `payload_json` and `files[n]`."""
    call = Call(request.method, request.path, dict(request.match_info), dict(request.query))
    if request.content_type == "multipart/form-data":
        form = await request.post()
        for name, value in form.items():
            if name == "payload_json":
                call.body = json.loads(str(value))
            elif name.startswith("files[") and isinstance(value, web.FileField):
                index = int(name.removeprefix("files[").rstrip("]"))
                call.files[index] = File(value.filename, value.file.read())
    elif request.can_read_body:
        text = await request.text()
        call.body = json.loads(text) if text else None
    return call


class Rest:
    """Handlers of the routes. Each returns the JSON body, or None for 204."""

    def __init__(self, world: World, gateway_url: Callable[[], str]) -> None:
        self._world = world
        self._gateway_url = gateway_url
        self.identifies_left = 1000

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Return every route that is served."""
        message = "/channels/{channel_id}/messages/{message_id}"
        original = "/webhooks/{application_id}/{token}/messages/@original"
        return {
            ("GET", "/users/@me"): self._me,
            ("GET", "/oauth2/applications/@me"): self._application,
            ("GET", "/applications/@me"): self._application,
            ("GET", "/gateway"): self._gateway,
            ("GET", "/gateway/bot"): self._gateway_bot,
            ("GET", "/applications/{application_id}/commands"): self._commands,
            ("PUT", "/applications/{application_id}/commands"): self._put_commands,
            ("GET", "/guilds/{guild_id}"): self._guild,
            ("GET", "/guilds/{guild_id}/channels"): self._guild_channels,
            ("GET", "/guilds/{guild_id}/roles"): self._guild_roles,
            ("GET", "/guilds/{guild_id}/members/{user_id}"): self._member,
            ("GET", "/channels/{channel_id}"): self._channel,
            ("PATCH", "/channels/{channel_id}"): self._edit_channel,
            ("GET", "/channels/{channel_id}/messages"): self._messages,
            ("POST", "/channels/{channel_id}/messages"): self._send,
            ("GET", message): self._message,
            ("PATCH", message): self._edit,
            ("DELETE", message): self._delete,
            ("POST", message + "/threads"): self._thread,
            ("PUT", message + "/reactions/{emoji}/@me"): self._react,
            ("POST", "/channels/{channel_id}/typing"): self._typing,
            ("GET", "/channels/{channel_id}/thread-members/{user_id}"): self._thread_member,
            ("PUT", "/channels/{channel_id}/thread-members/@me"): self._join_thread,
            ("POST", "/users/@me/channels"): self._open_dm,
            ("POST", "/interactions/{interaction_id}/{token}/callback"): self._callback,
            ("GET", original): self._original,
            ("PATCH", original): self._edit_original,
            ("DELETE", original): self._delete_original,
            ("POST", "/webhooks/{application_id}/{token}"): self._followup,
        }

    # ---- who am I ------------------------------------------------------------------------------

    async def _me(self, call: Call) -> Payload:
        return self._world.app.payload() | {"verified": True, "mfa_enabled": False, "flags": 0}

    async def _application(self, call: Call) -> Payload:
        app = self._world.app
        return {
            "id": str(app.id),
            "name": app.name,
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": CONTENT_INTENT_FLAG if self._world.message_content else 0,
            "owner": app.payload(),
            "team": None,
            "bot": app.payload(),
        }

    async def _gateway(self, call: Call) -> Payload:
        return {"url": self._gateway_url()}

    async def _gateway_bot(self, call: Call) -> Payload:
        limit = {
            "total": 1000,
            "remaining": self.identifies_left,
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        }
        return {"url": self._gateway_url(), "shards": 1, "session_start_limit": limit}

    async def _commands(self, call: Call) -> list[Payload]:
        return self._world.commands

    async def _put_commands(self, call: Call) -> list[Payload]:
        app_id = str(self._world.app.id)
        known = {(each["name"], each["type"]): each["id"] for each in self._world.commands}
        self._world.commands = [
            {"type": 1, "description": "", "dm_permission": True, "nsfw": False}
            | each
            | {
                "id": known.get((each["name"], each.get("type", 1))) or str(snowflake()),
                "application_id": app_id,
                "version": str(snowflake()),
                "default_member_permissions": each.get("default_member_permissions"),
            }
            for each in call.body
        ]
        self._world.changed()
        return self._world.commands

    # ---- guilds and channels -------------------------------------------------------------------

    async def _guild(self, call: Call) -> Payload:
        if (guild := self._world.guilds.get(call.id("guild_id"))) is None:
            raise DiscordError(404, 10004)
        return guild.payload()

    async def _guild_channels(self, call: Call) -> list[Payload]:
        if (guild := self._world.guilds.get(call.id("guild_id"))) is None:
            raise DiscordError(404, 10004)
        return [self._world.channels[each].payload() for each in guild.channel_ids]

    async def _guild_roles(self, call: Call) -> list[Payload]:
        return (await self._guild(call))["roles"]

    async def _member(self, call: Call) -> Payload:
        guild = self._world.guilds.get(call.id("guild_id"))
        if guild is None or (member := guild.members.get(call.id("user_id"))) is None:
            raise DiscordError(404, 10007)
        return member.payload()

    async def _channel(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        self._world.need(channel, Permission.VIEW_CHANNEL)
        return channel.payload()

    async def _edit_channel(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        if channel.type not in THREADS or channel.owner_id != self._world.app.id:
            self._world.need(channel, Permission.MANAGE_THREADS)
        channel.name = call.body.get("name", channel.name)
        channel.archived = call.body.get("archived", channel.archived)
        channel.locked = call.body.get("locked", channel.locked)
        self._world.dispatch("THREAD_UPDATE", channel.payload())
        self._world.changed()
        return channel.payload()

    async def _open_dm(self, call: Call) -> Payload:
        user = self._world.users.get(int(call.body["recipient_id"]))
        if user is None:
            raise DiscordError(400, 10013)
        for channel in self._world.channels.values():
            if channel.type == DM and user in channel.recipients:
                return channel.payload()
        return self._world.add_channel(Channel(snowflake(), DM, recipients=[user])).payload()

    async def _typing(self, call: Call) -> None:
        channel = self._world.channel(call.id("channel_id"))
        self._world.need(channel, _sending(channel))
        self._world.changed()

    # ---- messages ------------------------------------------------------------------------------

    async def _messages(self, call: Call) -> list[Payload]:
        channel = self._world.channel(call.id("channel_id"))
        self._world.need(channel, Permission.READ_MESSAGE_HISTORY)
        limit = int(call.query.get("limit", 50))
        ids = sorted((each for each, message in channel.messages.items() if message.visible_to is None))
        if "after" in call.query:
            ids = [each for each in ids if each > int(call.query["after"])][:limit]
        elif "before" in call.query:
            ids = [each for each in ids if each < int(call.query["before"])]
        newest_first = ids[-limit:][::-1]
        return [self._world.message_payload(channel.messages[each]) for each in newest_first]

    async def _message(self, call: Call) -> Payload:
        self._world.need(self._world.channel(call.id("channel_id")), Permission.READ_MESSAGE_HISTORY)
        return self._world.message_payload(self._world.message(call.id("channel_id"), call.id("message_id")))

    async def _send(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        self._world.need(channel, _sending(channel))
        if channel.type in THREADS and channel.locked:
            raise DiscordError(403, 160005)
        if call.files:
            self._world.need(channel, Permission.ATTACH_FILES)
        if call.body.get("message_reference"):
            self._world.need(channel, Permission.READ_MESSAGE_HISTORY)
        nonce = call.body.get("nonce")
        if nonce is not None and call.body.get("enforce_nonce"):
            earlier = self._world.remembered(self._world.app.id, str(nonce))
            if earlier is not None:
                return self._world.message_payload(earlier)
        message = new_message(self._world, channel.id, call.body, call.files)
        if nonce is not None:
            self._world.remember(self._world.app.id, str(nonce), message)
        return self._world.message_payload(self._world.store(message))

    async def _edit(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        self._world.need(channel, Permission.VIEW_CHANNEL)
        message = self._world.message(channel.id, call.id("message_id"))
        if message.author is not self._world.app:
            raise DiscordError(403, 50005)
        if channel.type in THREADS and channel.archived:
            raise DiscordError(400, 50083)
        edit_message(self._world, message, call.body, call.files)
        self._world.update(message)
        return self._world.message_payload(message)

    async def _delete(self, call: Call) -> None:
        channel = self._world.channel(call.id("channel_id"))
        message = self._world.message(channel.id, call.id("message_id"))
        own = message.author is self._world.app
        self._world.need(channel, Permission.VIEW_CHANNEL if own else Permission.MANAGE_MESSAGES)
        self._world.delete(message)

    async def _react(self, call: Call) -> None:
        message = self._world.message(call.id("channel_id"), call.id("message_id"))
        message.reactions.append((call.ids["emoji"], self._world.app.id))
        self._world.changed()

    # ---- threads -------------------------------------------------------------------------------

    async def _thread(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        if channel.type not in THREAD_PARENTS:
            raise DiscordError(400, 50024)
        self._world.need(channel, Permission.CREATE_PUBLIC_THREADS)
        message = self._world.message(channel.id, call.id("message_id"))
        if message.id in self._world.channels:
            raise DiscordError(400, 160004)
        name = str(call.body.get("name") or "")
        if not 1 <= len(name) <= 100:
            raise invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        return self._world.open_thread(channel, message.id, name, self._world.app).payload()

    async def _thread_member(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        if call.id("user_id") not in channel.members:
            raise DiscordError(404, 10007)
        return {
            "id": str(channel.id),
            "user_id": call.ids["user_id"],
            "join_timestamp": "2026-01-01",
            "flags": 0,
        }

    async def _join_thread(self, call: Call) -> None:
        channel = self._world.channel(call.id("channel_id"))
        if channel.type == PRIVATE_THREAD:
            raise DiscordError(403, 50001)
        channel.members.add(self._world.app.id)

    # ---- interactions --------------------------------------------------------------------------

    async def _callback(self, call: Call) -> Payload:
        interaction = self._interaction(call)
        if interaction.answered:
            raise DiscordError(400, 40060)
        if time.monotonic() - interaction.created > ACKNOWLEDGE_SECONDS:
            raise DiscordError(404, 10062)
        kind, data = int(call.body["type"]), call.body.get("data") or {}
        interaction.answered_after = time.monotonic() - interaction.created
        if kind in {4, 5}:
            interaction.ephemeral = bool(int(data.get("flags") or 0) & EPHEMERAL)
            interaction.answered = "message" if kind == 4 else "deferred"
            message = self._respond(interaction, data if kind == 4 else None, call)
            interaction.response_id = message.id
        elif kind in {6, 7}:
            interaction.answered = "update"
            interaction.response_id = interaction.message_id
            if kind == 7 and interaction.message_id is not None:
                message = self._world.channel(interaction.channel_id).messages[interaction.message_id]
                edit_message(self._world, message, data, call.files)
                self._world.update(message)
        else:
            interaction.answered = "modal" if kind == 9 else "autocomplete"
            interaction.modal = data
        self._world.changed()
        answer: Payload = {
            "interaction": {
                "id": str(interaction.id),
                "type": interaction.kind,
                "response_message_id": str(interaction.response_id) if interaction.response_id else None,
                "response_message_loading": kind == 5,
                "response_message_ephemeral": interaction.ephemeral,
            }
        }
        if kind in {4, 5} and interaction.response_id is not None:
            shown = self._world.channel(interaction.channel_id).messages[interaction.response_id]
            answer["resource"] = {"type": kind, "message": self._world.message_payload(shown)}
        return answer

    def _respond(self, interaction: Interaction, data: Payload | None, call: Call) -> Message:
        """Post a response; None stands for "is thinking"."""
        if data is None:
            message = Message(
                snowflake(), interaction.channel_id, self._world.app, type=CHAT_COMMAND, flags=LOADING
            )
        else:
            message = new_message(self._world, interaction.channel_id, data, call.files, kind=CHAT_COMMAND)
        if interaction.ephemeral:
            message.flags |= EPHEMERAL
            message.visible_to = interaction.user.id
        message.interaction = {
            "id": str(interaction.id),
            "type": interaction.kind,
            "user": interaction.user.payload(),
            "authorizing_integration_owners": {},
        }
        return self._world.store(message)

    async def _original(self, call: Call) -> Payload:
        return self._world.message_payload(self._original_of(self._token(call)))

    async def _edit_original(self, call: Call) -> Payload:
        message = self._original_of(self._token(call))
        if message.flags & LOADING:
            message.flags &= ~LOADING
        edit_message(self._world, message, call.body, call.files)
        self._world.update(message)
        return self._world.message_payload(message)

    async def _delete_original(self, call: Call) -> None:
        self._world.delete(self._original_of(self._token(call)))

    async def _followup(self, call: Call) -> Payload:
        interaction = self._token(call)
        message = new_message(self._world, interaction.channel_id, call.body, call.files)
        if int(call.body.get("flags") or 0) & EPHEMERAL:
            message.flags |= EPHEMERAL
            message.visible_to = interaction.user.id
        interaction.followups.append(message.id)
        return self._world.message_payload(self._world.store(message))

    def _interaction(self, call: Call) -> Interaction:
        interaction = self._world.interactions.get(call.ids["token"])
        if interaction is None or interaction.id != call.id("interaction_id"):
            raise DiscordError(404, 10062)
        return interaction

    def _token(self, call: Call) -> Interaction:
        interaction = self._world.interactions.get(call.ids["token"])
        if interaction is None:
            raise DiscordError(404, 10015)
        if time.monotonic() - interaction.created > INTERACTION_SECONDS or not interaction.answered:
            raise DiscordError(401, 50027)
        return interaction

    def _original_of(self, interaction: Interaction) -> Message:
        channel = self._world.channel(interaction.channel_id)
        message = channel.messages.get(interaction.response_id or 0)
        if message is None:
            raise DiscordError(404, 10008)
        return message


def _sending(channel: Channel) -> Permission:
    return Permission.SEND_MESSAGES_IN_THREADS if channel.type in THREADS else Permission.SEND_MESSAGES
