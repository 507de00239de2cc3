"""Videos for tests: real photographs in motion, each frame marked with a number that can be read back."""

# PyAV leaves much of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from playground.models import markers
from tests.pictures import photo

PHOTOS = ("astronaut", "chelsea", "coffee", "rocket", "hubble_deep_field", "immunohistochemistry", "retina")
SIZE = (320, 180)
CLOCK = Fraction(1, 90_000)
SOUND_RATE = 48_000


@dataclass(frozen=True, slots=True)
class Timed:
    """A picture and when it is shown, in seconds."""

    at: float
    picture: Image.Image


@lru_cache(maxsize=64)
def scene(number: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return one of many distinct pictures."""
    base = photo(PHOTOS[number % len(PHOTOS)])
    lap = number // len(PHOTOS)
    colours = np.roll(np.asarray(base), lap, axis=2)
    turned = Image.fromarray(colours).rotate(90 * (lap % 4), expand=True)
    return turned.resize((size[0] * 5 // 4, size[1] * 5 // 4))


def moving(number: int, part: float, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return a scene as a camera sees it that moves over it (`part` of its way, 0 to 1)."""
    whole = scene(number, size)
    left, top = ((large - small) * part for large, small in zip(whole.size, size, strict=True))
    return whole.resize(size, box=(left, top, left + size[0], top + size[1]))


def marked(shots: Sequence[tuple[int, float]], *, fps: float = 25, size: tuple[int, int] = SIZE) -> list[Timed]:
    """Return frames of shots (scene, seconds); each bears its index as a marker."""
    return list(_marked(tuple(shots), fps, size))


@lru_cache(maxsize=2)
def _marked(shots: Sequence[tuple[int, float]], fps: float, size: tuple[int, int]) -> list[Timed]:
    frames: list[Timed] = []
    for number, seconds in shots:
        count = round(seconds * fps)
        for step in range(count):
            index = len(frames)
            view = moving(number, 0.2 * step / max(count, 1), size)
            frames.append(Timed(index / fps, markers.stamp(view, index)))
    return frames


def slide(title: str, lines: Sequence[str], size: tuple[int, int] = (1280, 720)) -> Image.Image:
    """Return a slide with text."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.text((60, 50), title, font=ImageFont.load_default(54), fill="black")
    for row, line in enumerate(lines):
        draw.text((80, 180 + 70 * row), line, font=ImageFont.load_default(34), fill="#333333")
    return image


def video(
    path: Path,
    frames: Iterable[Timed],
    *,
    codec: str = "libx264",
    options: Mapping[str, str] | None = None,
    pixels: str = "yuv420p",
    fps: int = 25,
    start: float = 0,
    sound_seconds: float = 0,
    faststart: bool = False,
    colour: Mapping[str, Any] | None = None,
    **kept: Any,
) -> Path:
    """Write a video and return its path; the container follows from its suffix."""
    muxing = {"movflags": "+faststart"} if faststart else {}
    defaults = {"preset": "ultrafast", "crf": "20"} if codec in {"libx264", "libx265"} else {}
    if codec == "libx265":
        defaults |= {"x265-params": "log-level=none"}
    with av.open(str(path), "w", options=muxing | kept.pop("muxing", {})) as container:
        stream: Any = container.add_stream(codec, rate=fps, options=defaults | dict(options or {}))
        sound: Any = container.add_stream("aac", rate=SOUND_RATE, layout="mono") if sound_seconds else None
        stream.codec_context.time_base = CLOCK if codec != "mpeg4" else Fraction(1, fps)
        stream.pix_fmt = pixels
        for name, value in (colour or {}).items():
            setattr(stream.codec_context, name, value)
        picture: Image.Image | None = None
        frame: Any = None
        for timed in frames:
            if picture is None:
                stream.width, stream.height = timed.picture.size
            if timed.picture is not picture:
                picture = timed.picture
                frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = round((timed.at + start) / CLOCK), CLOCK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            at = np.arange(round(SOUND_RATE * sound_seconds)) / SOUND_RATE
            wave = (0.1 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)[None]
            piece: Any = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            piece.sample_rate, piece.pts = SOUND_RATE, 0
            container.mux([*sound.encode(piece), *sound.encode(None)])
    return path


def turn(path: Path, degrees: int) -> Path:
    """Write into an MP4 file that players shall turn its picture clockwise, as telephones do."""
    cos, sin = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    matrix = struct.pack(">9i", cos << 16, sin << 16, 0, (-sin) << 16, cos << 16, 0, 0, 0, 1 << 30)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = matrix
    path.write_bytes(data)
    return path
