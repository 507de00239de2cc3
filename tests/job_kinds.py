"""The kinds of jobs that are made to die: how a person asks for each, and when it has ended."""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cache, partial

from playground.discord import File
from playground.discord.state import Message
from playground.models.scenes import Scene, Thing
from tests.e2e import refining
from tests.e2e.conftest import Town
from tests.films import film, slide
from tests.pictures import encoded, photo
from tests.sounds import encoded as encoded_sound
from tests.sounds import speech

Outcome = Callable[[], list[Message]]
"""Returns the messages of a job; none before it has ended for the person who asked."""
ALBUM_PICTURES = 3
QUESTION = "which marker is the largest?"
LOOK = "Which MARKER is in the top left corner of picture 1?"


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job.

    Attributes:
        ask: Asks for one; the number makes each another one, so that nothing of it is known already.
        prepare: Makes what the next such job needs in the town, with a bot running.
    """

    name: str
    ask: Callable[[Town, int], Awaitable[Outcome]]
    prepare: Callable[[Town, int], Awaitable[object]] | None = None


def picture(number: int) -> File:
    """Return a small photograph."""
    return File(f"{number}.png", encoded(photo("coffee", marker=number), "PNG"))


@cache
def _voice_note() -> bytes:
    return encoded_sound(speech())


def voice_note(number: int) -> File:
    """Return 44 seconds of speech, which are heard in two pieces."""
    comment = f"number {number}".encode()
    return File("voice-message.ogg", _voice_note() + comment)


@cache
def _short_voice_note() -> bytes:
    return encoded_sound(speech("beckett"))


def short_voice_note(number: int) -> File:
    """Return 10 seconds of speech."""
    return File("voice-message.ogg", _short_voice_note() + f"number {number}".encode())


@cache
def _video() -> bytes:
    shots = [(slide("Quarterly report", "Revenue"), 5.0), (slide("Next steps", "Hire two engineers"), 5.0)]
    return film(shots, speech("beckett"))


def video(number: int) -> File:
    """Return a short video of two slides with speech."""
    comment = f"number {number}".encode()
    return File("talk.mp4", _video() + struct.pack(">I4s", 8 + len(comment), b"free") + comment)


async def _ask_files(town: Town, files: list[File], text: str = "", *, voice: bool = False) -> Outcome:
    post = await town.local.post(town.ana, town.channel, text, files, voice=voice)
    return partial(town.outcome, post)


async def _ask_image(town: Town, number: int) -> Outcome:
    return await _ask_files(town, [picture(number)])


async def _ask_album(town: Town, number: int) -> Outcome:
    files = [picture(ALBUM_PICTURES * number + each) for each in range(ALBUM_PICTURES)]
    return await _ask_files(town, files, QUESTION)


async def _ask_voice(town: Town, number: int) -> Outcome:
    return await _ask_files(town, [voice_note(number)], voice=True)


async def _ask_video(town: Town, number: int) -> Outcome:
    return await _ask_files(town, [video(number)])


async def _ask_refine(town: Town, number: int) -> Outcome:
    await town.commands_synced()
    # Always near the same place, so that all of them are told of in the same words.
    left = Thing("circle", "red", "large", 0.2 + number % 5 / 100, 0.16)
    scene = Scene("yellow", (left, Thing("square", "blue", "small", 0.8, 0.72)), "day", f"TIDE {number}")
    file = refining.picture(scene)
    invoked = await town.local.invoke(town.ana, town.channel, "refine", {"attachment": file})
    opened = await refining.form(town, invoked)
    sent = await town.local.submit_modal(town.ana, opened, {"rounds": "2"})

    def outcome() -> list[Message]:
        response = town.channel.messages.get(sent.response_id or 0)
        messages = town.outcome(response) if response else []
        boards = [each for each in messages if any(":rforiginals:" in part for part in each.custom_ids())]
        return messages if boards else []

    return outcome


async def _prepare_refine(town: Town, number: int) -> None:
    del number
    town.models.abilities = replace(town.models.abilities, poor_describer=True)


async def _ask_follow_up(town: Town, number: int) -> Outcome:
    del number  # Each has a thread of its own.
    threads = [each for each in town.local.world.channels.values() if each.parent_id]
    question = await town.local.post(town.ben, max(threads, key=lambda each: each.id), LOOK)
    return partial(town.replies, question)


async def _prepare_follow_up(town: Town, number: int) -> None:
    await town.settled(await town.local.post(town.ana, town.channel, files=[picture(number)]))


async def _ask_command(town: Town, number: int) -> Outcome:
    await town.commands_synced()
    sent = await town.local.invoke(town.ana, town.channel, "describe", {"attachment": picture(number)})

    def outcome() -> list[Message]:
        response = town.channel.messages.get(sent.response_id or 0)
        return town.outcome(response) if response else []

    return outcome


COMMAND = JobKind("command", _ask_command)
KINDS = {
    kind.name: kind
    for kind in (
        JobKind("image", _ask_image),
        JobKind("album", _ask_album),
        JobKind("voice", _ask_voice),
        JobKind("video", _ask_video),
        JobKind("refine", _ask_refine, _prepare_refine),
        JobKind("follow-up", _ask_follow_up, _prepare_follow_up),
    )
}
