"""Guilds, as far as a bot without rights to manage them asks."""

from __future__ import annotations

from playground.discord.errors import DiscordError
from playground.discord.rest.call import Call, Routes
from playground.discord.state import Payload
from playground.discord.world import World


class Guilds:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> Routes:
        return {
            ("GET", "/guilds/{guild_id}"): self._guild,
            ("GET", "/guilds/{guild_id}/channels"): self._channels,
            ("GET", "/guilds/{guild_id}/roles"): self._roles,
            ("GET", "/guilds/{guild_id}/members"): self._members,
            ("GET", "/guilds/{guild_id}/members/{user_id}"): self._member,
            ("GET", "/guilds/{guild_id}/threads/active"): self._active_threads,
            ("DELETE", "/users/@me/guilds/{guild_id}"): self._leave,
        }

    def _guild(self, call: Call) -> Payload:
        guild = self._world.guild(call.id("guild_id"))
        if call.query.get("with_counts", "").lower() not in {"1", "true"}:
            return guild.payload()
        return guild.payload() | {
            "approximate_member_count": len(guild.members),
            "approximate_presence_count": len(guild.members),
        }

    def _channels(self, call: Call) -> list[Payload]:
        guild = self._world.guild(call.id("guild_id"))
        return [self._world.channels[each].payload() for each in guild.channel_ids]

    def _roles(self, call: Call) -> list[Payload]:
        return [each.payload() for each in self._world.guild(call.id("guild_id")).roles.values()]

    def _members(self, call: Call) -> list[Payload]:
        after = call.number("after", 0)
        members = self._world.guild(call.id("guild_id")).members
        shown = [members[each] for each in sorted(members) if each > after]
        return [each.payload() for each in shown[: call.number("limit", 1)]]

    def _member(self, call: Call) -> Payload:
        guild = self._world.guild(call.id("guild_id"))
        if (member := guild.members.get(call.id("user_id"))) is not None:
            return member.payload()
        raise DiscordError(404, 10007 if call.id("user_id") in self._world.users else 10013)

    def _active_threads(self, call: Call) -> Payload:
        app = self._world.app
        guild = self._world.guild(call.id("guild_id"))
        active = [each for each in self._world.threads(guild.id) if not each.archived]
        shown = [each for each in active if self._world.permissions(app, each)]
        joined = [each for each in shown if app.id in each.members]
        return {
            "threads": [each.payload() for each in sorted(shown, key=lambda each: -each.id)],
            "members": [each.thread_member(app.id) for each in joined],
        }

    def _leave(self, call: Call) -> None:
        self._world.remove_app(self._world.guild(call.id("guild_id")))
