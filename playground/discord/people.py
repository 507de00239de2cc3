"""What people do on the local Discord: post, reply, press, use commands."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from services.permissions import ALL, Permission

from playground.discord.errors import DiscordError
from playground.discord.state import (
    DM,
    IS_VOICE,
    REPLY,
    TEXT,
    Channel,
    File,
    Guild,
    Interaction,
    Member,
    Message,
    Payload,
    Role,
    StoredAttachment,
    User,
    snowflake,
    walk,
)
from playground.discord.world import World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
ATTACHMENT_OPTION = 11
_PYTHON_TYPES = {str: 3, int: 4, bool: 5, float: 10}


class People:
    """Everything a person can do, as methods. Each tells the gateway before it returns."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def flush(self) -> None:
        """Write dispatched events to the gateway's sockets."""
        raise NotImplementedError

    # ---- the place -----------------------------------------------------------------------------

    def add_user(self, name: str) -> User:
        """Add a person."""
        user = User(snowflake(), name)
        self._world.users[user.id] = user
        return user

    def add_guild(self, name: str, owner: User | None = None) -> Guild:
        """Add a server with the bot in it; without an owner it belongs to somebody of no interest."""
        return self._world.add_guild(name, owner or self.add_user(f"owner-of-{name.lower()}"))

    def add_channel(
        self, guild: Guild, name: str, *, type: int = TEXT, overwrites: Sequence[Payload] = ()
    ) -> Channel:
        """Add a channel."""
        return self._world.add_channel(
            Channel(snowflake(), type, name=name, guild_id=guild.id, overwrites=list(overwrites))
        )

    def add_role(self, guild: Guild, name: str, permissions: Permission) -> Role:
        """Add a role."""
        role = Role(snowflake(), name, int(permissions))
        guild.roles[role.id] = role
        return role

    def join(self, guild: Guild, *users: User, roles: Sequence[Role] = ()) -> None:
        """Let people join a server."""
        for user in users:
            guild.members[user.id] = Member(user, [role.id for role in roles])

    def direct(self, user: User) -> Channel:
        """Return a person's direct messages with the bot."""
        for channel in self._world.channels.values():
            if channel.type == DM and user in channel.recipients:
                return channel
        return self._world.add_channel(Channel(snowflake(), DM, recipients=[user]))

    def deny(self, channel: Channel, who: User | Role | Guild, denied: Permission) -> None:
        """Add an overwrite that denies."""
        kind = 1 if isinstance(who, User) else 0
        channel.overwrites.append({"id": str(who.id), "type": kind, "allow": "0", "deny": str(int(denied))})

    # ---- messages ------------------------------------------------------------------------------

    async def post(
        self,
        user: User,
        channel: Channel,
        content: str = "",
        files: Sequence[File] = (),
        *,
        reply_to: Message | None = None,
        ping: bool = True,
        voice: bool = False,
        forward: Message | None = None,
    ) -> Message:
        """Post a message as a person."""
        message = Message(snowflake(), channel.id, user, content=content)
        message.flags = IS_VOICE if voice else 0
        message.attachments = [StoredAttachment(snowflake(), channel.id, file, alt=file.alt) for file in files]
        if reply_to is not None:
            message.type = REPLY
            message.reference = {
                "type": 0,
                "message_id": str(reply_to.id),
                "channel_id": str(reply_to.channel_id),
            }
            if ping:
                message.pinged.add(str(reply_to.author.id))
        if forward is not None:
            message.forwarded = forward
            message.reference = {
                "type": 1,
                "message_id": str(forward.id),
                "channel_id": str(forward.channel_id),
            }
        self._world.store(message)
        await self.flush()
        return message

    async def erase(self, message: Message) -> None:
        """Delete a message."""
        self._world.delete(message)
        await self.flush()

    # ---- interactions --------------------------------------------------------------------------

    async def press(self, user: User, message: Message, custom_id: str) -> Interaction:
        """Press a button."""
        found = [each for each in walk(message.components) if each.get("custom_id") == custom_id]
        if not found or found[0].get("disabled"):
            raise DiscordError(404, 10008)
        data = {"component_type": found[0]["type"], "custom_id": custom_id, "id": found[0].get("id", 1)}
        shown = self._world.message_payload(message)
        return await self._interact(
            user, message.channel_id, COMPONENT, data, message=shown, sits_on=message.id
        )

    async def invoke(
        self, user: User, channel: Channel, name: str, options: Mapping[str, Any] | None = None
    ) -> Interaction:
        """Use a slash command; a `File` among the options is uploaded."""
        command = self._command(name, 1)
        resolved: Payload = {}
        sent: list[Payload] = []
        for option, value in (options or {}).items():
            if isinstance(value, File):
                stored = StoredAttachment(snowflake(), channel.id, value, alt=value.alt, ephemeral=True)
                self._world.attachments[stored.id] = stored
                resolved.setdefault("attachments", {})[str(stored.id)] = stored.payload(
                    self._world.sign(stored)
                )
                sent.append({"name": option, "type": ATTACHMENT_OPTION, "value": str(stored.id)})
            else:
                sent.append({"name": option, "type": _PYTHON_TYPES[type(value)], "value": value})
        data = {"id": command["id"], "name": name, "type": 1, "options": sent, "resolved": resolved}
        return await self._interact(user, channel.id, COMMAND, data)

    async def use_menu(self, user: User, name: str, message: Message) -> Interaction:
        """Use a message context menu."""
        command = self._command(name, 3)
        data = {
            "id": command["id"],
            "name": name,
            "type": 3,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): self._world.message_payload(message)}},
        }
        return await self._interact(user, message.channel_id, COMMAND, data)

    def _command(self, name: str, kind: int) -> Payload:
        for command in self._world.commands:
            if command["name"] == name and command.get("type", 1) == kind:
                return command
        raise LookupError(f"the bot has no command {name}")

    async def _interact(
        self,
        user: User,
        channel_id: int,
        kind: int,
        data: Payload,
        *,
        message: Payload | None = None,
        sits_on: int | None = None,
    ) -> Interaction:
        channel = self._world.channel(channel_id)
        interaction = Interaction(
            snowflake(), secrets.token_urlsafe(40), user, channel_id, kind, time.monotonic(), sits_on
        )
        self._world.interactions[interaction.token] = interaction
        app_id = str(self._world.app.id)
        payload: Payload = {
            "id": str(interaction.id),
            "application_id": app_id,
            "type": kind,
            "data": data,
            "channel_id": str(channel_id),
            "channel": channel.payload() | {"permissions": str(int(self._world.permissions(user, channel)))},
            "token": interaction.token,
            "version": 1,
            "locale": "en-US",
            "app_permissions": str(int(self._world.permissions(self._world.app, channel))),
            "entitlements": [],
            "attachment_size_limit": 10 * 1024 * 1024,
            "context": 1 if channel.guild_id is None else 0,
        }
        if channel.guild_id is None:
            payload |= {"user": user.payload(), "authorizing_integration_owners": {"0": "0"}}
        else:
            member = self._world.guilds[channel.guild_id].members[user.id].payload()
            rights = self._world.permissions(user, channel)
            everything = (1 << 53) - 1
            shown = everything if rights == ALL else int(rights)
            payload |= {
                "guild_id": str(channel.guild_id),
                "guild": {"id": str(channel.guild_id), "locale": "en-US", "features": []},
                "guild_locale": "en-US",
                "member": member | {"permissions": str(shown)},
                "authorizing_integration_owners": {"0": str(channel.guild_id)},
            }
        if message is not None:
            payload["message"] = message
        self._world.dispatch("INTERACTION_CREATE", payload)
        await self.flush()
        return interaction
