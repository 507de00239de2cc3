"""The world of the local Discord: holds the state, builds payloads, says who may do what."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from typing import Any

from services.permissions import Permission, asker_may

from playground.discord.errors import DiscordError
from playground.discord.state import (
    DM,
    HAS_THREAD,
    IS_COMPONENTS_V2,
    PUBLIC_THREAD,
    THREADS,
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

NONCE_SECONDS = 180.0
URL_SECONDS = 14 * 24 * 3600.0
EVERYONE_PERMISSIONS = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.CONNECT
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)


class World:
    """State and rules. Every change wakes those who wait for one."""

    def __init__(self) -> None:
        self.app = User(snowflake(), "isthmus", bot=True)
        self.users: dict[int, User] = {self.app.id: self.app}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.attachments: dict[int, StoredAttachment] = {}
        self.interactions: dict[str, Interaction] = {}
        self.commands: list[Payload] = []
        self.message_content = True
        self.url_seconds = URL_SECONDS
        self.nonce_seconds = NONCE_SECONDS
        self.cdn_url = ""
        self.dispatch: Callable[[str, Payload], None] = lambda _name, _data: None
        self._sent: dict[tuple[int, str], tuple[float, int, int]] = {}
        self._secret = hashlib.sha256(str(snowflake()).encode()).digest()
        self._changed = asyncio.Event()

    # ---- changes -------------------------------------------------------------------------------

    def changed(self) -> None:
        """Wake everyone who waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def next_change(self) -> None:
        """Wait for the next change."""
        await self._changed.wait()

    def add_guild(self, name: str, owner: User) -> Guild:
        """Found a guild."""
        guild = Guild(snowflake(), name, owner.id)
        guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE_PERMISSIONS)
        self.guilds[guild.id] = guild
        for user in (owner, self.app):
            guild.members[user.id] = Member(user)
        return guild

    def add_channel(self, channel: Channel) -> Channel:
        """Add a channel or thread."""
        self.channels[channel.id] = channel
        if channel.guild_id is not None and channel.type not in THREADS:
            self.guilds[channel.guild_id].channel_ids.append(channel.id)
        return channel

    def store(self, message: Message) -> Message:
        """Put a message into its channel and tell the gateway."""
        channel = self.channels[message.channel_id]
        if channel.type in THREADS and channel.archived:
            channel.archived = False
            self.dispatch("THREAD_UPDATE", channel.payload())
        channel.messages[message.id] = message
        for attachment in message.attachments:
            self.attachments[attachment.id] = attachment
        if message.visible_to is None:
            self.dispatch("MESSAGE_CREATE", self.message_event(message))
        self.changed()
        return message

    def update(self, message: Message) -> None:
        """Tell the gateway that a message was edited."""
        message.edited = timestamp()
        if message.visible_to is None:
            self.dispatch("MESSAGE_UPDATE", self.message_event(message))
        self.changed()

    def delete(self, message: Message) -> None:
        """Delete a message, and its files from the CDN."""
        channel = self.channels[message.channel_id]
        del channel.messages[message.id]
        for attachment in message.attachments:
            self.attachments.pop(attachment.id, None)
        event = {"id": str(message.id), "channel_id": str(message.channel_id)}
        if channel.guild_id is not None:
            event["guild_id"] = str(channel.guild_id)
        self.dispatch("MESSAGE_DELETE", event)
        self.changed()

    def open_thread(self, parent: Channel, thread_id: int, name: str, owner: User) -> Channel:
        """Open a public thread."""
        thread = Channel(
            thread_id,
            PUBLIC_THREAD,
            name=name,
            guild_id=parent.guild_id,
            parent_id=parent.id,
            owner_id=owner.id,
            members={owner.id},
        )
        self.add_channel(thread)
        if (starter := parent.messages.get(thread_id)) is not None:
            starter.flags |= HAS_THREAD
        self.dispatch("THREAD_CREATE", thread.payload() | {"newly_created": True})
        self.changed()
        return thread

    # ---- look-ups ------------------------------------------------------------------------------

    def channel(self, channel_id: int) -> Channel:
        """Return a channel, or say that it is unknown."""
        if (channel := self.channels.get(channel_id)) is None:
            raise DiscordError(404, 10003)
        return channel

    def message(self, channel_id: int, message_id: int) -> Message:
        """Return a message, or say that it is unknown."""
        message = self.channel(channel_id).messages.get(message_id)
        if message is None or message.visible_to is not None:
            raise DiscordError(404, 10008)
        return message

    def permissions(self, user: User, channel: Channel) -> Permission:
        """Return what a user may do in a channel."""
        if channel.guild_id is None:
            mine = user.id == self.app.id or user in channel.recipients
            return Permission(EVERYONE_PERMISSIONS) if mine else Permission(0)
        guild = self.guilds[channel.guild_id]
        member = guild.members.get(user.id)
        if member is None:
            return Permission(0)
        parent = self.channels.get(channel.parent_id) if channel.parent_id else None
        return asker_may(
            guild.payload(),
            channel.payload(),
            member.payload(),
            parent=parent.payload() if parent else None,
            thread_member=user.id in channel.members,
        )

    def need(self, channel: Channel, needed: Permission) -> None:
        """Refuse what the bot may not do."""
        held = self.permissions(self.app, channel)
        if Permission.VIEW_CHANNEL not in held:
            raise DiscordError(403, 50001)
        if needed not in held:
            raise DiscordError(403, 50013)

    def remembered(self, author_id: int, nonce: str) -> Message | None:
        """Return the message that this author sent with this nonce a short while ago."""
        sent = self._sent.get((author_id, nonce))
        if sent is None or time.monotonic() - sent[0] > self.nonce_seconds:
            return None
        return self.message(sent[1], sent[2])

    def remember(self, author_id: int, nonce: str, message: Message) -> None:
        """Remember a nonce."""
        self._sent[author_id, nonce] = (time.monotonic(), message.channel_id, message.id)

    # ---- signed URLs ---------------------------------------------------------------------------

    def sign(self, attachment: StoredAttachment) -> str:
        """Return a URL that works for a while."""
        expires = f"{int(time.time() + self.url_seconds):x}"
        folder = "ephemeral-attachments" if attachment.ephemeral else "attachments"
        path = f"/{folder}/{attachment.channel_id}/{attachment.id}/{attachment.filename}"
        issued = f"{int(time.time()):x}"
        return f"{self.cdn_url}{path}?ex={expires}&is={issued}&hm={self.signature(path, expires)}"

    def signature(self, path: str, expires: str) -> str:
        """Return the signature of a path until a time."""
        return hmac.new(self._secret, f"{path}?{expires}".encode(), hashlib.sha256).hexdigest()

    # ---- payloads ------------------------------------------------------------------------------

    def message_payload(self, message: Message, *, depth: int = 1) -> Payload:
        """Return the message object as the bot gets it: redacted without the content intent."""
        channel = self.channels[message.channel_id]
        payload: Payload = {
            "id": str(message.id),
            "channel_id": str(message.channel_id),
            "type": message.type,
            "author": message.author.payload(),
            "content": message.content,
            "timestamp": timestamp(),
            "edited_timestamp": message.edited,
            "tts": False,
            "mention_everyone": "everyone" in message.pinged,
            "mentions": [self.users[int(each)].payload() for each in _mentioned(message, self.users)],
            "mention_roles": [],
            "attachments": [each.payload(self.sign(each)) for each in message.attachments],
            "embeds": message.embeds,
            "components": message.components,
            "pinned": False,
            "flags": message.flags,
        }
        if message.nonce is not None:
            payload["nonce"] = message.nonce
        if message.reference is not None:
            payload["message_reference"] = message.reference
        if message.interaction is not None:
            payload["interaction_metadata"] = message.interaction
        if message.forwarded is not None:
            payload["message_snapshots"] = [{"message": self._snapshot(message.forwarded)}]
        if message.type == REPLY_TYPE and depth and message.reference is not None:
            target = channel.messages.get(int(message.reference["message_id"]))
            payload["referenced_message"] = self.message_payload(target, depth=0) if target else None
        if thread := self.channels.get(message.id):
            payload["thread"] = thread.payload()
        return payload if self._readable(message) else payload | _REDACTED

    def message_event(self, message: Message) -> Payload:
        """Return what the gateway sends about a message."""
        channel = self.channels[message.channel_id]
        payload = self.message_payload(message)
        if channel.guild_id is not None:
            payload["guild_id"] = str(channel.guild_id)
            member = self.guilds[channel.guild_id].members.get(message.author.id)
            if member is not None:
                payload["member"] = member.payload(with_user=False)
        return payload

    def guild_create(self, guild: Guild) -> Payload:
        """Return what the gateway says first about a guild."""
        channels = [self.channels[each] for each in guild.channel_ids]
        threads = [
            each for each in self.channels.values() if each.type in THREADS and each.guild_id == guild.id
        ]
        return guild.payload() | {
            "joined_at": timestamp(),
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "voice_states": [],
            "members": [guild.members[self.app.id].payload()],
            "channels": [each.payload() for each in channels],
            "threads": [each.payload() for each in threads if not each.archived],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def _snapshot(self, message: Message) -> Payload:
        full = self.message_payload(message, depth=0)
        kept = ("type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags")
        return {name: full[name] for name in kept} | {"mentions": [], "mention_roles": [], "components": []}

    def _readable(self, message: Message) -> bool:
        """Without the intent: own messages, direct messages, mentions and ping-replies only."""
        if self.message_content or message.author.id == self.app.id:
            return True
        if self.channels[message.channel_id].type == DM:
            return True
        return str(self.app.id) in message.pinged or f"<@{self.app.id}>" in message.content


REPLY_TYPE = 19
_REDACTED: dict[str, Any] = {"content": "", "attachments": [], "embeds": [], "components": []}
_MENTION = re.compile(r"<@!?(\d+)>")


def _mentioned(message: Message, users: dict[int, User]) -> list[str]:
    """Return the users a message shows as mentioned, and those it pinged by replying."""
    texts = [message.content] if not message.flags & IS_COMPONENTS_V2 else [message.text]
    found = {each for text in texts for each in _MENTION.findall(text)}
    found |= {each for each in message.pinged if each.isdigit()}
    return sorted(each for each in found if int(each) in users)
