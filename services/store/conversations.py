"""Conversations: the media items of a thread, their readings, and what was said."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.codec import from_json, to_json
from services.domain import Correction, EarlierReading, MediaItem, Reading, Turn
from services.store.database import Database
from services.store.erased_files import note_erased
from services.store.tables import (
    conversations,
    corrections,
    jobs,
    media_items,
    readings,
    thread_summaries,
    turns,
)
from services.store.upserts import insert_new, upsert, upsert_all

NEWEST_JOBS = 200
"""Without a thread, a reply chain further back than so many jobs is not found."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a follow-up is answered from."""

    items: tuple[tuple[MediaItem, Reading], ...]
    """In the order in which they were posted."""
    turns: tuple[Turn, ...]
    """In the order in which they were said."""
    corrections: tuple[tuple[int, Correction], ...] = ()
    """With the attachment's id of the item that each is about, in the order in which they were made."""
    summary: str = ""
    """What the oldest turns came down to."""
    summed_up_to: int = 0
    """Id of the last message in that summary."""

    def corrections_of(self, item: MediaItem) -> tuple[Correction, ...]:
        """Return what people set right in an item's reading."""
        return tuple(each for about, each in self.corrections if about == item.source.attachment_id)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased of a conversation."""

    items: int
    turns: int
    corrections: int
    hashes: tuple[str, ...]
    """SHA-256 of the files that no other conversation holds."""


class ConversationRepository:
    """Reads and writes conversations. Every write may be repeated."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_readings(
        self,
        conversation_id: int,
        *,
        guild_id: int | None,
        channel_id: int,
        answer_message_id: int | None = None,
        author_id: int | None = None,
        items: Sequence[tuple[MediaItem, Reading]],
    ) -> None:
        """Begin a conversation or go on with it: keep items, their readings, and where those stand.

        Args:
            author_id: Who posted the items that do not know it.
        """
        async with self._database.write(brief=True) as connection:
            await self._begin(connection, conversation_id, guild_id, channel_id)
            keys = [
                {"attachment_id": item.source.attachment_id, "conversation_id": conversation_id}
                for item, _ in items
            ]
            kept = [
                {
                    "message_id": getattr(item.source, "message_id", None),
                    "position": position,
                    "item": to_json(MediaItem, item),
                    "sha256": item.sha256,
                    "author_id": item.author_id or author_id,
                }
                for position, (item, _) in enumerate(items)
            ]
            read = [
                {
                    "reading": to_json(Reading, reading),
                    "created": time.time(),
                    "answer_message_id": answer_message_id,
                }
                for _, reading in items
            ]
            await upsert_all(connection, media_items, [key | row for key, row in zip(keys, kept, strict=True)])
            rows = [key | row for key, row in zip(keys, read, strict=True)]
            # By when it was read an item is numbered, and a number stays.
            await upsert_all(connection, readings, rows, once=("created",))

    async def add_turns(self, conversation_id: int, said: Sequence[Turn]) -> None:
        """Keep what was said."""
        rows = [
            {
                "message_id": turn.message_id,
                "conversation_id": conversation_id,
                "author": turn.author,
                "author_id": turn.author_id,
                "text": turn.text,
            }
            for turn in said
        ]
        if rows:
            async with self._database.write(brief=True) as connection:
                await upsert_all(connection, turns, rows)

    async def leave_out(self, conversation_id: int, attachment_ids: Collection[int]) -> None:
        """Delete items that were removed from their post, with what was read of them and set right."""
        async with self._database.write() as connection:
            for table in (readings, corrections, media_items):
                here = table.c.conversation_id == conversation_id
                gone = table.delete().where(here, table.c.attachment_id.in_(attachment_ids))
                await connection.execute(gone)

    async def reword_turn(self, message_id: int, text: str) -> None:
        """Change what a person said, and drop the summary that holds it as it was."""
        said = sa.and_(turns.c.message_id == message_id, turns.c.author == "person")
        summed_up = sa.and_(
            thread_summaries.c.conversation_id.in_(sa.select(turns.c.conversation_id).where(said)),
            thread_summaries.c.until_message_id >= message_id,
        )
        async with self._database.write() as connection:
            await connection.execute(turns.update().where(said).values(text=text))
            await connection.execute(thread_summaries.delete().where(summed_up))

    async def load(self, conversation_id: int) -> Conversation:
        """Return everything that a conversation holds."""
        pairs = (
            sa.select(media_items.c.item, readings.c.reading)
            .join(
                readings,
                sa.and_(
                    readings.c.attachment_id == media_items.c.attachment_id,
                    readings.c.conversation_id == media_items.c.conversation_id,
                ),
            )
            .where(media_items.c.conversation_id == conversation_id)
            .order_by(readings.c.created, media_items.c.position)
        )
        said = (
            turns.select()
            .where(turns.c.conversation_id == conversation_id)
            .order_by(turns.c.message_id)  # Ids of messages grow with time.
        )
        async with self._database.read() as connection:
            items = tuple(
                (from_json(MediaItem, item), from_json(Reading, reading))
                for item, reading in await connection.execute(pairs)
            )
            spoken = tuple(
                Turn(row["message_id"], row["author"], row["author_id"], row["text"])
                for row in (await connection.execute(said)).mappings()
            )
            set_right = tuple(
                (about, from_json(Correction, correction))
                for about, correction in await connection.execute(
                    sa.select(corrections.c.attachment_id, corrections.c.correction)
                    .where(corrections.c.conversation_id == conversation_id)
                    .order_by(corrections.c.created)
                )
            )
            summed_up = (
                await connection.execute(
                    sa.select(thread_summaries.c.text, thread_summaries.c.until_message_id).where(
                        thread_summaries.c.conversation_id == conversation_id
                    )
                )
            ).first()
        summary, until = summed_up or ("", 0)
        return Conversation(items, spoken, set_right, summary, until)

    async def correct(
        self, conversation_id: int, attachment_id: int, correction: Correction, *, made_by: str
    ) -> None:
        """Keep what a person set right.

        Args:
            made_by: What it came with; the same again changes the correction instead of adding one.
        """
        async with self._database.write() as connection:
            await upsert(
                connection,
                corrections,
                {
                    "conversation_id": conversation_id,
                    "attachment_id": attachment_id,
                    "made_by": made_by,
                    "correction": to_json(Correction, correction),
                    "created": time.time(),
                },
            )

    async def keep_summary(self, conversation_id: int, text: str, until_message_id: int) -> None:
        """Keep what the oldest turns came down to."""
        row = {"conversation_id": conversation_id, "text": text, "until_message_id": until_message_id}
        async with self._database.write() as connection:
            await upsert(connection, thread_summaries, row)

    async def forget(self, conversation_id: int) -> Forgotten:
        """Erase all that a conversation holds."""
        here = media_items.c.conversation_id == conversation_id
        elsewhere = sa.select(media_items.c.sha256).where(
            media_items.c.conversation_id != conversation_id, media_items.c.sha256.is_not(None)
        )
        async with self._database.write() as connection:
            hashes = await connection.scalars(
                sa.select(media_items.c.sha256)
                .distinct()
                .where(here, media_items.c.sha256.is_not(None), media_items.c.sha256.not_in(elsewhere))
            )
            alone = tuple(hashes)
            counts = [
                (
                    await connection.execute(table.delete().where(table.c.conversation_id == conversation_id))
                ).rowcount
                for table in (media_items, turns, corrections, readings, thread_summaries)
            ]
            await connection.execute(conversations.delete().where(conversations.c.id == conversation_id))
            await note_erased(connection, alone)
        return Forgotten(counts[0], counts[1], counts[2], alone)

    async def of_channel(self, channel_id: int) -> list[int]:
        """Return the conversations that take place in a thread or channel."""
        here = sa.or_(conversations.c.channel_id == channel_id, conversations.c.id == channel_id)
        async with self._database.read() as connection:
            return list(await connection.scalars(sa.select(conversations.c.id).where(here)))

    async def earlier_reading(self, guild_id: int, sha256: str) -> EarlierReading | None:
        """Return the oldest reading of a file in a server, with the message in which it stands."""
        wanted = (
            sa.select(conversations.c.channel_id, readings.c.answer_message_id, readings.c.reading)
            .join(media_items, media_items.c.conversation_id == conversations.c.id)
            .join(
                readings,
                sa.and_(
                    readings.c.attachment_id == media_items.c.attachment_id,
                    readings.c.conversation_id == media_items.c.conversation_id,
                ),
            )
            .where(
                conversations.c.guild_id == guild_id,
                media_items.c.sha256 == sha256,
                readings.c.answer_message_id.is_not(None),
            )
            .order_by(readings.c.created)
            .limit(1)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).first()
        if row is None:
            return None
        channel_id, message_id, reading = row
        return EarlierReading(guild_id, channel_id, message_id, from_json(Reading, reading))

    async def find(self, *, channel_id: int, is_direct: bool, replied_message_id: int | None) -> int | None:
        """Return the conversation that a message goes on with, also while its first reading is made.

        That is the one of its thread; else the one in which the message stands that it replies to;
        else, in direct messages, the newest.
        """
        own = sa.select(conversations.c.id).where(conversations.c.id == channel_id)
        said = sa.select(turns.c.conversation_id).where(turns.c.message_id == replied_message_id)
        begun = (
            jobs.select()
            .where(jobs.c.place_id == channel_id)
            .order_by(jobs.c.created.desc())
            .limit(NEWEST_JOBS)
        )
        async with self._database.read() as connection:
            if (found := await connection.scalar(own)) is not None:
                return found
            if (found := await connection.scalar(said)) is not None:
                return found
            rows = (await connection.execute(begun)).mappings().all()
        for row in rows:
            gone_on_with = row["request"].get("conversation_id")
            messages = {*row["message_ids"], row["progress_message_id"], row["source_message_id"]}
            if row["is_thread"] or row["reply_to"] is None:
                return gone_on_with or channel_id
            if replied_message_id in messages:
                return gone_on_with or row["reply_to"]
        if not is_direct or not rows:
            return None
        return rows[0]["request"].get("conversation_id") or rows[0]["reply_to"]

    async def has_message(self, message_id: int) -> bool:
        """Tell whether something of a message is kept."""
        item = sa.exists().where(media_items.c.message_id == message_id)
        turn = sa.exists().where(turns.c.message_id == message_id)
        async with self._database.read() as connection:
            return bool(await connection.scalar(sa.select(sa.or_(item, turn))))

    async def forget_message(self, message_id: int) -> list[str]:
        """Delete the items, readings and turns that came from a message.

        Returns:
            SHA-256 of its files that stand in no other message.
        """
        elsewhere = sa.select(media_items.c.sha256).where(
            media_items.c.message_id.is_distinct_from(message_id), media_items.c.sha256.is_not(None)
        )
        alone = (
            sa.select(media_items.c.sha256)
            .distinct()
            .where(
                media_items.c.message_id == message_id,
                media_items.c.sha256.is_not(None),
                media_items.c.sha256.not_in(elsewhere),
            )
        )
        keys = sa.select(media_items.c.attachment_id).where(media_items.c.message_id == message_id)
        said_in = sa.select(turns.c.conversation_id).where(turns.c.message_id == message_id)
        shown_in = sa.select(media_items.c.conversation_id).where(media_items.c.message_id == message_id)
        summed_up = thread_summaries.c.conversation_id
        async with self._database.write() as connection:
            hashes = list(await connection.scalars(alone))
            await note_erased(connection, hashes)
            # They are made anew of what is left: summed-up turns are kept.
            await connection.execute(
                thread_summaries.delete().where(sa.or_(summed_up.in_(said_in), summed_up.in_(shown_in)))
            )
            await connection.execute(readings.delete().where(readings.c.attachment_id.in_(keys)))
            await connection.execute(corrections.delete().where(corrections.c.attachment_id.in_(keys)))
            await connection.execute(media_items.delete().where(media_items.c.message_id == message_id))
            await connection.execute(turns.delete().where(turns.c.message_id == message_id))
        return hashes

    async def _begin(
        self,
        connection: AsyncConnection,
        conversation_id: int,
        guild_id: int | None,
        channel_id: int,
    ) -> None:
        await insert_new(
            connection,
            conversations,
            {
                "id": conversation_id,
                "guild_id": guild_id,
                "channel_id": channel_id,
                "created": time.time(),
            },
        )
