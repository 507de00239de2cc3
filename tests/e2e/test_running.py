"""The bot as a program: connections that break, second instances, orderly ends, and what its log holds."""

from __future__ import annotations

import re

from playground.discord import Fault, File
from playground.discord.state import Message
from services.permissions import Permission
from tests.bots import BotProcess, running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded, photo

WORDS = "pelargonium"
NOWHERE = {"DISCORD_API_URL": "http://127.0.0.1:1/api/v10", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}


def picture(marker: int) -> list[File]:
    return [File("a.png", encoded(photo(marker=marker), "PNG"))]


async def test_broken_connections_lose_and_repeat_nothing(town: Town) -> None:
    """On two shards: after a RESUME, op 7 and op 9 of both kinds each post has one answer, also of the gap."""
    local, gateway = town.local, town.local.gateway
    other = local.add_guild("Lighthouse")
    while (other.id >> 22) % 2 == (town.guild.id >> 22) % 2:
        other = local.add_guild("Lighthouse")
    local.join(other, town.ana)
    channels = [town.channel, local.add_channel(other, "lamps")]
    config = town.folder / "shards.toml"
    config.write_text("[discord]\nshard_count = 2\n")
    posts = list[Message]()

    async def post_everywhere() -> None:
        for channel in channels:
            posts.append(await local.post(town.ana, channel, files=picture(600 + len(posts))))

    async with running_bot(local, town.models, town.folder, environment={"ISTHMUS_CONFIG": str(config)}):
        await post_everywhere()
        for disrupt in (
            lambda: local.drop_gateway(None),
            gateway.ask_to_reconnect,
            lambda: gateway.invalidate(resumable=True),
            gateway.invalidate,
        ):
            for each in posts:
                await town.settled(each)
            disrupt()
            await post_everywhere()
        for number, each in enumerate(posts):
            [answer] = await town.settled(each)
            assert f"MARKER {600 + number}" in answer.text

    assert gateway.identifies == 4, "only the sessions that were ended are replaced"
    assert len(town.models.calls) == len(posts) == 10


async def test_outage_of_a_server_ends_nothing(town: Town) -> None:
    """A server is answered again after an outage; one that has thrown the bot out is not."""
    other = town.local.add_guild("Lighthouse")
    town.local.join(other, town.ana)
    lamps = town.local.add_channel(other, "lamps")
    async with running_bot(town.local, town.models, town.folder):
        town.local.begin_outage(town.guild)
        town.local.kick_bot(other)
        await town.local.post(town.ana, lamps, files=picture(63))
        town.local.end_outage(town.guild)
        post = await town.local.post(town.ana, town.channel, files=picture(64))
        [answer] = await town.settled(post)

    assert "MARKER 64" in answer.text
    assert len(town.models.calls) == 1


async def test_twenty_posts_at_once_have_one_outcome_each(town: Town) -> None:
    """A burst is worked off: one thread, one message, one model call a post."""
    async with running_bot(town.local, town.models, town.folder):
        posts = [
            await town.local.post(town.ana if n % 2 else town.ben, town.channel, files=picture(100 + n))
            for n in range(20)
        ]
        for number, post in enumerate(posts):
            [answer] = await town.settled(post)
            assert f"MARKER {100 + number}" in answer.text

    assert len(town.models.calls) == 20
    own = [each for each in town.local.messages(town.channel) if each.author.bot]
    assert not own, "nothing was said outside the threads"


async def test_place_that_the_workflow_opens_is_no_failure(town: Town) -> None:
    """Refused a thread for longer than the gateway tries, the person gets the answer and nothing else."""
    town.local.faults.add(Fault("POST", r"/threads$", "status", status=503, times=6))
    async with running_bot(town.local, town.models, town.folder):
        post = await town.local.post(town.ana, town.channel, files=picture(60))
        [answer] = await town.settled(post)
    assert "MARKER 60" in answer.text
    assert [each.id for each in town.local.messages(town.channel)] == [post.id]


async def test_second_instance_waits_and_gives_up(town: Town) -> None:
    """On a data folder in use a second bot ends with 75 after its patience; the first one goes on."""
    (town.folder / "second").mkdir()
    shared = {"ISTHMUS_DATA_DIR": str(town.folder / "data")}
    async with (
        running_bot(town.local, town.models, town.folder),
        running_bot(
            town.local, town.models, town.folder / "second", environment=shared, wait_until_ready=False
        ) as second,
    ):
        assert await second.ended() == 75
        assert "Another Isthmus is running" in second.log.read_text()
        post = await town.local.post(town.ana, town.channel, files=picture(65))
        await town.settled(post)


