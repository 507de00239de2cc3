"""More comes in than can be done at once: nobody is forgotten, and nobody stands in another's way."""

from __future__ import annotations

import asyncio

from playground.discord import File
from playground.discord.state import Message
from playground.models import ModelFault
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo

LINE = 5
CONFIG = f"""
[engine]
concurrency = 4
server_concurrency = 1

[queue]
person_jobs = {LINE}
"""


def picture(marker: int) -> File:
    return File("a.png", encoded(photo(marker=marker), "PNG"))


async def test_a_flood_waits_in_line_is_limited_and_lets_others_through(town: Town) -> None:
    """Who is over the limit is told when to ask again; cards in line say when their turn comes.

    Another server's picture is answered while the flood still waits; at the end everything is.
    """
    (town.folder / "config.toml").write_text(CONFIG)
    given = {"ISTHMUS_CONFIG": str(town.folder / "config.toml")}
    elsewhere = town.local.add_guild("Quiet")
    town.local.join(elsewhere, town.ben)
    quiet = town.local.add_channel(elsewhere, "photos")
    town.models.latency = 1.0
    async with running_bot(town.local, town.models, town.folder, environment=given):
        flood = [
            await town.local.post(town.ana, town.channel, files=[picture(marker)]) for marker in range(LINE + 2)
        ]
        other = await town.local.post(town.ben, quiet, files=[picture(50)])
        last = flood[LINE - 1]
        waits = asyncio.ensure_future(town.local.wait_for(lambda: stands_in_line(town, last)))
        [answer] = await town.settled(other)
        assert "MARKER 50" in answer.text
        assert not is_settled(town, last)
        await waits
        for refused in flood[LINE:]:
            sentence = await town.replied(refused)
            assert f"{LINE} requests of yours are not answered yet" in sentence.text
            assert "<t:" in sentence.text
            assert town.local.thread_of(refused) is None
        for marker, post in enumerate(flood[:LINE]):
            [answer] = await town.settled(post)
            assert f"MARKER {marker}" in answer.text
        again = await town.local.post(town.ana, town.channel, files=[picture(60)])
        await town.settled(again)
    assert len(town.models.calls) == LINE + 2
    limited = [each.path for each in town.local.requests if each.status == 429]
    assert all(path.endswith("/typing") for path in limited), "whose limit is learned from its first answer"


def stands_in_line(town: Town, post: Message) -> bool:
    thread = town.local.thread_of(post)
    return thread is not None and any("Waiting in line" in each.text for each in town.local.messages(thread))


def is_settled(town: Town, post: Message) -> bool:
    thread = town.local.thread_of(post)
    cards = town.local.messages(thread) if thread else []
    return bool(cards) and not any(":stop:" in each for card in cards for each in card.custom_ids())


async def test_a_model_server_that_is_away_is_not_asked_by_everyone(town: Town) -> None:
    """After some failures in a row the others wait for one probe, and are answered when it is back."""
    fault = town.models.fail(ModelFault(r"/responses$", "status", status=503, times=10_000))
    async with running_bot(town.local, town.models, town.folder):
        posts = [await town.local.post(town.ana, town.channel, files=[picture(marker)]) for marker in range(5)]
        for post in posts:
            [card] = await town.settled(post)
            assert "overloaded" in card.text
        asked = len(town.models.calls)
        late = await town.local.post(town.ana, town.channel, files=[picture(9)])
        await town.local.wait_for(lambda: town.local.thread_of(late))
        fault.times = 0
        [answer] = await town.settled(late)
        assert "MARKER 9" in answer.text
    assert len(town.models.calls) == asked + 1
