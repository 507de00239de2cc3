"""Which events a session asked for."""

from __future__ import annotations

GUILDS = 1 << 0
GUILD_MEMBERS = 1 << 1
GUILD_PRESENCES = 1 << 8
GUILD_MESSAGES, GUILD_MESSAGE_REACTIONS, GUILD_MESSAGE_TYPING = 1 << 9, 1 << 10, 1 << 11
DIRECT_MESSAGES, DIRECT_MESSAGE_REACTIONS, DIRECT_MESSAGE_TYPING = 1 << 12, 1 << 13, 1 << 14
MESSAGE_CONTENT = 1 << 15
PRIVILEGED = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT

# In guilds, and in direct messages.
_BY_PREFIX = (
    ("MESSAGE_REACTION_", GUILD_MESSAGE_REACTIONS, DIRECT_MESSAGE_REACTIONS),
    ("MESSAGE_", GUILD_MESSAGES, DIRECT_MESSAGES),
    ("TYPING_", GUILD_MESSAGE_TYPING, DIRECT_MESSAGE_TYPING),
    ("GUILD_MEMBER_", GUILD_MEMBERS, GUILD_MEMBERS),
    ("GUILD_", GUILDS, GUILDS),
    ("CHANNEL_", GUILDS, DIRECT_MESSAGES),
    ("THREAD_", GUILDS, GUILDS),
)


def needed_for(event: str, *, is_direct: bool) -> int:
    """Return the intent without which an event is not sent; 0 when it is always sent."""
    for prefix, in_guilds, in_direct in _BY_PREFIX:
        if event.startswith(prefix):
            return in_direct if is_direct else in_guilds
    return 0
