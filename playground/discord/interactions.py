"""Interactions: from a person's click to the bot's answer."""

from __future__ import annotations

import asyncio
import secrets
import time

from playground.discord.errors import DiscordError
from playground.discord.permissions import rights_in_channel
from playground.discord.state import DM, Channel, Interaction, Message, Payload, User, snowflake
from playground.discord.state.kinds import EPHEMERAL, LOADING
from playground.discord.world import World

ACKNOWLEDGE_SECONDS = 3.0
TOKEN_SECONDS = 900.0
_GUILD, _BOT_DM = 0, 1


class Interactions:
    """Starts interactions, keeps their time limits and finds them again by their tokens.

    Attributes:
        acknowledge_seconds: How long a bot has for its first response.
        token_seconds: How long a token works.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._deadlines: dict[str, asyncio.TimerHandle] = {}
        self.acknowledge_seconds = ACKNOWLEDGE_SECONDS
        self.token_seconds = TOKEN_SECONDS

    def start(
        self, user: User, channel: Channel, kind: int, data: Payload, *, message: Message | None = None
    ) -> Interaction:
        """Tell the bot what a person did.

        Args:
            user: Who.
            channel: Where.
            kind: Of the interaction: command, component, autocomplete or modal.
            data: What was chosen, pressed or filled in.
            message: The message that a pressed button sits on.
        """
        interaction = Interaction(
            snowflake(),
            f"local-interaction.{secrets.token_urlsafe(120)}",
            user,
            channel.id,
            kind,
            data,
            message_id=message.id if message else None,
        )
        self._world.interactions[interaction.token] = interaction
        loop = asyncio.get_running_loop()
        self._deadlines[interaction.token] = loop.call_later(
            self.acknowledge_seconds, self._expire, interaction
        )
        self._world.dispatch("INTERACTION_CREATE", self._payload(interaction, channel, message))
        return interaction

    def to_acknowledge(self, interaction_id: int, token: str) -> Interaction:
        """Return an interaction that still waits for its first response, or say why it does not."""
        interaction = self._world.interactions.get(token)
        if interaction is None or interaction.id != interaction_id or interaction.failed:
            raise DiscordError(404, 10062)
        if interaction.answered:
            raise DiscordError(400, 40060)
        return interaction

    def acknowledge(self, interaction: Interaction) -> None:
        """Note that the bot has answered in time."""
        interaction.answered_after = time.monotonic() - interaction.created
        if (deadline := self._deadlines.pop(interaction.token, None)) is not None:
            deadline.cancel()

    def with_token(self, application_id: int, token: str) -> Interaction:
        """Return the interaction whose token allows to post and edit, or say why it does not."""
        interaction = self._world.interactions.get(token)
        if interaction is None or application_id != self._world.app.id:
            raise DiscordError(401, 50027)
        if not interaction.answered:
            raise DiscordError(404, 10015)
        if time.monotonic() - interaction.created > self.token_seconds:
            raise DiscordError(401, 50027)
        return interaction

    def close(self) -> None:
        """Forget all time limits."""
        for deadline in self._deadlines.values():
            deadline.cancel()
        self._deadlines.clear()

    def _expire(self, interaction: Interaction) -> None:
        del self._deadlines[interaction.token]
        interaction.failed = True
        self._world.changed()

    def _payload(self, interaction: Interaction, channel: Channel, message: Message | None) -> Payload:
        world, user = self._world, interaction.user
        payload: Payload = {
            "id": str(interaction.id),
            "application_id": str(world.app.id),
            "type": interaction.kind,
            "data": interaction.data,
            "channel_id": str(channel.id),
            "channel": channel.payload() | {"permissions": str(int(world.permissions(user, channel)))},
            "token": interaction.token,
            "version": 1,
            "locale": user.locale,
            "app_permissions": str(int(world.permissions(world.app, channel))),
            "entitlements": [],
            "attachment_size_limit": world.upload_bytes(channel),
            "context": _BOT_DM if channel.type == DM else _GUILD,
        }
        if message is not None:
            payload["message"] = world.payloads.message(message, full=True)
        if channel.guild_id is None:
            return payload | {"user": user.payload(), "authorizing_integration_owners": {"0": "0"}}
        guild = world.guilds[channel.guild_id]
        member = guild.members[user.id]
        parent = world.channels.get(channel.parent_id) if channel.parent_id else None
        rights = rights_in_channel(guild, channel, parent, member)
        return payload | {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": member.payload() | {"permissions": str(int(rights))},
            "authorizing_integration_owners": {"0": str(guild.id)},
        }


def loading_message(world: World, interaction: Interaction) -> Message:
    """Return the message that says that the bot is thinking."""
    message = Message(snowflake(), interaction.channel_id, world.app, flags=LOADING)
    if interaction.ephemeral:
        message.flags |= EPHEMERAL
        message.visible_to = interaction.user.id
    return message
