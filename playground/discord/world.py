"""The world of the local Discord: what there is, what changes, and who is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from playground.discord import permissions
from playground.discord.errors import DiscordError
from playground.discord.nonces import Nonces
from playground.discord.payloads import Payloads
from playground.discord.permissions import NONE, Permission
from playground.discord.signing import UrlSigner
from playground.discord.state import (
    DM,
    Channel,
    Guild,
    Interaction,
    Member,
    Message,
    Payload,
    Role,
    StoredAttachment,
    User,
    snowflake,
    timestamp,
)
from playground.discord.state.kinds import SYSTEM_MESSAGES

NONCE_SECONDS = 180.0
URL_SECONDS = 14 * 24 * 3600.0
ACTIVE_THREADS = 1000
OLD_AFTER_SECONDS = 3600.0
OLD_EDITS = 30

Listener = Callable[[str, Payload, Payload], None]
"""Called with an event's name, its data, and its data for those without the content intent."""
Whisper = Callable[[int, str, Payload], None]
"""Called with the id of the only person who sees it, an event's name and its data."""


class World:
    """State and its changes. Every change wakes those who wait for one.

    Attributes:
        app: The bot's own user; its id is the application's too.
        message_content: The application may read message content; REST goes by it, and so does the
            gateway with those who ask for the intent.
        listeners: Who is told of events: the gateway, and whoever else watches.
        whispers: Who is told of ephemeral messages: people's clients, never the gateway.
        max_active_threads: Of one guild; more answer 160006.
        old_after: Seconds after which a message counts as old ...
        old_edits: ... and how often such messages of one channel may be edited (30046).
    """

    def __init__(self) -> None:
        self.app = User(snowflake(), "isthmus", bot=True)
        self.users: dict[int, User] = {self.app.id: self.app}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.attachments: dict[int, StoredAttachment] = {}
        self.interactions: dict[str, Interaction] = {}
        self.commands: list[Payload] = []
        self.guild_commands: dict[int, list[Payload]] = {}
        self.message_content = True
        self.urls = UrlSigner(URL_SECONDS)
        self.nonces = Nonces(NONCE_SECONDS)
        self.max_active_threads = ACTIVE_THREADS
        self.old_after = OLD_AFTER_SECONDS
        self.old_edits = OLD_EDITS
        self.listeners: list[Listener] = []
        self.whispers: list[Whisper] = []
        self.payloads = Payloads(self)
        self._changed = asyncio.Event()

    @property
    def url_seconds(self) -> float:
        """How long the URL of a file works."""
        return self.urls.seconds

    @url_seconds.setter
    def url_seconds(self, seconds: float) -> None:
        self.urls.seconds = seconds

    @property
    def owner(self) -> User:
        """Whoever the application belongs to: the first person here; without people, the bot itself."""
        return next((each for each in self.users.values() if not each.bot), self.app)

    # ---- changes -------------------------------------------------------------------------------

    def changed(self) -> None:
        """Wake everyone who waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def next_change(self) -> None:
        """Wait for the next change."""
        await self._changed.wait()

    def dispatch(self, name: str, data: Payload, restricted: Payload | None = None) -> None:
        """Tell all listeners of an event.

        Args:
            name: As the gateway calls it, e.g. `MESSAGE_CREATE`.
            data: What it says.
            restricted: What it says without the content intent, where that differs.
        """
        for listener in self.listeners:
            listener(name, data, data if restricted is None else restricted)
        self.changed()

    # ---- guilds and channels -------------------------------------------------------------------

    def add_guild(self, name: str, owner: User) -> Guild:
        """Found a guild with its owner and the bot in it."""
        guild = Guild(snowflake(), name, owner.id)
        guild.roles[guild.id] = Role(guild.id, "@everyone", int(permissions.EVERYONE))
        self.guilds[guild.id] = guild
        for user in (owner, self.app):
            guild.members[user.id] = Member(user)
        self.dispatch("GUILD_CREATE", self.payloads.guild_joined(guild))
        return guild

    def remove_app(self, guild: Guild) -> None:
        """Take the bot out of a guild."""
        del guild.members[self.app.id]
        self.dispatch("GUILD_DELETE", {"id": str(guild.id)})

    def add_channel(self, channel: Channel) -> Channel:
        """Add a channel that is no thread."""
        self.channels[channel.id] = channel
        if channel.guild_id is not None:
            siblings = self.guilds[channel.guild_id].channel_ids
            channel.position = len(siblings)
            siblings.append(channel.id)
            self.dispatch("CHANNEL_CREATE", channel.payload())
        return channel

    def update_channel(self, channel: Channel) -> None:
        """Tell that a channel or thread was changed."""
        self.dispatch("THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE", channel.payload())

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with its threads, or a thread."""
        for thread in list(self.threads(channel.guild_id)):
            if thread.parent_id == channel.id:
                self.delete_channel(thread)
        known = ("id", "guild_id", "parent_id", "type")
        payload = channel.payload()
        if channel.is_thread:
            self.dispatch("THREAD_DELETE", {name: payload[name] for name in known})
        else:
            self.dispatch("CHANNEL_DELETE", payload)
        if channel.guild_id is not None and not channel.is_thread:
            self.guilds[channel.guild_id].channel_ids.remove(channel.id)
        for message in channel.messages.values():
            self._forget_files(message)
        del self.channels[channel.id]
        self.changed()

    def threads(self, guild_id: int | None) -> Iterator[Channel]:
        """Yield the threads of a guild, archived ones too."""
        return (each for each in self.channels.values() if each.is_thread and each.guild_id == guild_id)

    def direct(self, user: User) -> Channel:
        """Return a person's direct messages with the bot."""
        for channel in self.channels.values():
            if channel.type == DM and user in channel.recipients:
                return channel
        return self.add_channel(Channel(snowflake(), DM, recipients=[user]))

    # ---- messages ------------------------------------------------------------------------------

    def store(self, message: Message) -> Message:
        """Put a message into its channel and tell of it; sending wakes an archived thread."""
        channel = self.channels[message.channel_id]
        if channel.archived:
            channel.archived = False
            channel.archive_changed = timestamp()
            self.update_channel(channel)
        channel.messages[message.id] = message
        if message.type not in SYSTEM_MESSAGES:
            channel.sent += 1
        for attachment in message.attachments:
            self.attachments[attachment.id] = attachment
        self._tell("MESSAGE_CREATE", message)
        return message

    def update(self, message: Message) -> None:
        """Tell that a message was changed."""
        for attachment in message.attachments:
            self.attachments[attachment.id] = attachment
        self._tell("MESSAGE_UPDATE", message)

    def delete(self, *messages: Message) -> None:
        """Delete messages of one channel, and their files from the CDN."""
        channel = self.channels[messages[0].channel_id]
        for message in messages:
            del channel.messages[message.id]
            self._forget_files(message)
        event: Payload = {"channel_id": str(channel.id)}
        if channel.guild_id is not None:
            event["guild_id"] = str(channel.guild_id)
        shown: list[Message] = []
        for message in messages:
            if message.visible_to is None:
                shown.append(message)
            else:
                self._whisper(message.visible_to, "MESSAGE_DELETE", event | {"id": str(message.id)})
        if len(messages) > 1:
            self.dispatch("MESSAGE_DELETE_BULK", event | {"ids": [str(each.id) for each in shown]})
        elif shown:
            self.dispatch("MESSAGE_DELETE", event | {"id": str(shown[0].id)})
        self.changed()

    def _tell(self, name: str, message: Message) -> None:
        """Tell everybody of a message; of an ephemeral one its reader alone."""
        full, restricted = self.payloads.message_event(message)
        if message.visible_to is None:
            self.dispatch(name, full, restricted)
        else:
            self._whisper(message.visible_to, name, full)

    def _whisper(self, reader_id: int, name: str, data: Payload) -> None:
        for whisper in self.whispers:
            whisper(reader_id, name, data)
        self.changed()

    def _forget_files(self, message: Message) -> None:
        for attachment in message.attachments:
            self.attachments.pop(attachment.id, None)

    # ---- look-ups ------------------------------------------------------------------------------

    def channel(self, channel_id: int) -> Channel:
        """Return a channel, or say that it is unknown."""
        if (channel := self.channels.get(channel_id)) is None:
            raise DiscordError(404, 10003)
        return channel

    def guild(self, guild_id: int) -> Guild:
        """Return a guild that the bot is in, or say that it is unknown."""
        guild = self.guilds.get(guild_id)
        if guild is None or self.app.id not in guild.members:
            raise DiscordError(404, 10004)
        return guild

    def message(self, channel_id: int, message_id: int) -> Message:
        """Return a message that everybody sees, or say that it is unknown."""
        message = self.channel(channel_id).messages.get(message_id)
        if message is None or message.visible_to is not None:
            raise DiscordError(404, 10008)
        return message

    def upload_bytes(self, channel: Channel) -> int:
        """Return what one uploaded file may have in a channel."""
        guild = self.guilds.get(channel.guild_id or 0) or Guild(0, "", 0)
        return guild.upload_bytes

    def permissions(self, user: User, channel: Channel) -> Permission:
        """Return what a user may do in a channel."""
        if channel.guild_id is None:
            return permissions.rights_in_direct(user, channel)
        guild = self.guilds[channel.guild_id]
        member = guild.members.get(user.id)
        if member is None:
            return NONE
        parent = self.channels.get(channel.parent_id) if channel.parent_id else None
        return permissions.rights_in_channel(guild, channel, parent, member)

    def need(self, channel: Channel, *needed: Permission) -> None:
        """Refuse what the bot may not do, as Discord does."""
        held = self.permissions(self.app, channel)
        if Permission.VIEW_CHANNEL not in held:
            raise DiscordError(403, 50001)
        if any(each not in held for each in needed):
            raise DiscordError(403, 50013)
