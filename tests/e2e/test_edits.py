"""What people change in their posts counts as long as it can; what Discord adds to them does not."""

from __future__ import annotations

from playground.discord import File
from tests.bots import LIMIT_SECONDS, running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo

QUESTION = "which MARKER is it?"


def picture(marker: int) -> File:
    return File(f"{marker}.png", encoded(photo(marker=marker), "PNG"))


async def test_edits_of_a_post_that_is_being_read_count(town: Town) -> None:
    """A question that is added is answered, a file that is removed is left out; without files it ends."""
    local = town.local
    async with running_bot(local, town.models, town.folder):
        town.models.latency = 3.0
        asked = await local.post(town.ana, town.channel, "look", [picture(91)])
        thinned = await local.post(town.ana, town.channel, "", [picture(92), picture(93)])
        emptied = await local.post(town.ana, town.channel, "", [picture(94)])
        await local.wait_for(lambda: len(town.models.calls) == 4, what="all are being read")
        for post in (asked, thinned, emptied):
            await town.card_with(post, ":stop:")
        await local.edit(asked, QUESTION)
        await local.show_preview(asked, "https://example.org/")
        await local.edit(thinned, "", without=["93.png"])
        await local.edit(emptied, "", without=["94.png"])
        town.models.latency = 0.0
        [answer] = await town.settled(asked)
        [rest] = await town.settled(thinned)
        thread = local.thread_of(emptied)
        assert thread is not None
        await local.wait_for(lambda: not local.messages(thread), what="nothing is left")

    assert QUESTION in str([call.body for call in town.models.calls])
    assert "MARKER 91" in answer.text
    assert "MARKER 92" in rest.text
    assert "MARKER 93" not in rest.text
    assert len(town.models.calls) == 5


async def test_mention_that_is_added_is_answered_once(town: Town) -> None:
    """An edit that turns to the bot is as good as a new message; one that asks anew is answered once more."""
    local, me = town.local, f"<@{town.local.world.app.id}>"
    async with running_bot(local, town.models, town.folder):
        post = await local.post(town.ana, town.channel, "", [picture(95)])
        await town.settled(post)
        remark = await local.post(town.ben, town.channel, "nice one", reply_to=post)
        await local.edit(remark, "very nice")
        await local.edit(remark, f"{me} {QUESTION}")
        [answer] = await town.settled(remark)
        assert "MARKER 95" in answer.text
        await local.edit(post, f"{me} {QUESTION}")
        thread = local.thread_of(post)
        assert thread is not None
        await local.wait_for(
            lambda: (
                len(own := [each for each in local.messages(thread) if each.author.bot]) == 2
                and "MARKER 95" in own[1].text
            ),
            what="an answer below the description",
        )
        again = await local.post(town.ana, town.channel, "", [picture(97)])
        await town.settled(again)
        calls = len(town.models.calls)
        town.models.latency = 60.0
        await local.edit(again, f"{me} is it old?")
        await town.models.wait_for(lambda: len(town.models.calls) == calls + 1, timeout=LIMIT_SECONDS)
        await local.edit(again, f"{me} {QUESTION}")
        await town.models.wait_for(lambda: len(town.models.calls) == calls + 2, timeout=LIMIT_SECONDS)
        town.models.latency = 0.0
        other = local.thread_of(again)
        assert other is not None
        await local.wait_for(
            lambda: [each for each in local.messages(other)[1:] if "MARKER 97" in each.text],
            what="an answer to the second words",
        )
        assert QUESTION in str(town.models.calls[-1].body)
        calls = len(town.models.calls)
        for end in ("!", "!!"):
            await local.edit(remark, f"{me} {QUESTION}{end}")
            await local.show_preview(remark, "https://example.org/")
            await local.wait_for(lambda: len(town.models.calls) == calls + 1)
        ancient = await local.post(town.ben, town.channel, "long ago", age=7200)
        await local.edit(ancient, f"{me} {QUESTION}")
        last = await local.post(town.ana, town.channel, "", [picture(96)])
        await town.settled(last)
    assert len(town.models.calls) == calls + 2
    assert local.thread_of(ancient) is None
