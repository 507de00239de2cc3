"""Notes what has been seen, and looks through what was posted while the bot was away."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import discord
from discord.ext import commands
from services.attendance import Gap, oldest_id
from services.container import Services
from services.domain import JobRequest
from services.errors import BotError, BusyError
from services.store.checkpoints import Checkpoint
from services.tasks import Tasks

from cogs._rest import retried

log = logging.getLogger(__name__)

PAGE = 100
"""Most messages that Discord returns at once."""

Channel = discord.abc.Messageable


class Take(Protocol):
    """What a feature does with a message."""

    async def __call__(self, message: discord.Message, *, missed: bool = False) -> None: ...


@dataclass(frozen=True, slots=True)
class Missed:
    """A channel in which something was posted while the bot was away."""

    channel: Channel
    start: Checkpoint
    end: int
    """The first message that the bot was there for, or an id before it."""


class CatchUpCog(commands.Cog):
    """Hands messages that were missed to the features, as if they had just been posted.

    Jobs are keyed by their message, so what was begun before is not begun again.

    Args:
        take: The features that messages are for.
    """

    def __init__(self, bot: commands.AutoShardedBot, services: Services, *, take: Sequence[Take]) -> None:
        self._bot = bot
        self._services = services
        self._take = take
        self._limits = services.settings.catch_up
        self._tasks = Tasks()
        self._in_outage: dict[int, Gap] = {}
        self._first_heard: dict[int, dict[int, int]] = {}
        """Of each shard that is coming back: the first message of each channel since its session began."""

    async def cog_unload(self) -> None:
        """End what still runs."""
        await self._tasks.aclose()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Note that the bot was there."""
        guild_id = message.guild.id if message.guild else None
        person_id = message.author.id if guild_id is None and message.author != self._bot.user else None
        self._services.attendance.note(message.channel.id, guild_id, message.id, person_id=person_id)
        heard = self._first_heard.get(message.guild.shard_id if message.guild else 0)
        if heard is not None:
            heard.setdefault(message.channel.id, message.id)

    @commands.Cog.listener()
    async def on_shard_connect(self, shard_id: int) -> None:
        """A new session begins: what happened between the sessions was missed."""
        self._services.attendance.come_back(shard_id)
        self._first_heard[shard_id] = {}

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """All servers of a shard are known: look through what was missed in them."""
        gap = self._services.attendance.gap(shard_id)
        heard = self._first_heard.pop(shard_id, {})
        guilds = [each for each in self._bot.guilds if each.shard_id == shard_id]
        self._in_outage |= {each.id: gap for each in guilds if each.unavailable}
        direct = self._missed_directly(gap, heard) if shard_id == 0 else ()
        missed = [*(each for guild in guilds for each in self._missed_in(guild, gap, heard)), *direct]
        self._services.attendance.hold(shard_id, [each.start for each in missed])
        self._begin(missed, f"Shard {shard_id}")
        self._tasks.start(self._take_back(shard_id), name="missed-deletions")

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A server is back whose outage lasted longer than the start of its shard."""
        if (gap := self._in_outage.pop(guild.id, None)) is not None:
            missed = list(self._missed_in(guild, gap, {}))
            self._services.attendance.hold(guild.shard_id, [each.start for each in missed])
            self._begin(missed, f"Server {guild.id}")

    async def _take_back(self, shard_id: int) -> None:
        """Take back running jobs whose messages were deleted while this shard was away."""

        def concerns(request: JobRequest) -> bool:
            return ((request.origin.guild_id or 0) >> 22) % (self._bot.shard_count or 1) == shard_id

        try:
            await self._services.take_back.missed(concerns)
        except BotError as error:
            log.warning("Deletions that shard %d missed are not looked for (%s)", shard_id, error)

    def _begin(self, missed: Sequence[Missed], who: str) -> None:
        if missed:
            log.info("%s catches up on %d channels", who, len(missed))
            self._tasks.start(self._catch_up(missed), name="catch-up")

    def _missed_in(self, guild: discord.Guild, gap: Gap, heard: Mapping[int, int]) -> Iterator[Missed]:
        """Find the channels of a server with something newer than what was dealt with."""
        if guild.unavailable or not self._limits.window_seconds:
            return
        joined = guild.me.joined_at
        since = max(self._oldest(), discord.utils.time_snowflake(joined) if joined else 0)
        for channel in (*guild.text_channels, *guild.voice_channels, *guild.stage_channels, *guild.threads):
            after = gap.after(channel.id, guild.id)
            newest = channel.last_message_id or 0
            if after is None or newest <= max(after, since):
                continue
            if self._may_read(channel):
                end = heard.get(channel.id, newest + 1)
                yield Missed(channel, Checkpoint(channel.id, guild.id, max(after, since)), end)

    def _missed_directly(self, gap: Gap, heard: Mapping[int, int]) -> Iterator[Missed]:
        """Return the direct messages of those who wrote last: whether they wrote again is not known."""
        if not self._limits.window_seconds:
            return
        known = sorted(gap.direct, key=lambda each: each.message_id, reverse=True)
        for each in known[: self._limits.direct_channels]:
            channel = self._bot.get_partial_messageable(each.channel_id, type=discord.ChannelType.private)
            start = replace(each, message_id=max(each.message_id, self._oldest()))
            yield Missed(channel, start, heard.get(each.channel_id, oldest_id(0)))

    def _oldest(self) -> int:
        return oldest_id(self._limits.window_seconds)

    def _may_read(self, channel: discord.abc.GuildChannel | discord.Thread) -> bool:
        parent_id = channel.parent_id if isinstance(channel, discord.Thread) else None
        if self._services.settings.listening.mode(channel.id, parent_id) == "off":
            return False
        if isinstance(channel, discord.Thread) and channel.parent is None:
            return False
        rights = channel.permissions_for(channel.guild.me)
        connected = rights.connect or not isinstance(channel, discord.VoiceChannel | discord.StageChannel)
        return rights.view_channel and rights.read_message_history and connected

    async def _catch_up(self, missed: Sequence[Missed]) -> None:
        left = self._limits.total_messages
        left_of_guild: dict[int | None, int] = {}
        for each in missed:
            guild_id = each.start.guild_id
            here = left_of_guild.setdefault(guild_id, self._limits.server_messages)
            most = min(self._limits.channel_messages, here, left)
            try:
                messages = await retried(lambda each=each, most=most: _read(each, most)) if most else []
            except (discord.HTTPException, BusyError) as error:
                log.warning("Channel %d is not caught up (%s)", each.start.channel_id, type(error).__name__)
                messages = []
            await self._hand_on(messages, each.end)
            if self._services.is_draining:
                return  # What is held is looked through at the next start.
            self._services.attendance.release(each.start.channel_id)
            left_of_guild[guild_id] -= len(messages)
            left -= len(messages)
        log.info("Caught up")

    async def _hand_on(self, messages: Sequence[discord.Message], end: int) -> None:
        """Give the messages to the features, the oldest first, but for those that were answered already.

        Args:
            end: Messages from this one on are heard, too; whoever gets one first does it.
        """
        me = self._bot.user
        own = [each for each in messages if each.author == me]
        answered = {each.reference.message_id for each in own if each.reference is not None}
        for message in messages:
            if message.id in answered:
                continue
            for take in self._take:
                if not self._services.is_draining:
                    await take(message, missed=message.id < end)


async def _read(missed: Missed, most: int) -> list[discord.Message]:
    """Return the messages after a checkpoint, oldest first; the newest ones when there are too many."""
    after = discord.Object(missed.start.message_id)
    history = missed.channel.history
    page = [each async for each in history(limit=min(most, PAGE), after=after, oldest_first=True)]
    if len(page) < min(most, PAGE):
        return page
    newest = [each async for each in history(limit=most, after=after, oldest_first=False)]
    return newest[::-1]
