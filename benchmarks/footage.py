"""Footage that benchmarks make for themselves: photographs in motion, cut into shots, with sound.

python -m benchmarks.footage    makes the films of the speed benchmark (some minutes, kept in bench-out/)
"""

# PyAV leaves much of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from pathlib import Path
from typing import cast

import av
import av.stream
import numpy as np
import skimage.data
from av.video.stream import VideoStream
from PIL import Image, ImageFilter

FOLDER = Path(__file__).parent.parent / "bench-out"
PHOTOS = [
    "astronaut",
    "chelsea",
    "coffee",
    "rocket",
    "hubble_deep_field",
    "immunohistochemistry",
    "retina",
    "brick",
    "camera",
    "coins",
    "grass",
    "gravel",
    "moon",
    "colorwheel",
    "motorcycle",
    "page",
    "logo",
]
SOUND_RATE = 48_000
UNITS = 4
UNIT_SECONDS = 30
"""Films of the speed benchmark are put together from so many that are really rendered."""
GRAIN = 5.0
"""Standard deviation of the texture that moves with the picture, of 255: photographs of 512 px are soft."""
LENS_RADIUS = 1.0
"""Of the blur of `panned`, in px."""
SENSOR_NOISE = 2.0
"""Standard deviation of the noise that every frame of `panned` has anew, of 255."""
NOISES = 6


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch of film that shows one picture."""

    picture: int
    seconds: float
    motion: int
    """Seed of the camera's way over the picture."""


@lru_cache(maxsize=32)
def photograph(name: str) -> Image.Image:
    """Return a photograph that ships with scikit-image."""
    if name == "motorcycle":
        folder = Path(skimage.data.__file__).parent
        return Image.open(folder / "motorcycle_left.png").convert("RGB")
    return Image.fromarray(getattr(skimage.data, name)()).convert("RGB")


