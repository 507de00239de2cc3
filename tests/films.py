"""Videos of slides and photos with real speech on them, for the end-to-end tests."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.sounds import RATE, Waves

FPS = 5
SIZE = (1280, 720)


def slide(title: str, *lines: str) -> Image.Image:
    """Return a slide with dark text on light ground."""
    image = Image.new("RGB", SIZE, (250, 250, 246))
    draw = ImageDraw.Draw(image)
    draw.text((80, 70), title, font=ImageFont.load_default(64), fill=(20, 30, 60))
    for row, line in enumerate(lines):
        draw.text((100, 230 + 90 * row), line, font=ImageFont.load_default(46), fill=(40, 40, 40))
    return image


def film(
    shots: Sequence[tuple[Image.Image, float]],
    waves: Waves | None,
    *,
    container: str = "mp4",
    start: float = 0.0,
) -> bytes:
    """Return a video that shows each picture for so many seconds, with sound if there is any.

    Args:
        start: Timestamps begin here (s).
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"film.{container}"
        with av.open(str(path), "w") as output:
            codec = "libvpx-vp9" if container == "webm" else "libx264"
            options = (
                {"deadline": "realtime", "cpu-used": "8"} if container == "webm" else {"preset": "ultrafast"}
            )
            stream: Any = output.add_stream(codec, rate=FPS, options=options)
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            sound: Any = None
            if waves is not None:
                name = "libopus" if container == "webm" else "aac"
                sound = output.add_stream(name, rate=48_000 if container == "webm" else RATE, layout="mono")
            _show(output, stream, shots, start)
            if waves is not None:
                _play(output, sound, waves, start)
        return path.read_bytes()


def _show(output: Any, stream: Any, shots: Sequence[tuple[Image.Image, float]], start: float) -> None:
    index = 0
    for picture, seconds in shots:
        frame: Any = av.VideoFrame.from_image(picture.convert("RGB").resize(SIZE)).reformat(format="yuv420p")
        for _ in range(round(seconds * FPS)):
            frame.pts, frame.time_base = index + round(start * FPS), Fraction(1, FPS)
            output.mux(stream.encode(frame))
            index += 1
    output.mux(stream.encode(None))


def _play(output: Any, stream: Any, waves: Waves, start: float) -> None:
    resampler = av.AudioResampler(format=stream.format, layout="mono", rate=stream.rate)
    samples = np.asarray(waves, dtype=np.float32)
    piece: Any = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
    piece.sample_rate, piece.pts, piece.time_base = RATE, round(start * RATE), Fraction(1, RATE)
    for frame in [*resampler.resample(piece), *resampler.resample(None)]:
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))
