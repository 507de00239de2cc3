"""The playground's small world: one server with a few channels and people."""

from __future__ import annotations

from dataclasses import dataclass

from playground.discord import LocalDiscord, Permission
from playground.discord.state import Channel, Guild, User

SERVER = "Playground"


@dataclass(frozen=True, slots=True)
class Town:
    """Where the player and the bot meet.

    Attributes:
        player: Whose seat the page takes; owns nothing and may do what everybody may.
        neighbours: Two more, one of them a moderator.
        channels: In the order in which they are shown.
    """

    guild: Guild
    player: User
    neighbours: tuple[User, ...]
    channels: tuple[Channel, ...]

    @property
    def people(self) -> tuple[User, ...]:
        """Everybody in whose name can be spoken, the player first."""
        return (self.player, *self.neighbours)


def found(local: LocalDiscord) -> Town:
    """Found the town, before the bot comes."""
    player, mara, theo = (local.add_user(name) for name in ("you", "mara", "theo"))
    guild = local.add_guild(SERVER, owner=mara)
    moderators = local.add_role(guild, "Moderators", Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS)
    photographers = local.add_role(guild, "Photographers", 0, mentionable=True)
    local.join(guild, player, theo)
    local.give_roles(guild, mara, moderators)
    local.give_roles(guild, theo, photographers)
    channels = [
        local.add_channel(guild, name) for name in ("pictures", "voice-and-video", "lounge", "no-entry")
    ]
    # The bot sees what is posted there and may neither answer nor open threads.
    silenced = (
        Permission.SEND_MESSAGES
        | Permission.SEND_MESSAGES_IN_THREADS
        | Permission.CREATE_PUBLIC_THREADS
        | Permission.CREATE_PRIVATE_THREADS
        | Permission.ADD_REACTIONS
    )
    local.deny(channels[-1], local.world.app, silenced)
    return Town(guild, player, (mara, theo), tuple(channels))