def canvas(number: int, width: int, height: int) -> Image.Image:
    """Return picture `number`, a little larger than the frame so that a camera can move over it."""
    random = np.random.default_rng(number)
    photo = photograph(PHOTOS[number % len(PHOTOS)])
    lap = number // len(PHOTOS)
    if lap:  # The same photograph again: another part of it, in other colours.
        side = 0.55
        left, top = (photo.width * (1 - side) * (lap & 1), photo.height * (1 - side) * (lap >> 1 & 1))
        photo = photo.crop(
            (int(left), int(top), int(left + photo.width * side), int(top + photo.height * side))
        )
        tinted = np.roll(np.asarray(photo).astype(np.float32), lap, axis=2) * random.uniform(0.6, 1.3, 3)
        photo = Image.fromarray(tinted.clip(0, 255).astype(np.uint8))
    size = (width * 5 // 4, height * 5 // 4)
    scale = max(size[0] / photo.width, size[1] / photo.height)
    photo = photo.resize(
        (round(photo.width * scale) + 1, round(photo.height * scale) + 1), Image.Resampling.BICUBIC
    )
    left, top = (photo.width - size[0]) // 2, (photo.height - size[1]) // 2
    pixels = np.asarray(photo.crop((left, top, left + size[0], top + size[1]))).astype(np.float32)
    grain = Image.fromarray(random.normal(128, 40, size[::-1]).clip(0, 255).astype(np.uint8))
    grain = np.asarray(grain.filter(ImageFilter.GaussianBlur(0.8))).astype(np.float32) - 128
    return Image.fromarray((pixels + grain[..., None] * (GRAIN / 12)).clip(0, 255).astype(np.uint8))


def view(over: Image.Image, motion: int, progress: float, size: tuple[int, int]) -> Image.Image:
    """Return what the camera sees at `progress` (0 to 1) on its way over a canvas."""
    random = np.random.default_rng(motion)
    ends = random.uniform(0, 1, (2, 2))
    zooms = random.uniform(1.0, 1.2, 2)
    zoom = zooms[0] + (zooms[1] - zooms[0]) * progress
    width, height = size[0] * zoom, size[1] * zoom
    place = ends[0] + (ends[1] - ends[0]) * progress * 0.7
    left, top = (over.width - width) * place[0], (over.height - height) * place[1]
    return over.resize(size, Image.Resampling.BILINEAR, box=(left, top, left + width, top + height))


def film(shots: Sequence[Shot], size: tuple[int, int], fps: int) -> Iterator[Image.Image]:
    """Yield the frames of shots that follow each other by hard cuts."""
    for shot in shots:
        over = canvas(shot.picture, *size)
        count = round(shot.seconds * fps)
        for index in range(count):
            yield view(over, shot.motion, index / max(count - 1, 1), size)


def panned(shots: Sequence[Shot], size: tuple[int, int], fps: int) -> Iterator[av.VideoFrame]:
    """Yield frames of a panning camera with a soft lens and a noisy sensor: cheaper to make than `film`.

    In 1080p that gives keyframes of about 250 kB and others of about 20 kB (5 Mb/s), as telephones and
    streams have them. Without lens and noise, keyframes would be larger and all others next to nothing.
    """
    width, height = size
    random = np.random.default_rng(0)
    noises = [np.round(random.normal(0, SENSOR_NOISE, (height, width))).astype(np.int16) for _ in range(NOISES)]
    for shot in shots:
        soft = canvas(shot.picture, *size).filter(ImageFilter.GaussianBlur(LENS_RADIUS))
        over = av.VideoFrame.from_image(soft).reformat(format="yuv420p")
        planes = [
            np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
            for plane in over.planes
        ]
        random = np.random.default_rng(shot.motion)
        start, end = random.uniform(0, 1, (2, 2)) * [over.width - width - 2, over.height - height - 2]
        count = round(shot.seconds * fps)
        for index in range(count):
            left, top = (start + (end - start) * index / max(count, 1)).astype(int) // 2
            luma = planes[0][2 * top : 2 * top + height, 2 * left : 2 * left + width + 1].astype(np.int16)
            # Every other frame lies half a pixel further, so that motion has no exact match.
            moved = (luma[:, :-1] + luma[:, 1:]) // 2 if index % 2 else luma[:, :-1]
            bright = np.clip(moved + noises[index % NOISES], 0, 255).astype(np.uint8)
            chroma = [each[top : top + height // 2, left : left + width // 2].ravel() for each in planes[1:]]
            packed = np.concatenate([bright.ravel(), *chroma]).reshape(height * 3 // 2, width)
            yield av.VideoFrame.from_ndarray(packed, format="yuv420p")


def write(
    path: Path,
    frames: Iterable[Image.Image | av.VideoFrame],
    *,
    size: tuple[int, int],
    fps: int,
    codec: str = "libx264",
    options: Mapping[str, str],
    sound_seconds: float = 0,
    sound_from: int = 0,
) -> None:
    """Encode frames, with AAC sound if so many seconds of it are asked for (from a second of `babble` on)."""
    with av.open(path, "w", options={"movflags": "+faststart"} if path.suffix == ".mp4" else {}) as container:
        video = cast("VideoStream", container.add_stream(codec, rate=fps, options=dict(options)))
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        sound = None if not sound_seconds else container.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        for index, image in enumerate(frames):
            frame = av.VideoFrame.from_image(image) if isinstance(image, Image.Image) else image
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(video.encode(frame))
            if sound is not None and index % fps == 0 and index < sound_seconds * fps:
                piece = av.AudioFrame.from_ndarray(
                    babble(sound_from + index // fps), format="fltp", layout="stereo"
                )
                piece.sample_rate, piece.pts, piece.time_base = (
                    SOUND_RATE,
                    index // fps * SOUND_RATE,
                    Fraction(1, SOUND_RATE),
                )
                container.mux(sound.encode(piece))
        container.mux(video.encode(None))
        if sound is not None:
            container.mux(sound.encode(None))


def babble(second: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return a second of something like speech: bursts of harmonics over a noise floor, with pauses."""
    random = np.random.default_rng(second)
    at = np.arange(SOUND_RATE) / SOUND_RATE + second
    pitch = random.uniform(90, 220)
    voiced = sum(np.sin(2 * np.pi * pitch * k * at) / k for k in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * 4 * at), 0, 1) * (second % 9 != 8)
    wave = 0.1 * voiced * syllables + random.normal(0, 0.003, SOUND_RATE)
    return np.stack([wave, wave * 0.9]).astype(np.float32)


def joined(sources: Sequence[Path], target: Path) -> None:
    """Join films of one kind by copying packets."""
    with av.open(target, "w", options={"movflags": "+faststart"}) as out:
        begun = Fraction(0)
        copies: list[av.stream.Stream] = []
        latest: dict[int, int] = {}
        for source in sources:
            with av.open(source) as part:
                copies = copies or [out.add_stream_from_template(stream) for stream in part.streams]
                for packet in part.demux():
                    if packet.dts is None or packet.pts is None:
                        continue
                    shift = int(begun / packet.time_base)
                    index = packet.stream.index
                    # The last sound of one film reaches into the next.
                    if packet.dts + shift <= latest.get(index, -(10**9)):
                        continue
                    latest[index] = packet.dts + shift
                    packet.pts += shift
                    packet.dts += shift
                    packet.stream = copies[index]
                    out.mux(packet)
                begun += Fraction(part.duration or 0, av.time_base)


def cached(name: str, make: Callable[[Path], None]) -> Path:
    """Return the file of that name in bench-out/, made if it is not there yet."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / name
    if not path.exists():
        part = path.with_stem(f"part-{path.stem}")
        make(part)
        part.rename(path)
    return path


def speed_film(minutes: int) -> Path:
    """Return 1080p30 H.264 with AAC: two minutes of 28 shots, joined to themselves."""
    units = [cached(f"film-unit-{number}.mp4", partial(_render, number=number)) for number in range(UNITS)]
    laps = minutes * 60 // (UNITS * UNIT_SECONDS)
    return cached(f"film-{minutes}.mp4", lambda path: joined(units * laps, path))


def _render(path: Path, number: int) -> None:
    random = np.random.default_rng(7 + number)
    lengths = random.lognormal(1.2, 0.6, 50).clip(1, 12)
    shots = [
        Shot(int(random.integers(0, 41)), round(float(each), 2), 100 * number + n)
        for n, each in enumerate(lengths)
    ]
    frames = panned(shots, (1920, 1080), 30)
    head = (frame for frame, _ in zip(frames, range(UNIT_SECONDS * 30), strict=False))
    options = {"preset": "superfast", "crf": "23"}
    write(
        path,
        head,
        size=(1920, 1080),
        fps=30,
        options=options,
        sound_seconds=UNIT_SECONDS,
        sound_from=number * UNIT_SECONDS,
    )


def jpeg(image: Image.Image, quality: int = 82) -> bytes:
    """Encode as the product does."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


if __name__ == "__main__":
    for length in (2, 10, 60):
        speed_film(length)
