"""Makes voice notes of what a browser records, as Discord's own clients would send them."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from numpy.typing import NDArray

LONGEST_SECONDS = 20 * 60
MOST_BYTES = 25 * 1024 * 1024
WAVEFORM_POINTS = 256
"""Discord's clients draw at most so many bars ..."""
POINTS_A_SECOND = 10
"""... and fewer for short notes."""
LOUDNESS_RATE = 8_000
"""Samples a second that are enough to measure loudness; keeps a long recording small in memory."""
CONTAINERS = ("matroska", "mp4", "ogg", "wav")
CODECS = frozenset({"opus", "aac", "vorbis", "pcm_s16le", "pcm_f32le"})
"""What browsers record with: Chromium and Firefox WebM or Ogg with Opus, Safari MP4 with AAC."""
OPUS_RATE = 48_000
BITS_A_SECOND = 32_000
_CLOCK = Fraction(1, OPUS_RATE)
_FRAME = 960
"""Samples of an Opus packet of 20 ms."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """A recording, ready to be posted.

    Attributes:
        ogg: Ogg with Opus.
        seconds: How long it is.
        waveform_b64: At most 256 loudness values of one byte each, in base64.
    """

    ogg: bytes
    seconds: float
    waveform_b64: str


def to_voice_note(recording: bytes, *, longest: float = LONGEST_SECONDS) -> VoiceNote:
    """Turn a recording into a voice note. Opus is carried over as it is, other codecs are encoded anew.

    Args:
        recording: A file as `MediaRecorder` makes it: WebM, Ogg or MP4, perhaps without a length and
            with times that do not begin at zero.
        longest: Seconds that a recording may have.

    Raises:
        ValueError: It is too long or too big, holds no sound, or is of no kind that browsers record.
    """
    if len(recording) > MOST_BYTES:
        raise ValueError(f"the recording is bigger than {MOST_BYTES // (1024 * 1024)} MiB")
    try:
        with _opened(recording) as source:
            if not source.streams.audio:
                raise ValueError("the recording holds no sound")
            codec = source.streams.audio[0].codec_context.name
            if codec not in CODECS:
                raise ValueError(f"the recording's codec {codec} is none that browsers record with")
            ogg = _carried_over(source, longest) if codec == "opus" else _encoded(source, longest)
        samples = _decoded(ogg, longest)
    except FFmpegError as error:
        raise ValueError("the recording cannot be read; please record it once more") from error
    if not len(samples):
        raise ValueError("the recording is empty; please record it once more")
    return VoiceNote(ogg, round(len(samples) / LOUDNESS_RATE, 3), waveform(samples))


def waveform(samples: Samples) -> str:
    """Return the loudness of a sound as Discord's clients draw it.

    Args:
        samples: 8000 a second.

    Returns:
        Base64 of at most 256 bytes, 0 to 255.
    """
    points = max(1, min(WAVEFORM_POINTS, len(samples) * POINTS_A_SECOND // LOUDNESS_RATE))
    pieces = np.array_split(samples, points)
    loudness = np.array([np.sqrt(np.mean(np.square(each, dtype=np.float64))) for each in pieces])
    loudest = float(loudness.max())
    scaled = loudness / loudest * 255 if loudest > 0 else loudness
    return base64.b64encode(scaled.round().astype(np.uint8).tobytes()).decode()


def _opened(recording: bytes) -> InputContainer:
    """Open a recording as one of the formats that browsers write, and as no other."""
    for name in CONTAINERS:
        try:
            return av.open(io.BytesIO(recording), "r", format=name)
        except FFmpegError:
            continue
    raise ValueError("the recording is neither WebM, Ogg, MP4 nor WAV")


def _carried_over(source: InputContainer, longest: float) -> bytes:
    """Copy Opus packets as they are, with times that begin at zero."""
    target = io.BytesIO()
    stream = source.streams.audio[0]
    with av.open(target, "w", format="ogg") as container:
        copy = container.add_stream_from_template(stream)
        copy.time_base = _CLOCK
        first: float | None = None
        for packet in source.demux(stream):
            if packet.pts is None or packet.time_base is None or not packet.size:
                continue  # the end of the file
            at = float(packet.pts * packet.time_base)
            first = at if first is None else first
            _check_length(at - first, longest)
            packet.pts = packet.dts = round((at - first) * OPUS_RATE)
            packet.time_base = _CLOCK
            packet.stream = copy
            container.mux(packet)
        if first is None:
            raise ValueError("the recording is empty; please record it once more")
    return target.getvalue()


def _encoded(source: InputContainer, longest: float) -> bytes:
    """Encode whatever it is as Opus."""
    target = io.BytesIO()
    with av.open(target, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=OPUS_RATE, layout="mono")
        stream.bit_rate = BITS_A_SECOND
        resampler = AudioResampler(format="s16", layout="mono", rate=OPUS_RATE, frame_size=_FRAME)
        written = 0
        for block in _resampled(source, resampler):
            block.pts, block.time_base = written, _CLOCK
            written += block.samples
            _check_length(written / OPUS_RATE, longest)
            _mux(container, stream.encode(block))
        _mux(container, stream.encode(None))
    return target.getvalue()


def _mux(container: OutputContainer, packets: Sequence[Packet[Any]]) -> None:
    for packet in packets:
        container.mux(packet)


def _decoded(recording: bytes, longest: float) -> Samples:
    blocks: list[Samples] = []
    length = 0
    with av.open(io.BytesIO(recording), "r", format="ogg") as container:
        for block in _resampled(container, AudioResampler(format="flt", layout="mono", rate=LOUDNESS_RATE)):
            blocks.append(block.to_ndarray()[0].astype(np.float32))
            length += block.samples
            _check_length(length / LOUDNESS_RATE, longest)
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def _resampled(source: InputContainer, resampler: AudioResampler) -> Iterator[av.AudioFrame]:
    for frame in source.decode(source.streams.audio[0]):
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _check_length(seconds: float, longest: float) -> None:
    if seconds > longest:
        raise ValueError(f"the recording is longer than {longest / 60:g} minutes")
