"""What goes along with the ids that a person chose: the people, roles, channels and files themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

from playground.discord.state import Channel, Guild, Message, Payload, Role, StoredAttachment, User
from playground.discord.world import World


@dataclass(slots=True)
class Resolved:
    """Collects them, as `resolved` of an interaction's data holds them."""

    world: World
    user: User
    guild: Guild | None
    data: Payload = field(default_factory=dict[str, Payload])

    def add(self, chosen: User | Role | Channel | StoredAttachment | Message) -> str:
        """Add something; return its id."""
        number = str(chosen.id)
        if isinstance(chosen, User):
            self._put("users", number, chosen.payload())
            if self.guild is not None and (member := self.guild.members.get(chosen.id)) is not None:
                self._put("members", number, member.payload(with_user=False) | {"permissions": "0"})
        elif isinstance(chosen, Role):
            self._put("roles", number, chosen.payload())
        elif isinstance(chosen, Channel):
            rights = {
                "permissions": str(int(self.world.permissions(self.user, chosen))),
                "app_permissions": str(int(self.world.permissions(self.world.app, chosen))),
            }
            self._put("channels", number, chosen.payload() | rights)
        elif isinstance(chosen, Message):
            self._put("messages", number, self.world.payloads.message(chosen, full=True))
        else:
            self._put("attachments", number, chosen.payload(self.world.urls.sign(chosen)))
        return number

    def _put(self, kind: str, number: str, payload: Payload) -> None:
        self.data.setdefault(kind, {})[number] = payload
