"""Chooses the few frames of a video that show the most, each with its time; runs in a sandbox child."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from services.media._containers import codec_name, foreign_codec, open_container, time_zero, video_streams
from services.media._decoding import Lane, Sighting
from services.media._detail import MOST_LOST, lost_detail, smaller
from services.media._looking import Scope, look_through
from services.media._packets import PacketTable, is_screen, read_packets
from services.media._pictures import picture, shown_size
from services.media._refusals import RefusedError
from services.media._selection import choose

CAMERA_QUALITY = 82
SCREEN_QUALITY = 90
"""Letters suffer first."""
LATEST = 1e9
SLACK_SECONDS = 0.05
"""How far outside of the asked part a frame may lie: the one on the screen as it begins started before."""


@dataclass(frozen=True, slots=True)
class _Wishes:
    """The options of `frames`."""

    demuxer: str
    count: int
    long_side: int
    screen_long_side: int
    soft_long_side: int
    max_pixels: int
    max_seconds: float
    start: float
    end: float
    at: tuple[float, ...]
    gap_share: float
    out: Path

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> _Wishes:
        return cls(
            demuxer=options["demuxer"],
            count=max(int(options["count"]), 1),
            long_side=options["long_side"],
            screen_long_side=options.get("screen_long_side", options["long_side"]),
            soft_long_side=options.get("soft_long_side", options["long_side"]),
            max_pixels=options["max_pixels"],
            max_seconds=options["max_seconds"],
            start=options.get("from", 0.0),
            end=options.get("to", LATEST),
            at=tuple(options.get("at", ())),
            gap_share=options.get("gap_share", 1 / 8),
            out=Path(options["out"]),
        )


def frames(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Choose frames and write them as JPEG files without metadata.

    Args:
        path: The video.
        options: `demuxer` (FFmpeg's name), `count` (most frames), `long_side` and `screen_long_side` (px
            of the results, for camera pictures and for recorded screens), `max_pixels` (of a frame),
            `max_seconds` (after that, what was decoded has to do), `out` (folder for the files). Optional:
            `from` and `to` (seconds: only this part), `at` (seconds: what is on the screen at these times,
            instead of a choice), `gap_share` (longest part of the time without a frame, where there is
            anything new), `soft_long_side` (px of chosen camera pictures that lose no detail at that size).

    Returns:
        Facts, and no payloads. `seconds` (as far as the file can be read), `width` and `height` (as people
        see it), `fps`, `start` (when the picture begins on the file's clock), `codec`, `content` (`camera`
        or `screen`), `frames` (each `time`, `width`, `height`, `file`), `read_until` (seconds, when the
        file breaks off before its end; else null), `has_picture`, `foreign_codec` (which of its codecs is
        not decoded).

    Raises:
        RefusedError: Its frames are too large.
    """
    wishes = _Wishes.of(options)
    deadline = time.monotonic() + wishes.max_seconds
    with ExitStack() as stack:

        def opened() -> InputContainer:
            return stack.enter_context(open_container(path, wishes.demuxer, max_pixels=wishes.max_pixels))

        container = opened()
        streams = video_streams(container)
        if not streams:
            return _no_picture() | {"foreign_codec": foreign_codec(container)}, []
        _check_size(streams[0], wishes.max_pixels)
        zero = time_zero(container)
        table = read_packets(container, streams[0], path, zero, deadline)
        if not len(table.keys):
            return _no_picture() | {"codec": codec_name(streams[0])}, []
        scope = _scope(wishes, table, streams[0])
        long_side = wishes.screen_long_side if scope.is_screen else wishes.long_side
        # The first lane has the container that was read: it may know better where keyframes are.
        containers = chain([container], iter(opened, None))

        def open_lane() -> Lane:
            return Lane(next(containers), table, zero, long_side, deadline)

        seen = look_through(table, scope, open_lane)
        facts = _facts(streams[0], table) | {"content": "screen" if scope.is_screen else "camera"}
    if not seen:
        return _no_picture() | {"codec": facts["codec"], "read_until": 0.0}, []
    width, height = shown_size(seen[0].width, seen[0].height, seen[0].aspect, seen[0].rotation)
    quality = SCREEN_QUALITY if scope.is_screen else CAMERA_QUALITY
    chosen = [_sized(each, wishes, scope) for each in _choose(seen, scope)]
    written = [_write(each, wishes.out, number, quality) for number, each in enumerate(chosen)]
    return facts | {"width": width, "height": height, "frames": written}, []


def _choose(seen: Sequence[Sighting], scope: Scope) -> list[Sighting]:
    if scope.at:
        return list(seen)[: scope.count]
    start, end = scope.window
    inside = [each for each in seen if start - SLACK_SECONDS <= each.time <= end + SLACK_SECONDS] or seen
    whole = [each for each in inside if not each.is_damaged] or inside
    looks, times = [each.look for each in whole], np.array([each.time for each in whole])
    rows = choose(looks, times, scope.count, max_gap=scope.max_gap, is_screen=scope.is_screen)
    return [whole[row] for row in rows]


def _sized(seen: Sighting, wishes: _Wishes, scope: Scope) -> Sighting:
    """Return a frame no larger than what it shows; frames that were asked for by their time stay large."""
    if scope.at or scope.is_screen or seen.look.is_flat:
        return seen
    if lost_detail(seen.frame, wishes.soft_long_side) > MOST_LOST:
        return seen
    return replace(seen, frame=smaller(seen.frame, wishes.soft_long_side))


def _scope(wishes: _Wishes, table: PacketTable, video: VideoStream) -> Scope:
    start = min(max(wishes.start, float(table.times.min())), table.end)
    end = max(min(wishes.end, table.end), start)
    return Scope(
        window=(start, end),
        count=wishes.count,
        at=wishes.at,
        max_gap=max((end - start) * wishes.gap_share, 1e-3),
        pixels=video.width * video.height,
        is_screen=is_screen(table, video.width * video.height),
    )


def _check_size(video: VideoStream, max_pixels: int) -> None:
    if video.width * video.height > max_pixels:
        size = f"{video.width} × {video.height}"
        raise RefusedError("media-too-many-pixels", size=size, limit=f"{max_pixels / 1e6:.0f}")


def _write(seen: Sighting, folder: Path, number: int, quality: int) -> dict[str, Any]:
    image = picture(seen.frame, seen.rotation, color_trc=seen.color_trc, source_lines=seen.height)
    name = f"frame-{number:04d}.jpg"
    image.save(folder / name, "JPEG", quality=quality, optimize=True)
    return {"time": round(max(seen.time, 0.0), 4), "width": image.width, "height": image.height, "file": name}


def _facts(video: VideoStream, table: PacketTable) -> dict[str, Any]:
    rate = 1 / table.frame_seconds if len(table.times) > 1 else float(video.average_rate or 0)
    return {
        "seconds": round(table.end, 4),
        "fps": round(rate, 3),
        "start": round(float(table.times.min()), 4),
        "codec": codec_name(video),
        "read_until": round(table.end, 4) if table.is_cut_short else None,
        "has_picture": True,
        "foreign_codec": "",
    }


def _no_picture() -> dict[str, Any]:
    return {
        "seconds": 0.0,
        "width": 0,
        "height": 0,
        "fps": 0.0,
        "start": 0.0,
        "codec": "",
        "content": "camera",
        "frames": [],
        "read_until": None,
        "has_picture": False,
        "foreign_codec": "",
    }
