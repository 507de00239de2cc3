"""Opens sound and video files for decoding; runs in sandbox children.

FFmpeg decides by itself what a file is and reads whatever that file points to (playlists, lists of
other files). So everything here is explicit: the demuxer comes from the file's bytes, no other may be
tried, nothing but the file is read, and only the codecs listed below ever see its content.

The clock of a file: time 0 is the earliest presentation start among its real video and sound
streams. So players show it, and so all times of frames and of sound count.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction

import av
import av.container
import av.stream

from services.media._refusals import RefusedError

DEMUXERS = frozenset({"mov", "matroska", "ogg", "mp3", "wav", "flac", "aac", "gif"})
VIDEO_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "gif"})
SOUND_CODECS = frozenset({"aac", "mp3", "opus", "vorbis", "flac", "alac"})
PCM = "pcm_"
DECODER_THREADS = 2
"""Each thread reserves address space, which a child has little of. Scaling is told the same by `threads=1`:
every frame that is scaled would otherwise keep threads of its own for as long as it lives."""
_PROBED_DECODERS = (
    "h264,hevc,vp8,vp9,libdav1d,av1,mpeg4,gif,aac,mp3,mp3float,opus,vorbis,flac,alac,"
    "pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_alaw,pcm_mulaw"
)
"""FFmpeg decodes a little while it opens a file; other decoders are kept out of that, too."""


@contextmanager
def open_container(path: str, demuxer: str, *, max_pixels: int) -> Generator[av.container.InputContainer]:
    """Open a file; streams that may not be decoded are not even read.

    Args:
        path: Of the file, in a private folder.
        demuxer: FFmpeg's name, from `Format.demuxer`.
        max_pixels: Of a video frame (and of cover art): larger ones are not decoded.

    Raises:
        RefusedError: The container is not among those that are opened.
        av.error.FFmpegError: The file is broken.
    """
    if demuxer not in DEMUXERS:
        raise RefusedError("media-unknown")
    options = {
        "format_whitelist": demuxer,
        "protocol_whitelist": "file",
        "codec_whitelist": _PROBED_DECODERS,
        "max_pixels": str(max_pixels),
    }
    with av.open(path, format=demuxer, options=options) as container:
        usable: list[av.stream.Stream] = [*video_streams(container), *sound_streams(container)]
        for stream in container.streams:
            if stream not in usable:
                stream.discard = av.stream.Discard.all
        for stream in usable:
            # Set before the first frame, which opens the decoder. A thread each is the default of none.
            stream.codec_context.thread_count = DECODER_THREADS
            stream.codec_context.options = {"max_pixels": str(max_pixels)}
        yield container


def video_streams(container: av.container.InputContainer) -> list[av.VideoStream]:
    """Return the moving pictures that may be decoded: no cover art, no thumbnails, no foreign codecs."""
    return [stream for stream in _moving(container) if codec_name(stream) in VIDEO_CODECS]


def sound_streams(container: av.container.InputContainer) -> list[av.AudioStream]:
    """Return the sound tracks that may be decoded."""
    return [stream for stream in container.streams.audio if _is_known_sound(codec_name(stream))]


def foreign_codec(container: av.container.InputContainer) -> str:
    """Return the codec of the first real stream that may not be decoded, for the sentence; else nothing."""
    usable: list[av.stream.Stream] = [*video_streams(container), *sound_streams(container)]
    streams: list[av.stream.Stream] = [*_moving(container), *container.streams.audio]
    return next((codec_name(stream) or "?" for stream in streams if stream not in usable), "")


def codec_name(stream: av.stream.Stream) -> str:
    """Return the codec's name, not the decoder's (`av1`, not `libdav1d`); nothing when FFmpeg knows none."""
    # Where FFmpeg has no decoder there is no context, whatever the types say.
    context: av.CodecContext | None = getattr(stream, "codec_context", None)
    return context.codec.canonical_name if context is not None else ""


def time_zero(container: av.container.InputContainer) -> Fraction:
    """Return when the file's clock starts, in seconds of its own timestamps."""
    starts = [start_of(stream) for stream in (*_moving(container), *container.streams.audio)]
    return min((start for start in starts if start is not None), default=Fraction(0))


def start_of(stream: av.stream.Stream) -> Fraction | None:
    """Return a stream's presentation start in its own timestamps (s); None where it has no clock yet."""
    if stream.start_time is None or stream.time_base is None:
        return None
    return stream.start_time * stream.time_base


def _moving(container: av.container.InputContainer) -> list[av.VideoStream]:
    still = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
    return [stream for stream in container.streams.video if not stream.disposition & still]


def _is_known_sound(name: str) -> bool:
    return name in SOUND_CODECS or name.startswith(PCM)
