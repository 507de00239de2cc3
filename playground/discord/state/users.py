"""People, their roles, and their membership of guilds."""

from __future__ import annotations

from dataclasses import dataclass, field

from playground.discord.state.kinds import Payload
from playground.discord.state.snowflakes import timestamp


@dataclass(slots=True)
class User:
    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"
    accepts_direct: bool = True
    """Whether the bot may write to this person directly."""

    def payload(self) -> Payload:
        """Return the user object."""
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": None if self.bot else self.name.capitalize(),
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass(slots=True)
class Role:
    id: int
    name: str
    permissions: int
    position: int = 0
    mentionable: bool = False

    def payload(self) -> Payload:
        """Return the role object."""
        return {
            "id": str(self.id),
            "name": self.name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": self.position,
            "permissions": str(self.permissions),
            "managed": False,
            "mentionable": self.mentionable,
            "flags": 0,
        }


@dataclass(slots=True)
class Member:
    user: User
    role_ids: list[int] = field(default_factory=list[int])
    nick: str | None = None
    timed_out_until: str | None = None
    joined_at: str = field(default_factory=timestamp)

    def payload(self, *, with_user: bool = True) -> Payload:
        """Return the member object; that of a message event holds no user."""
        member: Payload = {
            "roles": [str(role) for role in self.role_ids],
            "joined_at": self.joined_at,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "nick": self.nick,
            "avatar": None,
            "banner": None,
            "pending": False,
            "premium_since": None,
            "communication_disabled_until": self.timed_out_until,
        }
        return member | ({"user": self.user.payload()} if with_user else {})
