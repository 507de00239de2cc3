"""Decodes one sound track as a stream: 16 kHz, mono, 16 bit, on the file's own clock.

Timestamps rule, sample counts do not: recordings lose packets, start late, and their parts are glued
together. Every block says when it starts; a small gap becomes silence, a long one a new block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.container
import av.error
import numpy as np

from services.media._containers import start_of

RATE = 16_000
"""Samples a second of what comes out: what transcription models work at."""
Samples = np.ndarray[Any, np.dtype[np.int16]]

LOWEST_RATE = 1_000
JITTER_SECONDS = 0.015
"""Timestamps are rounded and shaky; below this they say nothing that samples do not say better."""
FILLED_SECONDS = 1.0
"""Gaps up to this are filled with silence; overlaps up to this are dropped."""


@dataclass(frozen=True, slots=True)
class Block:
    """Sound without gaps."""

    start: float
    """Seconds on the file's clock."""
    samples: Samples


class SoundTrack:
    """Iterate once over the blocks of one track; then the attributes say how it went."""

    def __init__(self, container: av.container.InputContainer, stream: av.AudioStream, zero: Fraction) -> None:
        self._container = container
        self._stream = stream
        self._zero = float(zero)
        self._resampling: _Resampling | None = None
        self._shape: tuple[str, str, int] | None = None
        self._base = float(stream.time_base or 0)
        """Of the track's timestamps, in seconds."""
        self._origin = 0.0
        """When the current run of samples began."""
        self._count = 0
        """Samples of the current run, the dropped ones left out."""
        self._drop = 0
        """Samples still to be dropped: they overlap what came before."""
        self._shift = 0.0
        """Added to timestamps since their clock was restarted."""
        self._due: float | None = None
        """When the next frame should begin."""
        self.broke_off = False
        """The container failed before its end."""
        self.damaged = 0
        """Packets that could not be decoded."""
        self.decoded_seconds = 0.0
        """Of sound, gaps left out."""

    def __iter__(self) -> Iterator[Block]:
        for frame in self._frames():
            yield from self._take(frame)
        yield from self._drain()

    def _frames(self) -> Iterator[av.AudioFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError:
                self.broke_off = True
                return
            try:
                yield from packet.decode()
            except av.error.FFmpegError:
                self.damaged += 1

    def _take(self, frame: av.AudioFrame) -> Iterator[Block]:
        if frame.rate < LOWEST_RATE:
            raise ValueError("the sampling rate is too low for sound")
        shape = (frame.format.name, frame.layout.name, frame.rate)
        start = self._start(frame)
        is_off = self._due is None or abs(start - self._due) > JITTER_SECONDS
        if is_off or shape != self._shape:
            yield from self._drain()
            self._shape = shape
            self._resampling = _Resampling()
        if is_off:
            yield from self._move_to(start)
            self._due = start
        assert self._due is not None
        assert self._resampling is not None
        self._due += frame.samples / frame.rate
        self.decoded_seconds += frame.samples / frame.rate
        for samples in self._resampling.add(frame):
            yield from self._emit(samples)

    def _start(self, frame: av.AudioFrame) -> float:
        """Return when a frame starts on the file's clock, in seconds."""
        if frame.pts is None or not self._base:
            if self._due is not None:
                return self._due
            first = start_of(self._stream)
            return 0.0 if first is None else float(first) - self._zero
        start = frame.pts * self._base - self._zero + self._shift
        if self._due is not None and start < self._due - FILLED_SECONDS:
            # Parts glued together, each with a clock of its own: go on where the last one ended.
            self._shift += self._due - start
            return self._due
        return start

    def _move_to(self, start: float) -> Iterator[Block]:
        """Let the next sample be the one at `start`."""
        if self._due is None or start - self._due > FILLED_SECONDS:
            # What comes before the clock's zero is not presented.
            self._origin, self._count = max(start, 0.0), 0
        ahead = round((start - self._origin) * RATE) - self._count
        self._drop = max(-ahead, 0)
        if ahead > 0:
            yield self._block(np.zeros(ahead, np.int16))

    def _drain(self) -> Iterator[Block]:
        if self._resampling is not None:
            for samples in self._resampling.end():
                yield from self._emit(samples)
        self._resampling = None

    def _emit(self, samples: Samples) -> Iterator[Block]:
        dropped = min(self._drop, len(samples))
        self._drop -= dropped
        if dropped < len(samples):
            yield self._block(samples[dropped:])

    def _block(self, samples: Samples) -> Block:
        block = Block(self._origin + self._count / RATE, samples)
        self._count += len(samples)
        return block


class _Resampling:
    """Turns frames of one shape into samples, a second at a time: a fifth of the cost of frame by frame."""

    def __init__(self) -> None:
        self._held = av.AudioFifo()
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)

    def add(self, frame: av.AudioFrame) -> Iterator[Samples]:
        """Take a frame; return what is ready."""
        frame.pts = None  # Sample counts say where it is, and rounded timestamps would be refused.
        self._held.write(frame)
        if self._held.samples >= frame.rate:
            yield from self._resampled(self._held.read())

    def end(self) -> Iterator[Samples]:
        """Return the rest."""
        if self._held.samples:
            yield from self._resampled(self._held.read())
        yield from self._resampled(None)

    def _resampled(self, frame: av.AudioFrame | None) -> Iterator[Samples]:
        for out in self._resampler.resample(frame):
            yield out.to_ndarray()[0].astype(np.int16, copy=False)
