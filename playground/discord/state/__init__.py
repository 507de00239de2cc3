"""What the local Discord knows: guilds, channels, users, messages, interactions. Plain data."""

from playground.discord.state.files import CONTENT_TYPES, File, StoredAttachment
from playground.discord.state.interactions import Interaction
from playground.discord.state.kinds import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_THREAD,
    CATEGORY,
    DM,
    EPHEMERAL,
    FORUM,
    IS_COMPONENTS_V2,
    IS_VOICE,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    VOICE,
    Payload,
)
from playground.discord.state.messages import Message, walk
from playground.discord.state.places import Channel, Guild
from playground.discord.state.snowflakes import snowflake, timestamp
from playground.discord.state.users import Member, Role, User

__all__ = [
    "ANNOUNCEMENT",
    "ANNOUNCEMENT_THREAD",
    "CATEGORY",
    "CONTENT_TYPES",
    "DM",
    "EPHEMERAL",
    "FORUM",
    "IS_COMPONENTS_V2",
    "IS_VOICE",
    "PRIVATE_THREAD",
    "PUBLIC_THREAD",
    "TEXT",
    "VOICE",
    "Channel",
    "File",
    "Guild",
    "Interaction",
    "Member",
    "Message",
    "Payload",
    "Role",
    "StoredAttachment",
    "User",
    "snowflake",
    "timestamp",
    "walk",
]
