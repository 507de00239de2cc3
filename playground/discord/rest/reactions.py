"""Reactions to messages, with the emoji of Unicode."""

from __future__ import annotations

from playground.discord.errors import DiscordError, MissingFeatureError
from playground.discord.permissions import Permission
from playground.discord.reactions import add_reaction, remove_reaction
from playground.discord.rest.call import Call, Routes
from playground.discord.rest.messages import MESSAGE
from playground.discord.state import Channel, Message, Payload
from playground.discord.world import World

_REACTIONS = f"{MESSAGE}/reactions"
_EMOJI = f"{_REACTIONS}/{{emoji}}"


class Reactions:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> Routes:
        return {
            ("GET", _EMOJI): self._who,
            ("PUT", f"{_EMOJI}/@me"): self._add,
            ("DELETE", f"{_EMOJI}/@me"): self._remove,
            ("DELETE", f"{_EMOJI}/{{user_id}}"): self._remove_of,
        }

    def _who(self, call: Call) -> list[Payload]:
        channel, message = self._found(call)
        self._world.need(channel, Permission.READ_MESSAGE_HISTORY)
        users = [user_id for emoji, user_id in message.reactions if emoji == call.ids["emoji"]]
        return [self._world.users[each].payload() for each in users[: call.number("limit", 25)]]

    def _add(self, call: Call) -> None:
        channel, message = self._found(call)
        emoji = _emoji(call)
        is_first = all(each != emoji for each, _ in message.reactions)
        added = [Permission.ADD_REACTIONS] if is_first else []
        self._world.need(channel, Permission.READ_MESSAGE_HISTORY, *added)
        if channel.archived:
            raise DiscordError(400, 50083)
        add_reaction(self._world, message, self._world.app, emoji)

    def _remove(self, call: Call) -> None:
        channel, message = self._found(call)
        self._world.need(channel)
        if channel.archived:
            raise DiscordError(400, 50083)
        remove_reaction(self._world, message, self._world.app, call.ids["emoji"])

    def _remove_of(self, call: Call) -> None:
        channel, message = self._found(call)
        self._world.need(channel, Permission.MANAGE_MESSAGES)
        if (user := self._world.users.get(call.id("user_id"))) is None:
            raise DiscordError(404, 10013)
        remove_reaction(self._world, message, user, call.ids["emoji"])

    def _found(self, call: Call) -> tuple[Channel, Message]:
        channel = self._world.channel(call.id("channel_id"))
        self._world.need(channel)
        return channel, self._world.message(channel.id, call.id("message_id"))


def _emoji(call: Call) -> str:
    emoji = call.ids["emoji"]
    if ":" in emoji:
        raise MissingFeatureError("a guild's own emoji")
    if emoji.isascii() and not emoji.isdigit():
        raise DiscordError(400, 10014)
    return emoji
