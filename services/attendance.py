"""Which messages were dealt with, channel by channel, so that none is missed while the bot is away.

Kept in memory and written down in batches. What is written never runs ahead of what was dealt with: a
message that is just being taken on holds its channel back, and so does a channel that has yet to be
caught up. Where it lags behind, after a kill, a few messages are looked at twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Generator, Iterable
from dataclasses import replace

from services.store.checkpoints import Checkpoint, CheckpointRepository

log = logging.getLogger(__name__)

WRITE_SECONDS = 5.0
DIRECT_SECONDS = 30 * 86_400
"""How long it is remembered who wrote direct messages: Discord gives bots no list of those."""
_DISCORD_EPOCH_SECONDS = 1_420_070_400


class Gap:
    """What had been dealt with when a shard came back."""

    def __init__(self, checkpoints: Iterable[Checkpoint]) -> None:
        known = tuple(checkpoints)
        self._of_channel: dict[int, int] = {}
        self._of_guild: dict[int | None, int] = {}
        for each in known:
            self._of_channel[each.channel_id] = each.message_id
            self._of_guild[each.guild_id] = max(each.message_id, self._of_guild.get(each.guild_id, 0))
        self._newest = max(self._of_guild.values(), default=None)
        self.direct = tuple(each for each in known if each.guild_id is None)
        """The checkpoints of direct messages."""

    def after(self, channel_id: int, guild_id: int | None) -> int | None:
        """Return the message after which a channel is to be looked through; None: nothing was ever seen.

        A channel without a checkpoint had no message while the bot was there: nothing older than the
        newest message of its server, or of all servers, can have been missed in it.
        """
        return self._of_channel.get(channel_id, self._of_guild.get(guild_id, self._newest))


class Attendance:
    """Notes what was dealt with, and knows where the bot has to go on after it was away."""

    def __init__(self, checkpoints: CheckpointRepository) -> None:
        self._repository = checkpoints
        self._newest: dict[int, Checkpoint] = {}
        self._written: dict[int, int] = {}
        self._in_hand: dict[int, Counter[int]] = {}
        self._held: dict[int, Checkpoint] = {}
        self._changed: set[int] = set()
        self._last_process: list[Checkpoint] = []
        self._away: dict[int, Gap] = {}
        self._seen_shards: set[int] = set()

    async def load(self, *, window_seconds: float) -> None:
        """Read where the last process stopped, and forget what is too old to go on with."""
        direct = oldest_id(max(window_seconds, DIRECT_SECONDS))
        await self._repository.forget_before(oldest_id(window_seconds), direct=direct)
        self._last_process = await self._repository.load()
        self._newest = {each.channel_id: each for each in self._last_process}
        self._written = {each.channel_id: each.message_id for each in self._last_process}

    def note(
        self, channel_id: int, guild_id: int | None, message_id: int, *, person_id: int | None = None
    ) -> None:
        """Note that a message has arrived.

        Args:
            person_id: Who wrote it, in direct messages; None when it was the bot.
        """
        known = self._newest.get(channel_id)
        if known is None or known.message_id < message_id:
            person_id = person_id or (known.person_id if known else None)
            self._newest[channel_id] = Checkpoint(channel_id, guild_id, message_id, person_id)
            self._changed.add(channel_id)

    @contextlib.contextmanager
    def in_hand(self, channel_id: int, message_id: int) -> Generator[None]:
        """Hold a channel's checkpoint back for as long as a message is being taken on."""
        in_hand = self._in_hand.setdefault(channel_id, Counter())
        in_hand[message_id] += 1
        try:
            yield
        finally:
            in_hand[message_id] -= 1
            if not in_hand[message_id]:
                del in_hand[message_id]
            if not in_hand:
                self._in_hand.pop(channel_id, None)

    def come_back(self, shard_id: int) -> None:
        """Note that a shard begins a new session: what happened before it may have been missed.

        Nothing is written from here on until `hold` says what is to be caught up.
        """
        first = shard_id not in self._seen_shards
        self._seen_shards.add(shard_id)
        # A shard that was not there yet missed what came since the last process ended.
        self._away[shard_id] = Gap(self._last_process if first else self._newest.values())

    def gap(self, shard_id: int) -> Gap:
        """Return what had been dealt with when a shard came back."""
        return self._away.get(shard_id) or Gap(())

    def hold(self, shard_id: int, starts: Iterable[Checkpoint]) -> None:
        """Keep the channels that a shard has to catch up where they stand, also through a kill."""
        for start in starts:
            self._held[start.channel_id] = start
            self._changed.add(start.channel_id)
        self._away.pop(shard_id, None)

    def release(self, channel_id: int) -> None:
        """Note that a channel is caught up."""
        if self._held.pop(channel_id, None) is not None:
            self._changed.add(channel_id)

    async def write(self) -> None:
        """Write down what has changed, unless it is not known yet what was missed."""
        if self._away:
            return
        changed, self._changed = self._changed, self._in_hand.keys() | self._held.keys()
        fresh = [
            each
            for each in map(self._dealt_with, changed)
            if each is not None and self._written.get(each.channel_id) != each.message_id
        ]
        if not fresh:
            return
        try:
            await self._repository.save(fresh)
        except BaseException:
            self._changed |= changed
            raise
        self._written.update((each.channel_id, each.message_id) for each in fresh)

    async def write_for_ever(self) -> None:
        """Write again and again."""
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            try:
                await self.write()
            except Exception:
                log.exception("Checkpoints could not be written; the next time will do")

    def _dealt_with(self, channel_id: int) -> Checkpoint | None:
        """Return up to where a channel was dealt with."""
        if (held := self._held.get(channel_id)) is not None:
            return held
        newest = self._newest.get(channel_id)
        in_hand = self._in_hand.get(channel_id)
        if newest is None or not in_hand:
            return newest
        return replace(newest, message_id=min(newest.message_id, min(in_hand) - 1))


def oldest_id(age_seconds: float) -> int:
    """Return the least id that a message of at most this age can have."""
    return int((time.time() - age_seconds - _DISCORD_EPOCH_SECONDS) * 1000) << 22
