"""Decodes chosen frames of a video and none besides what those need; runs in sandbox children."""

# PyAV types its packets by a parameter that nothing gives.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.error
import av.packet
from av.container import InputContainer

from services.media._containers import video_streams
from services.media._features import Look, look_at
from services.media._packets import PacketTable
from services.media._pictures import scaled

LAST_PACKETS = 24
"""Before the end, from which on no frame is left out: the last one shown may be among them."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What to decode of the frames between one keyframe and the next."""

    group: int
    """Number of the keyframe."""
    times: Sequence[float] = ()
    """Ascending, in seconds of the file's clock; infinity is the last frame. None: the keyframe alone."""
    is_exact: bool = False
    """Every frame is decoded; else those that no other frame needs may be left out."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A frame that was decoded, scaled down."""

    time: float
    """When it is shown, in seconds of the file's clock."""
    look: Look
    frame: av.VideoFrame
    width: int
    """Of the frame as stored, in px."""
    height: int
    aspect: float
    """Width of a stored pixel divided by its height."""
    rotation: int
    """Degrees counter-clockwise that bring it upright, in quarter turns."""
    color_trc: int
    is_damaged: bool


class Lane:
    """One opened file with one decoder. Not shared between threads.

    Args:
        container: Opened for this lane alone.
        table: Of the same file.
        zero: The file's clock, in seconds of its timestamps.
        long_side: Of the scaled frames, in px.
        deadline: On the monotonic clock; then decoding ends where it is.
    """

    def __init__(
        self,
        container: InputContainer,
        table: PacketTable,
        zero: Fraction,
        long_side: int,
        deadline: float,
    ) -> None:
        self._container = container
        self._video = video = video_streams(container)[0]
        video.codec_context.thread_count = 1  # Two lanes use both cores better than two threads in one.
        self._table = table
        self._zero = float(zero)
        self._base = float(video.time_base or Fraction(1, 1000))
        self._long_side = long_side
        self._deadline = deadline
        self._packets: Iterator[av.packet.Packet[Any]] = iter(())
        self._position = math.inf
        """Stamp of the last packet that was read."""
        self._aspect = float(video.sample_aspect_ratio or 1) or 1.0

    def visit(self, visit: Visit) -> list[Sighting]:
        """Decode; of a damaged part, what can be decoded. Frames come in the order of the wanted times."""
        if time.monotonic() > self._deadline:
            return []
        decoder = self._video.codec_context
        decoder.skip_frame = "DEFAULT" if visit.is_exact or not visit.times else "NONREF"
        wanted = _Wanted(visit.times, self._table.slack)
        sightings: list[Sighting] = []
        try:
            for frame in self._frames(visit):
                sightings += [self._see(each, at) for each, at in wanted.offer(frame, self._time_of(frame))]
                if wanted.is_content or time.monotonic() > self._deadline:
                    break
            sightings += [self._see(each, at) for each, at in wanted.end()]
        except (av.error.FFmpegError, ValueError):
            sightings += [self._see(each, at) for each, at in wanted.end()]
        finally:
            decoder.flush_buffers()
        return sightings

    def _frames(self, visit: Visit) -> Iterator[av.VideoFrame]:
        """Yield the frames of a group; a packet that cannot be decoded is skipped."""
        first, behind = self._table.rows_of_group(visit.group)
        decoder = self._video.codec_context
        left = behind - first if visit.times else 1
        for packet in self._packets_from(int(self._table.stamps[first])):
            if left <= 0:
                break
            left -= 1
            if left < LAST_PACKETS and math.inf in visit.times:
                decoder.skip_frame = "DEFAULT"
            try:
                yield from decoder.decode(packet)
            except av.error.FFmpegError:
                continue
        yield from decoder.decode(None)

    def _packets_from(self, stamp: int) -> Iterator[av.packet.Packet[Any]]:
        """Yield packets from a keyframe on."""
        reached = self._seek(stamp)
        for packet in self._packets:
            at = packet.dts if packet.dts is not None else packet.pts
            if at is None or not packet.size:
                continue
            self._position = at
            reached = reached or at >= stamp
            if reached:
                yield packet

    def _seek(self, stamp: int) -> bool:
        """Go to where a packet can be read; return whether the next one is it for sure."""
        is_ahead = self._position < stamp and not self._table.is_indexed
        is_near = is_ahead and (stamp - self._position) * self._base < 2.0
        if not is_near:
            self._container.seek(stamp, stream=self._video)
            self._packets = iter(self._container.demux(self._video))
        return False

    def _time_of(self, frame: av.VideoFrame) -> float:
        # Frames that come from draining a decoder carry no time base of their own.
        stamp = frame.pts if frame.pts is not None else frame.dts
        return math.nan if stamp is None else stamp * self._base - self._zero

    def _see(self, frame: av.VideoFrame, at: float) -> Sighting:
        small = scaled(frame, self._aspect, self._long_side)
        return Sighting(
            time=at,
            look=look_at(small),
            frame=small,
            width=frame.width,
            height=frame.height,
            aspect=self._aspect,
            rotation=round(frame.rotation / 90) * 90 % 360,
            color_trc=frame.color_trc,
            is_damaged=frame.is_corrupt,
        )


class _Wanted:
    """Picks, from frames in order, the one on the screen at each wanted time."""

    def __init__(self, times: Sequence[float], slack: float) -> None:
        self._times = list(times)
        self._slack = slack
        self._before: tuple[av.VideoFrame, float] | None = None
        self._is_first_only = not times

    @property
    def is_content(self) -> bool:
        return not self._times and not self._is_first_only

    def offer(self, frame: av.VideoFrame, at: float) -> list[tuple[av.VideoFrame, float]]:
        """Take the next frame; return those that are now known to be wanted."""
        if math.isnan(at):
            return []
        found: list[tuple[av.VideoFrame, float]] = []
        if self._is_first_only:
            found = [(frame, at)] if self._before is None else []
        else:
            while self._times and at > self._times[0] + self._slack:
                self._times.pop(0)
                if self._before is not None and (not found or found[-1][1] != self._before[1]):
                    found.append(self._before)
        self._before = (frame, at)
        return found

    def end(self) -> list[tuple[av.VideoFrame, float]]:
        """Return the last frame if a time after it was wanted."""
        is_wanted = bool(self._times) and not self._is_first_only
        self._times = []
        return [self._before] if is_wanted and self._before is not None else []
