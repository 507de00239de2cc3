"""What browsers record becomes what Discord's clients send."""

from __future__ import annotations

import base64
import io

import av
import numpy as np
import pytest

from playground.voice_notes import LOUDNESS_RATE, MOST_BYTES, to_voice_note, waveform
from tests.recordings import packets, recorded


@pytest.mark.parametrize("kind", ["webm", "ogg"])
def test_opus_is_carried_over_as_it_is(kind: str) -> None:
    """The packets of Chromium's and Firefox's recordings are not encoded anew."""
    recording = recorded(kind, "libopus")
    note = to_voice_note(recording)
    assert packets(note.ogg) == packets(recording)
    with av.open(io.BytesIO(note.ogg)) as container:
        assert container.format.name == "ogg"
        stream = container.streams.audio[0]
        assert stream.codec_context.name == "opus"
        assert abs(float((stream.start_time or 0) * (stream.time_base or 0))) < 0.05, "it begins at zero"


@pytest.mark.parametrize(("kind", "codec"), [("mp4", "aac"), ("wav", "pcm_s16le")])
def test_other_codecs_are_encoded_anew(kind: str, codec: str) -> None:
    """Safari's AAC, among others, becomes Opus of the same length."""
    note = to_voice_note(recorded(kind, codec))
    with av.open(io.BytesIO(note.ogg)) as container:
        assert container.streams.audio[0].codec_context.name == "opus"
    assert note.seconds == pytest.approx(3.2, abs=0.1)


@pytest.mark.parametrize(("kind", "codec"), [("webm", "libopus"), ("ogg", "libopus"), ("mp4", "aac")])
def test_length_and_waveform_come_from_the_sound(kind: str, codec: str) -> None:
    """Length is what is heard, whatever the file says; the waveform grows with the sound."""
    note = to_voice_note(recorded(kind, codec, seconds=4.0, begins=1.5))
    bars = list(base64.b64decode(note.waveform_b64))
    assert note.seconds == pytest.approx(4.0, abs=0.1)
    assert len(bars) == 40
    assert bars[0] < 30 < 200 < bars[20]


def test_long_recordings_have_256_bars() -> None:
    """No waveform is longer than Discord's clients draw."""
    loud = np.ones(60 * LOUDNESS_RATE, np.float32)
    assert base64.b64decode(waveform(loud)) == b"\xff" * 256


def test_silence_has_a_flat_waveform() -> None:
    """Nothing is divided by nothing."""
    assert set(base64.b64decode(waveform(np.zeros(LOUDNESS_RATE, np.float32)))) == {0}


@pytest.mark.parametrize(
    ("recording", "why"),
    [
        (b"", "neither WebM"),
        (b"no recording at all, but a text", "neither WebM"),
        (b"#EXTM3U\n#EXTINF:1\nfile:///etc/hostname\n", "neither WebM"),
        (bytes(MOST_BYTES + 1), "bigger than 25 MiB"),
        (recorded("webm", "libopus")[:300], "neither WebM"),
    ],
    ids=["empty", "text", "playlist", "big", "cut short"],
)
def test_what_is_no_recording_is_refused_with_a_reason(recording: bytes, why: str) -> None:
    """Each refusal says what is wrong."""
    with pytest.raises(ValueError, match=why):
        to_voice_note(recording)


def test_other_codecs_than_browsers_have_are_refused() -> None:
    """An allowed container does not let any codec in."""
    with pytest.raises(ValueError, match="codec flac"):
        to_voice_note(recorded("ogg", "flac"))


@pytest.mark.parametrize(("kind", "codec"), [("webm", "libopus"), ("mp4", "aac")])
def test_recording_that_is_too_long_is_refused(kind: str, codec: str) -> None:
    """The length is bounded while it is read."""
    with pytest.raises(ValueError, match=r"longer than 0\.05 minutes"):
        to_voice_note(recorded(kind, codec), longest=3)
