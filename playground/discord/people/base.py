"""What all that people do has in common."""

from __future__ import annotations

from playground.discord.interactions import Interactions
from playground.discord.permissions import Permission
from playground.discord.state import Channel, File, StoredAttachment, User, snowflake
from playground.discord.world import World


class Side:
    """The people's side of the world. What they may not do raises PermissionError."""

    def __init__(self, world: World, interactions: Interactions) -> None:
        self._world = world
        self._interactions = interactions

    async def delivered(self) -> None:
        """Wait until all events so far are written to the gateway's sockets."""
        raise NotImplementedError

    def _require(self, user: User, channel: Channel, *needed: Permission) -> None:
        held = self._world.permissions(user, channel)
        for each in (Permission.VIEW_CHANNEL, *needed):
            if each not in held:
                raise PermissionError(f"{user.name} may not {each.name} in {channel.name or 'here'}")

    def _upload(self, channel: Channel, file: File, *, ephemeral: bool = False) -> StoredAttachment:
        stored = StoredAttachment(snowflake(), channel.id, file, alt=file.alt, ephemeral=ephemeral)
        self._world.attachments[stored.id] = stored
        return stored
