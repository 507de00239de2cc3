"""With ISTHMUS_ENGINE=offline the bot answers without a key and calls no server."""

from __future__ import annotations

import pytest

from playground.discord import File
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.films import film
from tests.films import slide as film_slide
from tests.pictures import encoded, photo
from tests.services.ai.offline.recordings import SPEECH, speech, wav
from tests.services.ai.offline.test_vision import SLIDE, slide
from tests.sounds import RATE as SOUND_RATE
from tests.sounds import encoded as encoded_sound
from tests.sounds import speech as recorded
from tests.word_errors import errors, words

pytestmark = pytest.mark.timeout(600)  # real models, perhaps beside other work

AMPLE_SECONDS = 250.0
OFFLINE = {"ISTHMUS_ENGINE": "offline", "OPENAI_API_KEY": ""}


async def test_pictures_sounds_and_videos_are_answered(town: Town) -> None:
    """One bot, since its models take long to load; each post has its own thread, and no server is called."""
    async with running_bot(town.local, town.models, town.folder, environment=OFFLINE, fresh=True):
        await slide_is_read_to_the_letter_and_looked_up(town)
        await voice_notes_are_written_down_to_the_word(town)
        await video_and_recording_are_seen_and_heard(town)
    assert not town.models.calls


async def slide_is_read_to_the_letter_and_looked_up(town: Town) -> None:
    """At most 2 % of a slide's letters are wrong; a sentence of it answers a question."""
    picture = File("slide.png", encoded(slide(), "PNG"))
    post = await town.local.post(town.ana, town.channel, files=[picture])
    [reading] = await town.settled(post, timeout=AMPLE_SECONDS)
    thread = town.local.thread_of(post)
    assert thread is not None
    question = await town.local.post(town.ana, thread, "Who is to be asked for the keys?")
    answer = await town.replied(question)

    assert SLIDE[0] in reading.text
    assert "without a model server" in reading.text
    assert "Ask maria" in answer.text
    written = reading.text.split("Written in it**", 1)[1].split("**", 1)[0]
    lines = [line.removeprefix("> ") for line in written.splitlines() if line.startswith("> ")]
    letters = "".join("".join(lines).split()).replace("\\", "")  # Markdown's own signs are escaped.
    expected = "".join("".join(SLIDE).split())
    assert errors(expected, letters) <= 0.02 * len(expected)


async def voice_notes_are_written_down_to_the_word(town: Town) -> None:
    """At most 3 % of the words are wrong in the thread."""
    wrong = 0
    for name, text in SPEECH.items():
        note = File("voice-message.ogg", encoded_sound(recorded(name)))
        post = await town.local.post(town.ana, town.channel, files=[note], voice=True)
        told = await town.settled(post, timeout=AMPLE_SECONDS)
        wrong += errors(words(text), words(_spoken("\n".join(message.text for message in told))))
    assert wrong <= 0.03 * sum(len(words(text)) for text in SPEECH.values())


async def video_and_recording_are_seen_and_heard(town: Town) -> None:
    """The text of slides, the words on the clock, and key sentences; a recording beside the video is heard."""
    shots = [(film_slide("Quarterly report", "Revenue grew by twelve percent"), 11.0), (photo("coffee"), 11.0)]
    files = [
        File("talk.mp4", film(shots, recorded()[: 22 * SOUND_RATE])),
        File("call.wav", wav(speech("beckett")).data),
    ]
    post = await town.local.post(town.ana, town.channel, files=files)
    messages = await town.settled(post, timeout=AMPLE_SECONDS)

    text = " ".join(message.text for message in messages)
    assert "Revenue grew by twelve percent" in text
    assert "Key sentences of this video" in text
    assert "it was the worst of times" in text
    assert SPEECH["beckett"].split(".")[-2].strip() in text


def _spoken(text: str) -> str:
    """Return the words of a card's transcript, without the times."""
    lines = text.split("**Transcript**", 1)[1].split("-#", 1)[0].splitlines()
    return " ".join(line.split("` ", 1)[1] for line in lines if line.startswith("`"))
