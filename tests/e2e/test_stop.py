"""The Stop button."""

from __future__ import annotations

from playground.discord import File
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo


async def test_stop_ends_a_job_and_strangers_cannot(town: Town) -> None:
    """Stop works for the asker alone, and nothing is posted after it but what is asked for again, once."""
    town.models.latency = 8.0
    async with running_bot(town.local, town.models, town.folder):
        post = await town.local.post(town.ana, town.channel, files=[File("a.png", encoded(photo(), "PNG"))])
        card, button = await town.card_with(post, ":stop:")
        await town.local.wait_for(lambda: town.models.calls)  # The card stands a moment before its row does.
        refused = await town.local.press(town.ben, card, button)
        told = await town.local.wait_for(
            lambda: [town.channel_of(card).messages[each].content for each in refused.followups]
        )
        assert "Only the person who asked" in told[0]
        await town.local.press(town.ana, card, button)
        await town.local.wait_for(lambda: "Stopped by" in card.text)
        thread = town.local.thread_of(post)
        assert thread is not None
        assert [m.text for m in town.local.messages(thread)] == [f"Stopped by <@{town.ana.id}>."]

        town.models.latency = 0.0
        again = next(each for each in card.custom_ids() if ":retry:" in each)
        await town.local.press(town.ana, card, again)
        await town.local.wait_for(lambda: len(town.local.messages(thread)) == 2)
        answer = town.local.messages(thread)[1]
        await town.local.wait_for(lambda: any(":text:" in each for each in answer.custom_ids()))
        calls = len(town.models.calls)
        pressed = await town.local.press(town.ana, card, again)
        told = await town.local.wait_for(
            lambda: [town.channel_of(card).messages[each].content for each in pressed.followups]
        )
        assert told[0].endswith(f"/{answer.id}")
        assert len(town.models.calls) == calls
        assert len(town.local.messages(thread)) == 2
