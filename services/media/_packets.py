"""What a video holds, packet by packet, without decoding any of it; runs in sandbox children."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.container
import av.error
import numpy as np

from services.media._containers import start_of

Integers = np.ndarray[Any, np.dtype[np.int64]]
Booleans = np.ndarray[Any, np.dtype[np.bool_]]
Reals = np.ndarray[Any, np.dtype[np.float64]]

SCREEN_PACKET = 0.005
"""Part of a keyframe's bytes that four of five other packets stay below where the picture stands still."""
STILL_BYTES = 80
STILL_BYTES_A_PIXEL = 1 / 20_000
"""A packet of so much says nothing but that nothing moves, however small the keyframes of a plain page are."""
PEAK_RATIO = 5.0
"""How much larger than its neighbours a packet is where a still picture changes."""
PEAK_PACKET = 0.03
"""Part of a keyframe's bytes that such a packet has at least."""
MISSING_SECONDS = 1.0
"""So much less than declared is a sign of a file that is cut short."""
MOST_SLACK = 0.025
DAMAGES = 16
"""Breaks in a file after which no more of it is read."""


@dataclass(frozen=True, slots=True)
class PacketTable:
    """One row a packet of the video stream, in the order of the file."""

    stamps: Integers
    """Decoding time in the stream's time base: where to seek."""
    times: Reals
    """When it is shown, in seconds of the file's clock; approximate between keyframes."""
    keys: Integers
    """Rows that decoding can start at."""
    sizes: Integers
    """Bytes."""
    end: float
    """When the last frame ends, in seconds of the file's clock."""
    is_indexed: bool
    """Read from the container's index, so that any keyframe can be found at once."""
    is_cut_short: bool
    """The file breaks off, or reading it took too long."""

    def start_of_group(self, number: int) -> float:
        return float(self.times[self.keys[number]])

    def end_of_group(self, number: int) -> float:
        return self.start_of_group(number + 1) if number + 1 < len(self.keys) else self.end

    def rows_of_group(self, number: int) -> tuple[int, int]:
        """Return the rows from a keyframe up to the next."""
        last = self.keys[number + 1] if number + 1 < len(self.keys) else len(self.stamps)
        return int(self.keys[number]), int(last)

    def group_at(self, at: float) -> int:
        """Return the number of the keyframe that decoding for a time starts at."""
        return max(int(np.searchsorted(self.times[self.keys], at + 1e-6, side="right")) - 1, 0)

    @property
    def slack(self) -> float:
        """How much later than asked a frame may begin to count as shown then, in seconds."""
        return min(self.frame_seconds / 2, MOST_SLACK)

    @property
    def frame_seconds(self) -> float:
        """How long a frame is shown, typically."""
        return float(np.median(np.diff(np.sort(self.times)))) if len(self.times) > 1 else 0.04


def read_packets(
    container: av.container.InputContainer, video: av.VideoStream, path: str, zero: Fraction, deadline: float
) -> PacketTable:
    """Read the table from the container's index where that is complete, else by reading the file through."""
    indexed = _from_index(video, Path(path).stat().st_size)
    rows, is_cut_short = indexed or _by_reading(container, video, deadline)
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    base = float(video.time_base or Fraction(1, 1000))
    shown: Reals = table[:, 1].astype(np.float64) * base - float(zero)
    if indexed is not None and len(table):
        # An index knows when packets are decoded; the first is shown when the stream starts.
        shown += float(start_of(video) or 0) - float(table[0, 1] * base)
    step = float(np.median(np.diff(np.sort(shown)))) if len(shown) > 1 else 0.04
    keys = np.flatnonzero(table[:, 2])
    if len(table) and not len(keys):
        keys = np.zeros(1, dtype=np.int64)  # A format without marks: decoding starts at the start.
    end = float(shown.max()) + step if len(shown) else 0.0
    if indexed is None:
        is_cut_short = is_cut_short or _declared_end(container, video, zero) > end + MISSING_SECONDS
    return PacketTable(table[:, 0], shown, keys, table[:, 3], end, indexed is not None, is_cut_short)


def _declared_end(container: av.container.InputContainer, video: av.VideoStream, zero: Fraction) -> float:
    """Return when the video ends by its header, in seconds of the file's clock; 0 where it does not say."""
    if video.duration and video.time_base:
        return float(video.duration * video.time_base + (start_of(video) or 0) - zero)
    others = len(container.streams) > 1  # The sound may be longer.
    return 0.0 if others or not container.duration else container.duration / av.time_base


def _from_index(video: av.VideoStream, file_bytes: int) -> tuple[list[tuple[int, int, int, int]], bool] | None:
    """Return rows (stamp, shown, is key, bytes) and whether the file breaks off; None without a whole index."""
    entries = video.index_entries
    # Fragments, and containers that list keyframes only, have too few entries.
    if video.frames < 1 or len(entries) < 0.9 * video.frames:
        return None
    listed = [
        (each.timestamp, each.timestamp, int(each.is_keyframe), each.size, each.pos)
        for each in entries
        if not each.is_discard
    ]
    there = [row[:4] for row in listed if row[4] + row[3] <= file_bytes]
    return there, len(there) < len(listed)


def _by_reading(
    container: av.container.InputContainer, video: av.VideoStream, deadline: float
) -> tuple[list[tuple[int, int, int, int]], bool]:
    rows: list[tuple[int, int, int, int]] = []
    for _ in range(DAMAGES):
        try:
            for packet in container.demux(video):
                stamp = packet.dts if packet.dts is not None else packet.pts
                if stamp is None or not packet.size:
                    continue
                shown = packet.pts if packet.pts is not None else stamp
                rows.append((stamp, shown, int(packet.is_keyframe), packet.size))
                if len(rows) % 256 == 0 and time.monotonic() > deadline:
                    return rows, True
        except av.error.EOFError:
            return rows, False
        except av.error.FFmpegError:
            continue
        return rows, False
    return rows, True


def is_screen(table: PacketTable, pixels: int) -> bool:
    """Tell a recorded screen from a camera: where nothing moves, packets are next to empty."""
    is_key = np.zeros(len(table.sizes), dtype=np.bool_)
    is_key[table.keys] = True
    others = table.sizes[~is_key]
    if len(others) <= 20 or not len(table.keys):
        return False
    still = STILL_BYTES + STILL_BYTES_A_PIXEL * pixels
    most = max(SCREEN_PACKET * float(np.median(table.sizes[table.keys])), still)
    return bool(np.percentile(others, 80) < most)


def peaks(table: PacketTable) -> Integers:
    """Return the rows of packets that are much larger than their neighbours: something changed there."""
    sizes = table.sizes
    if len(sizes) < 3:
        return np.zeros(0, dtype=np.int64)
    padded = np.pad(sizes, 24, mode="reflect" if len(sizes) > 24 else "edge")
    usual = np.percentile(np.lib.stride_tricks.sliding_window_view(padded, 49), 75, axis=1)
    is_peak = (sizes > PEAK_RATIO * usual) & (sizes > PEAK_PACKET * np.median(sizes[table.keys]))
    is_peak[table.keys] = False
    return np.flatnonzero(is_peak)
