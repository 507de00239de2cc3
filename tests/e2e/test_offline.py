"""With ISTHMUS_ENGINE=offline the bot answers without a key and calls no server."""

from __future__ import annotations

from playground.discord import File
from tests.bots import running_bot
from tests.e2e.conftest import Town
from tests.pictures import encoded
from tests.services.ai.offline.recordings import SPEECH, speech, wav
from tests.services.ai.offline.test_vision import SLIDE, slide

AMPLE_SECONDS = 150.0


async def test_slide_and_speech_are_read_and_a_follow_up_is_looked_up(town: Town) -> None:
    """A slide's text, a recording's words, and the sentence that answers a question."""
    offline = {"ISTHMUS_ENGINE": "offline", "OPENAI_API_KEY": ""}
    async with running_bot(town.local, town.models, town.folder, environment=offline, fresh=True):
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
