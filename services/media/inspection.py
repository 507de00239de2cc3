"""Tells what is in a sound or video file, decoding next to nothing; runs in a sandbox child."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import av
import av.container
import av.error

from services.media._containers import (
    codec_name,
    foreign_codec,
    open_container,
    sound_streams,
    start_of,
    time_zero,
    video_streams,
)
from services.media._refusals import RefusedError

FIRST_PACKETS = 200
"""So many are tried until a first picture comes out."""


def inspect(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Look at a file's streams.

    Args:
        path: The file.
        options: `demuxer` (FFmpeg's name), `max_pixels` (of a frame).

    Returns:
        Facts and no payloads. `seconds` is what the header claims, and null where it claims nothing;
        starts are on the file's own clock. `video` is the first moving picture (null when there is
        none or it yields no frame), upright size in px; `videos` and `tracks` count the streams.

    Raises:
        RefusedError: There is nothing in it that may be decoded.
    """
    max_pixels = options["max_pixels"]
    with open_container(path, options["demuxer"], max_pixels=max_pixels) as container:
        videos, sounds = video_streams(container), sound_streams(container)
        foreign = foreign_codec(container)
        if not videos and not sounds:
            raise RefusedError("media-codec", codec=foreign) if foreign else RefusedError("media-no-sound")
        zero = time_zero(container)
        duration = container.duration
        facts: dict[str, Any] = {
            "seconds": round(duration / av.time_base, 3) if duration is not None and duration > 0 else None,
            "videos": len(videos),
            "tracks": len(sounds),
            "sounds": [_sound(stream, zero) for stream in sounds],
            "foreign": foreign,
            "video": _video(container, videos[0], zero, max_pixels) if videos else None,
        }
    return facts, []


def _sound(stream: av.AudioStream, zero: Fraction) -> dict[str, Any]:
    return {
        "codec": codec_name(stream),
        "start": _seconds(start_of(stream), zero),
        "rate": stream.rate,
        "channels": stream.channels,
        "language": (stream.language or "")[:30],
    }


def _video(
    container: av.container.InputContainer, stream: av.VideoStream, zero: Fraction, max_pixels: int
) -> dict[str, Any] | None:
    """Describe a stream by the first frame that really comes out of it."""
    if stream.width * stream.height > max_pixels:
        raise _too_large(stream.width, stream.height, max_pixels)
    frame = _first_frame(container, stream)
    if frame is None:
        return None
    width, height = frame.width, frame.height
    if frame.rotation % 180:
        width, height = height, width
    rate = stream.average_rate
    return {
        "codec": codec_name(stream),
        "start": _seconds(start_of(stream), zero),
        "width": width,
        "height": height,
        "rotation": frame.rotation,
        "frames_a_second": round(float(rate), 3) if rate else None,
    }


def _first_frame(container: av.container.InputContainer, stream: av.VideoStream) -> av.VideoFrame | None:
    for number, packet in enumerate(container.demux(stream)):
        try:
            if frames := packet.decode():
                return frames[0]
        except av.error.FFmpegError:
            pass
        if number > FIRST_PACKETS:
            break
    return None


def _too_large(width: int, height: int, max_pixels: int) -> RefusedError:
    limit = f"{max_pixels / 1e6:.0f}"
    return RefusedError("media-too-many-pixels", size=f"{width} × {height}", limit=limit)


def _seconds(start: Fraction | None, zero: Fraction) -> float:
    return 0.0 if start is None else round(float(start - zero), 3)
