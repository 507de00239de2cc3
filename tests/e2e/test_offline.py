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
