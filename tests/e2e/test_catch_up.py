"""What was posted while the bot was away is answered afterwards, once, within limits."""

from __future__ import annotations

from playground.discord import File
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo


def picture(marker: int) -> list[File]:
    return [File("a.png", encoded(photo(marker=marker), "PNG"))]


async def test_missed_posts_are_answered_once_and_marked(town: Town) -> None:
    """After a kill: what was posted meanwhile is read, in old and new channels, threads and direct messages."""
    local, me = town.local, f"<@{town.local.world.app.id}>"
    quiet = local.add_channel(town.guild, "quiet")
    off = local.add_channel(town.guild, "off")
    config = town.folder / "channels.toml"
    config.write_text(f'[listening]\nchannels = {{ "{off.id}" = "off" }}\n[catch_up]\nchannel_messages = 4\n')
    settings = {"ISTHMUS_CONFIG": str(config)}
    ancient = await local.post(town.ana, quiet, files=picture(80))
    async with running_bot(local, town.models, town.folder, environment=settings) as bot:
        seen = await local.post(town.ana, town.channel, files=picture(81))
        await town.settled(seen)
        thread = local.thread_of(seen)
        assert thread is not None
        direct = local.direct(town.ana)
        greeted = await local.post(town.ana, direct, files=picture(82))
        await town.replied(greeted)
        assert await bot.terminate() == 0

    calls = len(town.models.calls)
    too_many = await local.post(town.ben, town.channel, files=picture(83))
    ambient = await local.post(town.ana, town.channel, files=picture(84))
    deleted = await local.post(town.ana, town.channel, f"{me} what is this?", picture(85))
    await local.erase(deleted)
    asked = await local.post(town.ben, town.channel, f"{me} which marker?", picture(86))
    for _ in range(2):
        await local.post(town.ben, town.channel, "just talk")
    in_quiet = await local.post(town.ana, quiet, files=picture(87))
    await local.post(town.ana, off, f"{me} hello?", picture(88))
    follow_up = await local.post(town.ben, thread, "which MARKER was it?")
    in_direct = await local.post(town.ana, direct, files=picture(89))

    async with running_bot(local, town.models, town.folder, environment=settings):
        for post, marker in ((ambient, 84), (asked, 86), (in_quiet, 87)):
            [answer] = await town.settled(post)
            assert f"MARKER {marker}" in answer.text
            assert "while I was away" in answer.text
        await local.wait_for(
            lambda: [each for each in local.messages(thread) if "while I was away" in each.text],
            what="an answer to the follow-up",
        )
        assert "MARKER 89" in (await town.replied(in_direct)).text
    [first, question, answer] = local.messages(thread)
    assert "while I was away" not in first.text
    assert question.id == follow_up.id
    assert "MARKER 81" in answer.text
    assert len(town.models.calls) == calls + 5
    assert not any(local.thread_of(each) for each in (ancient, too_many, deleted))
    assert not [each for each in local.messages(off) if each.author.bot]

    late = await local.post(town.ana, town.channel, files=picture(90))
    local.begin_outage(town.guild)
    async with running_bot(local, town.models, town.folder, environment=settings):
        local.end_outage(town.guild)
        [answer] = await town.settled(late)
        assert "MARKER 90" in answer.text
    assert len(town.models.calls) == calls + 6, "what was caught up is not done again"
