"""Messages and guilds as the bot gets them: with signed URLs, and redacted where it may not read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playground.discord.state import DM, Channel, Guild, Message, Payload
from playground.discord.state.kinds import (
    FILE_COMPONENT,
    FORWARD_REFERENCE,
    GALLERY,
    REPLY,
    THREAD_STARTER,
    THUMBNAIL,
)

if TYPE_CHECKING:
    from playground.discord.world import World

REDACTED: Payload = {"content": "", "attachments": [], "embeds": [], "components": []}
_MENTION = re.compile(r"<@!?(\d+)>")
_SNAPSHOT_FIELDS = (
    "type",
    "content",
    "embeds",
    "attachments",
    "timestamp",
    "edited_timestamp",
    "flags",
    "mentions",
    "mention_roles",
    "components",
)


class Payloads:
    """Builds what the bot gets. `full` is for those with the content intent; others get it redacted."""

    def __init__(self, world: World) -> None:
        self._world = world

    def over_rest(self, message: Message) -> Payload:
        """Return a message as REST answers it: redacted unless the application has the content intent."""
        return self.message(message, full=self._world.message_content)

    def message(self, message: Message, *, full: bool, depth: int = 1) -> Payload:
        """Return the message object.

        Args:
            message: What to show.
            full: Without redaction.
            depth: How many levels of referenced messages go with it.
        """
        users = self._world.users
        pinged = sorted(int(each) for each in message.pinged if each.isdigit())
        payload: Payload = {
            "id": str(message.id),
            "channel_id": str(message.channel_id),
            "type": message.type,
            "author": message.author.payload(),
            "content": message.content,
            "timestamp": message.created,
            "edited_timestamp": message.edited,
            "tts": False,
            "mention_everyone": "everyone" in message.pinged,
            "mentions": [users[each].payload() for each in pinged if each in users],
            "mention_roles": [str(each) for each in pinged if each not in users],
            "attachments": [each.payload(self._world.urls.sign(each)) for each in message.attachments],
            "embeds": message.embeds,
            "components": [self._component(each, message) for each in message.components],
            "pinned": False,
            "flags": message.flags,
        }
        payload |= self._extras(message, full=full, depth=depth)
        return payload if full or self.is_readable(message) else payload | REDACTED

    def message_event(self, message: Message) -> tuple[Payload, Payload]:
        """Return what the gateway says about a message: in full, and without the content intent."""
        channel = self._world.channels[message.channel_id]
        added: Payload = {"channel_type": channel.type}
        if channel.guild_id is not None:
            added["guild_id"] = str(channel.guild_id)
            member = self._world.guilds[channel.guild_id].members.get(message.author.id)
            if member is not None:
                added["member"] = member.payload(with_user=False)
        return self.message(message, full=True) | added, self.message(message, full=False) | added

    def guild_joined(self, guild: Guild) -> Payload:
        """Return what the gateway says when the bot joins a guild: clients know it by what is left out."""
        return {name: value for name, value in self.guild_create(guild).items() if name != "unavailable"}

    def guild_create(self, guild: Guild, *, all_members: bool = False) -> Payload:
        """Return what the gateway says about a guild that the bot was in before, or is in again."""
        world = self._world
        threads = [each for each in world.threads(guild.id) if not each.archived and self._app_sees(each)]
        members = guild.members.values() if all_members else [guild.members[world.app.id]]
        return guild.payload() | {
            "joined_at": guild.members[world.app.id].joined_at,
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "voice_states": [],
            "members": [each.payload() for each in members],
            "channels": [world.channels[each].payload() for each in guild.channel_ids],
            "threads": [each.payload(world.app.id) for each in threads],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def is_readable(self, message: Message) -> bool:
        """Tell whether the bot may read a message without the content intent.

        Its own, direct messages, mentions of it, and replies that ping one of its regular messages.
        """
        app_id = self._world.app.id
        channel = self._world.channels.get(message.channel_id)
        if message.author.id == app_id or (channel is not None and channel.type == DM):
            return True
        if str(app_id) in _MENTION.findall(message.content):
            return True
        target = self._referenced(message)
        pings_app = message.type == REPLY and str(app_id) in message.pinged
        return pings_app and target is not None and target.interaction is None

    def _extras(self, message: Message, *, full: bool, depth: int) -> Payload:
        extras: Payload = {}
        if message.nonce is not None:
            extras["nonce"] = message.nonce
        if message.reference is not None:
            extras["message_reference"] = message.reference
        if message.interaction is not None:
            app_id = str(self._world.app.id)
            extras |= {
                "interaction_metadata": message.interaction,
                "application_id": app_id,
                "webhook_id": app_id,
            }
        if message.forwarded is not None:
            snapshot = self.message(message.forwarded, full=True, depth=0)
            if not (full or self.is_readable(message)):
                snapshot |= REDACTED
            extras["message_snapshots"] = [{"message": {name: snapshot[name] for name in _SNAPSHOT_FIELDS}}]
        if message.type in {REPLY, THREAD_STARTER} and depth and message.reference is not None:
            target = self._referenced(message)
            shown = self.message(target, full=full, depth=0) if target else None
            extras["referenced_message"] = shown
        if message.reactions:
            extras["reactions"] = self._reactions(message)
        if (thread := self._world.channels.get(message.id)) is not None and thread.is_thread:
            extras["thread"] = thread.payload(self._world.app.id)
        return extras

    def _reactions(self, message: Message) -> list[Payload]:
        counted: dict[str, list[int]] = {}
        for emoji, user_id in message.reactions:
            counted.setdefault(emoji, []).append(user_id)
        return [
            {
                "emoji": {"id": None, "name": emoji},
                "count": len(users),
                "count_details": {"burst": 0, "normal": len(users)},
                "burst_colors": [],
                "me_burst": False,
                "burst_me": False,
                "burst_count": 0,
                "me": self._world.app.id in users,
            }
            for emoji, users in counted.items()
        ]

    def _component(self, component: Payload, message: Message) -> Payload:
        """Return a component with its media as URLs that were signed just now."""
        shown = dict(component)
        if "components" in shown:
            shown["components"] = [self._component(each, message) for each in shown["components"]]
        if "accessory" in shown:
            shown["accessory"] = self._component(shown["accessory"], message)
        if shown["type"] == THUMBNAIL:
            shown["media"] = self._media(shown["media"], message)
        elif shown["type"] == FILE_COMPONENT:
            shown["file"] = self._media(shown["file"], message)
        elif shown["type"] == GALLERY:
            shown["items"] = [each | {"media": self._media(each["media"], message)} for each in shown["items"]]
        return shown

    def _media(self, media: Payload, message: Message) -> Payload:
        name = str(media["url"]).removeprefix("attachment://")
        for attachment in message.attachments:
            if attachment.filename == name:
                url = self._world.urls.sign(attachment)
                width, height = attachment.measures or (0, 0)
                return {
                    "id": str(attachment.id),
                    "attachment_id": str(attachment.id),
                    "url": url,
                    "proxy_url": url,
                    "width": width,
                    "height": height,
                    "content_type": attachment.content_type,
                }
        return media

    def _referenced(self, message: Message) -> Message | None:
        if message.reference is None or message.reference.get("type") == FORWARD_REFERENCE:
            return None
        if "message_id" not in message.reference:  # the news of a thread points at a channel only
            return None
        channel = self._world.channels.get(int(message.reference["channel_id"]))
        return channel.messages.get(int(message.reference["message_id"])) if channel else None

    def _app_sees(self, channel: Channel) -> bool:
        return bool(self._world.permissions(self._world.app, channel))
