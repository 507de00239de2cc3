"""What one person sees of the world."""

from __future__ import annotations

from typing import Any

from playground.discord.permissions import Permission
from playground.discord.state import DM, Channel, Guild, Message, Payload, User
from playground.discord.state.kinds import VOICE
from playground.discord.world import World

_RIGHTS = {
    "view": Permission.VIEW_CHANNEL,
    "send": Permission.SEND_MESSAGES,
    "send_in_threads": Permission.SEND_MESSAGES_IN_THREADS,
    "attach": Permission.ATTACH_FILES,
    "react": Permission.ADD_REACTIONS,
    "manage": Permission.MANAGE_MESSAGES,
    "open_threads": Permission.CREATE_PUBLIC_THREADS,
    "commands": Permission.USE_APPLICATION_COMMANDS,
}


class Views:
    """Builds what the page shows to a person; the objects are those of Discord's gateway."""

    def __init__(self, world: World) -> None:
        self._world = world

    def person(self, named: str) -> User | None:
        """Return a person by id or name; for "" the first there is."""
        people = self.people()
        if not named:
            return people[0] if people else None
        return next((each for each in people if named in {str(each.id), each.name}), None)

    def people(self) -> list[User]:
        """Return those who can use the page: the human members of guilds, in order of their joining."""
        members = [each for guild in self._world.guilds.values() for each in guild.members.values()]
        found = {each.user.id: each.user for each in members if not each.user.bot}
        return [each for each in found.values() if not each.name.startswith("owner-of-")]

    def sees(self, user: User, channel: Channel) -> bool:
        """Tell whether somebody sees a channel; of direct messages, only one's own."""
        if channel.type == DM and user not in channel.recipients:
            return False
        return Permission.VIEW_CHANNEL in self._world.permissions(user, channel)

    def state(self, user: User) -> Payload:
        """Return everything but messages."""
        guilds = [each for each in self._world.guilds.values() if user.id in each.members]
        direct = self._world.direct(user)
        return {
            "me": user.payload(),
            "app": self._world.app.payload(),
            "people": [each.payload() for each in self.people()],
            "cdn": self._world.urls.base,
            "guilds": [self._guild(user, each) for each in guilds],
            "direct": self.channel(user, direct) | {"name": self._world.app.name},
        }

    def channel(self, user: User, channel: Channel) -> Payload:
        """Return a channel or thread with what the person and the bot may do there."""
        held = self._world.permissions(user, channel)
        app = self._world.permissions(self._world.app, channel)
        return channel.payload(user.id) | {
            "may": {name: right in held for name, right in _RIGHTS.items()},
            "bot_may": {name: right in app for name, right in _RIGHTS.items()},
            "upload_bytes": self._world.upload_bytes(channel),
            "is_voice": channel.type == VOICE,
        }

    def message(self, user: User, message: Message) -> Payload:
        """Return a message as the person sees it."""
        return self.fitted(user, self._world.payloads.message_event(message)[0])

    def fitted(self, user: User, payload: Payload) -> Payload:
        """Return a message event with the reactions told from the person's side."""
        if not payload.get("reactions"):
            return payload
        channel = self._world.channels.get(int(payload["channel_id"]))
        held = channel.messages.get(int(payload["id"])) if channel else None
        mine = {emoji for emoji, user_id in held.reactions if user_id == user.id} if held else set[str]()
        return payload | {
            "reactions": [each | {"me": each["emoji"]["name"] in mine} for each in payload["reactions"]]
        }

    def history(
        self, user: User, channel: Channel, before: int | None, limit: int
    ) -> tuple[list[Payload], bool]:
        """Return messages, oldest first, and whether there are older ones."""
        seen = [
            each
            for each in channel.messages.values()
            if each.visible_to in {None, user.id} and (before is None or each.id < before)
        ]
        seen.sort(key=lambda each: each.id)
        shown = seen[-limit:]
        return [self.message(user, each) for each in shown], len(seen) > len(shown)

    def commands(self, user: User, channel: Channel) -> list[Payload]:
        """Return the commands that somebody is offered in a channel."""
        offered = [*self._world.guild_commands.get(channel.guild_id or 0, []), *self._world.commands]
        held = self._world.permissions(user, channel)

        def is_offered(command: Payload) -> bool:
            if channel.type == DM:
                contexts = command["contexts"]
                return bool(1 in contexts if contexts is not None else command["dm_permission"])
            needed = Permission(int(command["default_member_permissions"] or 0))
            return Permission.USE_APPLICATION_COMMANDS in held and needed in held

        return [each for each in offered if is_offered(each)]

    def _guild(self, user: User, guild: Guild) -> Payload:
        world = self._world
        channels = [world.channels[each] for each in guild.channel_ids]
        threads: list[Any] = [each for each in world.threads(guild.id) if self.sees(user, each)]
        return {
            "id": str(guild.id),
            "name": guild.name,
            "owner_id": str(guild.owner_id),
            "roles": [each.payload() for each in guild.roles.values()],
            "members": [each.payload() for each in guild.members.values()],
            "channels": [self.channel(user, each) for each in channels if self.sees(user, each)],
            "threads": [self.channel(user, each) for each in threads],
        }
