"""Follow-ups under settings of their own, over a restart, and until they are forgotten."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from playground.discord import File
from playground.discord.state import Channel, Interaction, Message
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.e2e.looking import LOOK, read_post, see
from tests.films import film, slide
from tests.pictures import encoded, photo

CODES = ("Amber", "Bramble", "Copper", "Dahlia", "Ember", "Falcon", "Garnet", "Hazel", "Indigo", "Jasper")


async def test_frame_between_the_sampled_ones_is_seen(town: Town) -> None:
    """What the first look left out is seen when somebody asks about that moment, and shown with its time."""
    see(town)
    config = town.folder / "config.toml"
    config.write_text("[limits]\nvideo_frames = 4\n")
    slides = film([(slide("Harbour news", f"Code word {each}"), 3.0) for each in CODES], None)
    async with running_bot(town.local, town.models, town.folder, environment={"ISTHMUS_CONFIG": str(config)}):
        _, thread, messages = await read_post(town, File("news.mp4", slides))
        first = " ".join(each.text for each in messages)
        missed = next(each for each in CODES if each not in first)
        at = f"0:{3 * CODES.index(missed) + 1:02}"
        question = await town.local.post(town.ben, thread, f"Which code word does the video show at {at}?")
        answer = await town.replied(question)
    assert "Code word" in first
    assert f"Code word {missed}" in answer.text
    [shown] = answer.attachments
    assert at in (shown.alt or "")


async def test_what_people_set_right_outlives_a_restart(town: Town) -> None:
    """A correction is shown with its author and used; what a form sends stands for all that was read."""
    async with running_bot(town.local, town.models, town.folder):
        _, thread, _ = await read_post(town, File("pet.png", encoded(photo("chelsea"), "PNG")))
        remark = await town.local.post(town.ben, thread, "That is not a dog, it is a fox")
        noted = await town.replied(remark)
        post, ferry, _ = await read_post(town, File("ferry.png", encoded(photo(marker=7), "PNG")))
        opened = await open_form(town, ferry, *await town.card_with(post, ":text:"))
    assert f"corrected by <@{town.ben.id}>" in noted.text
    assert "it is a fox" in noted.text

    async with running_bot(town.local, town.models, town.folder):
        question = await town.local.post(town.ana, thread, "Which animal, dog or fox?")
        answer = await town.replied(question)
        press = await town.local.press(town.ana, answer, next(e for e in answer.custom_ids() if ":text:" in e))
        shown = await town.local.wait_for(lambda: thread.messages.get(press.response_id or 0))
        sent = await town.local.submit_modal(town.ana, opened, {"text": "A ferry called Heather."})
        said = await town.local.wait_for(lambda: ferry.messages.get(sent.response_id or 0))
        named = await town.replied(await town.local.post(town.ben, ferry, "What is the ferry called?"))
    assert "it is a fox" in answer.text
    assert "it is a fox" in shown.text
    assert f"corrected by <@{town.ben.id}>" in shown.text
    assert shown.visible_to == town.ana.id
    assert f"<@{town.ana.id}> changed the text" in said.text
    assert "A ferry called Heather." in named.text
    assert "MARKER" not in named.text


async def open_form(town: Town, thread: Channel, card: Message, button: str) -> Interaction:
    """Open the form in which a text is edited."""
    press = await town.local.press(town.ana, card, button)
    shown = await town.local.wait_for(lambda: thread.messages.get(press.response_id or 0))
    edit = next(each for each in shown.custom_ids() if ":edit:" in each)
    opened = await town.local.press(town.ana, shown, edit)
    await town.local.wait_for(lambda: opened.modal)
    return opened


async def test_thread_is_forgotten(town: Town) -> None:
    """/forget erases rows, records and cache, says how much, and is for who began the thread alone."""
    secret = "zanzibar"
    async with running_bot(town.local, town.models, town.folder):
        await town.commands_synced()
        _, thread, _ = await read_post(town, File("a.png", encoded(photo(marker=3), "PNG")), text=f"{secret}?")
        question = await town.local.post(town.ben, thread, f"What of {secret} do you see in picture 1?")
        await town.replied(question)
        refused = await town.local.invoke(town.ben, thread, "forget")
        no = await town.local.wait_for(lambda: town.answer_to(refused, thread))
        used = await town.local.invoke(town.ana, thread, "forget")
        yes = await town.local.wait_for(lambda: town.answer_to(used, thread))
        again = await town.local.invoke(town.ana, thread, "forget")
        nothing = await town.local.wait_for(lambda: town.answer_to(again, thread))
    assert "Only who began" in no
    assert "one file" in yes
    assert "nothing here" in nothing
    data = town.folder / "data"
    assert not list((data / "cache").glob("[0-9a-f]*"))
    kept = [each for each in data.glob("*.db*") if secret.encode() in vacuumed(each)]
    assert not kept


def vacuumed(path: Path) -> bytes:
    """Return the bytes of a database without those of deleted rows."""
    if path.suffix != ".db":
        return b""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
    return path.read_bytes()


async def test_model_without_tools_answers_from_readings(town: Town) -> None:
    """It says that it cannot look again, and no tool is offered to it."""
    config = town.folder / "config.toml"
    config.write_text("[models.text]\ntools = false\n")
    async with running_bot(town.local, town.models, town.folder, environment={"ISTHMUS_CONFIG": str(config)}):
        _, thread, _ = await read_post(town, File("a.png", encoded(photo(marker=31), "PNG")))
        question = await town.local.post(town.ben, thread, LOOK)
        answer = await town.replied(question)
    assert "MARKER 31" in answer.text
    assert "cannot look again" in answer.text
    assert not any("tools" in call.body for call in town.models.calls)


DEAR_LOOKS = """
[limits]
question_usd = 0.01
[budgets]
person_usd = 0
server_usd = 0
total_usd = 0
[models.vision]
model = "gpt-6-sol"
[prices."gpt-6-luna"]
input = 0.001
cached = 0.001
output = 0.001
as_of = "2026-09-22"
[prices."gpt-6-sol"]
input = 100.0
cached = 100.0
output = 100.0
as_of = "2026-09-22"
"""


@pytest.mark.parametrize("limits", ["[limits]\nquestion_calls = 1\n", DEAR_LOOKS], ids=["calls", "money"])
async def test_used_up_limits_end_in_an_answer(town: Town, limits: str) -> None:
    """After as many looks, or as much money, as a question may have it is answered with what was found."""
    config = town.folder / "config.toml"
    config.write_text(limits)
    async with running_bot(town.local, town.models, town.folder, environment={"ISTHMUS_CONFIG": str(config)}):
        files = [File(f"{n}.png", encoded(photo(marker=n), "PNG")) for n in (1, 2)]
        _, thread, _ = await read_post(town, *files)
        question = await town.local.post(town.ben, thread, "What is in the corner of picture 1 and picture 2?")
        answer = await town.replied(question)
    assert "stopped looking after 1" in answer.text
    assert len(answer.attachments) == 1


async def test_long_thread_is_summed_up_and_its_facts_stay(town: Town) -> None:
    """What was said long ago is answered from a summary, made once, when it no longer fits."""
    config = town.folder / "config.toml"
    config.write_text("[limits]\ncontext_chars = 600\nquestion_calls = 0\n")
    async with running_bot(town.local, town.models, town.folder, environment={"ISTHMUS_CONFIG": str(config)}):
        _, thread, _ = await read_post(town, File("a.png", encoded(photo(marker=61), "PNG")))
        said = [
            "The ferry Heather leaves Pier 4 at noon",
            "I like that view",
            "So do I, truly",
            "Lovely light there",
        ]
        for words in said:
            await town.replied(await town.local.post(town.ben, thread, words))
        question = await town.local.post(town.ana, thread, "When does the ferry Heather leave?")
        answer = await town.replied(question)
    last = town.models.calls[-1].text
    assert "earlier messages, summed up" in last
    assert "message by a person]\nThe ferry Heather" not in last
    assert "noon" in answer.text


async def test_compatible_servers_look_again_too(town: Town) -> None:
    """Over Chat Completions the same question gets the same second look."""
    config = town.folder / "config.toml"
    config.write_text('[models.text]\napi = "chat"\n[models.vision]\napi = "chat"\n')
    async with running_bot(town.local, town.models, town.folder, environment={"ISTHMUS_CONFIG": str(config)}):
        _, thread, _ = await read_post(town, File("a.png", encoded(photo(marker=902), "PNG")))
        question = await town.local.post(town.ben, thread, LOOK)
        answer = await town.replied(question)
    assert {call.path for call in town.models.calls} == {"/v1/chat/completions"}
    assert "MARKER 902" in answer.text
    assert len(answer.attachments) == 1
