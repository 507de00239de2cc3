"""What a model may do with the media of a conversation: each use is authorised for who asks, when it asks."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from services.ai.breakers import Breakers
from services.ai.build import build_models
from services.ai.protocols import ToolCall
from services.budget import Budget
from services.catalogue import Catalogue
from services.configuration import load_settings
from services.credit_pause import CreditPause
from services.delivery import Delivery
from services.domain import Description, JobRequest, Kind, MediaItem, MessageSource, Origin, Transcript
from services.errors import MediaError
from services.media.cache import MediaCache
from services.media.crops import CropReader
from services.media.fetch import Fetcher
from services.media.reader import PictureReader
from services.media.sandbox import Sandbox
from services.media.sound_reader import SoundReader
from services.media.video_reader import VideoReader
from services.operating.metrics import Metrics
from services.store.stores import Stores
from services.workflows.media_again import MediaAgain
from services.workflows.paid import PaidCalls
from services.workflows.question_work import Brought, QuestionWork
from services.workflows.sources import MediaSources

HERE, ELSEWHERE, THREAD = 10, 20, 30
ANA, BEN = 1, 2
PICTURE = MediaItem(MessageSource(HERE, 100, 1000), "a.png", Kind.IMAGE, 9, "ab" * 32)
NOTE = MediaItem(MessageSource(HERE, 101, 1001), "b.ogg", Kind.VOICE, 9, "cd" * 32)
SECRET = MediaItem(MessageSource(ELSEWHERE, 200, 2000), "secret.png", Kind.IMAGE, 9, "ef" * 32)
REACHED = "media-decoder-died"
"""What fetching ends in here: whoever is told so was let through."""


@dataclass
class Doorkeeper:
    """Discord as far as rights go: who may read which channel, and which messages stand."""

    readers: dict[int, set[int]] = field(default_factory=lambda: {HERE: {ANA, BEN}, ELSEWHERE: {ANA}})
    standing: set[int] = field(default_factory=lambda: {100, 101, 200})
    fetched: list[int] = field(default_factory=list[int])

    async def stands(self, channel_id: int, message_id: int) -> bool:
        return channel_id in self.readers and message_id in self.standing

    async def is_deleted(self, channel_id: int, message_id: int) -> bool:
        return message_id not in self.standing

    async def may_read(self, guild_id: int, channel_id: int, message_id: int, person_id: int) -> bool:
        assert guild_id
        return message_id in self.standing and person_id in self.readers.get(channel_id, set())

    async def attachment_url(self, source: MessageSource, *, anew: bool = False) -> str:
        self.fetched.append(source.message_id)
        raise MediaError(REACHED)


@dataclass
class Bench:
    work: QuestionWork
    stores: Stores
    doorkeeper: Doorkeeper
    texts: Catalogue

    async def call(
        self,
        name: str,
        arguments: dict[str, Any],
        *,
        by_id: int = BEN,
        guild_id: int | None = 9,
        text: str = "?",
    ) -> Brought:
        origin = Origin(guild_id, THREAD, 500, thread_allowed=False, in_thread=True)
        request = JobRequest("answer-500", "answer_question", by_id, origin, text)
        if guild_id is None:
            request = replace(request, origin=replace(origin, channel_id=HERE))
        call = ToolCall("call_1", name, json.dumps(arguments))
        return await self.work.carry_out(request, THREAD, (1000, 1001), call, 1)

    async def corrections(self) -> int:
        return len((await self.stores.conversations.load(THREAD)).corrections)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncGenerator[Bench]:
    """The real work on a real store; a conversation of two items, and another one elsewhere."""
    settings = load_settings(
        {
            "ISTHMUS_DATA_DIR": str(tmp_path),
            "OPENAI_API_KEY": "sk-none",
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
            "DISCORD_TOKEN": "none",
        }
    )
    stores, doorkeeper, texts = Stores(settings), Doorkeeper(), Catalogue.load("en")
    await stores.database.migrate()
    delivery = cast("Delivery", doorkeeper)
    sandbox = Sandbox(children=1, memory_bytes=1 << 30, wall_seconds=20.0, preload=())
    cache = MediaCache(tmp_path / "cache", max_bytes=1 << 20)
    models = build_models(settings)
    video = VideoReader(sandbox=sandbox, cache=cache)

    async def tell_nobody(notice: str, *, role: str, reason: str) -> None:
        raise AssertionError("nothing is paid for here")

    for conversation_id, items in ((THREAD, (PICTURE, NOTE)), (ELSEWHERE, (SECRET,))):
        await stores.conversations.add_readings(
            conversation_id,
            guild_id=9,
            channel_id=conversation_id,
            items=[
                (each, Transcript(60.0, (), "en") if each is NOTE else Description("A", "A dog.", "", "a"))
                for each in items
            ],
        )
    async with aiohttp.ClientSession() as session:
        work = QuestionWork(
            settings=settings,
            catalogue=texts,
            media=MediaAgain(
                sources=MediaSources(
                    delivery=delivery,
                    interactions=stores.interactions,
                    fetcher=Fetcher(session, ()),
                    pictures=PictureReader(sandbox=sandbox, limits=settings.limits),
                    limits=settings.limits,
                ),
                crops=CropReader(sandbox=sandbox, cache=cache, max_pixels=1 << 24),
                video=video,
                closely=video,
                sound=SoundReader(sandbox=sandbox, cache=cache),
                delivery=delivery,
            ),
            looker=models.looker,
            vision=models.vision,
            transcription=models.transcription,
            conversations=stores.conversations,
            blobs=stores.blobs,
            prices=models.prices,
            paid=PaidCalls(
                budget=Budget(stores.database, settings.budgets),
                pause=CreditPause(tell_nobody),
                breakers=Breakers(),
                metrics=Metrics(),
            ),
            secrets=stores.secrets,
            draws=True,
        )
        yield Bench(work, stores, doorkeeper, texts)
    await models.aclose()
    await stores.database.aclose()


LOOK: dict[str, Any] = {"item": 1, "question": "What is it?", "at": None, "box": None}
LISTEN: dict[str, Any] = {"item": 2, "start": 0.0, "end": 9.0}
BY_GUILD: dict[str, tuple[set[int], set[int], str]] = {
    "a reader of the channel": ({ANA, BEN}, {100, 101}, REACHED),
    "who is no reader, or in no private thread": ({ANA}, {100, 101}, "item-not-visible"),
    "nobody any more": (set(), {100, 101}, "item-not-visible"),
    "a reader, of a deleted message": ({ANA, BEN}, set(), "media-gone"),
    "no reader, of a deleted message": ({ANA}, set(), "media-gone"),
}


async def test_media_are_for_who_may_read_where_they_were_posted(bench: Bench) -> None:
    """Looking and listening end alike: only who is let through makes anything be fetched."""
    for who, (readers, standing, code) in BY_GUILD.items():
        bench.doorkeeper.readers[HERE], bench.doorkeeper.standing = readers, standing
        bench.doorkeeper.fetched.clear()
        for brought in (await bench.call("look", LOOK), await bench.call("listen", LISTEN)):
            assert bench.texts.text(code) in brought.text, who
            assert not brought.evidence, who
        assert bench.doorkeeper.fetched == ([100, 101] if code == REACHED else []), who
    bench.doorkeeper.standing = {100, 101}
    del bench.doorkeeper.readers[HERE]
    hidden = await bench.call("look", LOOK)
    assert bench.texts.text("media-hidden") in hidden.text, "from the bot itself"


async def test_right_that_is_lost_meanwhile_counts_at_the_next_call(bench: Bench) -> None:
    """The right to look is asked for at each call, not once a question."""
    first = await bench.call("look", LOOK)
    bench.doorkeeper.readers[HERE] = {ANA}
    second = await bench.call("look", LOOK)
    assert bench.texts.text(REACHED) in first.text
    assert bench.texts.text("item-not-visible") in second.text
    assert [note.code for note in second.notes] == ["item-not-visible"]
    assert bench.doorkeeper.fetched == [100]


async def test_direct_messages_reach_only_their_own_media(bench: Bench) -> None:
    """What stands in the same direct messages is looked at; an item of a server is not from there."""
    own = await bench.call("look", LOOK, guild_id=None)
    moved = replace(PICTURE, source=MessageSource(ELSEWHERE, 200, 1000))
    await bench.stores.conversations.add_readings(
        THREAD, guild_id=None, channel_id=HERE, items=[(moved, Description("A", "A dog.", "", "a"))]
    )
    other = await bench.call("look", LOOK, guild_id=None)
    assert bench.texts.text(REACHED) in own.text
    assert bench.texts.text("item-not-visible") in other.text
    assert bench.doorkeeper.fetched == [100]


FORGED: dict[str, tuple[str, dict[str, Any]]] = {
    "number of another conversation": ("look", {**LOOK, "item": 3}),
    "attachment id of another conversation": ("look", {**LOOK, "item": 2000}),
    "attachment id of this conversation": ("look", {**LOOK, "item": 1000}),
    "zero": ("look", {**LOOK, "item": 0}),
    "negative number": ("listen", {**LISTEN, "item": -1}),
    "text for a number": ("look", {**LOOK, "item": "secret.png"}),
    "channel beside the number": ("look", {**LOOK, "channel_id": ELSEWHERE, "message_id": 200}),
    "other item to compare with": ("compare", {"items": [1, 3], "question": "Which?"}),
    "other item to correct": ("correct", {"item": 3, "text": "What is it?"}),
    "other item to draw": ("draw", {"item": 3, "instruction": "a cat"}),
    "tool that is none": ("ping", {"everyone": True}),
    "tool that is not offered": ("frames", {"item": 1, "start": 0, "end": 1, "count": 1}),
}


async def test_forged_calls_reach_nothing(bench: Bench) -> None:
    """Whatever a model was talked into naming: there is nothing but the items of this conversation."""
    for what, (name, arguments) in FORGED.items():
        brought = await bench.call(name, arguments, by_id=ANA)
        assert set(bench.doorkeeper.fetched) <= {100}, what
        assert not brought.evidence, what
        assert not brought.refine, what
        assert "secret" not in brought.text, what
        assert not await bench.corrections(), what


async def test_search_finds_only_this_conversation(bench: Bench) -> None:
    """Readings of other conversations are not searched."""
    found = await bench.call("search", {"words": "dog"})
    assert "1. a.png" in found.text
    assert "secret" not in found.text


@pytest.mark.parametrize(
    ("said", "correction", "kept"),
    [
        ("That is not a dog, it is a fox", "it is a fox", 1),
        ("What does the sign say?", "this item shows a coupon, visit evil.example", 0),
        ("Is it a dog?", "", 0),
    ],
    ids=["asker's words", "words of the media", "no words"],
)
async def test_only_the_askers_words_correct(bench: Bench, said: str, correction: str, kept: int) -> None:
    """Words that stand in media, but not in the request, change no reading."""
    brought = await bench.call("correct", {"item": 1, "text": correction}, text=said)
    assert await bench.corrections() == kept
    assert bool(brought.notes) == bool(kept)


async def test_drawing_is_only_offered(bench: Bench) -> None:
    """The tool draws nothing: the asker gets a button for the item, and decides."""
    brought = await bench.call("draw", {"item": 1, "instruction": "the dog by night"})
    assert brought.refine == "1000"
    assert brought.usd == 0.0
    assert not bench.doorkeeper.fetched
