"""What the local Discord knows: guilds, channels, users, messages, interactions. Plain data."""

from __future__ import annotations

import itertools
import mimetypes
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

EPOCH_MS = 1_420_070_400_000

TEXT, DM, VOICE, CATEGORY, ANNOUNCEMENT = 0, 1, 2, 4, 5
ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 10, 11, 12, 15
THREADS = frozenset({ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD})
THREAD_PARENTS = frozenset({TEXT, ANNOUNCEMENT})

DEFAULT_MESSAGE, REPLY, CHAT_COMMAND, THREAD_STARTER = 0, 19, 20, 21

EPHEMERAL, IS_VOICE, IS_COMPONENTS_V2, HAS_THREAD, LOADING = 1 << 6, 1 << 13, 1 << 15, 1 << 5, 1 << 7
ATTACHMENT_IS_SPOILER = 1 << 3

Payload = dict[str, Any]

_counter = itertools.count()


def snowflake() -> int:
    """Return a new id; ids grow with time."""
    return (int(time.time() * 1000) - EPOCH_MS) << 22 | next(_counter) & 0xFFF


def timestamp() -> str:
    """Return the time as Discord writes it."""
    return datetime.now(UTC).isoformat()


@dataclass(slots=True)
class User:
    id: int
    name: str
    bot: bool = False

    def payload(self) -> Payload:
        """Return the user object."""
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": None if self.bot else self.name.capitalize(),
            "avatar": None,
            "bot": self.bot,
        }


@dataclass(slots=True)
class Role:
    id: int
    name: str
    permissions: int

    def payload(self) -> Payload:
        """Return the role object."""
        return {
            "id": str(self.id),
            "name": self.name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": 0,
            "permissions": str(self.permissions),
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }


@dataclass(slots=True)
class Member:
    user: User
    role_ids: list[int] = field(default_factory=list[int])
    timed_out_until: str | None = None

    def payload(self, *, with_user: bool = True) -> Payload:
        """Return the member object."""
        member: Payload = {
            "roles": [str(role) for role in self.role_ids],
            "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
            "nick": None,
            "avatar": None,
            "pending": False,
            "premium_since": None,
            "communication_disabled_until": self.timed_out_until,
        }
        return member | ({"user": self.user.payload()} if with_user else {})


@dataclass(slots=True)
class Channel:
    id: int
    type: int
    name: str = ""
    guild_id: int | None = None
    parent_id: int | None = None
    owner_id: int | None = None
    overwrites: list[Payload] = field(default_factory=list[Payload])
    recipients: list[User] = field(default_factory=list[User])
    messages: dict[int, Message] = field(default_factory=dict[int, "Message"])
    members: set[int] = field(default_factory=set[int])
    archived: bool = False
    locked: bool = False

    def payload(self) -> Payload:
        """Return the channel object."""
        last = max(self.messages, default=None)
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
            "rate_limit_per_user": 0,
        }
        if self.type in THREADS:
            return base | {
                "owner_id": str(self.owner_id),
                "message_count": len(self.messages),
                "member_count": len(self.members),
                "total_message_sent": len(self.messages),
                "thread_metadata": {
                    "archived": self.archived,
                    "locked": self.locked,
                    "auto_archive_duration": 1440,
                    "archive_timestamp": timestamp(),
                    "create_timestamp": timestamp(),
                },
            }
        return base | {
            "position": 0,
            "permission_overwrites": self.overwrites,
            "nsfw": False,
            "topic": None,
            "bitrate": 64000,
            "user_limit": 0,
        }


@dataclass(slots=True)
class Guild:
    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    channel_ids: list[int] = field(default_factory=list[int])

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
            "vanity_url_code": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": "en-US",
            "public_updates_channel_id": None,
            "nsfw_level": 0,
            "nsfw": False,
            "premium_progress_bar_enabled": False,
        }


@dataclass(frozen=True, slots=True)
class File:
    """A file that somebody uploads."""

    name: str
    data: bytes
    content_type: str | None = None
    """None: derived from the name, as Discord does; "" leaves it absent."""
    alt: str | None = None
    spoiler: bool = False
    duration_secs: float | None = None
    waveform: str | None = None


@dataclass(slots=True)
class StoredAttachment:
    id: int
    channel_id: int
    file: File
    alt: str | None = None
    ephemeral: bool = False

    @property
    def filename(self) -> str:
        """The name under which it is shown; spoilers carry a prefix."""
        prefix = "SPOILER_" if self.file.spoiler and not self.file.name.startswith("SPOILER_") else ""
        return prefix + self.file.name

    def payload(self, url: str) -> Payload:
        """Return the attachment object with a URL that was signed just now."""
        payload: Payload = {
            "id": str(self.id),
            "filename": self.filename,
            "size": len(self.file.data),
            "url": url,
            "proxy_url": url,
            "flags": ATTACHMENT_IS_SPOILER if self.file.spoiler else 0,
        }
        declared = self.file.content_type
        if declared is None:
            declared = mimetypes.guess_type(self.file.name)[0]
        if declared:
            payload["content_type"] = declared
        if self.alt:
            payload["description"] = self.alt
        if self.file.duration_secs is not None:
            payload |= {"duration_secs": self.file.duration_secs, "waveform": self.file.waveform}
        if self.ephemeral:
            payload["ephemeral"] = True
        return payload


@dataclass(slots=True)
class Message:
    id: int
    channel_id: int
    author: User
    content: str = ""
    type: int = DEFAULT_MESSAGE
    flags: int = 0
    attachments: list[StoredAttachment] = field(default_factory=list[StoredAttachment])
    components: list[Payload] = field(default_factory=list[Payload])
    embeds: list[Payload] = field(default_factory=list[Payload])
    reference: Payload | None = None
    forwarded: Message | None = None
    interaction: Payload | None = None
    nonce: str | None = None
    edited: str | None = None
    pinged: set[str] = field(default_factory=set[str])
    """Ids of users and roles, `everyone`: whom this message notified."""
    reactions: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    visible_to: int | None = None
    """An ephemeral message's only reader."""

    @property
    def text(self) -> str:
        """All text a reader sees: content and text displays, in order."""
        return "\n".join([self.content, *_texts(self.components)]).strip()

    def custom_ids(self) -> list[str]:
        """Return the custom ids of its buttons and selects."""
        return [each["custom_id"] for each in walk(self.components) if "custom_id" in each]


def walk(components: list[Payload]) -> list[Payload]:
    """Return components and all inside them."""
    found: list[Payload] = []
    for component in components:
        found.append(component)
        found += walk(component.get("components", []))
        if accessory := component.get("accessory"):
            found.append(accessory)
    return found


def _texts(components: list[Payload]) -> list[str]:
    return [each["content"] for each in walk(components) if each.get("type") == 10]


@dataclass(slots=True)
class Interaction:
    id: int
    token: str
    user: User
    channel_id: int
    kind: int
    created: float
    message_id: int | None = None
    """Of the message that a pressed button sits on."""
    response_id: int | None = None
    answered: str = ""
    """How the bot acknowledged it: `deferred`, `message`, `update`, `modal`, `autocomplete`."""
    ephemeral: bool = False
    modal: Payload | None = None
    answered_after: float | None = None
    followups: list[int] = field(default_factory=list[int])
    command: Payload | None = None
