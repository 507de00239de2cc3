"""English speech becomes the right words; what is no speech becomes none."""

from __future__ import annotations

import numpy as np
import pytest

from services.ai.offline.model_children import ModelChildren
from services.ai.offline.transcription import OfflineTranscription
from services.ai.protocols import Sound
from services.errors import ServiceError, UserError
from tests.services.ai.offline.errors_of import edits, words
from tests.services.ai.offline.recordings import SPEECH, not_speech, speech, wav

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


@pytest.fixture
def model(children: ModelChildren) -> OfflineTranscription:
    return OfflineTranscription(children, seconds=120)


async def test_speech_has_at_most_three_words_wrong_in_a_hundred(model: OfflineTranscription) -> None:
    """Over both recordings together."""
    wrong = count = 0
    for name, text in SPEECH.items():
        reply = await model.transcribe(wav(speech(name)), context="", language="en")
        wrong += edits(words(text), words(reply.value.text))
        count += len(words(text))
        assert reply.value.language == "en"
        assert (reply.spend.usd, reply.spend.model) == (0.0, "local/whisper-tiny.en")
    assert count == 131
    assert wrong / count <= 0.03


@pytest.mark.parametrize("name", ["silence", "white noise", "hum", "tune", "chord"])
async def test_what_is_no_speech_gives_no_text(model: OfflineTranscription, name: str) -> None:
    reply = await model.transcribe(wav(not_speech(name)), context="", language="")
    assert reply.value.text == ""
    assert reply.value.language == ""


async def test_words_drowned_in_noise_are_left_out_or_marked(model: OfflineTranscription) -> None:
    """At a fifth of the noise's power, nothing is passed off as certain."""
    clean = speech("two_cities")[: 16_000 * 25].astype(np.float64)
    noise = np.random.default_rng(0).normal(0, np.sqrt(5 * np.mean(clean**2)), len(clean))
    reply = await model.transcribe(
        wav(np.clip(clean + noise, -32_768, 32_767).astype(np.int16)), context="", language="en"
    )
    assert not reply.value.text or "(?)" in reply.value.text


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.3])
async def test_hardly_any_sound_is_no_error(model: OfflineTranscription, seconds: float) -> None:
    reply = await model.transcribe(wav(not_speech("white noise", seconds)), context="", language="")
    assert reply.value.text == ""


async def test_another_language_is_refused_rather_than_misheard(model: OfflineTranscription) -> None:
    with pytest.raises(UserError, match="offline-english-only"):
        await model.transcribe(wav(speech("beckett")), context="", language="de-AT")


@pytest.mark.parametrize(
    "sound",
    [
        Sound(b"", "piece.wav", "audio/wav", 0.0),
        Sound(b"OggS" + bytes(500), "note.ogg", "audio/ogg", 3.0),
        wav(np.zeros(8_000, np.int16), rate=8_000),
        wav(np.zeros(8_000, np.int16), channels=2),
        Sound(wav(np.zeros(8_000, np.int16)).data[:40], "piece.wav", "audio/wav", 1.0),
    ],
    ids=["empty", "ogg", "8 kHz", "stereo", "cut short"],
)
async def test_anything_but_plain_samples_is_refused(model: OfflineTranscription, sound: Sound) -> None:
    with pytest.raises(ServiceError, match="offline-needs-samples"):
        await model.transcribe(sound, context="", language="")
