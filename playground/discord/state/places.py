"""Guilds, and the channels, threads and direct messages in which people talk."""

from __future__ import annotations

from dataclasses import dataclass, field

from playground.discord.state.kinds import (
    DM,
    PRIVATE_THREAD,
    SPOKEN,
    SYSTEM_MESSAGES,
    THREADS,
    UPLOAD_BYTES,
    Payload,
)
from playground.discord.state.messages import Message
from playground.discord.state.snowflakes import time_of, timestamp
from playground.discord.state.users import Member, Role, User


@dataclass(slots=True)
class Channel:
    """A channel, a thread or the direct messages of one person with the bot."""

    id: int
    type: int
    name: str = ""
    guild_id: int | None = None
    parent_id: int | None = None
    owner_id: int | None = None
    overwrites: list[Payload] = field(default_factory=list[Payload])
    recipients: list[User] = field(default_factory=list[User])
    messages: dict[int, Message] = field(default_factory=dict[int, Message])
    members: set[int] = field(default_factory=set[int])
    """Of a thread: the ids of those who joined it."""
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 1440
    archive_changed: str = field(default_factory=timestamp)
    sent: int = 0
    """Messages ever sent, deleted ones too."""
    topic: str | None = None
    nsfw: bool = False
    slowmode: int = 0
    position: int = 0

    @property
    def is_thread(self) -> bool:
        """Whether it is a thread or a post of a forum."""
        return self.type in THREADS

    def payload(self, member_id: int | None = None) -> Payload:
        """Return the channel object; of a thread with the membership of this user, if there is one."""
        last = max((each.id for each in self.messages.values() if each.visible_to is None), default=None)
        base: Payload = {
            "id": str(self.id),
            "type": self.type,
            "last_message_id": str(last) if last else None,
            "flags": 0,
        }
        if self.type == DM:
            return base | {"recipients": [user.payload() for user in self.recipients]}
        base |= {
            "guild_id": str(self.guild_id),
            "name": self.name,
            "parent_id": str(self.parent_id) if self.parent_id else None,
            "rate_limit_per_user": self.slowmode,
        }
        if self.is_thread:
            return base | self._thread_fields(member_id)
        spoken = {"bitrate": 64000, "user_limit": 0, "rtc_region": None} if self.type in SPOKEN else {}
        return base | {
            "position": self.position,
            "permission_overwrites": [dict(each) for each in self.overwrites],
            "nsfw": self.nsfw,
            "topic": self.topic,
            **spoken,
        }

    def thread_member(self, user_id: int) -> Payload:
        """Return a user's membership of this thread."""
        return {
            "id": str(self.id),
            "user_id": str(user_id),
            "join_timestamp": time_of(self.id),
            "flags": 0,
        }

    def _thread_fields(self, member_id: int | None) -> Payload:
        metadata: Payload = {
            "archived": self.archived,
            "locked": self.locked,
            "auto_archive_duration": self.auto_archive_minutes,
            "archive_timestamp": self.archive_changed,
            "create_timestamp": time_of(self.id),
        }
        if self.type == PRIVATE_THREAD:
            metadata["invitable"] = True
        fields: Payload = {
            "owner_id": str(self.owner_id),
            "message_count": sum(
                each.type not in SYSTEM_MESSAGES and each.visible_to is None for each in self.messages.values()
            ),
            "member_count": min(len(self.members), 50),
            "total_message_sent": self.sent,
            "thread_metadata": metadata,
        }
        if member_id is not None and member_id in self.members:
            fields["member"] = self.thread_member(member_id)
        return fields


@dataclass(slots=True)
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    channel_ids: list[int] = field(default_factory=list[int])
    premium_tier: int = 0
    locale: str = "en-US"
    unavailable: bool = False
    """An outage: nothing of it reaches the bot."""

    @property
    def upload_bytes(self) -> int:
        """What one uploaded file may have."""
        return UPLOAD_BYTES[self.premium_tier]

    def payload(self) -> Payload:
        """Return the guild object, without channels and members."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "banner": None,
            "description": None,
            "owner_id": str(self.owner_id),
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "roles": [role.payload() for role in self.roles.values()],
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "application_id": None,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "safety_alerts_channel_id": None,
            "vanity_url_code": None,
            "premium_tier": self.premium_tier,
            "premium_subscription_count": 0,
            "preferred_locale": self.locale,
            "public_updates_channel_id": None,
            "nsfw_level": 0,
            "nsfw": False,
            "premium_progress_bar_enabled": False,
        }
