"""An orderly end: nothing new is begun, people are told so, and what was begun is not lost."""

from __future__ import annotations

import asyncio

from playground.discord import File
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo


def picture(marker: int) -> list[File]:
    return [File("a.png", encoded(photo(marker=marker), "PNG"))]


async def test_told_to_end_it_refuses_what_is_new_and_keeps_what_is_old(town: Town) -> None:
    """Presses and commands get a sentence then; what was too long, or came then, is done afterwards."""
    local = town.local
    config = town.folder / "quick.toml"
    config.write_text("[engine]\ndrain_seconds = 4\n")
    quick = {"ISTHMUS_CONFIG": str(config)}
    async with running_bot(local, town.models, town.folder, environment=quick) as bot:
        await town.commands_synced()
        described = await local.post(town.ana, town.channel, files=picture(71))
        await town.settled(described)
        card, delete = await town.card_with(described, ":delete:")
        town.models.latency = 60.0
        long = await local.post(town.ana, town.channel, files=picture(72))
        await local.wait_for(lambda: len(town.models.calls) == 2)
        ending = asyncio.ensure_future(bot.terminate())
        await bot.logs("nothing new is taken on")
        press = await local.press(town.ana, card, delete)
        command = await local.invoke(town.ana, town.channel, "describe", {"attachment": picture(73)[0]})
        for asked, place in ((press, town.channel_of(card)), (command, town.channel)):
            told = await local.wait_for(
                lambda asked=asked, place=place: place.messages.get(asked.response_id or 0), what="an answer"
            )
            assert "restarting" in told.text
        late = await local.post(town.ben, town.channel, files=picture(74))
        assert await ending == 0

    assert len(town.models.calls) == 2, "what came during the drain was not begun"
    assert "Traceback" not in bot.log.read_text()
    town.models.latency = 0.0
    async with running_bot(local, town.models, town.folder):
        [answer] = await town.settled(long)
        [caught_up] = await town.settled(late)
    assert "MARKER 72" in answer.text
    assert "MARKER 74" in caught_up.text

    config.write_text("[discord]\nidentifies_in_a_row = 2\nidentifies_an_hour = 2\n")
    async with running_bot(local, town.models, town.folder, environment=quick, wait_until_ready=False) as third:
        await third.logs("connected too often")
        assert await third.terminate() == 0
    assert local.gateway.identifies == 2, "a third connection waits, also in a new process"
