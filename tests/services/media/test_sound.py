"""Sound comes out in pieces whose times are exact, whatever the container says, and nothing is invented."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.errors import MediaError
from services.media.sandbox import Sandbox
from tests.services.media.hearing import CUT, RATE, Ear
from tests.sounds import (
    at_level,
    beeps,
    chords,
    encoded,
    hum,
    mixed,
    noise,
    silence,
    speech,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

TIMES = [0.5, 3.0, 9.25, 14.9, 21.3, 29.8, 33.3, 38.5]
SECONDS = 40
"""Of the sound with beeps at these times: long enough to be cut into pieces."""
TOLERANCE = 0.02
CONTAINERS = [
    ("ogg", "libopus"),
    ("ogg", "flac"),
    ("mp3", "libmp3lame"),
    ("ipod", "aac"),
    ("mp4", "aac"),
    ("mov", "pcm_s16le"),
    ("mov", "alac"),
    ("wav", "pcm_s16le"),
    ("flac", "flac"),
    ("adts", "aac"),
    ("webm", "libopus"),
    ("matroska", "aac"),
]


@pytest.mark.parametrize(("container", "codec"), CONTAINERS)
async def test_beeps_keep_their_times(hear: Ear, container: str, codec: str) -> None:
    """Also behind cuts, and whatever padding the encoder put in front."""
    heard = await hear(encoded(beeps(TIMES, SECONDS), container=container, codec=codec))
    # Bare AAC has no place to say how much padding there is: 1024 samples, or two frames of 1024.
    padding = 0.03 if container == "adts" else 0.0
    assert heard.beeps() == pytest.approx(TIMES, abs=TOLERANCE + padding)
    assert heard.facts["decoded_seconds"] == pytest.approx(SECONDS, abs=0.1)
    assert heard.facts["read_until"] is None
    assert heard.facts["damaged"] == 0


@pytest.mark.parametrize(
    ("container", "codec"), [("matroska", "flac"), ("mov", "pcm_s16le"), ("webm", "libopus")]
)
async def test_clock_begins_with_the_first_stream(hear: Ear, container: str, codec: str) -> None:
    """Timestamps that start at 100 s are time 0, as players show it."""
    heard = await hear(encoded(beeps(TIMES, SECONDS), container=container, codec=codec, start=100.0))
    assert heard.beeps() == pytest.approx(TIMES, abs=TOLERANCE)
    assert heard.pieces[0]["start"] == pytest.approx(0, abs=TOLERANCE)


@pytest.mark.parametrize("gap", [0.4, 5.0, 100.0])
async def test_gaps_of_timestamps_are_silence(hear: Ear, gap: float) -> None:
    """What comes after a gap keeps its time, be the gap short or long."""
    heard = await hear(encoded(beeps(TIMES, SECONDS), container="matroska", codec="flac", gaps=[(20.0, gap)]))
    shifted = [time + gap if time > 20 else time for time in TIMES]
    assert heard.beeps() == pytest.approx(shifted, abs=TOLERANCE)
    assert heard.pieces[-1]["end"] == pytest.approx(SECONDS + gap, abs=0.1)
    assert sum(piece["end"] - piece["start"] for piece in heard.pieces) < SECONDS + 1


async def test_pieces_are_15_to_30_seconds_and_leave_nothing_out(hear: Ear) -> None:
    """Real speech, four times over: pieces follow each other, cut in pauses."""
    words = np.tile(speech(), 4)
    heard = await hear(encoded(words, container="flac", codec="flac"))
    lengths = [piece["end"] - piece["start"] for piece in heard.pieces]
    assert all(15 <= length <= 30 for length in lengths[:-1])
    assert lengths[-1] <= 30
    for before, after in zip(heard.pieces, heard.pieces[1:], strict=False):
        assert after["overlap"] == 0
        assert after["start"] == pytest.approx(before["end"], abs=0.001)
        quiet = np.abs(
            np.concatenate([heard.samples(before["index"])[-800:], heard.samples(after["index"])[:800]])
        )
        assert quiet.max() < 0.02
    assert all(piece["speech"] for piece in heard.pieces)
    assert heard.facts["rms_db"] == pytest.approx(-36.3, abs=0.5)


async def test_without_a_pause_pieces_overlap(hear: Ear) -> None:
    """Sound without any pause is cut at its quietest place, and the next piece begins before it."""
    pitches = np.random.default_rng(5).uniform(200, 3000, 70 * 6)
    phase = np.cumsum(np.repeat(pitches, 48_000 // 6)) / 48_000
    tune = (0.3 * np.sin(2 * np.pi * phase)).astype(np.float32)
    heard = await hear(encoded(tune, container="flac", codec="flac"))
    assert len(heard.pieces) >= 3
    for before, after in zip(heard.pieces, heard.pieces[1:], strict=False):
        assert after["overlap"] == 0.5
        assert after["start"] == pytest.approx(before["end"] - 0.5, abs=0.001)
        assert np.allclose(heard.samples(before["index"])[-8000:], heard.samples(after["index"])[:8000])


@pytest.mark.parametrize("seconds", [0.2, 1.0])
async def test_short_notes_are_one_piece(hear: Ear, seconds: float) -> None:
    """Even a fifth of a second is handed on, as it was posted."""
    words = speech()[48_000:][: round(seconds * 48_000)]
    heard = await hear(encoded(at_level(words, -25)))
    (piece,) = heard.pieces
    assert piece["speech"]
    assert piece["end"] == pytest.approx(seconds, abs=0.03)
    assert heard.facts["as_is"]


QUIET = {
    "digital silence": silence(40),
    "white noise": noise(40, -30),
    "loud white noise": noise(40, -12),
    "pink noise": noise(40, -45, colour=1),
    "brown noise": noise(40, -35, colour=2),
    "hum": hum(40, -25),
    "hum in noise": hum(40, -35) + noise(40, -50, colour=1),
    "a dial tone": at_level(np.sin(2 * np.pi * 440 * np.arange(40 * 48_000) / 48_000).astype(np.float32), -20),
    "a noise floor that drifts by 9 dB": noise(40, -50, colour=1)
    * (10 ** (np.linspace(0, 9, 40 * 48_000) / 20)).astype(np.float32),
}


@pytest.mark.parametrize("name", QUIET)
async def test_nothing_is_heard_where_nothing_is_said(hear: Ear, name: str) -> None:
    """No piece is written, so no model can invent words for it."""
    heard = await hear(encoded(QUIET[name], container="flac", codec="flac"))
    assert [piece["speech"] for piece in heard.pieces] == [False] * len(heard.pieces)
    assert list(heard.folder.iterdir()) == []
    assert not heard.facts["as_is"]


@pytest.mark.parametrize(
    ("name", "ratio", "colour"),
    [
        *((name, 0, colour) for name in ("two_cities", "beckett", "endgame_nagg_nell") for colour in (0, 1, 2)),
        *(("beckett", ratio, 1) for ratio in (5, 15)),
    ],
)
async def test_speech_in_noise_is_heard(hear: Ear, name: str, ratio: float, colour: float) -> None:
    """As loud as the noise around it, in every colour of noise: no piece is lost."""
    words = speech(name, RATE)
    sound = mixed(words, noise(len(words) / RATE, -40, colour=colour, rate=RATE), ratio)
    heard = await hear(encoded(sound, container="flac", codec="flac", rate=RATE))
    assert all(piece["speech"] for piece in heard.pieces)


@pytest.mark.parametrize("level", [-50, -62])
async def test_quiet_speech_is_heard_and_made_louder(hear: Ear, level: float) -> None:
    """What is written is loud enough for a model; what was measured is told."""
    heard = await hear(encoded(at_level(speech("beckett"), level), container="flac", codec="flac"))
    (piece,) = heard.pieces
    assert piece["speech"]
    assert piece["rms_db"] == pytest.approx(level, abs=1.5)
    assert 10 * np.log10(np.mean(heard.samples(0) ** 2)) > -32
    assert piece["gain_db"] > 15
    assert not heard.facts["as_is"]


async def test_one_word_in_a_minute_of_noise_is_heard(hear: Ear) -> None:
    """And only the piece that has it is written."""
    sound = noise(60, -45, colour=1)
    word = speech("beckett")[48_000 : 2 * 48_000]
    sound[48_000 * 50 : 48_000 * 51] += at_level(word, -38)
    heard = await hear(encoded(sound, container="flac", codec="flac"))
    spoken = [piece for piece in heard.pieces if piece["speech"]]
    assert len(spoken) == 1
    assert spoken[0]["start"] < 50 < spoken[0]["end"]


async def test_music_is_worth_hearing(hear: Ear) -> None:
    """Chords alone count."""
    heard = await hear(encoded(chords(40, -30)))
    assert all(piece["speech"] for piece in heard.pieces)


async def test_two_hours_of_silence_are_two_hours_of_nothing(hear: Ear) -> None:
    """Long files are read as a stream, in little memory, far within the time limit."""
    heard = await hear(encoded(silence(7190, 2000), container="wav", codec="pcm_s16le", rate=2000))
    assert heard.pieces[-1]["end"] == pytest.approx(7190, abs=0.01)
    assert not any(piece["speech"] for piece in heard.pieces)


async def test_one_of_ten_tracks_is_heard(hear: Ear) -> None:
    """The default one, which here is the first; or the one that is asked for."""
    tracks = [beeps([1.0 + number], 12) for number in range(10)]
    tags = ["deu", "fra", *["eng"] * 8]
    data = encoded(*tracks, container="matroska", codec="flac", languages=tags)
    first, second = await hear(data), await hear(data, track=1)
    assert first.facts["tracks"] == 10
    assert not first.facts["as_is"]
    assert [first.facts["language"], second.facts["language"]] == ["deu", "fra"]
    assert first.beeps() == pytest.approx([1.0], abs=TOLERANCE)
    assert second.beeps() == pytest.approx([2.0], abs=TOLERANCE)


@pytest.mark.parametrize(
    ("container", "codec", "options"),
    [
        ("ogg", "libopus", {}),
        ("mp3", "libmp3lame", {}),
        ("mp4", "aac", {"movflags": "faststart"}),
        ("wav", "pcm_s16le", {}),
        ("matroska", "aac", {}),
        ("flac", "flac", {}),
    ],
)
async def test_what_is_left_of_a_cut_off_file_is_heard(
    hear: Ear, container: str, codec: str, options: dict[str, str]
) -> None:
    """Half a file gives about half the sound."""
    data = encoded(beeps(TIMES, SECONDS), container=container, codec=codec, options=options)
    heard = await hear(data[: len(data) // 2])
    end = heard.pieces[-1]["end"]
    assert 5 < end < SECONDS - 2
    expected = [time for time in TIMES if time < end - 0.5]
    assert heard.beeps()[: len(expected)] == pytest.approx(expected, abs=TOLERANCE)
    if container not in {"ogg", "wav"}:  # The length of these is told by what is there.
        assert heard.facts["read_until"] == pytest.approx(end, abs=0.01)
        assert not heard.facts["as_is"]


async def test_headers_that_claim_hours_are_not_believed(hear: Ear) -> None:
    """Ten seconds of sound stay ten seconds, whatever the header says."""
    data = bytearray(encoded(beeps([1.0, 8.0], 10), container="mp3", codec="libmp3lame"))
    at = data.find(b"Info")
    assert at > 0
    data[at + 8 : at + 12] = (10_000_000).to_bytes(4, "big")  # frames: 72 hours
    heard = await hear(bytes(data))
    assert heard.facts["declared_seconds"] > 200_000
    assert heard.pieces[-1]["end"] == pytest.approx(10, abs=0.1)
    assert heard.beeps() == pytest.approx([1.0, 8.0], abs=TOLERANCE)


@pytest.mark.parametrize("container", ["wav", "matroska"])
async def test_too_long_recordings_are_refused(hear: Ear, container: str) -> None:
    """With the number of minutes that would do."""
    data = encoded(silence(200, 8000), container=container, codec="pcm_s16le", rate=8000)
    with pytest.raises(MediaError) as caught:
        await hear(data, max_seconds=180)
    assert (caught.value.code, caught.value.params) == ("media-too-long", {"minutes": "3"})


async def test_foreign_codecs_are_refused(hear: Ear) -> None:
    """AC-3 is never decoded, whatever its container."""
    with pytest.raises(MediaError) as caught:
        await hear(encoded(beeps([1.0], 3), container="matroska", codec="ac3"))
    assert (caught.value.code, caught.value.params) == ("media-codec", {"codec": "ac3"})


@pytest.mark.parametrize(
    "content",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nother.ts\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile other.mp4\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    ],
)
async def test_lists_of_other_files_are_never_followed(
    decoding_sandbox: Sandbox, tmp_path: Path, content: bytes
) -> None:
    """Whatever demuxer is asked for: nothing but the file is read."""
    (tmp_path / "other.ts").write_bytes(encoded(beeps([1.0], 3), container="mpegts", codec="aac"))
    (tmp_path / "other.mp4").write_bytes(encoded(beeps([1.0], 3), container="mp4", codec="aac"))
    path, out = tmp_path / "in.mp4", tmp_path / "out"
    path.write_bytes(content)
    out.mkdir()
    for demuxer in ("mov", "ogg", "mp3", "wav", "flac", "aac", "matroska", "hls", "concat", "sdp"):
        options = {"demuxer": demuxer, "max_pixels": 1_000_000, "out": str(out), "max_seconds": 60}
        with pytest.raises(MediaError) as caught:
            await decoding_sandbox.run(CUT, path, options)
        assert caught.value.code in {"media-broken", "media-unknown", "media-no-sound"}
    assert list(out.iterdir()) == []


async def test_levels_and_rate_are_those_of_the_original(hear: Ear) -> None:
    """Stereo becomes mono, 44.1 kHz becomes 16 kHz, and a tone keeps its pitch."""
    tone = (0.25 * np.sin(2 * np.pi * 1000 * np.arange(44_100 * 5) / 44_100)).astype(np.float32)
    tone[: 44_100 * 2] = 0
    heard = await hear(encoded(tone, container="wav", codec="pcm_s16le", rate=44_100))
    samples = heard.samples(0)
    spectrum = np.abs(np.fft.rfft(samples[RATE * 3 : RATE * 4]))
    assert int(np.argmax(spectrum)) == 1000
    assert heard.pieces[0]["rms_db"] == pytest.approx(-17.3, abs=0.2)
