"""With ears for speech the server writes down what is really said."""

from __future__ import annotations

import importlib.util
import io
import wave
from collections.abc import AsyncGenerator
from pathlib import Path

import av
import openai
import pytest
from av.audio.stream import AudioStream
from openai import AsyncOpenAI

from playground.models import ScriptedModels, tones
from playground.models.languages import language_of
from playground.models.transcription_api import spelled
from tests.hearing import hear


def spoken(name: str) -> bytes:
    """Return a recording of real speech that ships with moonshine-voice."""
    spec = importlib.util.find_spec("moonshine_voice")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "assets" / name).read_bytes()


def as_voice_note(recording: bytes) -> bytes:
    """Return a recording as Opus in Ogg, as Discord's apps record it."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg") as file, av.open(io.BytesIO(recording), "r") as source:
        stream = file.add_stream("libopus", rate=48_000, layout="mono")
        assert isinstance(stream, AudioStream)
        stream.bit_rate = 24_000
        for frame in source.decode(audio=0):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return buffer.getvalue()


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedModels]:
    async with ScriptedModels(hearing=hear) as server:
        yield server


async def test_transcript_is_what_is_said(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """Speech comes back as its words and its language; the call keeps how it was sent."""
    note = as_voice_note(spoken("beckett.wav"))
    answer = await client.with_options(timeout=60).audio.transcriptions.create(
        model="gpt-transcribe", file=("voice-message.ogg", note, "audio/ogg"), prompt="Worstward Ho"
    )
    assert "Try again. Fail again. Fail better." in answer.text
    assert [each.code for each in answer.languages or []] == ["en"]
    [call] = server.calls
    [sound] = call.sounds
    assert (sound.container, sound.codec, sound.rate, sound.channels) == ("ogg", "opus", 48_000, 1)
    assert sound.seconds == pytest.approx(10, abs=1)
    assert sound.speech == answer.text
    assert call.prompt == "Worstward Ho"


async def test_silence_says_nothing(client: AsyncOpenAI) -> None:
    """A speech model is not asked about silence, so it cannot invent words for it."""
    silence = ("silence.wav", tones.wav(tones.silence(2)), "audio/wav")
    answer = await client.audio.transcriptions.create(model="gpt-transcribe", file=silence)
    assert (answer.text, answer.languages) == ("", [])


def test_keywords_decide_the_spelling() -> None:
    """A name that was heard wrongly by a letter or two is spelled as the keyword; other words stay."""
    assert spelled("The Istmus bot saw a lighthouse", ["Isthmus"]) == "The Isthmus bot saw a lighthouse"
    assert spelled("nothing alike", ["Isthmus"]) == "nothing alike"


@pytest.mark.parametrize(
    ("model", "options", "why"),
    [
        ("gpt-transcribe", {"response_format": "text"}, "not compatible"),
        ("gpt-transcribe", {"response_format": "srt"}, "not compatible"),
        ("gpt-transcribe", {"response_format": "vtt"}, "not compatible"),
        ("whisper-1", {"keywords": ["tide"]}, "not supported"),
        ("whisper-1", {"languages": ["en"]}, "not supported"),
        ("gpt-4o-transcribe-diarize", {"prompt": "x"}, "not supported"),
    ],
)
async def test_what_a_model_does_not_know_is_refused(
    client: AsyncOpenAI, model: str, options: dict[str, object], why: str
) -> None:
    """Formats and parameters of other models are a 400."""
    file = ("a.wav", tones.wav(tones.sing("1")), "audio/wav")
    with pytest.raises(openai.BadRequestError, match=why):
        await client.audio.transcriptions.create(model=model, file=file, **options)  # type: ignore[call-overload]


async def test_recording_longer_than_the_api_takes_is_refused(client: AsyncOpenAI) -> None:
    """1400 seconds are the most."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 8000 * 1401)
    patient = client.with_options(timeout=60)
    with pytest.raises(openai.BadRequestError, match="longer than 1400 seconds") as error:
        await patient.audio.transcriptions.create(
            model="gpt-transcribe", file=("a.wav", buffer.getvalue(), "audio/wav")
        )
    assert error.value.code == "invalid_value"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ship was at sea and it rained", "en"),
        ("Das Schiff war auf dem Meer und es hat geregnet", "de"),
        ("Le bateau est sur la mer et il pleut", "fr"),
        ("El barco está en el mar y la noche es fría", "es"),
        ("4 7 1 5", None),
        ("Xylophon Quartz", None),
    ],
)
def test_language_is_told_by_common_words(text: str, language: str | None) -> None:
    """What has none of them is in no language that can be told."""
    assert language_of(text) == language
