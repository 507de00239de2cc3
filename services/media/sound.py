"""Decodes a sound track and cuts it into pieces for transcription; runs in a sandbox child."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.container
import av.error
import av.stream

from services.media._containers import (
    codec_name,
    foreign_codec,
    open_container,
    sound_streams,
    time_zero,
    video_streams,
)
from services.media._pauses import cut_at_pauses
from services.media._pieces import write_piece
from services.media._refusals import RefusedError
from services.media._waveform import SoundTrack

CLEAN_CODECS = frozenset({"opus", "vorbis", "mp3", "aac", "flac", "pcm_s16le"})
AS_IS_SECONDS = 30.0
MISSING_SECONDS = 2.0
MISSING_PART = 0.03
"""So much less than declared is no sign of a file that is cut short."""


def cut(path: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Decode one track once and write what is to be heard of it as WAV files (16 kHz, mono, 16 bit).

    Args:
        path: The file.
        options: `demuxer` (FFmpeg's name), `max_pixels` (of pictures in the file), `out` (an empty
            folder), `max_seconds`, `track` (which of the sound tracks; the default one when left out).

    Returns:
        Facts (times in seconds on the file's clock, levels in dB below full scale), and no payloads.
    """
    limit = options["max_seconds"]
    with _opened(path, options) as container:
        stream = _chosen(container, options)
        declared = _declared_seconds(container, stream)
    if declared is not None and declared > limit and _lasts(path, options, limit):
        raise _too_long(limit)
    with _opened(path, options) as container:
        stream = _chosen(container, options)
        track = SoundTrack(container, stream, time_zero(container))
        pieces: list[dict[str, Any]] = []
        for piece in cut_at_pauses(track):
            if piece.end > limit:
                raise _too_long(limit)
            pieces.append(write_piece(piece, Path(options["out"]), len(pieces)))
        if not pieces:
            raise ValueError("no sound could be decoded")
        tracks = sound_streams(container)
        facts: dict[str, Any] = {
            "tracks": len(tracks),
            "track": tracks.index(stream),
            "codec": codec_name(stream),
            "language": _language(stream),
            "declared_seconds": declared,
            "decoded_seconds": round(track.decoded_seconds, 3),
            "damaged": track.damaged,
            "read_until": _read_until(track, pieces, declared),
            "rms_db": _loudness(pieces),
            "pieces": pieces,
        }
        facts["as_is"] = _is_clean(facts) and not video_streams(container)
    return facts, []


def _opened(path: str, options: Mapping[str, Any]) -> AbstractContextManager[av.container.InputContainer]:
    return open_container(path, options["demuxer"], max_pixels=options["max_pixels"])


def _chosen(container: av.container.InputContainer, options: Mapping[str, Any]) -> av.AudioStream:
    """Return the wanted track, else the default one, else the first."""
    tracks = sound_streams(container)
    if not tracks:
        foreign = foreign_codec(container)
        raise RefusedError("media-codec", codec=foreign) if foreign else RefusedError("media-no-sound")
    wanted: int | None = options.get("track")
    if wanted is not None and wanted < len(tracks):
        stream = tracks[wanted]
    else:
        default = av.stream.Disposition.default
        stream = next((each for each in tracks if each.disposition & default), tracks[0])
    for each in container.streams:
        if each is not stream:
            each.discard = av.stream.Discard.all
    return stream


def _declared_seconds(container: av.container.InputContainer, stream: av.AudioStream) -> float | None:
    """Return how long the track lasts as the file's header tells, which may be anything."""
    if stream.duration is not None and stream.time_base is not None:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration is not None and len(container.streams) == 1:
        seconds = container.duration / av.time_base
    else:
        return None
    return round(seconds, 3) if seconds > 0 else None


def _lasts(path: str, options: Mapping[str, Any], seconds: float) -> bool:
    """Tell whether there really is sound after so many seconds, without decoding what is before."""
    with _opened(path, options) as container:
        stream = _chosen(container, options)
        assert stream.time_base is not None
        target = int((Fraction(seconds) + time_zero(container)) / stream.time_base)
        try:
            container.seek(target, stream=stream)
            return any(packet.pts is not None and packet.pts > target for packet in container.demux(stream))
        except av.error.FFmpegError:
            return False


def _too_long(seconds: float) -> RefusedError:
    return RefusedError("media-too-long", minutes=f"{seconds / 60:.0f}")


def _read_until(track: SoundTrack, pieces: Sequence[Mapping[str, Any]], declared: float | None) -> float | None:
    """Return where a file that is cut short ends; None when all of it was read."""
    missing = 0.0 if declared is None else declared - track.decoded_seconds
    if not track.broke_off and missing <= max(MISSING_SECONDS, MISSING_PART * (declared or 0)):
        return None
    return pieces[-1]["end"]


def _loudness(pieces: Sequence[Mapping[str, Any]]) -> float:
    """Return the level of all pieces together."""
    seconds = [piece["end"] - piece["start"] for piece in pieces]
    powers = [10 ** (piece["rms_db"] / 10) for piece in pieces]
    mean = sum(power * length for power, length in zip(powers, seconds, strict=True)) / max(sum(seconds), 0.001)
    return round(10 * math.log10(mean), 1)


def _language(stream: av.AudioStream) -> str | None:
    """Return the track's language tag, unless it says nothing."""
    tag = (stream.language or "").lower()
    return tag if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", tag) and tag != "und" else None


def _is_clean(facts: Mapping[str, Any]) -> bool:
    """Tell whether a model may hear the file itself: short, whole, one track, loud enough."""
    pieces = facts["pieces"]
    return (
        len(pieces) == 1
        and pieces[0]["speech"]
        and pieces[0]["gain_db"] == 0
        and pieces[0]["end"] < AS_IS_SECONDS
        and facts["tracks"] == 1
        and facts["damaged"] == 0
        and facts["read_until"] is None
        and facts["codec"] in CLEAN_CODECS
    )
