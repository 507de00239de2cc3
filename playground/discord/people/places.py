"""Founding guilds, channels and roles, and who is in them."""

from __future__ import annotations

from collections.abc import Sequence

from playground.discord.people.base import Side
from playground.discord.state import TEXT, Channel, Guild, Member, Payload, Role, User, snowflake


class Places(Side):
    """Sets the world up. May be used before the server runs and at any time later."""

    def add_user(self, name: str, *, locale: str = "en-US") -> User:
        """Add a person."""
        user = User(snowflake(), name, locale=locale)
        self._world.users[user.id] = user
        return user

    def add_guild(self, name: str, owner: User | None = None) -> Guild:
        """Add a server with the bot in it; without an owner it belongs to somebody of no interest."""
        return self._world.add_guild(name, owner or self.add_user(f"owner-of-{name.lower()}"))

    def add_channel(
        self,
        guild: Guild,
        name: str,
        *,
        type: int = TEXT,
        overwrites: Sequence[Payload] = (),
        nsfw: bool = False,
    ) -> Channel:
        """Add a channel; `type` is one of those in `playground.discord.state`."""
        return self._world.add_channel(
            Channel(snowflake(), type, name=name, guild_id=guild.id, overwrites=list(overwrites), nsfw=nsfw)
        )

    def add_role(self, guild: Guild, name: str, permissions: int, *, mentionable: bool = False) -> Role:
        """Add a role."""
        role = Role(snowflake(), name, int(permissions), position=len(guild.roles), mentionable=mentionable)
        guild.roles[role.id] = role
        self._world.dispatch("GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": role.payload()})
        return role

    def join(self, guild: Guild, *users: User, roles: Sequence[Role] = ()) -> None:
        """Let people join a server."""
        for user in users:
            member = guild.members[user.id] = Member(user, [role.id for role in roles])
            self._world.dispatch("GUILD_MEMBER_ADD", member.payload() | {"guild_id": str(guild.id)})

    def quit(self, guild: Guild, user: User) -> None:
        """Let somebody leave a server, or be kicked."""
        del guild.members[user.id]
        self._world.dispatch("GUILD_MEMBER_REMOVE", {"guild_id": str(guild.id), "user": user.payload()})

    def give_roles(self, guild: Guild, user: User, *roles: Role) -> None:
        """Give somebody (also the bot, `world.app`) these roles, and no others."""
        member = guild.members[user.id]
        member.role_ids = [role.id for role in roles]
        self._world.dispatch("GUILD_MEMBER_UPDATE", member.payload() | {"guild_id": str(guild.id)})

    def direct(self, user: User) -> Channel:
        """Return a person's direct messages with the bot."""
        return self._world.direct(user)

    def deny(self, channel: Channel, who: User | Role | Guild, denied: int) -> None:
        """Deny permissions in a channel to a person, a role, or (the guild) everybody."""
        self._overwrite(channel, who, denied=int(denied))

    def allow(self, channel: Channel, who: User | Role | Guild, allowed: int) -> None:
        """Allow permissions in a channel to a person, a role, or (the guild) everybody."""
        self._overwrite(channel, who, allowed=int(allowed))

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel or a thread."""
        self._world.delete_channel(channel)

    def kick_bot(self, guild: Guild) -> None:
        """Remove the bot from a server."""
        self._world.remove_app(guild)

    def invite_bot(self, guild: Guild) -> None:
        """Let the bot join a server again."""
        guild.members[self._world.app.id] = Member(self._world.app)
        self._world.dispatch("GUILD_CREATE", self._world.payloads.guild_joined(guild))

    def begin_outage(self, guild: Guild) -> None:
        """Make a server unavailable: the bot hears nothing of it until the outage ends."""
        guild.unavailable = True
        self._world.dispatch("GUILD_DELETE", {"id": str(guild.id), "unavailable": True})

    def end_outage(self, guild: Guild) -> None:
        """Make a server available again."""
        guild.unavailable = False
        self._world.dispatch("GUILD_CREATE", self._world.payloads.guild_create(guild))

    def _overwrite(
        self, channel: Channel, who: User | Role | Guild, *, allowed: int = 0, denied: int = 0
    ) -> None:
        """Change the one overwrite that a channel has for somebody."""
        held = next((each for each in channel.overwrites if each["id"] == str(who.id)), None)
        if held is None:
            kind = 1 if isinstance(who, User) else 0
            held = {"id": str(who.id), "type": kind, "allow": "0", "deny": "0"}
            channel.overwrites.append(held)
        held["allow"] = str(int(held["allow"]) & ~denied | allowed)
        held["deny"] = str(int(held["deny"]) & ~allowed | denied)
        self._world.update_channel(channel)
