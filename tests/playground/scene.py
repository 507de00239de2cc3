"""A conversation that shows most of what the page can show."""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass
from typing import Any

import av
import numpy as np

from playground.discord import File, LocalDiscord
from playground.discord.state import Channel
from playground.page import Founded
from tests.pictures import encoded, photo
from tests.playground.bot_client import BotClient

TEAL = 0x12808A
COMMANDS: list[Any] = [
    {
        "name": "imagine",
        "description": "Draw a picture of what you describe",
        "options": [
            {"type": 3, "name": "prompt", "description": "What to draw", "required": True, "max_length": 1000},
            {"type": 11, "name": "reference", "description": "A picture to go by"},
            {
                "type": 3,
                "name": "shape",
                "description": "Of the picture",
                "choices": [{"name": "square", "value": "1:1"}, {"name": "wide", "value": "3:2"}],
            },
            {"type": 4, "name": "count", "description": "How many", "min_value": 1, "max_value": 4},
        ],
    },
    {
        "name": "find",
        "description": "Search what was seen and heard on this server",
        "options": [
            {
                "type": 3,
                "name": "words",
                "description": "What you remember",
                "required": True,
                "autocomplete": True,
            }
        ],
    },
    {"name": "summary", "description": "Say what this thread was about"},
    {
        "name": "listen",
        "description": "Where the bot listens",
        "options": [
            {
                "type": 1,
                "name": "here",
                "description": "Change it for this channel",
                "options": [
                    {"type": 7, "name": "channel", "description": "Another channel"},
                    {"type": 5, "name": "quiet", "description": "Without a notice"},
                ],
            },
            {"type": 1, "name": "status", "description": "Show it for all channels"},
        ],
    },
    {"name": "Describe", "type": 3},
    {"name": "Transcribe", "type": 3},
    {"name": "What is kept", "type": 2},
]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where what is.

    Attributes:
        picture_thread: With the answer to a picture.
        voice_thread: With a card that shows progress.
    """

    picture_thread: Channel
    voice_thread: Channel


async def play(local: LocalDiscord, founded: Founded, bot: BotClient) -> Scene:
    """Let people and the bot talk."""
    await bot.sync(*COMMANDS)
    thread = await _picture(local, founded, bot)
    voice = await _voice(local, founded, bot)
    return Scene(thread, voice)


async def _picture(local: LocalDiscord, founded: Founded, bot: BotClient) -> Channel:
    ana, ben = founded.people
    pictures = founded.channel
    await local.post(
        ben,
        pictures,
        f"# Saturday at the shore\nWho comes along? <@{ana.id}> said **yes**, I *think*.\n"
        "- boat leaves at <t:1764403200:t>\n- bring a ~~kite~~ `camera`\n"
        "> last time: ||we missed the boat||\n-# plans may change",
    )
    coffee = encoded(photo("coffee"))
    post = await local.post(
        ana,
        pictures,
        "What is on the table?",
        [File("breakfast.jpg", coffee, alt="A cup of coffee on a table")],
    )
    await local.react(ben, post, "👀")
    await local.react(ana, post, "☕")
    await local.react(ben, post, "☕")
    thread = await bot.open_thread(post, "A cup of coffee on a table")
    await bot.card(
        thread,
        {
            "type": 17,
            "accent_color": TEAL,
            "components": [
                {
                    "type": 9,
                    "components": [
                        {
                            "type": 10,
                            "content": "### A cup of coffee\nA **cup of black coffee** on a saucer, "
                            "seen from above. A spoon lies beside it; the table is dark wood.",
                        },
                        {"type": 10, "content": "-# 1 picture · 2.1 s · $0.0021"},
                    ],
                    "accessory": {
                        "type": 11,
                        "media": {"url": "attachment://seen.jpg"},
                        "description": "The picture as the model was sent it",
                    },
                },
                {"type": 14, "divider": True, "spacing": 1},
                {
                    "type": 12,
                    "items": [
                        {"media": {"url": "attachment://a.jpg"}, "description": "Variation: at night"},
                        {"media": {"url": "attachment://b.jpg"}, "description": "Variation: with a cat"},
                    ],
                },
                {"type": 13, "file": {"url": "attachment://reading.txt"}},
                {
                    "type": 1,
                    "components": [
                        {
                            "type": 2,
                            "style": 1,
                            "label": "Ask",
                            "emoji": {"name": "💬"},
                            "custom_id": "v1:ask:1",
                        },
                        {"type": 2, "style": 2, "label": "Correct it", "custom_id": "v1:correct:1"},
                        {"type": 2, "style": 3, "label": "Draw it", "custom_id": "v1:draw:1"},
                        {"type": 2, "style": 4, "label": "Delete", "custom_id": "v1:delete:1"},
                        {"type": 2, "style": 5, "label": "Source", "url": "https://example.org/"},
                    ],
                },
                {
                    "type": 1,
                    "components": [
                        {
                            "type": 3,
                            "custom_id": "v1:style:1",
                            "placeholder": "Draw it in another style",
                            "options": [
                                {
                                    "label": "Watercolour",
                                    "value": "w",
                                    "description": "Soft edges, paper grain",
                                },
                                {"label": "Linocut", "value": "l", "description": "Two colours, hard edges"},
                            ],
                        }
                    ],
                },
            ],
        },
        files=[
            ("seen.jpg", encoded(photo("coffee").resize((256, 171)))),
            ("a.jpg", encoded(photo("rocket").resize((480, 320)))),
            ("b.jpg", encoded(photo("chelsea"))),
            ("reading.txt", b"A cup of black coffee on a saucer, seen from above."),
        ],
    )
    question = await local.post(ana, thread, "Is there milk in it?")
    await bot.post(
        thread,
        {
            "content": "No milk that I can see: the coffee is black up to the rim.",
            "message_reference": {"message_id": str(question.id)},
        },
    )
    return thread


async def _voice(local: LocalDiscord, founded: Founded, bot: BotClient) -> Channel:
    _, ben = founded.people
    channel = local.world.channels[founded.guild.channel_ids[1]]
    note, waveform = spoken(7.0)
    post = await local.post(
        ben, channel, files=[File("voice-message.ogg", note, duration_secs=7.0, waveform=waveform)], voice=True
    )
    await local.post(
        ben, channel, "and the film of it", [File("waves.mp4", film(), alt="Colours that move like waves")]
    )
    await local.post(
        ben, channel, "do not look yet", [File("surprise.png", encoded(photo("chelsea"), "PNG"), spoiler=True)]
    )
    thread = await bot.open_thread(post, "Voice note: the boat and the tide")
    await bot.card(thread, *progress(2, 5))
    return thread


def progress(done: int, of: int) -> list[Any]:
    """Return the components of a card that shows how far a job is."""
    bar = "▰" * done + "▱" * (of - done)
    return [
        {
            "type": 17,
            "accent_color": TEAL,
            "components": [
                {"type": 10, "content": f"**Listening to the voice note**\n{bar} piece {done} of {of}"},
                {"type": 10, "content": "-# $0.0004 so far"},
                {
                    "type": 1,
                    "components": [{"type": 2, "style": 2, "label": "Stop", "custom_id": "v1:stop:2"}],
                },
            ],
        }
    ]


def spoken(seconds: float) -> tuple[bytes, str]:
    """Return something like speech as Ogg with Opus, and its waveform in base64."""
    rate = 48_000
    time = np.arange(int(seconds * rate)) / rate
    loud = np.clip(np.sin(time * 5) * np.sin(time * 1.3 + 1) + 0.25, 0.02, 1)
    samples = (np.sin(2 * math.pi * 180 * time) * loud * 9000).astype(np.int16)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    points = [int(255 * piece.max()) for piece in np.array_split(loud, int(seconds * 10))]
    return buffer.getvalue(), base64.b64encode(bytes(points)).decode()


def film(seconds: float = 2.0) -> bytes:
    """Return a small video with moving colours, as WebM's sister MP4 (VP9)."""
    buffer = io.BytesIO()
    rows, columns = np.mgrid[0:180, 0:320]
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("libvpx-vp9", rate=12)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(int(seconds * 12)):
            wave = 127 + 120 * np.sin(columns / 28 + rows / 40 + number / 2)
            picture = np.dstack([wave * 0.2, wave * 0.7, 90 + wave * 0.5]).astype(np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return buffer.getvalue()
