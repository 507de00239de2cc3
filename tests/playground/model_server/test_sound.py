"""The server hears what is in a recording, in every format that Discord and the product use."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream

from playground.models import tones
from playground.models.errors import ApiError
from playground.models.sound import listen
from playground.models.tones import Samples


def recorded(samples: Samples, container: str, codec: str, *, rate: int, bit_rate: int) -> bytes:
    """Return samples as a compressed recording."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, AudioStream)
        stream.bit_rate = bit_rate
        with av.open(io.BytesIO(tones.wav(samples)), "r") as source:
            for frame in source.decode(audio=0):
                file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("container", "codec", "rate", "bit_rate"),
    [
        ("ogg", "libopus", 48_000, 16_000),
        ("mp3", "libmp3lame", 16_000, 32_000),
        ("mp4", "aac", 16_000, 32_000),
        ("flac", "flac", 44_100, 0),
    ],
)
def test_digits_survive_speech_codecs(container: str, codec: str, rate: int, bit_rate: int) -> None:
    """All ten digits are heard in order, doubled ones too, after lossy compression."""
    song = np.concatenate([tones.silence(0.4), tones.sing("0123456789 99")])
    sound = listen(recorded(song, container, codec, rate=rate, bit_rate=bit_rate))
    assert sound.digits == "012345678999"
    assert sound.seconds == pytest.approx(len(song) / tones.RATE, abs=0.1)
    assert sound.bursts[0].start == pytest.approx(0.4, abs=0.05)
    assert not sound.is_silent


def test_time_of_a_digit_is_when_it_sounds() -> None:
    """A clock can be checked against the digits."""
    song = np.concatenate([tones.silence(12.0), tones.sing("7"), tones.silence(3.0), tones.sing("3")])
    bursts = listen(tones.wav(song)).bursts
    assert [(each.digit, round(each.start, 1)) for each in bursts] == [(7, 12.0), (3, 15.3)]


def test_noise_and_voice_like_sound_hold_no_digits() -> None:
    """What is no pure tone is no digit, but it is loud."""
    random = np.random.default_rng(1)
    noise = (random.standard_normal(tones.RATE * 2) * 0.2).astype(np.float32)
    sound = listen(tones.wav(noise))
    assert sound.digits == ""
    assert sound.level == pytest.approx(-14, abs=1)


def test_silence_is_silent() -> None:
    """Nothing to hear is told from something to hear."""
    assert listen(tones.wav(tones.silence(1.0))).is_silent
    assert listen(tones.wav(tones.silence(0))).seconds == 0


@pytest.mark.parametrize(
    "data", [b"", b"no sound at all", b"RIFF\x00\x00\x00\x00WAVE"], ids=["empty", "text", "cut"]
)
def test_what_is_no_recording_is_refused(data: bytes) -> None:
    """Broken files get the API's own error."""
    with pytest.raises(ApiError) as error:
        listen(data)
    assert (error.value.status, error.value.code) == (400, "invalid_value")
