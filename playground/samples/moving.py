"""Samples that move or sound: an animation, a voice note, a short film."""

from __future__ import annotations

import io
import math
import tempfile
import wave
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

from playground.samples import pages, speech
from playground.samples.scene import scene
from playground.samples.speech import RATE, Samples
from playground.voice_notes import to_voice_note

GIF_SIZE, GIF_FRAMES, GIF_MILLISECONDS = (480, 320), 24, 110
FILM_SIZE, FPS = (1280, 720), 15
TITLE_SECONDS, PAN_SECONDS, TABLE_SECONDS, END_SECONDS = 3, 8, 6, 3
FILM_SECONDS = TITLE_SECONDS + PAN_SECONDS + TABLE_SECONDS + END_SECONDS
NOTE_SECONDS = 18.0
_SOUND_FRAME = 1024


def animation() -> bytes:
    """Return a GIF: a sailing boat passes behind the isthmus, the lighthouse blinks."""
    view = scene().resize(GIF_SIZE, Image.Resampling.LANCZOS)
    palette = _with_small_things_large(view).quantize(200)
    frames: list[Image.Image] = []
    for number in range(GIF_FRAMES):
        frame = view.copy()
        draw = ImageDraw.Draw(frame, "RGBA")
        turn = number / GIF_FRAMES
        x, y = -20 + 520 * turn, 167 + 1.5 * math.sin(turn * 8 * math.pi)
        draw.polygon([(x - 13, y), (x + 13, y), (x + 8, y + 5), (x - 8, y + 5)], (74, 48, 40))
        draw.polygon([(x, y - 30), (x, y - 2), (x + 13, y - 2)], (250, 246, 236))
        draw.polygon([(x - 2, y - 26), (x - 2, y - 2), (x - 11, y - 2)], (204, 84, 62))
        if number % 8 in {0, 1}:
            for size, strength in ((20, 60), (12, 110), (6, 220)):
                draw.ellipse((415 - size, 94 - size, 415 + size, 94 + size), (255, 240, 180, strength))
        frames.append(frame.quantize(palette=palette, dither=Image.Dither.NONE))
    buffer = io.BytesIO()
    frames[0].save(
        buffer, "GIF", save_all=True, append_images=frames[1:], duration=GIF_MILLISECONDS, loop=0, disposal=1
    )
    return buffer.getvalue()


def _with_small_things_large(view: Image.Image) -> Image.Image:
    """Return a picture whose palette holds the colours of what is small, too."""
    shown = view.copy()
    shown.paste(view.crop((400, 78, 432, 160)).resize((160, 320)), (0, 0))
    ImageDraw.Draw(shown).rectangle((170, 0, 230, 40), (204, 84, 62))
    ImageDraw.Draw(shown).rectangle((170, 50, 230, 90), (74, 48, 40))
    return shown


def voice_note() -> bytes:
    """Return speech as a voice note (Ogg with Opus).

    Raises:
        LookupError: Nothing here speaks.
    """
    return to_voice_note(_wav(speech.speech(most=NOTE_SECONDS))).ogg


def film() -> bytes:
    """Return a film of 20 seconds (MP4: H.264, AAC): title, the scene panned, a table, an end; hard cuts."""
    with tempfile.TemporaryDirectory() as folder:
        # Its index stands in front, for browsers; FFmpeg opens the file once more to put it there.
        path = Path(folder) / "film.mp4"
        _write_film(path)
        return path.read_bytes()


def _write_film(path: Path) -> None:
    sound = _soundtrack()
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        video = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "23"})
        video.width, video.height = FILM_SIZE
        video.pix_fmt = "yuv420p"
        audio = container.add_stream("aac", rate=RATE, layout="mono")
        heard = 0
        for number, picture in enumerate(_shots()):
            shown = av.VideoFrame.from_image(picture)
            shown.pts, shown.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(shown))
            # Sound is interleaved: no player has to read the file twice.
            while heard < len(sound) and heard / RATE <= (number + 1) / FPS:
                block = av.AudioFrame.from_ndarray(sound[None, heard : heard + _SOUND_FRAME], "fltp", "mono")
                block.sample_rate, block.pts, block.time_base = RATE, heard, Fraction(1, RATE)
                container.mux(audio.encode(block))
                heard += _SOUND_FRAME
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def _shots() -> Iterator[Image.Image]:
    view = scene()
    yield from [pages.card("Two Islands", "A short walk across the sand", view)] * (TITLE_SECONDS * FPS)
    steps = PAN_SECONDS * FPS
    for step in range(steps):
        eased = (1 - math.cos(math.pi * step / (steps - 1))) / 2
        left, top = round((view.width - FILM_SIZE[0]) * eased), round(150 - 40 * eased)
        yield view.crop((left, top, left + FILM_SIZE[0], top + FILM_SIZE[1]))
    yield from [pages.timetable()] * (TABLE_SECONDS * FPS)
    yield from [pages.card("Mind the tide!", "Harbour office, Two Islands")] * (END_SECONDS * FPS)


def _soundtrack() -> Samples:
    """Return waves on a beach, and over them somebody speaking, if anything here speaks."""
    rng = np.random.default_rng(20)
    length = FILM_SECONDS * RATE
    hiss = np.convolve(rng.normal(0, 1, length + 39), np.ones(40) / 40, "valid").astype(np.float32)
    swell = 0.35 + 0.65 * np.sin(np.arange(length, dtype=np.float32) * (math.pi / (3.7 * RATE))) ** 2
    sound = 0.05 * hiss * swell
    if speech.is_available():
        spoken = speech.speech(most=FILM_SECONDS - 2)
        sound[RATE : RATE + len(spoken)] += spoken
    return sound.astype(np.float32).clip(-1, 1)


def _wav(samples: Samples) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()
