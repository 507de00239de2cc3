"""Where the bot answers when there can be no thread, and how it goes on with fewer rights."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from playground.discord import Fault, File
from playground.discord.state import VOICE, Channel, Message
from services.permissions import Permission
from tests.bots import running_bot
from tests.e2e.conftest import Town, founded
from tests.pictures import encoded, photo

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def town(quarter: Town) -> Town:
    return quarter


def picture(marker: int) -> list[File]:
    return [File("a.png", encoded(photo(marker=marker), "PNG"))]


async def test_direct_message_is_answered_by_replies(town: Town) -> None:
    """In direct messages answers are replies; questions go on with all that was sent, until /forget."""
    await town.commands_synced()
    direct = town.local.direct(town.ana)
    post = await town.local.post(town.ana, direct, files=picture(31))
    assert "MARKER 31" in (await town.replied(post)).text
    question = await town.local.post(town.ana, direct, "which MARKER was it?")
    assert "MARKER 31" in (await town.replied(question)).text
    compare = await town.local.post(
        town.ana, direct, "Compare picture 1 and picture 2: which differences?", picture(32)
    )
    compared = await town.replied(compare)
    used = await town.local.invoke(town.ana, direct, "forget")
    await town.local.wait_for(lambda: "2 files" in town.answer_to(used, direct), what="that it has forgotten")
    later = await town.local.post(town.ana, direct, "which MARKER was it?")
    told = await town.replied(later)
    assert {"MARKER 31", "MARKER 32"} <= set(re.findall(r"MARKER \d+", compared.text))
    assert len(compared.attachments) == 2
    assert "not seen anything" in told.text


async def test_voice_channel_is_answered_by_a_reply(town: Town) -> None:
    """Where Discord allows no threads, the answer is a reply."""
    lounge = town.local.add_channel(town.guild, "lounge", type=VOICE)
    town.local.world.dispatch("CHANNEL_CREATE", lounge.payload())
    post = await town.local.post(town.ana, lounge, files=picture(32))
    assert "MARKER 32" in (await town.replied(post)).text


async def test_channel_without_thread_rights_is_answered_by_a_reply(town: Town) -> None:
    """A bot that may not open threads says it in the channel."""
    town.local.deny(town.channel, town.local.world.app, Permission.CREATE_PUBLIC_THREADS)
    post = await town.local.post(town.ana, town.channel, files=picture(33))
    assert "MARKER 33" in (await town.replied(post)).text
    assert town.local.thread_of(post) is None


async def test_places_that_change_under_a_job_get_one_outcome_or_none(tmp_path: Path) -> None:
    """Archived, muted or full: answered; locked, deleted, hidden, or without its post: left quietly."""
    async with founded(tmp_path) as town:
        local, app = town.local, town.local.world.app
        hidden, muted = local.add_channel(town.guild, "hidden"), local.add_channel(town.guild, "muted")
        places = {
            "archived": town.channel,
            "locked": town.channel,
            "deleted": town.channel,
            "erased": town.channel,
            "hidden": hidden,
            "muted": muted,
        }
        posts, threads = dict[str, Message](), dict[str, Channel]()
        async with running_bot(local, town.models, town.folder) as bot:
            town.models.latency = 5.0
            for number, (name, channel) in enumerate(places.items()):
                posts[name] = await local.post(town.ana, channel, files=picture(40 + number))
            await local.wait_for(lambda: len(town.models.calls) == len(posts), what="all are being read")
            for name, post in posts.items():
                card, _ = await town.card_with(post, ":stop:")
                threads[name] = town.channel_of(card)
            await local.change_thread(threads["archived"], archived=True)
            await local.change_thread(threads["locked"], archived=True, locked=True)
            local.remove_channel(threads["deleted"])
            await local.erase(posts["erased"])
            local.deny(hidden, app, Permission.VIEW_CHANNEL)
            local.deny(muted, app, Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS)
            town.models.latency = 0.0
            for name in ("archived", "muted"):
                [answer] = await town.settled(posts[name])
                assert "MARKER" in answer.text
            await local.wait_for(lambda: not local.messages(threads["erased"]), what="nothing is left")
            await bot.logs(": place-", times=3)

            local.faults.add(Fault("POST", r"/threads$", "status", status=400, code=160006))
            full = await local.post(town.ana, town.channel, files=picture(47))
            assert "MARKER 47" in (await town.replied(full)).text
            local.faults.add(Fault("POST", r"/threads$", "delay", seconds=1.0))
            gone = await local.post(town.ana, town.channel, files=picture(48))
            await local.erase(gone)
            await bot.logs("message-gone")

        assert bot.log.read_text().count(": place-") == 3, "none of them is tried again"
        assert "Traceback" not in bot.log.read_text()
        assert len([each for each in local.messages(town.channel) if each.author.bot]) == 1


async def test_mute_channel_costs_nothing(town: Town) -> None:
    """Where the bot may not write at all it does not call a model, and it asks Discord for nothing."""
    mute = town.local.add_channel(town.guild, "mute")
    denied = Permission.SEND_MESSAGES | Permission.CREATE_PUBLIC_THREADS
    town.local.deny(mute, town.local.world.app, denied)
    before = len(town.local.requests)
    await town.local.post(town.ana, mute, files=picture(34))
    post = await town.local.post(town.ana, town.channel, files=picture(35))
    await town.settled(post)
    assert len(town.models.calls) == 1
    assert not [call for call in town.local.requests[before:] if call.status == 403]


async def test_mention_in_a_reply_reads_the_other_message(tmp_path: Path) -> None:
    """Mentioning the bot in a reply to somebody's picture asks about that picture."""
    async with founded(tmp_path) as town:
        async with running_bot(
            town.local, town.models, town.folder, environment={"ISTHMUS_CONFIG": str(mention_only(town))}
        ):
            post = await town.local.post(town.ana, town.channel, files=picture(36))
            ask = await town.local.post(
                town.ben, town.channel, f"<@{town.local.world.app.id}> which marker?", reply_to=post
            )
            [answer] = await town.settled(ask)
        assert "MARKER 36" in answer.text
        assert town.local.thread_of(post) is None


async def test_without_the_content_intent_mentions_still_work(tmp_path: Path) -> None:
    """Refused the intent (4014), the bot connects again without it, says so, and answers mentions."""
    async with founded(tmp_path) as town:
        town.local.gateway.forbid_content_intent = True
        async with running_bot(town.local, town.models, town.folder) as bot:
            mention = f"<@{town.local.world.app.id}> what is this?"
            post = await town.local.post(town.ana, town.channel, mention, picture(37))
            [answer] = await town.settled(post)
            assert await bot.terminate() == 0
        assert "MARKER 37" in answer.text
        assert "message content intent" in bot.log.read_text()
        assert town.local.gateway.identifies == 2


async def test_used_up_budget_says_when_it_goes_on(tmp_path: Path) -> None:
    """The request after the last one of the day gets a sentence with a time, and costs nothing."""
    async with founded(tmp_path) as town:
        config = town.folder / "tight.toml"
        config.write_text("[budgets]\nperson_requests = 1\n")
        async with running_bot(
            town.local, town.models, town.folder, environment={"ISTHMUS_CONFIG": str(config)}
        ):
            first = await town.local.post(town.ana, town.channel, files=picture(38))
            await town.settled(first)
            second = await town.local.post(town.ana, town.channel, files=picture(39))
            told = await town.replied(second)
        assert "<t:" in told.text
        assert len(town.models.calls) == 1


def mention_only(town: Town) -> object:
    config = town.folder / "mention.toml"
    config.write_text('[listening]\ndefault = "mention"\n')
    return config
