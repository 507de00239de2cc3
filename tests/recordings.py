"""Recordings as browsers make them: written as they come, without a length, not beginning at zero."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
from av.audio.stream import AudioStream

RATE = 48_000
_BLOCK = 960
_LIVE = {"webm": {"live": "1"}, "mp4": {"movflags": "frag_keyframe+empty_moov"}}


class _Stream:
    """A sink that cannot go back, like a recorder's."""

    def __init__(self) -> None:
        self.written = io.BytesIO()

    def write(self, data: bytes) -> int:
        return self.written.write(data)


def recorded(kind: str, codec: str, *, seconds: float = 3.2, begins: float = 0.7) -> bytes:
    """Return a recording of a tone that grows louder for a second."""
    time = np.arange(int(seconds * RATE)) / RATE
    tone = (0.3 * np.sin(2 * np.pi * 440 * time) * np.minimum(1, time)).astype(np.float32)
    sink = _Stream()
    with av.open(sink, "w", format=kind, options=_LIVE.get(kind, {})) as container:
        stream = container.add_stream(codec, rate=RATE, layout="mono")
        assert isinstance(stream, AudioStream)
        for at in range(0, len(tone), _BLOCK):
            block = av.AudioFrame.from_ndarray(tone[None, at : at + _BLOCK], "flt", "mono")
            block.sample_rate, block.time_base = RATE, Fraction(1, RATE)
            block.pts = at + int(begins * RATE)
            container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    return sink.written.getvalue()


def packets(recording: bytes) -> list[bytes]:
    """Return the encoded packets of a recording's sound."""
    with av.open(io.BytesIO(recording), "r") as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]