async def test_told_to_end_it_finishes_what_it_began(town: Town) -> None:
    """SIGTERM in the middle of a job: the answer still comes, and the exit status is 0."""
    town.models.latency = 1.0
    async with running_bot(town.local, town.models, town.folder, fresh=True) as bot:
        post = await town.local.post(town.ana, town.channel, files=picture(66))
        await town.local.wait_for(lambda: town.models.calls)
        assert await bot.terminate() == 0
    [answer] = await town.settled(post)
    assert "MARKER 66" in answer.text


async def test_log_holds_no_content_and_no_secret(town: Town) -> None:
    """At its most talkative the log has neither what people wrote, nor what was read, nor anything signed."""
    talkative = {"ISTHMUS_LOG": "DEBUG", "ISTHMUS_SECRET_KEY": "the-key-of-the-store"}
    async with running_bot(town.local, town.models, town.folder, environment=talkative) as bot:
        await town.commands_synced()
        post = await town.local.post(town.ana, town.channel, f"is this a {WORDS}?", picture(1067))
        await town.settled(post)
        thread = town.local.thread_of(post)
        assert thread is not None
        follow_up = await town.local.post(town.ben, thread, f"a red {WORDS}?")
        await town.replied(follow_up)
        interaction = await town.local.invoke(
            town.ana, town.channel, "describe", {"attachment": picture(1068)[0], "question": f"no {WORDS}?"}
        )
        response = await town.local.wait_for(
            lambda: interaction.response_id and town.channel.messages.get(interaction.response_id)
        )
        await town.settled(response)
        await town.local.post(town.ana, town.channel, WORDS, [File(f"{WORDS}.png", b"no picture")])
        await _logged(town, bot, "reference")
        await bot.terminate()
    said = bot.log.read_text()
    assert "reference" in said
    secrets = [town.local.token, town.models.key, interaction.token, "the-key-of-the-store"]
    found = [each for each in (*secrets, WORDS, "MARKER", "hm=") if each in said]
    assert not found
    assert not re.search(r"Traceback", said)


async def test_file_that_may_not_be_posted_is_described_all_the_same(town: Town) -> None:
    """Without the right to attach files the bot reads a command's file where it is."""
    town.local.deny(town.channel, town.local.world.app, Permission.ATTACH_FILES)
    async with running_bot(town.local, town.models, town.folder):
        await town.commands_synced()
        interaction = await town.local.invoke(
            town.ana, town.channel, "describe", {"attachment": picture(69)[0]}
        )
        response = await town.local.wait_for(
            lambda: interaction.response_id and town.channel.messages.get(interaction.response_id)
        )
        messages = await town.settled(response)
    assert "MARKER 69" in messages[-1].text


async def test_doctor_names_every_problem(town: Town) -> None:
    """`check` goes on after a problem, names each, and ends with a status that is not 0."""
    broken = {
        "DISCORD_TOKEN": "not.the.token",
        "ISTHMUS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    }
    async with running_bot(
        town.local, town.models, town.folder, command="check", environment=broken, wait_until_ready=False
    ) as doctor:
        assert await doctor.ended() == 78
        said = await doctor.output()
    assert "PROBLEM Discord" in said
    assert "PROBLEM Database" in said
    assert "ok      Models" in said
    assert "Traceback" not in doctor.log.read_text()


async def test_doctor_says_what_cannot_be_reached(town: Town) -> None:
    """Without a way to Discord and to the models the doctor says so, instead of a traceback."""
    async with running_bot(
        town.local,
        town.models,
        town.folder,
        command="check",
        environment=NOWHERE,
        wait_until_ready=False,
    ) as doctor:
        assert await doctor.ended() == 78
        said = await doctor.output()
    assert "PROBLEM Discord: cannot be reached" in said
    assert "PROBLEM models.vision: http://127.0.0.1:1/v1/ cannot be reached" in said
    assert "Traceback" not in doctor.log.read_text()


async def test_start_without_a_network_is_one_sentence(town: Town) -> None:
    """The bot ends with 75, so that whoever watches over it starts it again."""
    async with running_bot(
        town.local, town.models, town.folder, environment=NOWHERE, wait_until_ready=False
    ) as bot:
        assert await bot.ended() == 75
    assert "Discord cannot be reached" in bot.log.read_text()
    assert "Traceback" not in bot.log.read_text()


async def _logged(town: Town, bot: BotProcess, part: str) -> None:
    """Wait for a line in the log; every answer that comes with one changes the local Discord."""
    await town.local.wait_for(lambda: part in bot.log.read_text(), what=f"{part} in the log")
