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
from tests.sounds import encoded as encoded_sound
from tests.sounds import speech as recorded
from tests.word_errors import errors, words

pytestmark = pytest.mark.timeout(600)  # real models, perhaps beside other work

AMPLE_SECONDS = 250.0
OFFLINE = {"ISTHMUS_ENGINE": "offline", "OPENAI_API_KEY": ""}


async def test_slide_and_speech_are_read_and_a_follow_up_is_looked_up(town: Town) -> None:
    """A slide's text, a recording's words, and the sentence that answers a question."""
    async with running_bot(town.local, town.models, town.folder, environment=OFFLINE, fresh=True):
        picture = File("slide.png", encoded(slide(), "PNG"))
        post = await town.local.post(town.ana, town.channel, files=[picture])
        [reading] = await town.settled(post, timeout=AMPLE_SECONDS)

        sound = File("call.wav", wav(speech("beckett")).data)
        spoken = await town.local.post(town.ana, town.channel, files=[sound])
        heard = await town.settled(spoken, timeout=AMPLE_SECONDS)

        thread = town.local.thread_of(post)
        assert thread is not None
        question = await town.local.post(town.ana, thread, "Who is to be asked for the keys?")
        answer = await town.replied(question)

    assert SLIDE[0] in reading.text
    assert "without a model server" in reading.text
    text = " ".join(each.text for each in heard)
    assert SPEECH["beckett"].split(".")[-2].strip() in text
    assert "Ask maria" in answer.text
    assert not town.models.calls


async def test_video_and_voice_note_are_seen_and_heard(town: Town) -> None:
    """The text of slides, the words on the clock, and key sentences; a voice note is decoded for the model."""
    shots = [(film_slide("Quarterly report", "Revenue grew by twelve percent"), 22.0), (photo("coffee"), 22.4)]
    async with running_bot(town.local, town.models, town.folder, environment=OFFLINE):
        files = [
            File("talk.mp4", film(shots, recorded())),
            File("note.ogg", encoded_sound(recorded("beckett"))),
        ]
        post = await town.local.post(town.ana, town.channel, files=files)
        messages = await town.settled(post, timeout=AMPLE_SECONDS)

    text = " ".join(message.text for message in messages)
    assert "Revenue grew by twelve percent" in text
    assert "Key sentences of this video" in text
    assert "it was the worst of times" in text
    assert "Ever tried" in text
    assert not town.models.calls


async def test_words_and_letters_are_right(town: Town) -> None:
    """Voice notes in, text in the thread out: at most 3 % of the words and 2 % of the letters are wrong."""
    async with running_bot(town.local, town.models, town.folder, environment=OFFLINE):
        transcripts: dict[str, str] = {}
        for name in SPEECH:
            note = File("voice-message.ogg", encoded_sound(recorded(name)))
            post = await town.local.post(town.ana, town.channel, files=[note], voice=True)
            told = await town.settled(post, timeout=AMPLE_SECONDS)
            transcripts[name] = "\n".join(message.text for message in told)
        post = await town.local.post(town.ana, town.channel, files=[File("s.png", encoded(slide(), "PNG"))])
        [reading] = await town.settled(post, timeout=AMPLE_SECONDS)

    wrong = sum(errors(words(SPEECH[name]), words(_spoken(text))) for name, text in transcripts.items())
    assert wrong <= 0.03 * sum(len(words(text)) for text in SPEECH.values())
    written = reading.text.split("Written in it**", 1)[1].split("**", 1)[0]
    lines = [line.removeprefix("> ") for line in written.splitlines() if line.startswith("> ")]
    letters = "".join("".join(lines).split()).replace("\\", "")  # Markdown's own signs are escaped.
    expected = "".join("".join(SLIDE).split())
    assert errors(expected, letters) <= 0.02 * len(expected)


def _spoken(text: str) -> str:
    """Return the words of a card's transcript, without the times."""
    lines = text.split("**Transcript**", 1)[1].split("-#", 1)[0].splitlines()
    return " ".join(line.split("` ", 1)[1] for line in lines if line.startswith("`"))
